"""Detections as supervision, pandas and FiftyOne have them; each where that package is installed."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest

import saker
from saker import converters
from drawn import MODEL, PICTURE


@pytest.fixture(scope="module")
def found():
    with saker.Detector(MODEL) as detector:
        return detector(PICTURE)


def empty(found):
    return found[found.scores > 2]


def test_supervision(found):
    supervision = pytest.importorskip("supervision", reason="supervision is not installed")
    theirs = found.to_supervision()
    assert isinstance(theirs, supervision.Detections) and len(theirs) == len(found) > 0
    np.testing.assert_array_equal(theirs.xyxy, found.boxes)
    np.testing.assert_array_equal(theirs.confidence, found.scores)
    np.testing.assert_array_equal(theirs.class_id, found.class_ids)
    assert theirs.data["class_name"].tolist() == found.labels
    sure = theirs[theirs.confidence > 0.5]
    assert len(sure) == int((found.scores > 0.5).sum())
    theirs.xyxy[0, 0] += 1  # its own copy
    assert theirs.xyxy[0, 0] != found.boxes[0, 0]
    assert len(empty(found).to_supervision()) == 0
    picture = supervision.BoxAnnotator().annotate(np.zeros((found.height, found.width, 3), np.uint8), theirs)
    assert picture.any()


def test_pandas(found):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = found.to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert list(frame.columns) == ["label", "class_id", "score", "x1", "y1", "x2", "y2", "path"]
    assert frame["label"].tolist() == found.labels and set(frame["path"]) == {PICTURE}
    np.testing.assert_array_equal(frame[["x1", "y1", "x2", "y2"]].to_numpy(), found.boxes)
    assert frame["score"].dtype == np.float32 and frame["class_id"].dtype == np.int32
    assert empty(found).to_pandas().shape == (0, 8)


def test_fiftyone(found):
    fiftyone = pytest.importorskip("fiftyone", reason="fiftyone is not installed")
    theirs = found.to_fiftyone()
    assert isinstance(theirs, fiftyone.Detections) and len(theirs.detections) == len(found)
    check_fiftyone(theirs.detections, found)


def test_fiftyone_is_given_what_its_constructors_take(found, monkeypatch):
    """Its Detection takes label, bounding_box ([x, y, width, height] in [0, 1]) and confidence; Detections a list."""
    module = types.ModuleType("fiftyone")

    class Detection:
        def __init__(self, *, label=None, bounding_box=None, confidence=None):
            self.label, self.bounding_box, self.confidence = label, bounding_box, confidence

    class Detections:
        def __init__(self, *, detections):
            self.detections = detections

    module.Detection, module.Detections = Detection, Detections
    monkeypatch.setitem(sys.modules, "fiftyone", module)
    check_fiftyone(found.to_fiftyone().detections, found)
    assert empty(found).to_fiftyone().detections == []


def check_fiftyone(theirs, found):
    assert [one.label for one in theirs] == found.labels
    for one, (x1, y1, x2, y2), score in zip(theirs, found.boxes.tolist(), found.scores.tolist()):
        x, y, w, h = one.bounding_box
        assert all(type(value) is float and 0 <= value <= 1 for value in one.bounding_box)
        assert (x * found.width, y * found.height) == pytest.approx((x1, y1))
        assert ((x + w) * found.width, (y + h) * found.height) == pytest.approx((x2, y2))
        assert one.confidence == score


@pytest.mark.parametrize(
    "package, method", [("supervision", "to_supervision"), ("pandas", "to_pandas"), ("fiftyone", "to_fiftyone")]
)
def test_a_package_that_is_not_there_is_named_with_the_remedy(found, monkeypatch, package, method):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=f"pip install {package}"):
        getattr(found, method)()


def test_an_import_that_fails_inside_a_package_is_passed_on(tmp_path, monkeypatch):
    (tmp_path / "half_there.py").write_text("import what_it_needs\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ImportError, match="what_it_needs"):
        converters.imported("half_there")
