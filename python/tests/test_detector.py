"""Detector: what it takes, what it gives, what it refuses."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import PICTURE, SIGNS, SIGNS_INT8

import saker


def command_boxes(command: str, model: Path, pictures: list[Path], *flags: str) -> list[dict]:
    answer = subprocess.run(
        [command, "detect", str(model), *map(str, pictures), "--json", "-", "--quiet", *flags],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(answer.stdout)


def assert_same(found: saker.Detections, of_command: dict) -> None:
    """Bit for bit: the command writes the shortest text that reads back as the same float."""
    assert (found.height, found.width) == (of_command["height"], of_command["width"])
    boxes = of_command["detections"]
    assert found.class_ids.tolist() == [box["class_id"] for box in boxes]
    assert np.array_equal(found.scores, np.array([box["score"] for box in boxes], np.float32))
    corners = [box["box"] for box in boxes]
    assert np.array_equal(found.boxes, np.array(corners, np.float32).reshape(-1, 4))
    assert found.labels == [box["label"] for box in boxes]


@pytest.mark.parametrize("model", [SIGNS, SIGNS_INT8])
def test_boxes_are_the_commands(command: str, model: Path) -> None:
    with saker.Detector(model) as detector:
        found = detector(PICTURE)
    assert len(found) > 0
    assert_same(found, command_boxes(command, model, [PICTURE])[0])


@pytest.mark.parametrize("batch", [1, 4])
def test_boxes_are_the_commands_on_photographs(command: str, assets: Path, batch: int) -> None:
    model = assets / "models" / "yolov8n.onnx"
    pictures = sorted((assets / "coco" / "val" / "images").glob("*.jpg"))[:10]
    if not model.is_file() or not pictures:
        pytest.skip("needs yolov8n.onnx and COCO's pictures")
    with saker.Detector(model, batch=batch) as detector:
        found = detector(pictures)
    for ours, theirs in zip(found, command_boxes(command, model, pictures, "--batch", str(batch))):
        assert_same(ours, theirs)
    assert sum(map(len, found)) > 20


def test_thresholds_reach_the_library(command: str) -> None:
    flags = ["--conf", "0.05", "--iou", "0.6", "--max-det", "7", "--agnostic", "--multi-label", "--imgsz", "256"]
    (expected,) = command_boxes(command, SIGNS, [PICTURE], *flags)
    with saker.Detector(
        SIGNS, conf=0.05, iou=0.6, max_det=7, agnostic=True, multi_label=True, imgsz=256
    ) as detector:
        assert detector.input_size == (256, 256)
        assert_same(detector(PICTURE), expected)
    with saker.Detector(SIGNS, imgsz=(256, 256)) as detector:
        found = detector(PICTURE, conf=0.05, iou=0.6, max_det=7, agnostic=True, multi_label=True)
        assert_same(found, expected)
        assert len(detector(PICTURE, conf=0.9)) < len(found)
        assert len(detector(PICTURE)) < len(found), "options of one call are gone in the next"


def test_facts(detector: saker.Detector) -> None:
    assert detector.names[0] == "stop" and len(detector.names) == 15
    assert detector.input_size == (320, 320)
    assert (detector.batch, detector.threads, detector.streams) == (1, 1, 2)
    assert detector.head == "yolov8" and detector.backend == "saker"
    assert detector.model_path == str(SIGNS_INT8) and not detector.closed
    assert "yolov8" in repr(detector) and "320x320" in repr(detector)


def test_threads_are_shared_out_among_streams() -> None:
    with saker.Detector(SIGNS_INT8) as alone, saker.Detector(SIGNS_INT8, streams=64) as many:
        assert 1 <= alone.threads <= os.cpu_count()
        assert many.threads == max(1, alone.threads // 64)


def test_classes(detector: saker.Detector) -> None:
    found = detector(PICTURE)
    wanted = found.labels[0]
    for classes in ([wanted], [int(found.class_ids[0])], np.array([found.class_ids[0]])):
        some = detector(PICTURE, classes=classes)
        assert set(some.labels) == {wanted}
    with saker.Detector(SIGNS_INT8, classes=[wanted]) as only:
        assert set(only(PICTURE).labels) == {wanted}
        assert only(PICTURE, classes=[]) == found, "an empty list is all classes"


def test_labels(tmp_path: Path) -> None:
    names = [f"sign {i}" for i in range(15)]
    file = tmp_path / "names.txt"
    file.write_text("\n".join(names))
    for labels in (names, file, str(file)):
        with saker.Detector(SIGNS_INT8, labels=labels) as detector:
            assert detector.names == names


def test_model_object_and_bytes() -> None:
    model = saker.Model(SIGNS_INT8)
    with saker.Detector(model) as one, saker.Detector(saker.Model.from_bytes(SIGNS_INT8.read_bytes(), "m")) as other:
        assert one(PICTURE) == other(PICTURE)
        assert other.model_path == "m"


def test_list_of_everything(detector: saker.Detector, picture: np.ndarray) -> None:
    expected = detector(picture)
    sources = [str(PICTURE), PICTURE, PICTURE.read_bytes(), picture, memoryview(PICTURE.read_bytes())]
    found = detector(sources)
    assert [each.path for each in found] == [str(PICTURE), str(PICTURE), None, None, None]
    for each in found:
        assert np.array_equal(each.boxes, expected.boxes) and np.array_equal(each.scores, expected.scores)
    assert detector([]) == [] and detector(()) == []


@pytest.mark.parametrize("batch, streams", [(1, 1), (1, 3), (4, 1), (4, 2)])
def test_batches_and_streams_keep_the_order(picture: np.ndarray, batch: int, streams: int) -> None:
    crops = [picture[: 100 + 10 * i, : 400 - 10 * i] for i in range(11)]
    with saker.Detector(SIGNS_INT8, threads=1) as one:
        expected = [one(crop) for crop in crops]
    with saker.Detector(SIGNS, threads=1, imgsz=320, batch=batch, streams=streams) as detector:
        alone = [detector(crop) for crop in crops]
        together = detector(crops)
    assert [(d.height, d.width) for d in together] == [crop.shape[:2] for crop in crops]
    assert [(d.height, d.width) for d in expected] == [crop.shape[:2] for crop in crops]
    for a, b in zip(alone, together):
        assert np.array_equal(a.class_ids, b.class_ids)
        assert np.allclose(a.boxes, b.boxes, atol=0.05)


def test_stage_times(detector: saker.Detector) -> None:
    ms = detector(PICTURE).ms
    assert set(ms) == {"decode", "preprocess", "infer", "postprocess"}
    assert ms["decode"] > 0 and ms["infer"] > 0


# What cannot be read.


def test_errors_stop_or_stand_in_the_place(detector: saker.Detector, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(PICTURE.read_bytes()[:100])
    sources = [PICTURE, tmp_path / "none.jpg", broken, b"no picture", PICTURE, np.zeros((3, 3), np.float32), PICTURE]
    found = detector(sources, errors="return")
    kinds = [type(each) for each in found]
    assert kinds == [
        saker.Detections,
        saker.NotFoundError,
        saker.InvalidError,
        saker.InvalidError,
        saker.Detections,
        TypeError,
        saker.Detections,
    ]
    assert "none.jpg" in str(found[1]) and "broken.jpg" in str(found[2])
    assert "sources[3]" in str(found[3]) and "sources[5]" in str(found[5])
    assert found[0] == found[4] == found[6]
    with pytest.raises(saker.NotFoundError, match="none.jpg"):
        detector(sources[:5])
    with pytest.raises(TypeError, match=r"sources\[5\]"):
        detector(sources)
    with pytest.raises(FileNotFoundError):
        detector(tmp_path / "none.jpg")
    with pytest.raises(TypeError, match=r"sources\[1\].*object"):
        detector([PICTURE, object()])


def test_a_bad_picture_spares_its_batch(tmp_path: Path) -> None:
    with saker.Detector(SIGNS, imgsz=320, batch=4) as detector:
        found = detector([PICTURE, b"", PICTURE, tmp_path, PICTURE], errors="return")
    assert [isinstance(each, saker.Detections) for each in found] == [True, False, True, False, True]
    assert isinstance(found[3], saker.IoError) and isinstance(found[3], OSError)


def test_models_that_are_none(tmp_path: Path) -> None:
    text = tmp_path / "model.onnx"
    text.write_text("this is no network")
    with pytest.raises(saker.InvalidError, match="model.onnx"):
        saker.Detector(text)
    with pytest.raises(saker.NotFoundError, match="missing.onnx"):
        saker.Detector(tmp_path / "missing.onnx")
    with pytest.raises(saker.Error):
        saker.Detector(tmp_path)
    with pytest.raises(TypeError, match="model"):
        saker.Detector(7)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="null|zero"):
        saker.Detector("a\0b")


@pytest.mark.parametrize(
    "options, kind, named",
    [
        ({"conf": 2}, ValueError, "conf"),
        ({"conf": float("nan")}, ValueError, "conf"),
        ({"conf": "0.3"}, TypeError, "conf"),
        ({"iou": -1}, ValueError, "iou"),
        ({"iou": True}, TypeError, "iou"),
        ({"max_det": 0}, ValueError, "max_det"),
        ({"max_det": 1.5}, TypeError, "max_det"),
        ({"classes": [99]}, ValueError, "99"),
        ({"classes": ["hovercraft"]}, ValueError, "hovercraft"),
        ({"classes": "stop"}, TypeError, "classes"),
        ({"classes": [-1]}, ValueError, "classes"),
        ({"classes": 3}, TypeError, "classes"),
        ({"agnostic": 1}, TypeError, "agnostic"),
        ({"multi_label": "no"}, TypeError, "multi_label"),
    ],
)
def test_bad_thresholds(detector: saker.Detector, options: dict, kind: type, named: str) -> None:
    with pytest.raises(kind, match=named):
        detector(PICTURE, **options)
    with pytest.raises(kind, match=named):
        saker.Detector(SIGNS_INT8, **options)


@pytest.mark.parametrize(
    "options, kind, named",
    [
        ({"imgsz": 0}, ValueError, "imgsz"),
        ({"imgsz": (320,)}, ValueError, "imgsz"),
        ({"imgsz": "320"}, TypeError, "imgsz"),
        ({"imgsz": 640}, ValueError, "640"),  # this file fixes 320
        ({"batch": 0}, ValueError, "batch"),
        ({"threads": -1}, ValueError, "threads"),
        ({"threads": 5000}, ValueError, "threads"),
        ({"streams": 0}, ValueError, "streams"),
        ({"backend": "tensorflow"}, saker.Error, "tensorflow"),
        ({"backend": None}, TypeError, "backend"),
        ({"precision": "f8"}, saker.Error, "f8"),
        ({"head": "yolov99"}, ValueError, "yolov99"),
        ({"head": "nanodet"}, saker.Error, "nanodet"),
        ({"labels": [1]}, TypeError, "labels"),
        ({"labels": "nowhere.txt"}, saker.NotFoundError, "nowhere.txt"),
    ],
)
def test_bad_options(options: dict, kind: type, named: str) -> None:
    with pytest.raises(kind, match=named):
        saker.Detector(SIGNS_INT8, **options)


def test_after_close(picture: np.ndarray) -> None:
    detector = saker.Detector(SIGNS_INT8)
    with detector as same:
        assert same is detector and not detector.closed
    assert detector.closed
    detector.close()
    for source in (picture, [picture, picture]):
        with pytest.raises(ValueError, match="closed"):
            detector(source)
    with pytest.raises(ValueError, match="closed"):
        with detector:
            pass
    assert "closed" in repr(detector) and detector.names[0] == "stop"


def test_unknown_errors_value(detector: saker.Detector) -> None:
    with pytest.raises(ValueError, match="errors"):
        detector(PICTURE, errors="ignore")
