"""Detections as other packages have them; those must be installed, and are imported here only."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from .detections import Detections


def imported(package: str) -> Any:
    """The package, or an ImportError that says how to get it."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        if error.name != package:
            raise  # it is there, and something it needs is not
        raise ImportError(f"{package} is not installed: pip install {package}", name=package) from None


def to_supervision(detections: "Detections") -> Any:
    """A ``supervision.Detections``: xyxy float32 (n, 4), confidence, class_id, and the labels as data["class_name"]."""
    return imported("supervision").Detections(
        xyxy=np.array(detections.boxes, np.float32).reshape(-1, 4),
        confidence=np.array(detections.scores, np.float32),
        class_id=np.array(detections.class_ids, np.int64),
        data={"class_name": np.array(detections.labels, dtype=str)},
    )


def to_pandas(detections: "Detections") -> Any:
    """A ``pandas.DataFrame``, a row a box, best first: label, class_id, score, x1, y1, x2, y2 (pixels), path."""
    frame = imported("pandas").DataFrame(
        {
            "label": list(detections.labels),
            "class_id": np.array(detections.class_ids, np.int32),
            "score": np.array(detections.scores, np.float32),
            **{name: np.array(detections.boxes[:, i], np.float32) for i, name in enumerate(("x1", "y1", "x2", "y2"))},
        }
    )
    frame["path"] = detections.path
    return frame


def to_fiftyone(detections: "Detections") -> Any:
    """A ``fiftyone.Detections`` for a sample's field: each box as x, y, width, height in fractions of the picture."""
    fiftyone = imported("fiftyone")
    extent = (detections.width, detections.height)
    found = []
    for label, score, (x1, y1, x2, y2) in zip(detections.labels, detections.scores.tolist(), detections.boxes.tolist()):
        box = [x1 / extent[0], y1 / extent[1], (x2 - x1) / extent[0], (y2 - y1) / extent[1]]
        found.append(fiftyone.Detection(label=label, bounding_box=box, confidence=score))
    return fiftyone.Detections(detections=found)
