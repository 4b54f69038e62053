"""saker.YOLO: Ultralytics' habits on saker's detector, and what it lacks said by name."""

from __future__ import annotations

import http.server
import json
import pickle
import shutil
import threading
import types
from pathlib import Path

import numpy as np
import pytest

import saker
from saker import YOLO
from saker.yolo import Boxes, Results
from drawn import MODEL, PICTURE, data, pictures


@pytest.fixture(scope="module")
def model():
    return YOLO(MODEL)


@pytest.fixture(scope="module")
def result(model):
    return model(PICTURE, verbose=False)[0]


@pytest.fixture(scope="module")
def bgr(result):
    return result.orig_img


def test_boxes_are_the_detectors(model, result):
    with saker.Detector(MODEL) as detector:
        found = detector(PICTURE, iou=0.7)
    assert len(found) > 2
    np.testing.assert_array_equal(result.boxes.xyxy, found.boxes)
    np.testing.assert_array_equal(result.boxes.conf, found.scores)
    np.testing.assert_array_equal(result.boxes.cls, found.class_ids)
    assert [model.names[int(one)] for one in result.boxes.cls] == found.labels
    assert result.names == model.names and result.orig_shape == (found.height, found.width)
    assert set(result.speed) == {"preprocess", "inference", "postprocess"} and result.speed["inference"] > 0
    assert result.path == PICTURE


def test_forms_of_boxes():
    boxes = Boxes([[10, 20, 30, 60, 0.5, 3], [0, 0, 100, 50, 0.25, 1]], (50, 100))
    assert boxes.xywh.tolist() == [[20, 40, 20, 40], [50, 25, 100, 50]]
    np.testing.assert_allclose(boxes.xyxyn, [[0.1, 0.4, 0.3, 1.2], [0, 0, 1, 1]], rtol=1e-6)
    np.testing.assert_allclose(boxes.xywhn, [[0.2, 0.8, 0.2, 0.8], [0.5, 0.5, 1, 1]], rtol=1e-6)
    assert (len(boxes), boxes.shape, boxes.id, boxes.is_track) == (2, (2, 6), None, False)
    assert [int(one.cls) for one in boxes] == [3, 1]
    assert boxes[1].xyxy.tolist() == [[0, 0, 100, 50]]
    assert len(boxes[boxes.conf > 0.3]) == 1 and len(boxes[:0]) == 0
    none = Boxes(np.zeros((0, 6)), (50, 100))
    assert none.xywhn.shape == (0, 4) and none.cls.tolist() == [] and list(none) == []


def test_habits_of_tensors():
    boxes = Boxes([[10, 20, 30, 60, 0.5, 3]], (50, 100))
    assert type(boxes.xyxy.cpu().numpy()) is np.ndarray
    assert boxes.xyxy[0].cpu().detach().tolist() == [10, 20, 30, 60]
    assert boxes.conf[0].cpu().numpy() == 0.5 and boxes.conf[0].item() == 0.5
    assert f"{float(boxes.conf):.2f} {boxes.conf[0]:.1f}" == "0.50 0.5"
    assert (int(boxes.cls), int(boxes.cls[0]), round(float(boxes.cls[0]))) == (3, 3, 3)
    assert [int(one) for one in boxes.xyxy[0]] == [10, 20, 30, 60]
    assert boxes.xyxy.int().dtype == np.int32 and boxes.xyxy.long().dtype == np.int64
    assert boxes.xyxy.to("cpu").numel() == 4 and boxes.cpu().numpy().to("cpu") is boxes
    for x1, y1, x2, y2 in boxes.xyxy.cpu().numpy().astype(int):
        assert (x1, y1, x2, y2) == (10, 20, 30, 60)
    with pytest.raises(saker.UnsupportedError, match="CPU"):
        boxes.xyxy.to("cuda:0")
    with pytest.raises(AttributeError, match="cuda.*runs on the CPU"):
        boxes.conf.cuda()


def test_results_can_be_cut_and_counted(result):
    assert len(result) == len(result.boxes) == len(list(result))
    assert [len(one) for one in result] == [1] * len(result)
    sure = result[result.boxes.conf > float(result.boxes.conf[1]) - 1e-6]
    assert len(sure) == 2 and sure.path == result.path
    assert len(result[-1]) == 1 and result[-1].boxes.conf.tolist() == [result.boxes.conf[-1].item()]
    with pytest.raises(IndexError):
        result[len(result)]
    assert (result.masks, result.probs, result.keypoints, result.obb) == (None, None, None, None)
    assert result.cpu().numpy().to("cpu") is result


def test_summaries(result):
    rows = result.summary()
    assert rows[0]["name"] == result.names[rows[0]["class"]] and set(rows[0]["box"]) == {"x1", "y1", "x2", "y2"}
    assert json.loads(result.to_json()) == json.loads(result.tojson()) == rows
    assert all(0 <= value <= 1 for row in result.summary(normalize=True) for value in row["box"].values())
    assert result.verbose().endswith(", ") and str(rows[0]["name"]) in result.verbose()
    assert result[:0].verbose() == "(no detections), "
    frame = pytest.importorskip("pandas") and result.to_df()
    assert list(frame.columns) == ["name", "class", "confidence", "box"] and len(frame) == len(result)


def test_pictures_are_drawn_and_written(result, bgr, tmp_path):
    drawn = result.plot()
    assert drawn.shape == bgr.shape and drawn.dtype == np.uint8 and not np.array_equal(drawn, bgr)
    np.testing.assert_array_equal(result.plot(boxes=False), bgr)
    assert not np.array_equal(result.plot(labels=False), drawn) and not np.array_equal(result.plot(conf=False), drawn)
    black = result.plot(img=np.zeros_like(bgr))
    assert black.any() and black.mean() < bgr.mean()
    assert result.save(tmp_path / "out.png") == str(tmp_path / "out.png")
    back = YOLO(MODEL)(tmp_path / "out.png", verbose=False)[0].orig_img
    np.testing.assert_array_equal(back, drawn)


def test_text_and_crops_are_written(result, tmp_path):
    result.save_txt(tmp_path / "labels" / "a.txt")
    result.save_txt(tmp_path / "labels" / "a.txt", save_conf=True)
    lines = [line.split() for line in (tmp_path / "labels" / "a.txt").read_text().splitlines()]
    assert [len(line) for line in lines] == [5] * len(result) + [6] * len(result)
    assert [int(line[0]) for line in lines[: len(result)]] == result.boxes.cls.int().tolist()
    np.testing.assert_allclose(np.array(lines[0][1:], float), result.boxes.xywhn[0], rtol=1e-5)
    result.save_crop(tmp_path / "crops")
    crops = sorted((tmp_path / "crops").rglob("*.jpg"))
    assert len(crops) == len(result) and {one.parent.name for one in crops} <= set(result.names.values())


def test_sources(model, result, bgr, tmp_path):
    pil = pytest.importorskip("PIL.Image")
    few = Path(pictures())
    names = sorted(few.iterdir())
    shutil.copy(PICTURE, tmp_path / "a.jpg")
    (tmp_path / "notes.md").write_text("no picture")
    (tmp_path / "list.txt").write_text("a.jpg\n\n" + str(names[0]) + "\n")
    for source in (
        PICTURE,
        Path(PICTURE),
        [PICTURE],
        tmp_path,
        str(tmp_path / "*.jpg"),
        bgr,
        [bgr],
        Path(PICTURE).read_bytes(),
        pil.open(PICTURE),
    ):
        found = model(source, verbose=False)
        assert len(found) == 1 and abs(len(found[0]) - len(result)) <= 1, source
    np.testing.assert_array_equal(model(bgr, verbose=False)[0].boxes.data, result.boxes.data)
    assert [one.path for one in model(few, verbose=False)] == [str(one) for one in names]
    mixed = model([str(names[0]), bgr, names[1]], verbose=False)
    assert [one.path for one in mixed] == [str(names[0]), "image1.jpg", str(names[1])]
    assert mixed[1].orig_img is bgr
    assert [one.path for one in model(tmp_path / "list.txt", verbose=False)] == [str(tmp_path / "a.jpg"), str(names[0])]


def test_a_picture_of_a_server(model, result):
    class Pictures(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if "signs" in self.path else 404)
            self.end_headers()
            if "signs" in self.path:
                self.wfile.write(Path(PICTURE).read_bytes())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pictures) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        place = f"http://127.0.0.1:{server.server_address[1]}"
        found = model(f"{place}/signs.jpg?size=1", verbose=False)[0]
        with pytest.raises(saker.IoError, match="none.jpg"):
            model(f"{place}/none.jpg")
        server.shutdown()
    np.testing.assert_array_equal(found.boxes.data, result.boxes.data)
    assert found.path == "signs.jpg"


@pytest.mark.parametrize(
    "source, what",
    [
        (0, "camera 0.*saker.annotate"),
        ("0", "camera 0.*saker.annotate"),
        ("street.mp4", "video street.mp4.*saker.annotate"),
        ("rtsp://camera/1", "stream rtsp.*saker.annotate"),
        ("https://example.org/v.mp4", "stream"),
        ("screen", "screen"),
    ],
)
def test_sources_that_are_not_read_are_refused_with_the_command_that_reads_them(model, source, what):
    with pytest.raises(saker.UnsupportedError, match=what):
        model(source)


def test_sources_that_are_wrong(model, tmp_path):
    with pytest.raises(saker.NotFoundError, match="nowhere.jpg"):
        model("nowhere.jpg")
    with pytest.raises(saker.NotFoundError, match="no pictures"):
        model(tmp_path)
    with pytest.raises(TypeError, match="source is missing"):
        model()
    with pytest.raises(TypeError, match="source is dict"):
        model({})
    (tmp_path / "v.mp4").write_bytes(b"")
    with pytest.raises(saker.UnsupportedError, match="v.mp4 in"):
        model(tmp_path)


def test_options_reach_the_detector(model, result):
    assert len(model(PICTURE, verbose=False, max_det=2)[0]) == 2
    assert model(PICTURE, verbose=False, conf=0.7)[0].boxes.conf.min() >= 0.7
    first = int(result.boxes.cls[0])
    for classes in (first, [first]):
        assert set(model(PICTURE, verbose=False, classes=classes)[0].boxes.cls.tolist()) == {float(first)}
    assert model.detector(640).input_size == (640, 640) and model.detector((320, 640)).input_size == (320, 640)
    assert len(model(PICTURE, verbose=False, imgsz=640, device="cpu", half=False, batch=2, agnostic_nms=True)[0]) > 0


def test_stream_gives_results_one_by_one(model):
    stream = model(pictures(), stream=True, verbose=False)
    assert isinstance(stream, types.GeneratorType)
    assert isinstance(next(stream), Results) and len(list(stream)) == 11


def test_what_is_said(model, capsys):
    model([PICTURE, PICTURE])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[0].startswith(f"image 1 {PICTURE}: ") and lines[2].startswith("Speed: ")
    model(PICTURE, verbose=False)
    assert capsys.readouterr().out == ""


def test_saving(model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = model(PICTURE, save=True, save_txt=True, save_conf=True, save_crop=True, verbose=False)[0]
    assert found.save_dir == str(Path("runs/detect/predict"))
    assert {one.name for one in (tmp_path / "runs/detect/predict").iterdir()} == {"signs.jpg", "labels", "crops"}
    assert len((tmp_path / "runs/detect/predict/labels/signs.txt").read_text().split()) == 6 * len(found)
    assert model(PICTURE, save=True, verbose=False)[0].save_dir == str(Path("runs/detect/predict2"))
    model(PICTURE, save=True, project="p", name="n", verbose=False)
    model(PICTURE, save=True, project="p", name="n", exist_ok=True, verbose=False)
    assert [one.name for one in (tmp_path / "p").iterdir()] == ["n"]


def test_show_needs_pillow_or_a_screen(result, monkeypatch):
    shown = []
    image = pytest.importorskip("PIL.Image")
    monkeypatch.setattr(image.Image, "show", lambda self: shown.append(self.size))
    monkeypatch.setitem(__import__("sys").modules, "IPython", None)
    result.show()
    assert shown == [result.orig_shape[::-1]]


@pytest.mark.parametrize(
    "argument, what",
    [
        ({"augment": True}, "augment=True is not there"),
        ({"device": "cuda:0"}, "runs on the CPU"),
        ({"half": True}, "bf16"),
        ({"vid_stride": 2}, "saker.annotate"),
        ({"line_width": 3}, "line_width=3"),
    ],
)
def test_arguments_that_are_lacking_are_refused_by_name(model, argument, what):
    with pytest.raises(saker.UnsupportedError, match=what):
        model(PICTURE, **argument)


def test_arguments_that_nobody_has(model, result):
    with pytest.raises(TypeError, match="'augmnet': did you mean 'augment'"):
        model(PICTURE, augmnet=True)
    with pytest.raises(TypeError, match="'colour'"):
        result.plot(colour=1)
    with pytest.raises(saker.UnsupportedError, match="line_width"):
        result.plot(line_width=2)


@pytest.mark.parametrize(
    "name, what",
    [
        ("track", "saker.annotate"),
        ("train", "saker train"),
        ("benchmark", "saker.benchmark"),
        ("predct", "did you mean 'predict'"),
        ("qwertz", "docs/python.md"),
    ],
)
def test_attributes_that_are_lacking_are_refused_by_name(model, name, what):
    assert not hasattr(model, name)
    with pytest.raises(AttributeError, match=f"'{name}': .*{what}"):
        getattr(model, name)


def test_attributes_of_results(result):
    for owner in (result, result.boxes, result.boxes.xyxy):
        with pytest.raises(AttributeError, match="cuda"):
            owner.cuda()
    with pytest.raises(AttributeError, match="did you mean 'xyxy'"):
        result.boxes.xyxyy


def test_models_that_are_none(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(saker.NotFoundError, match="saker pull yolov8n"):
        YOLO("yolov8n.pt")
    with pytest.raises(saker.UnsupportedError, match="saker train"):
        YOLO("yolov8n.yaml")
    with pytest.raises(saker.UnsupportedError, match="task='segment'"):
        YOLO(MODEL, task="segment")
    (tmp_path / "no.onnx").write_text("no model")
    with pytest.raises(saker.Error, match="no.onnx"):
        YOLO("no.onnx")


def test_val(model, capsys):
    metrics = model.val(data=data("yolo"))
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "all"
    report = saker.evaluate(MODEL, data("yolo"))
    assert metrics.box.map == report["yolo"]["mAP50-95"] and metrics.box.map50 == report["yolo"]["mAP50"]
    assert metrics.results_dict["metrics/recall(B)"] == metrics.box.mr
    assert len(metrics.box.maps) == 15 and metrics.names[0] == model.names[0]
    with pytest.raises(AttributeError, match="AP75"):
        metrics.box.map75
    with pytest.raises(saker.UnsupportedError, match="plots=True"):
        model.val(data=data("yolo"), plots=True)
    with pytest.raises(TypeError, match="data is missing"):
        model.val()


def test_export(model, tmp_path):
    path = model.export(format="openvino", output_dir=tmp_path)
    assert path == str(tmp_path / "signs_openvino_model" / "signs.xml")
    assert len(YOLO(path)(PICTURE, verbose=False)[0]) > 0
    with pytest.raises(saker.UnsupportedError, match="saker.quantize"):
        model.export(int8=True)
    with pytest.raises(ValueError, match="this version writes"):
        model.export(format="engine")


def test_results_survive_pickling(result):
    again = pickle.loads(pickle.dumps(result))
    np.testing.assert_array_equal(again.boxes.data, result.boxes.data)
    assert again.verbose() == result.verbose()
