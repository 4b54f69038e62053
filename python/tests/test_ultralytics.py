"""The same calls on saker.YOLO and on Ultralytics' YOLO, with the same ONNX file; where Ultralytics is installed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from drawn import MODEL, PICTURE, pictures

if sys.version_info < (3, 9):
    pytest.skip("Ultralytics needs a later Python", allow_module_level=True)
os.environ.setdefault("YOLO_AUTOINSTALL", "false")
os.environ.setdefault("YOLO_OFFLINE", "true")
ultralytics = pytest.importorskip("ultralytics", reason="Ultralytics is not installed: nothing to compare with")
pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed: Ultralytics runs ONNX files with it")

import saker  # noqa: E402


def assets():
    folder = Path(os.environ.get("SAKER_ASSETS", Path(__file__).resolve().parents[3] / "shared" / "assets"))
    cases = [(MODEL, PICTURE)] + [(MODEL, str(one)) for one in sorted(Path(pictures()).iterdir())[:3]]
    for name in ("yolov8n", "yolo11n"):
        for picture in ("bus", "zidane"):
            case = folder / "models" / f"{name}.onnx", folder / "images" / f"{picture}.jpg"
            if all(one.exists() for one in case):
                cases.append(tuple(map(str, case)))
    return cases


def both(model, source, **options):
    imgsz = 320 if model == MODEL else 640
    theirs = ultralytics.YOLO(model, task="detect")(source, verbose=False, imgsz=imgsz, rect=False, **options)
    return saker.YOLO(model)(source, verbose=False, imgsz=imgsz, **options), theirs


def overlap(a, b):
    width, height = (min(a[2 + i], b[2 + i]) - max(a[i], b[i]) for i in (0, 1))
    inside = max(0, width) * max(0, height)
    return inside / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - inside)


@pytest.mark.parametrize("model, picture", assets(), ids=lambda one: Path(one).stem)
def test_the_same_boxes(model, picture):
    """Of the surest, the same class, an IoU above 0.9 and the same score within 0.02: pictures are decoded and made
    smaller by other libraries."""
    (ours,), (theirs,) = both(model, picture, conf=0.3)
    assert ours.orig_shape == theirs.orig_shape and ours.names == theirs.names and ours.path == theirs.path
    for one, other in ((ours, theirs), (theirs, ours)):
        rows, others = np.asarray(one.boxes.data), np.asarray(other.boxes.data)
        for row in rows[rows[:, 4] > 0.35]:
            near = [each for each in others if each[5] == row[5] and overlap(row, each) > 0.9]
            assert near and min(abs(each[4] - row[4]) for each in near) < 0.02, row


def test_the_same_forms():
    import cv2

    picture = cv2.imread(PICTURE)
    (ours,), (theirs,) = both(MODEL, picture, conf=0.5)
    assert len(ours) == len(theirs) > 1 and ours.path == theirs.path
    for name in ("xyxy", "xywh", "xyxyn", "xywhn", "conf", "cls", "data"):
        own, other = getattr(ours.boxes, name), getattr(theirs.boxes, name).cpu().numpy()
        assert own.shape == other.shape and own.dtype == other.dtype, name
        np.testing.assert_allclose(own, other, atol=1.5 if name in ("xyxy", "xywh", "data") else 0.02, err_msg=name)
    assert ours.boxes.id is theirs.boxes.id is None and ours.boxes.is_track == theirs.boxes.is_track
    assert ours.boxes.shape == tuple(theirs.boxes.shape) and ours.boxes.orig_shape == theirs.boxes.orig_shape
    assert ours.verbose() == theirs.verbose() and set(ours.speed) == set(theirs.speed)
    np.testing.assert_array_equal(ours.orig_img, theirs.orig_img)
    drawn, other = ours.plot(), theirs.plot()
    assert drawn.shape == other.shape and drawn.dtype == other.dtype
    for name in ("masks", "probs", "keypoints", "obb"):
        assert getattr(ours, name) is getattr(theirs, name) is None


def test_the_same_summaries_and_files(tmp_path):
    (ours,), (theirs,) = both(MODEL, PICTURE, conf=0.5)
    own, other = ours.summary(), theirs.summary()
    assert [set(row) for row in own] == [set(row) for row in other]
    assert [(row["name"], row["class"]) for row in own] == [(row["name"], row["class"]) for row in other]
    assert [set(row) for row in json.loads(ours.to_json())] == [set(row) for row in json.loads(theirs.to_json())]
    for result, name in ((ours, "ours"), (theirs, "theirs")):
        result.save_txt(tmp_path / f"{name}.txt", save_conf=True)
        result.save_crop(tmp_path / name)
    lines = [
        [line.split() for line in (tmp_path / f"{name}.txt").read_text().splitlines()] for name in ("ours", "theirs")
    ]
    np.testing.assert_allclose(np.array(lines[0], float), np.array(lines[1], float), atol=0.02)
    crops = [
        sorted(str(one.relative_to(tmp_path / name)) for one in (tmp_path / name).rglob("*.jpg"))
        for name in ("ours", "theirs")
    ]
    assert crops[0] == crops[1]


def test_what_ultralytics_has_and_saker_has_not_is_named():
    """Each public name of theirs is there, or its absence is explained with a remedy."""
    (ours,), (theirs,) = both(MODEL, PICTURE)
    bare = []
    for own, other in (
        (ours, theirs),
        (ours.boxes, theirs.boxes),
        (saker.YOLO(MODEL), ultralytics.YOLO(MODEL, task="detect")),
    ):
        for name in (each for each in dir(type(other)) if not each.startswith("_")):
            try:
                getattr(own, name)
            except AttributeError as error:
                if "docs/python.md" in str(error) or "did you mean" in str(error):
                    bare.append(f"{type(own).__name__}.{name}")
    module = pytest.importorskip("torch").nn.Module  # whose methods YOLO inherits there
    assert not {one for one in bare if one.split(".")[1] not in dir(module)}
