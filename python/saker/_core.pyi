"""The library inside the package saker; use the names of `saker` itself."""

from collections.abc import Sequence
import os
from typing import Any, overload

import numpy
import numpy.typing

import saker.model


def version() -> str:
    """The version of the library, as "0.1.0"."""

class Model:
    """
    A network read from a file and checked: ONNX, OpenVINO IR (.xml) or a checkpoint (.pt).

    Immutable; may be shared between threads.
    """

    def __init__(self, path: str | os.PathLike[str], backend: str = 'saker', *, max_file_bytes: int = 2147483648) -> None:
        """
        Reads the file `path`. `backend`: the engine that will run it: 'saker', 'onnxruntime', 'openvino',
        'torchscript', or 'auto': saker, or the first installed one that takes what saker lacks.

        Raises saker.NotFoundError, IoError, InvalidError, UnsupportedError (an operator the engine lacks) or
        LimitError (a file larger than `max_file_bytes`).
        """

    @staticmethod
    def from_bytes(data: bytes | bytearray | memoryview, name: str = 'model') -> Model:
        """
        Reads an ONNX file from memory, which is copied; `name` is used in messages.
        """

    @property
    def path(self) -> str:
        """Of the file, or the name that was given with the bytes."""

    @property
    def backend(self) -> str:
        """The engine chosen; never 'auto'."""

    @property
    def backend_note(self) -> str:
        """Why 'auto' chose another engine than saker; else empty."""

    @property
    def inputs(self) -> list[saker.model.TensorInfo]:
        """
        As the file declares them: name, dtype ('float32', ...), shape. A dimension is an int, or if it is open
        its name or None; the shape is None where the file has none.
        """

    @property
    def outputs(self) -> list[saker.model.TensorInfo]:
        """As the file declares them, like `inputs`."""

    @property
    def metadata(self) -> dict[str, str]:
        """
        What the file says of itself: ONNX's metadata_props, OpenVINO's rt_info.
        """

    @property
    def operators(self) -> dict[str, int]:
        """Operators and the number of nodes of each, of files that saker reads."""

    @property
    def file_bytes(self) -> int:
        """The size of the file."""

    def __repr__(self) -> str: ...

    def __reduce__(self) -> tuple[object, ...]:
        """
        Pickled as path and backend: whoever unpickles it reads the file again.
        """

class Session:
    """A model compiled for this machine; saker.Session is its face."""

    @overload
    def __init__(self, model: Model, input_shapes: Sequence[Sequence[int]], threads: int, streams: int, precision: str, low_memory: bool, autotune: bool, max_memory_bytes: int) -> None: ...

    @overload
    def __init__(self, other: Session) -> None: ...

    def input(self, index: int) -> numpy.typing.NDArray[Any]: ...

    def output(self, index: int) -> numpy.typing.NDArray[Any]: ...

    def run(self, pictures: int | None = None) -> None: ...

    def call(self, arrays: list[numpy.typing.NDArray[Any]]) -> list[numpy.typing.NDArray[Any]]: ...

    def profile(self) -> list[tuple[str, str, float]]: ...

    def close(self) -> None: ...

    @property
    def closed(self) -> bool: ...

    @property
    def input_names(self) -> list[str]: ...

    @property
    def output_names(self) -> list[str]: ...

    @property
    def activation_bytes(self) -> int: ...

    @property
    def weight_bytes(self) -> int: ...

    def __reduce__(self) -> tuple[object, ...]: ...

class Pool:
    """Detectors that share one plan; saker.Detector is its face."""

    def __init__(self, model: str | Model, backend: str, height: int, width: int, batch: int, threads: int, streams: int, precision: str, head: str, labels: Sequence[str], conf: float, iou: float | None, max_det: int, classes: Sequence[int], agnostic: bool, multi_label: bool) -> None: ...

    def detect(self, sources: list[object], names: Sequence[str], bgr: bool, stop_at_error: bool, conf: float, iou: float | None, max_det: int, classes: Sequence[int], agnostic: bool, multi_label: bool) -> list[Any]:
        """
        For each source (boxes, scores, class_ids, height, width, (decode, preprocess, infer, postprocess)), the
        first three as bytes; or an exception; or None, if an error before it or another thread stopped the work.
        """

    def close(self) -> None: ...

    @property
    def closed(self) -> bool: ...

    @property
    def names(self) -> list[str]: ...

    @property
    def input_size(self) -> tuple[int, int]: ...

    @property
    def batch(self) -> int: ...

    @property
    def threads(self) -> int: ...

    @property
    def streams(self) -> int: ...

    @property
    def head(self) -> str: ...

    @property
    def evaluation_iou(self) -> float: ...

    @property
    def backend(self) -> str: ...

    @property
    def notes(self) -> list[str]: ...

    def __reduce__(self) -> tuple[object, ...]: ...

def read_image(source: str | bytes | bytearray | memoryview | numpy.typing.NDArray[numpy.uint8], name: str = 'picture', *, max_pixels: int = 100000000) -> numpy.typing.NDArray[numpy.uint8]:
    """
    Reads a picture: a file's name, or the bytes of one; or copies pixels. Gives uint8 (height, width, 3),
    RGB, orientation applied. `name`: of a picture without a file, in messages.
    """

def write_image(path: str, image: numpy.typing.NDArray[numpy.uint8], *, quality: int = 95, bgr: bool = False) -> None:
    """
    Writes pixels, uint8 (height, width, 3), as JPEG (`quality` 1..100) or PNG, by the path's extension.
    """

def draw_boxes(image: numpy.typing.NDArray[numpy.uint8], boxes: numpy.typing.NDArray[numpy.float32], texts: Sequence[str], colors: Sequence[int], *, bgr: bool = False) -> numpy.typing.NDArray[numpy.uint8]:
    """
    A copy of the picture, RGB, with frames and labels drawn; `boxes`: float32 (n, 4), corners in pixels;
    `colors`: numbers of the palette. Earlier boxes lie on top.
    """

def read_labels(path: str) -> list[str]:
    """Class names from a file: one a line, or `names` of a YOLO data.yaml."""
