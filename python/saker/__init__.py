"""YOLO detectors in real time on ordinary CPUs.

    import saker

    detector = saker.Detector("yolov8n.onnx", conf=0.3)
    found = detector("street.jpg")          # or bytes, a numpy array, a PIL image, a list of them
    for box, score, class_id, label in found:
        print(label, score, box)            # x1, y1, x2, y2 in pixels of the picture

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._core import Model
    from .commands import annotate, benchmark, evaluate, export, quantize
    from .detections import Detection, Detections
    from .detector import Detector
    from .errors import Error, InternalError, InvalidError, IoError, LimitError, NotFoundError, UnsupportedError
    from .model import Session, TensorInfo
    from .pictures import draw_boxes, read_image, write_image
    from .yolo import YOLO

    __version__: str

_PLACES = {
    "Model": "_core",
    "annotate": "commands",
    "benchmark": "commands",
    "evaluate": "commands",
    "export": "commands",
    "quantize": "commands",
    "Detection": "detections",
    "Detections": "detections",
    "Detector": "detector",
    "Error": "errors",
    "InternalError": "errors",
    "InvalidError": "errors",
    "IoError": "errors",
    "LimitError": "errors",
    "NotFoundError": "errors",
    "UnsupportedError": "errors",
    "Session": "model",
    "TensorInfo": "model",
    "draw_boxes": "pictures",
    "read_image": "pictures",
    "write_image": "pictures",
    "YOLO": "yolo",
}
_MODULES = ("commands", "converters", "detections", "detector", "errors", "model", "pictures", "ray", "yolo")

__all__ = [
    "Model",
    "annotate",
    "benchmark",
    "evaluate",
    "export",
    "quantize",
    "Detection",
    "Detections",
    "Detector",
    "Error",
    "InternalError",
    "InvalidError",
    "IoError",
    "LimitError",
    "NotFoundError",
    "UnsupportedError",
    "Session",
    "TensorInfo",
    "draw_boxes",
    "read_image",
    "write_image",
    "YOLO",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = importlib.import_module("._core", __name__).version()
    elif name in _PLACES:
        value = getattr(importlib.import_module("." + _PLACES[name], __name__), name)
    elif name in _MODULES:
        value = importlib.import_module("." + name, __name__)
    else:
        raise AttributeError(f"module 'saker' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_MODULES, "__version__"})
