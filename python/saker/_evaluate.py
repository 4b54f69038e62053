"""``saker.evaluate`` of a Detector or a function: its boxes as COCO results, which the command evaluates."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import time
from typing import Any, Callable, Dict, Iterable, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from .commands import _run
from .errors import Error, InvalidError

_READING = ("images", "split", "crowd_as_object", "skip_bad")  # of the data: for both commands
_LOOKING = {"conf": 0.001, "iou": None, "max_det": 300, "classes": None, "agnostic": False, "multi_label": True}
_AT_A_TIME = 16


class _Boxes(NamedTuple):
    boxes: np.ndarray  # (n, 4) float64
    scores: np.ndarray  # (n,)
    class_ids: np.ndarray  # (n,)
    names: Optional[Sequence[str]]  # of all classes; None: the data's


def evaluate_function(model: Callable[..., Any], data: Any, options: Mapping[str, Any]) -> Dict[str, Any]:
    """As saker.evaluate says."""
    from .detector import Detector

    rest = dict(options)
    reading = {name: rest.pop(name) for name in _READING if name in rest}
    looking = {name: rest.pop(name) for name in _LOOKING if name in rest}
    is_detector = isinstance(model, Detector)
    if looking and not is_detector:
        raise InvalidError(f"evaluate: {', '.join(looking)}: of a function that gives boxes: they are its own business")
    with tempfile.TemporaryDirectory(prefix="saker-") as folder:
        truth, results = os.path.join(folder, "truth.json"), os.path.join(folder, "results.json")
        facts = _run(["data", "convert"], [data], dict(reading, to="coco", out=truth))
        with open(truth, encoding="utf-8") as file:
            dataset = json.load(file)
        paths = [os.path.join(facts["folder"], image["file_name"]) for image in dataset["images"]]
        begun = time.monotonic()
        found = _look(model, paths, looking) if is_detector else (_boxes_of(path, model(path)) for path in paths)
        skipped = _write(results, dataset, found, bool(reading.get("skip_bad")))
        seconds = time.monotonic() - begun
        report = _run(
            ["eval"],
            [],
            dict(
                rest,
                data=truth,
                results=results,
                images=facts["folder"],
                crowd_as_object=reading.get("crowd_as_object"),
            ),
        )
    report["model"] = getattr(model, "model_path", None) or getattr(model, "__name__", type(model).__name__)
    report["data"]["path"] = os.fspath(data)
    report["found_skipped"] = skipped
    report["pictures_per_second"] = len(paths) / max(seconds, 1e-9)
    return report


def _look(detector: Any, paths: List[str], options: Mapping[str, Any]) -> Iterator[Any]:
    """The detector on all pictures: _Boxes, or what was wrong with a picture."""
    looking = dict(_LOOKING, **options)
    if looking["iou"] is None:
        looking["iou"] = detector.evaluation_iou
    for begin in range(0, len(paths), _AT_A_TIME):
        some = paths[begin : begin + _AT_A_TIME]
        for path, found in zip(some, detector(some, errors="return", **looking)):
            yield found if isinstance(found, Exception) else _boxes_of(path, found)


def _boxes_of(path: str, found: Any) -> _Boxes:
    names: Optional[Sequence[str]] = None
    if hasattr(found, "class_ids"):
        names = found.names
        found = (found.boxes, found.scores, found.class_ids)
    try:
        boxes, scores, class_ids = (np.asarray(one) for one in found)
    except (TypeError, ValueError):
        raise TypeError(
            f"{path}: the function gave {type(found).__name__}; expected Detections or (boxes, scores, " f"class_ids)"
        ) from None
    count = len(scores) if scores.ndim == 1 else -1
    if boxes.size == 0 and count == 0:
        boxes = boxes.reshape(0, 4)
    if boxes.shape != (count, 4) or class_ids.shape != (count,):
        raise ValueError(
            f"{path}: the function gave boxes {boxes.shape}, scores {scores.shape}, class_ids "
            f"{class_ids.shape}; expected (n, 4), (n,), (n,)"
        )
    if not (np.isfinite(boxes).all() and np.isfinite(scores).all()):
        raise ValueError(f"{path}: the function gave boxes or scores that are not finite")
    return _Boxes(boxes.astype(np.float64), scores, class_ids, names)


def _write(path: str, dataset: Mapping[str, Any], found: Iterable[Any], skip_bad: bool) -> int:
    """COCO results; gives how many pictures could not be read."""
    categories = sorted(dataset["categories"], key=lambda category: category["id"])
    maps: Dict[Tuple[str, ...], List[Optional[int]]] = {}
    rows: List[Dict[str, Any]] = []
    skipped = 0
    for image, one in zip(dataset["images"], found):
        if isinstance(one, Exception):
            if not skip_bad:
                raise Error(f"{one}\nskip_bad=True goes on without such pictures") from one
            skipped += 1
            continue
        ids = [category["id"] for category in categories]
        if one.names is not None:
            key = tuple(one.names)
            if key not in maps:
                maps[key] = _category_ids(key, categories)
            ids = maps[key]
        for (x1, y1, x2, y2), score, class_id in zip(one.boxes.tolist(), one.scores.tolist(), one.class_ids.tolist()):
            if class_id != int(class_id) or not 0 <= class_id < len(ids):
                raise ValueError(f"{image['file_name']}: class id {class_id}; expected 0 to {len(ids) - 1}")
            if ids[int(class_id)] is not None:
                rows.append(
                    {
                        "image_id": image["id"],
                        "category_id": ids[int(class_id)],
                        "score": score,
                        "bbox": [x1, y1, x2 - x1, y2 - y1],
                    }
                )
    with open(path, "w", encoding="utf-8") as file:
        json.dump(rows, file)
    return skipped


def _category_ids(names: Sequence[str], categories: Sequence[Mapping[str, Any]]) -> List[Optional[int]]:
    """As `saker eval` has it: by name, whatever the case, with '_' and '-' as spaces; else in the order of the ids."""
    known: Dict[str, int] = {}
    for category in categories:
        known.setdefault(_plain(category["name"]), category["id"])
    ids = [known.get(_plain(name)) for name in names]
    if any(one is not None for one in ids):
        left = [name for name, one in zip(names, ids) if one is None]
        if left and sys.stderr is not None:
            print(
                f"saker: note: boxes of {len(left)} classes are left out, as the data has no such category: "
                f"{', '.join(left[:5])}",
                file=sys.stderr,
            )
        return ids
    if len(names) == len(categories):
        return [category["id"] for category in categories]
    raise InvalidError(
        f"none of the model's {len(names)} classes ({', '.join(names[:5])}) is among the "
        f"{len(categories)} categories of the data; give the model's class names with labels="
    )


def _plain(name: str) -> str:
    return re.sub(r"[ _-]+", " ", name.lower()).strip()
