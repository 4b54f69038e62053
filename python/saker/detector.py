"""Detector: pictures in, boxes out."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Sequence, overload

import numpy as np

from . import _core, _options
from ._core import Model
from .detections import Detections
from .pictures import as_source

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Literal

__all__ = ["Detector"]


class Detector:
    """A model that finds objects in pictures. Thread-safe: any number of threads may call one detector.

    model: a file (ONNX, OpenVINO .xml, a checkpoint .pt) or a saker.Model.
    conf: boxes with a lower score (0 to 1) are dropped.
    iou: boxes that overlap more are the same object; None: as the model's family was trained.
    max_det: boxes a picture, at most. classes: keep only these, by number or name; None: all.
    agnostic: overlapping boxes are the same object whatever their class.
    multi_label: one box may carry several classes.
    imgsz: of the model's input in pixels, one side or (height, width); None: the model's own.
    batch: pictures a run of the model, when a list of them comes.
    streams: calls, or batches of a list, at work at a time, each with activations of its own; further callers wait.
    threads: CPU threads of each; 0: all CPUs of the process, shared out among the streams.
    backend: the engine: 'saker', 'onnxruntime', 'openvino', 'torchscript' or 'auto'.
    precision: arithmetic of float models: 'f32', 'bf16', ...; None: the engine's default.
    head: what the outputs mean; 'auto': found out.
    labels: class names, or the file that lists them; None: the model's own.

    Raises saker.Error: NotFoundError, InvalidError, UnsupportedError, LimitError, ...

    Works in a child after fork, where it gets threads and memory of its own (weights stay shared), and pickles as the
    model's path and these options, so that spawned processes load it again.
    """

    __slots__ = ("_pool", "_given", "_boxes", "_names", "__weakref__")

    _pool: _core.Pool
    _given: dict[str, Any]
    _boxes: dict[str, Any]
    _names: tuple[str, ...]

    def __init__(
        self,
        model: str | os.PathLike[str] | Model,
        *,
        conf: float = 0.25,
        iou: float | None = None,
        max_det: int = 300,
        classes: Sequence[int | str] | None = None,
        agnostic: bool = False,
        multi_label: bool = False,
        imgsz: int | tuple[int, int] | None = None,
        batch: int = 1,
        threads: int = 0,
        streams: int = 1,
        backend: str = "saker",
        precision: str | None = None,
        head: str = "auto",
        labels: Sequence[str] | str | os.PathLike[str] | None = None,
    ) -> None:
        if not isinstance(model, Model):
            model = _options.path("model", model)
        boxes = _box_options(conf, iou, max_det, classes, agnostic, multi_label)
        height, width = _options.size(imgsz)
        texts = [_options.text(name, value) for name, value in (("backend", backend), ("head", head))]
        precision = "" if precision is None else _options.text("precision", precision)
        by_name = any(isinstance(each, str) for each in boxes["classes"])
        if labels is None or isinstance(labels, (list, tuple)):
            labels = [_options.text("labels", label) for label in labels or ()]
        else:
            labels = _core.read_labels(_options.path("labels", labels))
        self._pool = _core.Pool(
            model,
            texts[0],
            height,
            width,
            _options.count("batch", batch, 1, 1024),
            _options.count("threads", threads, 0, 1024),
            _options.count("streams", streams, 1, 256),
            precision,
            texts[1],
            labels,
            **{**boxes, "classes": [] if by_name else boxes["classes"]},
        )
        self._names = tuple(self._pool.names)
        self._boxes = {**boxes, "classes": self._class_ids(boxes["classes"])}
        self._given = {
            "model": model if isinstance(model, Model) else os.path.abspath(model),
            **self._boxes,
            "imgsz": None if height == 0 else (height, width),
            "batch": batch,
            "threads": threads,
            "streams": streams,
            "backend": backend,
            "precision": precision or None,
            "head": head,
            "labels": labels or None,
        }

    @overload
    def __call__(
        self,
        source: list[Any] | tuple[Any, ...],
        *,
        conf: float | None = ...,
        iou: float | None = ...,
        max_det: int | None = ...,
        classes: Sequence[int | str] | None = ...,
        agnostic: bool | None = ...,
        multi_label: bool | None = ...,
        bgr: bool = ...,
        errors: Literal["raise"] = ...,
    ) -> list[Detections]: ...
    @overload
    def __call__(
        self,
        source: list[Any] | tuple[Any, ...],
        *,
        conf: float | None = ...,
        iou: float | None = ...,
        max_det: int | None = ...,
        classes: Sequence[int | str] | None = ...,
        agnostic: bool | None = ...,
        multi_label: bool | None = ...,
        bgr: bool = ...,
        errors: Literal["return"],
    ) -> list[Detections | Exception]: ...
    @overload
    def __call__(
        self,
        source: Any,
        *,
        conf: float | None = ...,
        iou: float | None = ...,
        max_det: int | None = ...,
        classes: Sequence[int | str] | None = ...,
        agnostic: bool | None = ...,
        multi_label: bool | None = ...,
        bgr: bool = ...,
        errors: str = ...,
    ) -> Detections: ...
    def __call__(
        self,
        source: Any,
        *,
        conf: float | None = None,
        iou: float | None = None,
        max_det: int | None = None,
        classes: Sequence[int | str] | None = None,
        agnostic: bool | None = None,
        multi_label: bool | None = None,
        bgr: bool = False,
        errors: str = "raise",
    ) -> Any:
        """The boxes in one picture, or of each in a list or tuple of pictures.

        source: a file's name or path; bytes of an encoded picture; an array on the CPU (numpy, or anything with
        __dlpack__ or __array_interface__) of uint8: (height, width, 3) RGB, (height, width) grey or (height, width, 4),
        whose alpha is dropped, with any strides; a PIL image. Arrays whose rows are dense are not copied.
        conf, iou, max_det, classes, agnostic, multi_label: in place of the detector's own, for this call.
        bgr: the channels of arrays come in OpenCV's order.
        errors: 'raise' the first; or 'return' an exception in the place of each picture of a list that cannot be read.

        Returns Detections, or a list of them in the order of the pictures.
        """
        if errors not in ("raise", "return"):
            raise ValueError(f"errors: expected 'raise' or 'return', got {errors!r}")
        boxes = self._boxes
        changes = (conf, iou, max_det, classes, agnostic, multi_label)
        if any(change is not None for change in changes):
            boxes = self._changed(*changes)
        if isinstance(source, (list, tuple)):
            return self._many(source, boxes, bool(bgr), errors == "raise")
        item = as_source(source)
        found = self._pool.detect([item], ["picture"], bool(bgr), True, **boxes)[0]
        if isinstance(found, tuple):
            return Detections._of_core(found, self._names, item if isinstance(item, str) else None)
        raise found

    def _many(
        self, sources: Sequence[Any], boxes: dict[str, Any], bgr: bool, stop: bool
    ) -> list[Detections | Exception]:
        """In groups: pictures that are converted first must not fill the memory."""
        sources = tuple(sources)
        results: list[Any] = []
        ready = all(isinstance(source, (str, bytes, np.ndarray, os.PathLike)) for source in sources)
        group = len(sources) if ready else 16 * self._pool.batch * self._pool.streams
        for first in range(0, len(sources), max(1, group)):
            items: list[Any] = []  # without those that are no pictures
            kept: list[Any] = []  # for each source: its item, or its exception
            for i, source in enumerate(sources[first : first + group], first):
                try:
                    kept.append(as_source(source))
                    items.append(kept[-1])
                except (TypeError, ValueError) as error:
                    named = type(error)(f"sources[{i}]: {error}")
                    if stop:
                        raise named from None
                    kept.append(named)
            names = [f"sources[{i}]" for i, item in enumerate(kept, first) if not isinstance(item, Exception)]
            found = self._pool.detect(items, names, bgr, stop, **boxes)
            if stop:
                for outcome in found:
                    if isinstance(outcome, Exception):
                        raise outcome
            answers = iter(found)
            for item in kept:
                outcome = item if isinstance(item, Exception) else next(answers)
                if isinstance(outcome, tuple):
                    outcome = Detections._of_core(outcome, self._names, item if isinstance(item, str) else None)
                results.append(outcome)
        return results

    def _changed(self, *changes: Any) -> dict[str, Any]:
        values = [own if new is None else new for own, new in zip(self._boxes.values(), changes)]
        boxes = _box_options(*values)
        boxes["classes"] = self._class_ids(boxes["classes"])
        return boxes

    def _class_ids(self, classes: Sequence[int | str]) -> list[int]:
        ids: list[int] = []
        for each in classes:
            if isinstance(each, str) and each not in self._names:
                raise ValueError(
                    f"classes: '{each}' is none of the model's {len(self._names)}: {', '.join(self._names)}"
                )
            ids.append(self._names.index(each) if isinstance(each, str) else each)
        return ids

    @property
    def names(self) -> list[str]:
        """Of the classes; index: class id."""
        return list(self._names)

    @property
    def input_size(self) -> tuple[int, int]:
        """Height and width of the model's input, in pixels."""
        return self._pool.input_size

    @property
    def batch(self) -> int:
        """Pictures a run of the model; what its file fixes, whatever was asked for."""
        return self._pool.batch

    @property
    def threads(self) -> int:
        """CPU threads of each call."""
        return self._pool.threads

    @property
    def streams(self) -> int:
        """Calls at work at a time."""
        return self._pool.streams

    @property
    def head(self) -> str:
        """What the model's outputs mean: 'yolov8', 'end-to-end', ..."""
        return self._pool.head

    @property
    def evaluation_iou(self) -> float:
        """The `iou` with which models of this family are evaluated by those who train them."""
        return self._pool.evaluation_iou

    @property
    def backend(self) -> str:
        """The engine that runs the model."""
        return self._pool.backend

    @property
    def notes(self) -> list[str]:
        """What was assumed of the model; mostly nothing."""
        return self._pool.notes

    @property
    def model_path(self) -> str:
        """The model's file, or the name that was given with its bytes."""
        model = self._given["model"]
        return model.path if isinstance(model, Model) else model

    @property
    def closed(self) -> bool:
        """Whether it was closed; a call then raises ValueError."""
        return self._pool.closed

    def close(self) -> None:
        """Frees threads and memory: at once, or those of calls at work when they are done. May be called again."""
        self._pool.close()

    def __enter__(self) -> Detector:
        if self.closed:
            raise ValueError("the detector is closed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        height, width = self.input_size
        state = ", closed" if self.closed else ""
        return (
            f"<saker.Detector {self.model_path}: {self.head}, {len(self._names)} classes, input {width}x{height}, "
            f"{self.backend}, {self.streams} x {self.threads} threads{state}>"
        )

    def __getstate__(self) -> dict[str, Any]:
        if self.closed:
            raise ValueError("the detector is closed")
        return dict(self._given)

    def __setstate__(self, state: Any) -> None:
        if not isinstance(state, dict) or not all(isinstance(key, str) for key in state):
            raise TypeError("the state of a Detector is a dict of its options")
        known = Detector.__init__.__kwdefaults__ or {}
        unknown = sorted(set(state) - set(known) - {"model"})
        if unknown or "model" not in state:
            raise ValueError(f"the state of a Detector has its options: {unknown or 'no model'} does not fit")
        if hasattr(self, "_pool"):
            raise ValueError("the detector has its state")
        self.__init__(**state)  # type: ignore[misc]


def _box_options(conf: Any, iou: Any, max_det: Any, classes: Any, agnostic: Any, multi_label: Any) -> dict[str, Any]:
    """As _core takes them, in its order; classes may still have names among them."""
    if classes is None:
        classes = ()
    if isinstance(classes, (str, bytes)) or not isinstance(classes, (Sequence, range, set, frozenset, np.ndarray)):
        raise TypeError(f"classes: expected a sequence of numbers or names, got {classes!r}")
    return {
        "conf": _options.number("conf", conf),
        "iou": None if iou is None else _options.number("iou", iou),
        "max_det": _options.count("max_det", max_det, 1, 1_000_000),
        "classes": [each if isinstance(each, str) else _options.count("classes", each, 0, 1 << 30) for each in classes],
        "agnostic": _options.switch("agnostic", agnostic),
        "multi_label": _options.switch("multi_label", multi_label),
    }
