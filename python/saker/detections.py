"""Detections: the boxes of one picture."""

from __future__ import annotations

import html
import os
from typing import TYPE_CHECKING, Any, Iterator, Mapping, NamedTuple, Sequence, Union, overload

import numpy as np

from . import _core, pictures

if TYPE_CHECKING:
    import pandas
    import supervision
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Detection", "Detections"]

_STAGES = ("decode", "preprocess", "infer", "postprocess")


class Detection(NamedTuple):
    """One box. `box`: float32 (4,), x1, y1, x2, y2 in pixels of the picture; `score`: 0 to 1."""

    box: NDArray[np.float32]
    score: float
    class_id: int
    label: str


class Detections:
    """The boxes of one picture, best score first. Immutable; the arrays are read-only (`.copy()` them to change them).

    boxes: float32 (n, 4): x1, y1, x2, y2 in pixels of the picture, clipped to it.
    scores: float32 (n,), 0 to 1.
    class_ids: int32 (n,), indices of `names`.
    height, width: of the picture, in pixels. path: its file, or None.
    ms: milliseconds of the stages: decode, preprocess, infer, postprocess.

    len(d) is the number of boxes, iterating gives a Detection for each; d[3] is one of them; d[d.scores > 0.5],
    d[:10] and d[[2, 0]] are Detections of some of them.
    """

    __slots__ = ("boxes", "scores", "class_ids", "height", "width", "path", "ms", "_names")

    boxes: NDArray[np.float32]
    scores: NDArray[np.float32]
    class_ids: NDArray[np.int32]
    height: int
    width: int
    path: str | None
    ms: dict[str, float]
    _names: tuple[str, ...]

    def __init__(self) -> None:
        raise TypeError("a Detector makes these; Detections.from_arrays makes them of arrays")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Detections are immutable: cannot set '{name}'")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Detections are immutable: cannot delete '{name}'")

    @classmethod
    def _make(
        cls,
        boxes: NDArray[np.float32],
        scores: NDArray[np.float32],
        class_ids: NDArray[np.int32],
        names: tuple[str, ...],
        height: int,
        width: int,
        path: str | None,
        ms: dict[str, float],
    ) -> Detections:
        self = object.__new__(cls)
        put = object.__setattr__
        put(self, "boxes", boxes)
        put(self, "scores", scores)
        put(self, "class_ids", class_ids)
        put(self, "_names", names)
        put(self, "height", height)
        put(self, "width", width)
        put(self, "path", path)
        put(self, "ms", ms)
        return self

    @classmethod
    def _of_core(cls, found: tuple[Any, ...], names: tuple[str, ...], path: str | None) -> Detections:
        """Of what _core.Pool.detect gives for a picture; the arrays lie in its bytes."""
        boxes, scores, class_ids, height, width, times = found
        return cls._make(
            np.frombuffer(boxes, np.float32).reshape(-1, 4),
            np.frombuffer(scores, np.float32),
            np.frombuffer(class_ids, np.int32),
            names,
            height,
            width,
            path,
            dict(zip(_STAGES, times)),
        )

    @classmethod
    def from_arrays(
        cls,
        boxes: ArrayLike,
        scores: ArrayLike,
        class_ids: ArrayLike,
        names: Sequence[str],
        height: int,
        width: int,
        path: str | None = None,
        ms: Mapping[str, float] | None = None,
    ) -> Detections:
        """Detections of boxes (n, 4), scores (n,) and class_ids (n,), which are copied and stay in their order.

        names: of all classes. height, width: of the picture, in pixels, at least 1. ms: milliseconds by stage; those
        left out are 0. Raises TypeError or ValueError for what does not fit together.
        """
        corners = _array("boxes", boxes, np.float32)
        if corners.size == 0:
            corners = corners.reshape(0, 4)
        if corners.ndim != 2 or corners.shape[1] != 4:
            raise ValueError(f"boxes: expected an array of shape (n, 4), got {corners.shape}")
        count = len(corners)
        values = _array("scores", scores, np.float32)
        ids = _array("class_ids", class_ids, np.int32)
        for name, array in (("scores", values), ("class_ids", ids)):
            if array.shape != (count,):
                raise ValueError(f"{name}: expected shape ({count},), as there are {count} boxes, got {array.shape}")
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TypeError("names: expected a sequence of strings")
        if count > 0 and not (0 <= ids.min() and ids.max() < len(names)):
            raise ValueError(
                f"class_ids: expected 0 to {len(names) - 1}, as there are {len(names)} names, "
                f"got {ids.min()} to {ids.max()}"
            )
        for name, size in (("height", height), ("width", width)):
            if not isinstance(size, (int, np.integer)) or isinstance(size, bool):
                raise TypeError(f"{name}: expected a number of pixels, got {size!r}")
            if not 1 <= size < 2**31:
                raise ValueError(f"{name}: expected 1 pixel or more, below 2^31, got {size}")
        if path is not None and not isinstance(path, str):
            raise TypeError(f"path: expected a string or None, got {path!r}")
        return cls._make(corners, values, ids, tuple(names), int(height), int(width), path, _times(ms or {}))

    @property
    def names(self) -> list[str]:
        """Of all classes; index: class id."""
        return list(self._names)

    @property
    def labels(self) -> list[str]:
        """The class names of the n boxes."""
        names = self._names
        return [names[i] for i in self.class_ids.tolist()]

    def __len__(self) -> int:
        return len(self.scores)

    def __iter__(self) -> Iterator[Detection]:
        for box, score, class_id in zip(self.boxes, self.scores.tolist(), self.class_ids.tolist()):
            yield Detection(box, score, class_id, self._names[class_id])

    @overload
    def __getitem__(self, index: int) -> Detection: ...
    @overload
    def __getitem__(self, index: slice | ArrayLike) -> Detections: ...
    def __getitem__(self, index: Any) -> Union[Detection, Detections]:
        if isinstance(index, (int, np.integer)) and not isinstance(index, (bool, np.bool_)):
            class_id = int(self.class_ids[index])
            return Detection(self.boxes[index], float(self.scores[index]), class_id, self._names[class_id])
        if not isinstance(index, slice):
            index = np.asarray(index)
            if index.size == 0 and index.dtype != np.bool_:
                index = index.astype(np.intp)
            if index.ndim != 1 or index.dtype.kind not in "biu":
                raise TypeError("expected a slice, a mask of bools, or numbers of boxes")
        boxes, scores, class_ids = self.boxes[index], self.scores[index], self.class_ids[index]
        for part in (boxes, scores, class_ids):
            part.flags.writeable = False
        return self._make(boxes, scores, class_ids, self._names, self.height, self.width, self.path, self.ms)

    def __eq__(self, other: object) -> bool:
        """The same boxes, bit for bit, in a picture of the same size; its path and times do not count."""
        if not isinstance(other, Detections):
            return NotImplemented
        return (
            (self.height, self.width, self._names) == (other.height, other.width, other._names)
            and np.array_equal(self.boxes, other.boxes)
            and np.array_equal(self.scores, other.scores)
            and np.array_equal(self.class_ids, other.class_ids)
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        arrays = (self.boxes, self.scores, self.class_ids)
        return Detections.from_arrays, (*arrays, self.names, self.height, self.width, self.path, self.ms)

    def __repr__(self) -> str:
        where = f" in {self.path!r}" if self.path is not None else ""
        counts: dict[str, int] = {}
        for label in self.labels:
            counts[label] = counts.get(label, 0) + 1
        what = ", ".join(f"{count} {label}" for label, count in counts.items()) or "nothing"
        return f"<saker.Detections: {what}{where} ({self.width}x{self.height})>"

    def _repr_html_(self) -> str:
        """A table for notebooks."""
        rows = [
            "<tr><td>{}</td><td>{:.3f}</td><td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td><td>{:.1f}</td></tr>".format(
                html.escape(label), score, *box.tolist()
            )
            for box, score, _, label in self
        ]
        title = html.escape(self.path or "picture")
        head = "".join(f"<th>{name}</th>" for name in ("label", "score", "x1", "y1", "x2", "y2"))
        return (
            f"<table><caption>{title}, {self.width}&times;{self.height}: {len(self)} boxes</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON takes it: path, width, height, and boxes of label, class_id, score, box [x1, y1, x2, y2]."""
        return {
            "path": self.path,
            "width": self.width,
            "height": self.height,
            "boxes": [
                {"label": label, "class_id": class_id, "score": score, "box": box.tolist()}
                for box, score, class_id, label in self
            ],
        }

    def plot(
        self, image: Any = None, *, labels: bool = True, scores: bool = True, bgr: bool = False
    ) -> NDArray[np.uint8]:
        """The picture with its boxes drawn: uint8 (height, width, 3), RGB.

        image: the picture, as a Detector takes it; None: it is read again from `path`. labels, scores: whether they
        are written beside the boxes. bgr: the channels of `image` come in OpenCV's order.
        """
        if image is None:
            if self.path is None:
                raise ValueError("image: the picture came from no file, so it must be given")
            image = self.path
        source = pictures.as_source(image)
        pixels = source if isinstance(source, np.ndarray) else _core.read_image(source)
        if pixels.shape[:2] != (self.height, self.width):
            raise ValueError(
                f"image: expected {self.width}x{self.height} pixels, as the boxes are of such a picture, "
                f"got {pixels.shape[1]}x{pixels.shape[0]}"
            )
        texts = [
            " ".join(([label] if labels else []) + ([f"{score:.2f}"] if scores else []))
            for label, score in zip(self.labels, self.scores.tolist())
        ]
        return _core.draw_boxes(pixels, np.ascontiguousarray(self.boxes), texts, self.class_ids.tolist(), bgr=bgr)

    def save(self, file: str | os.PathLike[str], image: Any = None, *, quality: int = 95, **options: Any) -> None:
        """Writes `plot(image, **options)` as JPEG (`quality` 1 to 100) or PNG, by the extension of `file`."""
        _core.write_image(os.fsdecode(file), self.plot(image, **options), quality=quality)

    def to_supervision(self) -> supervision.Detections:
        """As supervision.Detections; that package must be installed."""
        from . import converters

        return converters.to_supervision(self)

    def to_pandas(self) -> pandas.DataFrame:
        """As a pandas.DataFrame with a row a box; that package must be installed."""
        from . import converters

        return converters.to_pandas(self)

    def to_fiftyone(self) -> Any:
        """As fiftyone.Detections; that package must be installed."""
        from . import converters

        return converters.to_fiftyone(self)


def _array(name: str, values: ArrayLike, dtype: Any) -> NDArray[Any]:
    """A read-only copy of that type; bytes and text are none, and what would change is refused."""
    array = np.array(values)
    if array.size == 0:
        array = array.astype(dtype) if array.dtype.kind in "biuf" else array
    kinds = "iuf" if np.dtype(dtype).kind == "f" else "iu"
    if array.dtype.kind not in kinds:
        raise TypeError(f"{name}: expected numbers ({np.dtype(dtype)}), got {array.dtype}")
    if dtype == np.int32 and array.size > 0 and (array.min() < -(2**31) or array.max() >= 2**31):
        raise ValueError(f"{name}: expected {np.dtype(dtype)}, got {array.min()} to {array.max()}")
    array = np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)
    array.flags.writeable = False
    return array


def _times(ms: Mapping[str, float]) -> dict[str, float]:
    times = dict.fromkeys(_STAGES, 0.0)
    if not isinstance(ms, Mapping):
        raise TypeError(f"ms: expected a mapping of stages to milliseconds, got {ms!r}")
    for stage, value in ms.items():
        if stage not in times:
            raise ValueError(f"ms: '{stage}' is none of {', '.join(_STAGES)}")
        if not isinstance(value, (int, float)):
            raise TypeError(f"ms: expected milliseconds of {stage}, got {value!r}")
        times[stage] = float(value)
    return times
