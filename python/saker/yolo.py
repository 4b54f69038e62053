"""``YOLO``: for people who change one import, ``from saker import YOLO`` for ``from ultralytics import YOLO``.

Detection on pictures, as there: ``YOLO("m.onnx")(source, conf=0.4)[0].boxes.xyxy``. What saker lacks is refused by name
with the remedy, never passed over; ``docs/python.md`` lists it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, NoReturn, Optional, Sequence, Tuple, Union

import numpy as np

from . import commands
from ._core import Model
from ._habits import increment, lacking, refuse_unless
from ._results import Boxes, Results
from ._sources import Picture, pictures_of
from .detector import Detector
from .errors import NotFoundError, UnsupportedError

__all__ = ["YOLO", "Boxes", "BoxMetrics", "Metrics", "Results"]

_CPU = (frozenset({"cpu"}), "saker runs on the CPU")
# Arguments that Ultralytics has and saker takes with one value only: it, and what to do for others.
_PREDICT: Dict[str, Tuple[Any, str]] = {
    "device": _CPU,
    "half": (False, "saker.Detector(..., precision='bf16') computes convolutions in bfloat16"),
    "augment": (False, "pictures are looked at once"),
    "visualize": (False, "saker inspect MODEL shows the network"),
    "embed": (None, "saker.Session gives the model's raw outputs"),
    "retina_masks": (False, "there are no masks"),
    "vid_stride": (1, "saker.annotate(model, video, vid_stride=N)"),
    "stream_buffer": (False, "saker.annotate(model, camera)"),
    "rect": (frozenset({True, False}), "pictures are padded to the whole input"),
    "dnn": (False, "saker.Detector(..., backend=...) chooses the engine"),
    "line_width": (None, "lines are as wide as suits the picture"),
    "save_frames": (False, "saker.annotate works on videos"),
    "task": (frozenset({"detect"}), "saker detects"),
    "mode": (frozenset({"predict"}), "call the method of that name"),
    "predictor": (None, "there is one"),
    "workers": (frozenset(range(65)), "there are no workers"),
    "compile": (False, "models are always compiled"),
}
_FORMATS_OF_OTHERS = "saker export writes onnx, openvino and torchscript"


class YOLO:
    """A detector with the habits of ``ultralytics.YOLO``.

    model: an .onnx file, an OpenVINO .xml or its folder, or a checkpoint (.pt); task: "detect" or None.
    names: {class id: name}. ``detector()`` is the ``saker.Detector`` underneath, which can more.
    """

    task = "detect"
    device = "cpu"

    def __init__(
        self, model: Union[str, "os.PathLike[str]"], task: Optional[str] = None, verbose: bool = False
    ) -> None:
        path = os.fspath(model)
        if task not in (None, "detect"):
            raise UnsupportedError(f"saker.yolo.YOLO: task={task!r} is not there: saker detects")
        if path.endswith((".yaml", ".yml")):
            raise UnsupportedError(f"{path}: describes a network without weights; saker train --model {path} trains it")
        if not os.path.exists(path):
            advice = f"; saker pull {Path(path).stem} downloads official weights" if "/" not in path else ""
            raise NotFoundError(f"{path}: no such file{advice}")
        self.model_name = self.ckpt_path = path
        self._model: Optional[Model] = None
        self._detectors: Dict[Any, Detector] = {}
        self.detector()

    @property
    def names(self) -> Dict[int, str]:
        return dict(enumerate(self.detector().names))

    def detector(self, imgsz: Union[None, int, Sequence[int]] = None, batch: int = 1, streams: int = 1) -> Detector:
        """The saker.Detector for that size of the input (None: the model's own) and so many pictures a run.

        streams: 1: all CPUs on one picture; more: so many pictures at a time.
        """
        size: Any = tuple(int(one) for one in imgsz) if isinstance(imgsz, (list, tuple, np.ndarray)) else imgsz
        size = size[0] if isinstance(size, tuple) and len(size) == 1 else size
        key = (size, batch, streams)
        if key not in self._detectors:
            if self._model is None:
                self._model = Model(self.model_name)
            self._detectors[key] = Detector(self._model, imgsz=size, batch=batch, streams=streams)
        return self._detectors[key]

    def __call__(
        self, source: Any = None, stream: bool = False, **options: Any
    ) -> Union[List[Results], Iterator[Results]]:
        return self.predict(source, stream, **options)

    def predict(
        self, source: Any = None, stream: bool = False, **options: Any
    ) -> Union[List[Results], Iterator[Results]]:
        """Looks for objects.

        source: a file, folder, glob, .txt with a path a line, URL of a picture, numpy array (h, w, 3) uint8 BGR, PIL
            image, encoded bytes, or a list of those.
        stream: give each result as it is there, keeping none.
        Options as Ultralytics has them: conf=0.25, iou=0.7, imgsz, classes, max_det=300, agnostic_nms, batch=1,
            verbose=True, save, save_txt, save_conf, save_crop, show, show_labels, show_conf, show_boxes, project, name,
            exist_ok. Others are refused by name.
        """
        if source is None:
            raise TypeError("saker.yolo.YOLO.predict: source is missing: a picture, a folder, an array, ...")
        run = _Predict(self, options)
        results = run.results(pictures_of(source, self.model_name))
        return results if stream else list(results)

    def val(self, data: Any = None, **options: Any) -> "Metrics":
        """Measures how good the model is, by ``saker eval`` and its options; ``report=FOLDER`` draws curves.

        data: a data.yaml, COCO annotations, or a folder of VOC. Prints the table unless verbose=False.
        """
        if data is None:
            raise TypeError("saker.yolo.YOLO.val: data is missing: a data.yaml, COCO annotations, or a folder of VOC")
        renamed = {"agnostic_nms": "agnostic"}
        flags = {renamed.get(name, name): value for name, value in options.items()}
        verbose = flags.pop("verbose", True)
        known = {
            "device": _CPU,
            "half": (False, "precision='bf16' is there"),
            "plots": (False, "report='folder' draws"),
            "rect": _PREDICT["rect"],
            "workers": _PREDICT["workers"],
            "augment": _PREDICT["augment"],
            "save_txt": (False, "saker detect writes labels"),
            "dnn": _PREDICT["dnn"],
            "save_json": (frozenset({False}), "save_json='results.json' names the file"),
            "single_cls": (False, "there is no such evaluation"),
            "project": (None, "report='folder' names it"),
            "name": (None, "report='folder' names it"),
        }
        usual = {
            name: flags.pop(name)
            for name in list(flags)
            if name in known and not (name == "save_json" and isinstance(flags[name], (str, os.PathLike)))
        }
        refuse_unless("YOLO.val", usual, known)
        metrics = Metrics(commands.evaluate(self.model_name, data, **flags))
        if verbose:
            print(metrics)
        return metrics

    def export(self, format: str = "onnx", **options: Any) -> str:
        """Writes the model in another format, by ``saker export`` and its options; gives the new file's path."""
        refused = {
            "int8": (False, f"saker.quantize({self.model_name!r}, data_dir='pictures', out='int8.onnx') makes 8 bits"),
            "optimize": (False, "it is for phones"),
            "keras": (False, _FORMATS_OF_OTHERS),
            "workspace": (None, _FORMATS_OF_OTHERS),
            "device": _CPU,
            "verbose": (frozenset({True, False}), ""),
        }
        flags = dict(options)
        refuse_unless("YOLO.export", {name: flags.pop(name) for name in list(flags) if name in refused}, refused)
        return str(commands.export(self.model_name, format=format, **flags)["exports"][0]["path"])

    def fuse(self) -> "YOLO":
        """Nothing: batch normalization is always part of the convolutions."""
        return self

    def to(self, device: Any) -> "YOLO":
        refuse_unless("YOLO.to", {"device": str(device)}, {"device": _CPU})
        return self

    def __repr__(self) -> str:
        return f"saker.YOLO({self.model_name!r})"

    def __getattr__(self, name: str) -> NoReturn:
        raise lacking(self, name)


class _Predict:
    """One call of predict: its options, and the folder it writes to."""

    def __init__(self, yolo: YOLO, options: Dict[str, Any]) -> None:
        rest = dict(options)
        self.verbose = bool(rest.pop("verbose", True))
        self.batch = int(rest.pop("batch", 1))
        self.yolo, self.imgsz = yolo, rest.pop("imgsz", None)
        classes = rest.pop("classes", None)
        self.boxes = {
            "conf": _or(rest.pop("conf", None), 0.25),
            "iou": _or(rest.pop("iou", None), 0.7),
            "max_det": int(_or(rest.pop("max_det", None), 300)),
            "agnostic": bool(rest.pop("agnostic_nms", False)),
            "classes": [classes] if isinstance(classes, (int, np.integer)) else classes,
        }
        self.drawing = {
            "labels": rest.pop("show_labels", True),
            "conf": rest.pop("show_conf", True),
            "boxes": rest.pop("show_boxes", True),
        }
        self.save, self.save_txt, self.save_crop, self.show, self.save_conf = (
            bool(rest.pop(name, False)) for name in ("save", "save_txt", "save_crop", "show", "save_conf")
        )
        project, name, exist_ok = rest.pop("project", None), rest.pop("name", None), rest.pop("exist_ok", False)
        refuse_unless("YOLO.predict", rest, _PREDICT)
        self.folder: Optional[Path] = None
        if self.save or self.save_txt or self.save_crop:
            wanted = Path(project or "runs/detect") / (name or "predict")
            self.folder = wanted if exist_ok else increment(wanted)

    def results(self, pictures: Iterator[Picture]) -> Iterator[Results]:
        done, totals, size = 0, np.zeros(3), ""
        one = self.yolo.detector(self.imgsz, self.batch)
        streams = one.threads  # one picture has all CPUs; of many each has one
        for some in _groups(pictures, max(self.batch, 8) * streams):
            several = len(some) > streams * self.batch and streams > 1
            detector = self.yolo.detector(self.imgsz, self.batch, streams) if several else one
            found = detector([picture.given for picture in some], bgr=some[0].bgr, **self.boxes)
            for picture, detections in zip(some, found):
                result = Results(detections, picture.path, picture.pixels, str(self.folder) if self.folder else None)
                done += 1
                totals += list(result.speed.values())
                size = f"{result.orig_shape[0]}x{result.orig_shape[1]}"
                if self.verbose:
                    print(f"image {done} {picture.path}: {size} {result.verbose()}{result.speed['inference']:.1f}ms")
                self.write(result)
                yield result
        if self.verbose and done:
            before, infer, after = totals / done
            print(f"Speed: {before:.1f}ms preprocess, {infer:.1f}ms inference, {after:.1f}ms postprocess per image")
            if self.folder:
                print(f"Results saved to {self.folder}")

    def write(self, result: Results) -> None:
        if self.show:
            result.show(**self.drawing)
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        name = Path(result.path)
        if self.save:
            suffix = name.suffix if name.suffix.lower() in (".jpg", ".jpeg", ".png") else ".jpg"
            result.save(str(self.folder / (name.stem + suffix)), **self.drawing)
        if self.save_txt:
            result.save_txt(self.folder / "labels" / (name.stem + ".txt"), self.save_conf)
        if self.save_crop:
            result.save_crop(self.folder / "crops", name.name)


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value


def _groups(pictures: Iterator[Picture], most: int) -> Iterator[List[Picture]]:
    """Neighbours of one order of colours, so many at most."""
    group: List[Picture] = []
    for picture in pictures:
        if group and (len(group) >= most or picture.bgr != group[0].bgr):
            yield group
            group = []
        group.append(picture)
    if group:
        yield group


class BoxMetrics:
    """How good the boxes are, as the training frameworks count; report: all that ``saker eval`` says."""

    def __init__(self, report: Dict[str, Any]) -> None:
        self.report = report
        everything = report["yolo"]
        self.map, self.map50 = everything["mAP50-95"], everything["mAP50"]
        self.mp, self.mr = everything["precision"], everything["recall"]
        own = [one["yolo"] for one in report["per_class"]]
        self.maps = np.array([self.map if one is None else one["mAP50-95"] for one in own])  # of each class
        self.ap_class_index = np.array([i for i, one in enumerate(own) if one is not None], int)

    def mean_results(self) -> List[float]:
        """Precision, recall, mAP50, mAP50-95."""
        return [self.mp, self.mr, self.map50, self.map]

    def __getattr__(self, name: str) -> NoReturn:
        raise lacking(self, name)


class Metrics:
    """What ``YOLO.val`` gives: box, results_dict, names; report: all that ``saker eval`` says."""

    def __init__(self, report: Dict[str, Any]) -> None:
        self.report = report
        self.box = BoxMetrics(report)
        self.names = {i: one["name"] for i, one in enumerate(report["per_class"])}

    @property
    def results_dict(self) -> Dict[str, float]:
        keys = ("metrics/precision(B)", "metrics/recall(B)", "metrics/mAP50(B)", "metrics/mAP50-95(B)")
        return dict(zip(keys, self.box.mean_results()))

    def __str__(self) -> str:
        data, yolo = self.report["data"], self.report["yolo"]
        rows = [("all", data["pictures"], data["boxes"], yolo)]
        rows += [
            (one["name"], one["pictures"], one["boxes"], one["yolo"])
            for one in self.report["per_class"]
            if one["yolo"] is not None
        ]
        lines = [f"{'class':>20} {'pictures':>9} {'boxes':>8} {'P':>7} {'R':>7} {'mAP50':>7} {'mAP50-95':>9}"]
        lines += [
            f"{name[:20]:>20} {pictures:>9} {boxes:>8} {n['precision']:>7.3f} {n['recall']:>7.3f} "
            f"{n['mAP50']:>7.3f} {n['mAP50-95']:>9.3f}"
            for name, pictures, boxes, n in rows
        ]
        return "\n".join(lines)

    def __getattr__(self, name: str) -> NoReturn:
        raise lacking(self, name)
