"""The command's work as functions."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import saker
from saker import _child, commands
from conftest import patience
from drawn import INT8, MODEL, PICTURE, data, pictures


@pytest.mark.parametrize(
    "options, words",
    [
        ({"imgsz": 640}, ["--imgsz=640"]),
        ({"imgsz": (480, 640)}, ["--imgsz=480x640"]),
        ({"max_det": np.int64(3)}, ["--max-det=3"]),
        ({"conf": 0.1, "agnostic": True, "multi_label": False, "labels": None}, ["--conf=0.1", "--agnostic"]),
        ({"classes": [0, "stop"]}, ["--classes=0", "--classes=stop"]),
        ({"threads": np.array([1, 2])}, ["--threads=1", "--threads=2"]),
        ({"mean": (0.5, 0.25, 0)}, ["--mean=0.5,0.25,0"]),
        ({"out": Path("a b.onnx")}, ["--out=a b.onnx"]),
        ({"keep_float": "-conv"}, ["--keep-float=-conv"]),
    ],
)
def test_keywords_are_flags(options, words):
    assert commands.flags_of(options) == words


@pytest.mark.parametrize("value", [object(), {"a": 1}, [True], 1j])
def test_a_value_that_is_no_flags_is_refused_by_its_name(value):
    with pytest.raises(TypeError, match="conf"):
        commands.flags_of({"conf": value})


def test_message_is_what_was_said_without_notes():
    said = "saker: note: one\nsaker: m.onnx: no such file\n       did you mean n.onnx?\n"
    assert _child.message(said) == "m.onnx: no such file\ndid you mean n.onnx?"
    assert _child.message("saker: note: alone\n") == "saker: note: alone"
    assert _child.message("Killed\n") == "Killed"


def test_evaluate_a_file():
    report = saker.evaluate(MODEL, data("coco"), threads=1)
    assert report["data"]["pictures"] == 12
    assert 0.5 < report["coco"]["AP"] <= 1
    assert {"mAP50-95", "mAP50", "precision", "recall"} <= set(report["yolo"])


@pytest.mark.parametrize("form", ["coco", "yolo"])
def test_evaluate_a_detector_gives_what_the_command_gives(form):
    by_command = saker.evaluate(MODEL, data(form))
    with saker.Detector(MODEL, conf=0.9) as detector:
        assert detector.evaluation_iou == pytest.approx(0.7)
        by_detector = saker.evaluate(detector, data(form))
    for kind in ("coco", "yolo"):
        for name, value in by_command[kind].items():
            assert by_detector[kind][name] == pytest.approx(value, abs=1e-6), name
    assert by_detector["found"] == by_command["found"]
    assert by_detector["data"]["path"] == data(form)
    assert by_detector["model"] == MODEL
    assert by_detector["pictures_per_second"] > 0


def test_evaluate_a_detector_with_thresholds_of_its_own():
    with saker.Detector(MODEL) as detector:
        few = saker.evaluate(detector, data("coco"), conf=0.6)
        one = saker.evaluate(detector, data("coco"), max_det=1)
    assert few["found"] < saker.evaluate(MODEL, data("coco"))["found"]
    assert one["found"] == 12


def truth_of(path):
    dataset = json.loads(Path(path).read_text())
    ids = {image["id"]: image["file_name"] for image in dataset["images"]}
    order = sorted(category["id"] for category in dataset["categories"])
    boxes = {name: [] for name in ids.values()}
    for one in dataset["annotations"]:
        x, y, w, h = one["bbox"]
        boxes[ids[one["image_id"]]].append(([x, y, x + w, y + h], 1.0, order.index(one["category_id"])))
    return {name: [np.array(column) for column in zip(*found)] or [[], [], []] for name, found in boxes.items()}


def test_evaluate_a_function():
    truth = truth_of(data("coco"))
    right = saker.evaluate(lambda path: truth[os.path.basename(path)], data("coco"))
    assert right["coco"]["AP"] == pytest.approx(1)
    nothing = saker.evaluate(lambda path: ([], [], []), data("coco"), samples=100)
    assert nothing["coco"]["AP"] == 0 and nothing["found"] == 0


def test_evaluate_a_function_against_a_model(tmp_path):
    truth = truth_of(data("coco"))
    report = saker.evaluate(
        lambda path: truth[os.path.basename(path)], data("coco"), against=MODEL, report=tmp_path / "report", quiet=True
    )
    assert report["against"]["name"] == MODEL
    assert (tmp_path / "report" / "report.html").is_file()


@pytest.mark.parametrize(
    "answer, what",
    [
        (lambda path: 7, "expected Detections or"),
        (lambda path: (np.zeros((2, 3)), np.zeros(2), np.zeros(2)), r"\(n, 4\)"),
        (lambda path: (np.zeros((1, 4)), np.zeros(1), np.array([99])), "class id 99"),
        (lambda path: (np.full((1, 4), np.nan), np.zeros(1), np.zeros(1)), "not finite"),
    ],
)
def test_evaluate_says_what_a_function_should_have_given(answer, what):
    with pytest.raises((TypeError, ValueError), match=what):
        saker.evaluate(answer, data("coco"))


def test_evaluate_refuses_what_is_no_model():
    with pytest.raises(TypeError, match="expected a path, a Detector, or a function"):
        saker.evaluate(7, data("coco"))
    with pytest.raises(ValueError, match="conf"):
        saker.evaluate(lambda path: ([], [], []), data("coco"), conf=0.5)


def test_pictures_that_cannot_be_read(tmp_path):
    broken = tmp_path / "broken"
    broken.mkdir()
    dataset = json.loads(Path(data("coco")).read_text())
    for image in dataset["images"]:
        (broken / image["file_name"]).write_bytes((Path(pictures()) / image["file_name"]).read_bytes())
    (broken / dataset["images"][3]["file_name"]).write_text("no picture")
    with saker.Detector(MODEL) as detector:
        with pytest.raises(saker.Error, match="skip_bad"):
            saker.evaluate(detector, data("coco"), images=broken)
        report = saker.evaluate(detector, data("coco"), images=broken, skip_bad=True)
    assert report["found_skipped"] == 1


def test_quantize(tmp_path):
    out = tmp_path / "int8.onnx"
    facts = saker.quantize(MODEL, data_dir=pictures(), out=out, force=True, quiet=True, subset=8)
    assert facts["out"] == str(out) and facts["bytes"] == out.stat().st_size < Path(MODEL).stat().st_size
    assert facts["convolutions"]["int8"] > 20 and facts["agreement"]["share"] > 0.8
    with saker.Detector(str(out)) as detector:
        assert len(detector(PICTURE)) > 0


def test_export(tmp_path):
    facts = saker.export(MODEL, format=["openvino", "onnx"], output_dir=tmp_path)
    assert [one["format"] for one in facts["exports"]] == ["openvino", "onnx"]
    for one in facts["exports"]:
        assert [Path(each["path"]).stat().st_size for each in one["files"]] == [each["bytes"] for each in one["files"]]
    with pytest.raises(ValueError, match="name a file"):
        saker.export(MODEL, out="-")


def test_benchmark():
    report = saker.benchmark([MODEL, INT8], threads=[1], runs=2, rounds=1)
    assert [one["model"] for one in report["results"]] == [MODEL, INT8]


def test_what_a_failed_benchmark_measured_is_in_the_error(tmp_path):
    (tmp_path / "no.onnx").write_text("no model")
    with pytest.raises(saker.Error) as caught:
        saker.benchmark([MODEL, tmp_path / "no.onnx"], threads=1, runs=2, rounds=1)
    assert len(caught.value.result["results"]) == 2


def test_annotate(tmp_path):
    figures = saker.annotate(MODEL, PICTURE, save_dir=tmp_path / "drawn")
    assert (tmp_path / "drawn" / "signs.jpg").is_file()
    assert figures["model"]["path"] == MODEL


def test_wrong_flags_are_value_errors():
    with pytest.raises(ValueError, match="unknown flag --tempo") as caught:
        saker.benchmark(MODEL, tempo=3)
    assert isinstance(caught.value, saker.Error)
    with pytest.raises(ValueError, match="comes back as a dict"):
        saker.benchmark(MODEL, json="b.json")
    with pytest.raises(TypeError, match="path was expected"):
        saker.benchmark([7])


def test_failures_have_the_commands_words(tmp_path):
    with pytest.raises(saker.Error, match="no such file") as caught:
        saker.evaluate(tmp_path / "none.onnx", data("coco"))
    assert not isinstance(caught.value, ValueError)
    assert not str(caught.value).startswith("saker:")


def test_names_that_look_like_flags(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("--conf").write_bytes(Path(MODEL).read_bytes())
    with pytest.raises(saker.Error, match="no such file|nowhere"):
        saker.evaluate("--conf", "nowhere.json")
    assert saker.benchmark("--conf", threads=1, runs=1, rounds=1)["results"]


def test_a_command_that_is_not_there(monkeypatch):
    monkeypatch.setenv("SAKER_COMMAND", "/nowhere/saker")
    with pytest.raises(saker.NotFoundError, match="/nowhere/saker"):
        saker.benchmark(MODEL)


def children() -> set:
    found = set()
    for task in Path("/proc/self/task").iterdir():
        try:
            found |= set((task / "children").read_text().split())
        except OSError:
            pass
    return found


def test_an_interrupt_ends_the_command_within_a_fifth_of_a_second():
    sent = []

    def interrupt():
        time.sleep(1.5)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    before = children()
    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        saker.benchmark(MODEL, threads=1, seconds=60, rounds=1)
    assert time.monotonic() - sent[0] < 0.2 * patience()
    assert children() <= before


def test_progress_is_shown_on_a_terminal_and_notes_elsewhere(tmp_path):
    program = f"import saker; saker.evaluate({MODEL!r}, {data('yolo')!r}, threads=1)"
    try:
        listen, speak = pty.openpty()
    except OSError as error:
        pytest.skip(f"needs a terminal: {error}")
    process = subprocess.Popen([sys.executable, "-c", program], stderr=speak)
    os.close(speak)
    shown = b""
    while True:
        try:
            piece = os.read(listen, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(listen)
    assert process.wait() == 0
    assert b"/12 " in shown and b"\r" in shown
    quiet = subprocess.run([sys.executable, "-c", program], stderr=subprocess.PIPE, check=True)
    assert b"\r" not in quiet.stderr
    out = str(tmp_path / "q.onnx")
    noted = f"import saker; saker.quantize({MODEL!r}, data_dir={pictures()!r}, out={out!r}, force=True)"
    said = subprocess.run([sys.executable, "-c", noted], stderr=subprocess.PIPE, check=True).stderr
    assert b"too few pictures" in said
