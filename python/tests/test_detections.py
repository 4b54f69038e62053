"""Detections: immutable boxes of a picture."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import PICTURE

import saker

NAMES = ["cat", "<b>dog</b>"]


def made(**changes: Any) -> saker.Detections:
    values: dict[str, Any] = {
        "boxes": [[1, 2, 30, 40], [5, 6, 17.5, 18]],
        "scores": [0.9, 0.5],
        "class_ids": [1, 0],
        "names": NAMES,
        "height": 50,
        "width": 60,
        "path": "a.png",
        "ms": {"infer": 3},
    }
    return saker.Detections.from_arrays(**{**values, **changes})


def test_arrays() -> None:
    found = made()
    assert found.boxes.dtype == np.float32 and found.boxes.shape == (2, 4)
    assert found.scores.dtype == np.float32 and found.class_ids.dtype == np.int32
    assert found.labels == ["<b>dog</b>", "cat"] and found.names == NAMES
    assert (found.height, found.width, found.path) == (50, 60, "a.png")
    assert found.ms == {"decode": 0, "preprocess": 0, "infer": 3, "postprocess": 0}


def test_of_a_detector(detector: saker.Detector, picture: np.ndarray) -> None:
    found = detector(picture)
    assert found.boxes.dtype == np.float32 and found.boxes.shape == (len(found), 4)
    assert found.scores.dtype == np.float32 and found.class_ids.dtype == np.int32
    assert (np.diff(found.scores) <= 0).all(), "best first"
    assert (found.height, found.width) == picture.shape[:2] and found.path is None
    assert 0 <= found.boxes.min() and (found.boxes[:, 2:] <= (found.width, found.height)).all()
    nothing = detector(np.zeros((40, 40, 3), np.uint8), conf=0.99)
    assert len(nothing) == 0 and nothing.boxes.shape == (0, 4) and nothing.labels == []
    assert list(nothing) == [] and "nothing" in repr(nothing)


def test_immutable(detector: saker.Detector) -> None:
    for found in (made(), detector(PICTURE), made()[:1], made()[[0]]):
        for array in (found.boxes, found.scores, found.class_ids):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
        with pytest.raises(AttributeError, match="immutable"):
            found.height = 3
        with pytest.raises(AttributeError, match="immutable"):
            del found.boxes
        with pytest.raises(AttributeError):
            found.colour = "red"
        found.names.clear()
        assert len(found.names) > 0
    with pytest.raises(TypeError, match="from_arrays"):
        saker.Detections()


def test_from_arrays_copies() -> None:
    boxes = np.ones((1, 4), np.float32)
    found = made(boxes=boxes, scores=[1], class_ids=[0])
    boxes[:] = 7
    assert found.boxes.max() == 1


def test_sequence() -> None:
    found = made()
    assert len(found) == 2
    first, second = found
    assert isinstance(first, saker.Detection)
    assert first.box.tolist() == [1, 2, 30, 40] and first.class_id == 1 and first.label == "<b>dog</b>"
    assert first.score == np.float32(0.9) and second.label == "cat"
    assert found[0].label == first.label and found[-1].label == "cat" and found[np.int64(1)].label == "cat"
    with pytest.raises(IndexError):
        found[2]


def test_parts() -> None:
    found = made()
    for index in (slice(1, None), [1], np.array([1]), [False, True], found.scores < 0.6, -np.ones(1, int)):
        part = found[index]
        assert part.labels == ["cat"] and part.boxes.shape == (1, 4)
        assert (part.path, part.height, part.names) == ("a.png", 50, NAMES)
    assert found[::-1].labels == ["cat", "<b>dog</b>"]
    assert len(found[[]]) == 0 and len(found[[False, False]]) == 0
    with pytest.raises(IndexError):
        found[[5]]
    with pytest.raises(IndexError):
        found[[True]]
    for index in ("cat", 1.0, [0.5], None, [[0]], ...):
        with pytest.raises(TypeError):
            found[index]


def test_equality() -> None:
    assert made() == made() and made() == made(ms=None, path=None)
    for change in ({"scores": [0.9, 0.4]}, {"height": 51}, {"class_ids": [1, 1]}, {"names": ["a", "b"]}):
        assert made() != made(**change)
    assert made() != made()[:1] and made() != "boxes"
    with pytest.raises(TypeError):
        hash(made())


@pytest.mark.parametrize(
    "change, kind, named",
    [
        ({"boxes": [[1, 2, 3]]}, ValueError, "boxes"),
        ({"boxes": [1, 2, 3, 4]}, ValueError, "boxes"),
        ({"boxes": "boxes"}, TypeError, "boxes"),
        ({"boxes": b"12345678"}, TypeError, "boxes"),
        ({"boxes": [[1j, 2, 3, 4], [1, 2, 3, 4]]}, TypeError, "boxes"),
        ({"boxes": np.zeros((2, 4), object)}, TypeError, "boxes"),
        ({"scores": [1, 2, 3]}, ValueError, "scores"),
        ({"scores": [[1], [2]]}, ValueError, "scores"),
        ({"class_ids": [0, 2]}, ValueError, "class_ids.*0 to 1"),
        ({"class_ids": [0, -1]}, ValueError, "class_ids"),
        ({"class_ids": [0, 1 << 40]}, ValueError, "class_ids"),
        ({"class_ids": [0.0, 1.0]}, TypeError, "class_ids"),
        ({"names": "ab"}, TypeError, "names"),
        ({"names": [1, 2]}, TypeError, "names"),
        ({"height": 0}, ValueError, "height"),
        ({"width": -5}, ValueError, "width"),
        ({"width": "60"}, TypeError, "width"),
        ({"height": True}, TypeError, "height"),
        ({"path": 3}, TypeError, "path"),
        ({"ms": [1]}, TypeError, "ms"),
        ({"ms": {"lunch": 1}}, ValueError, "lunch"),
        ({"ms": {"infer": "1"}}, TypeError, "infer"),
    ],
)
def test_what_does_not_fit_together(change: dict, kind: type, named: str) -> None:
    with pytest.raises(kind, match=named):
        made(**change)


def test_pickle_and_copy(detector: saker.Detector) -> None:
    for found in (made(), detector(PICTURE), made()[[]]):
        for same in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
            assert same == found and same.ms == found.ms


def test_hostile_pickles() -> None:
    function, arguments = made().__reduce__()
    for place, value in ((0, b"\0" * 32), (2, np.array([7, 7])), (3, "names"), (4, 10**30), (5, None), (6, ["x"])):
        bad = list(arguments)
        bad[place] = value
        with pytest.raises((TypeError, ValueError)):
            function(*bad)
    with pytest.raises((TypeError, AttributeError)):
        object.__new__(saker.Detections).__setstate__({"boxes": 1})


def test_text(detector: saker.Detector) -> None:
    found = made()
    assert repr(found) == "<saker.Detections: 1 <b>dog</b>, 1 cat in 'a.png' (60x50)>"
    table = found._repr_html_()
    assert "&lt;b&gt;dog" in table and "<b>dog" not in table and table.count("<tr>") == 3 and "0.900" in table
    assert json.loads(json.dumps(found.to_dict())) == {
        "path": "a.png",
        "width": 60,
        "height": 50,
        "boxes": [
            {"label": "<b>dog</b>", "class_id": 1, "score": float(np.float32(0.9)), "box": [1, 2, 30, 40]},
            {"label": "cat", "class_id": 0, "score": 0.5, "box": [5, 6, 17.5, 18]},
        ],
    }
    json.dumps(detector(PICTURE).to_dict())


def test_plot(detector: saker.Detector, picture: np.ndarray, tmp_path: Path) -> None:
    found = detector(PICTURE)
    drawn = found.plot()
    assert drawn.shape == picture.shape and drawn.dtype == np.uint8 and (drawn != picture).any()
    assert np.array_equal(found.plot(picture), drawn)
    assert np.array_equal(found.plot(picture[..., ::-1], bgr=True), drawn)
    bare = found.plot(labels=False, scores=False)
    assert (bare != drawn).any() and (bare != picture).any()
    assert np.array_equal(found[[]].plot(), picture)
    found.save(tmp_path / "drawn.png")
    assert np.array_equal(saker.read_image(tmp_path / "drawn.png"), drawn)
    found.save(str(tmp_path / "bare.jpg"), picture, labels=False, scores=False, quality=90)
    assert (tmp_path / "bare.jpg").stat().st_size > 0
    with pytest.raises(ValueError, match="came from no file"):
        detector(picture).plot()
    with pytest.raises(ValueError, match="expected .*pixels"):
        found.plot(picture[:-1])
    with pytest.raises(TypeError):
        found.plot(picture, colour="red")


def test_plot_is_the_commands(detector: saker.Detector, command: str, tmp_path: Path) -> None:
    import subprocess

    from conftest import SIGNS_INT8

    png = tmp_path / "picture.png"
    saker.write_image(png, saker.read_image(PICTURE))
    subprocess.run(
        [command, "detect", SIGNS_INT8, png, "--save-vis", tmp_path / "out", "--quiet"], check=True, capture_output=True
    )
    assert np.array_equal(detector(png).plot(), saker.read_image(tmp_path / "out" / "picture.png"))


def test_draw_boxes(picture: np.ndarray) -> None:
    boxes = [[10, 10, 50, 60], [-5, -5, 5000, 20], [30, 30, 10, 10], [float("nan")] * 4]
    drawn = saker.draw_boxes(picture, boxes, ["a", "", "ü", "x"], [0, 1, 2, -3])
    assert (drawn != picture).any()
    assert np.array_equal(saker.draw_boxes(picture, [[10, 10, 50, 60]])[100:], picture[100:])
    assert np.array_equal(saker.draw_boxes(picture, []), picture)
    assert saker.draw_boxes(picture[..., 0], boxes).shape == picture.shape
    with pytest.raises(ValueError, match="4 boxes, 1 texts"):
        saker.draw_boxes(picture, boxes, ["a"])
    with pytest.raises(ValueError, match=r"\(n, 4\)"):
        saker.draw_boxes(picture, [1, 2, 3, 4])
