"""Habits of people who come from Ultralytics: tensors' methods on numpy arrays, and what is lacking said by name."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Dict, Iterator, Mapping, NoReturn, Tuple

import numpy as np

from .errors import UnsupportedError

# What Ultralytics has and saker has not, with what to do instead; by class.
_REMEDIES: Dict[str, Dict[str, str]] = {
    "Array": {
        "cuda": "saker runs on the CPU; leave it out",
        "unsqueeze": "array[None] adds an axis",
        "permute": "array.transpose(...) does it",
    },
    "Boxes": {
        "cuda": "saker runs on the CPU; leave it out",
    },
    "Results": {
        "cuda": "saker runs on the CPU; leave it out",
        "update": "a Results is as it was found; saker.Detections.from_arrays makes one of other boxes",
        "new": "saker.Detections.from_arrays makes one of other boxes",
        "to_sql": "to_df() gives a table that pandas writes",
        "to_xml": "to_df() gives a table that pandas writes",
    },
    "YOLO": {
        "track": "the command tracks: saker.annotate(model, video, track=True, jsonl='tracks.jsonl') draws and writes "
        "the numbers of what is the same; there is no tracker object and no persist=",
        "train": "the command trains: saker train --data data.yaml --model yolov8n (docs/how-to/train.md)",
        "tune": "there is no search over training's settings",
        "benchmark": "saker.benchmark(model, backend=['saker', 'onnxruntime']) measures",
        "embed": "there are no features of pictures; saker.Session gives the model's raw outputs",
        "info": "saker inspect MODEL shows the model",
        "load": "make a new YOLO(path)",
        **dict.fromkeys(
            ["add_callback", "clear_callback", "reset_callbacks", "callbacks"],
            "there are no callbacks; predict(stream=True) gives each result as it is there",
        ),
        "model": "there is no PyTorch module; saker.Model and saker.Session run the network on tensors",
        "overrides": "give the arguments to each call",
        "predictor": "there is none; YOLO.detector() gives the saker.Detector",
        "cuda": "saker runs on the CPU; leave it out",
        "half": "saker.Detector(..., precision='bf16') computes convolutions in bfloat16",
        "calibrate": "saker.quantize(model, data_dir=..., out=...) makes 8 bits",
        "metrics": "val(data=...) gives them",
        "save": "the model stays as it is; export(...) writes others",
        "reset_weights": "there is no training here",
        "trainer": "there is no training here",
        "transforms": "pictures are fitted as the model's family was trained; saker.Detector says how it is fed",
        "task_map": "saker detects",
        "ckpt": "saker inspect MODEL shows what a checkpoint says of itself",
        "cfg": "saker inspect MODEL shows what a model says of itself",
        "is_triton_model": "saker serve speaks Triton's protocol, and asks no server itself",
    },
    "Metrics": {
        "speed": "saker.benchmark measures speed",
        "confusion_matrix": "val(data=..., report='folder') draws it",
        "fitness": "box.map is what it is made of",
    },
    "BoxMetrics": {
        "map75": "report['coco']['AP75'] is pycocotools' number",
    },
}


def lacking(owner: object, name: str) -> AttributeError:
    """The error of an attribute that is not there, with the remedy."""
    kind = type(owner).__name__
    text = f"saker.yolo.{kind} has no '{name}'"
    remedy = _REMEDIES.get(kind, {}).get(name)
    if remedy is None and not name.startswith("_"):
        near = difflib.get_close_matches(name, [one for one in dir(type(owner)) if not one.startswith("_")], 1)
        remedy = f"did you mean '{near[0]}'?" if near else "docs/python.md lists what there is"
    return AttributeError(f"{text}: {remedy}" if remedy else text)


def refuse_unless(where: str, given: Mapping[str, Any], known: Mapping[str, Tuple[Any, str]]) -> None:
    """Lets arguments pass that have the one value which saker has, too (`known`: it, and the remedy for others)."""
    for name, value in given.items():
        if name not in known:
            near = difflib.get_close_matches(name, list(known), 1)
            raise TypeError(
                f"saker.yolo.{where} has no argument '{name}'"
                + (f": did you mean '{near[0]}'?" if near else "; docs/python.md lists what there is")
            )
        usual, remedy = known[name]
        same = value in usual if isinstance(usual, frozenset) else value == usual
        if not (value is None or same):
            raise UnsupportedError(f"saker.yolo.{where}: {name}={value!r} is not there: {remedy}")


def increment(path: Path) -> Path:
    """That path, or the first of path2, path3, ... that is not there yet."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}{number}{path.suffix}")
    return free


class Array(np.ndarray):
    """A numpy array that answers to the methods of PyTorch's tensors which people use on results."""

    def __getitem__(self, index: Any) -> Any:
        item = super().__getitem__(index)
        return item if isinstance(item, np.ndarray) else np.asarray(item).view(Array)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def cpu(self) -> "Array":
        return self

    def detach(self) -> "Array":
        return self

    def numpy(self) -> np.ndarray:
        return self.view(np.ndarray)

    def clone(self) -> "Array":
        return array_of(self.copy())

    def to(self, *place: Any, **options: Any) -> "Array":
        for one in [*place, *options.values()]:
            if str(one) != "cpu":
                raise UnsupportedError(
                    f"saker.yolo: .to({one!r}): results are numpy arrays on the CPU; .astype(...) makes " f"other types"
                )
        return self

    def int(self) -> "Array":
        return array_of(self.astype(np.int32))

    def long(self) -> "Array":
        return array_of(self.astype(np.int64))

    def float(self) -> "Array":
        return array_of(self.astype(np.float32))

    def numel(self) -> Any:
        return self.size

    def dim(self) -> Any:
        return self.ndim

    def __int__(self) -> Any:
        return int(self.item())

    def __float__(self) -> Any:
        return float(self.item())

    def __getattr__(self, name: str) -> NoReturn:
        raise lacking(self, name)


def array_of(values: Any) -> Array:
    array: Array = np.asarray(values).view(Array)
    return array
