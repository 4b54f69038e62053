"""A detection server as people write one with FastAPI: a JPEG in, boxes out, one request at a time, with ONNX Runtime or
OpenVINO. What saker-serve is compared with (README.md).

    naive_server.py --engine onnxruntime|openvino --model yolov8n.onnx --port 8001"""
import argparse
import time

import cv2
import numpy as np
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class OnnxRuntime:
    def __init__(self, path, threads):
        import onnxruntime
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])
        self.input = self.session.get_inputs()[0].name
        self.shape = self.session.get_inputs()[0].shape
        self.classes = self.session.get_modelmeta().custom_metadata_map.get('names', '')

    def run(self, tensor):
        return self.session.run(None, {self.input: tensor})[0]


class OpenVino:
    def __init__(self, path, threads):
        import openvino
        core = openvino.Core()
        model = core.read_model(path)
        self.shape = [one.get_length() if one.is_static else None for one in model.inputs[0].partial_shape]
        settings = {'PERFORMANCE_HINT': 'LATENCY'}
        if threads:
            settings['INFERENCE_NUM_THREADS'] = threads
        self.request = core.compile_model(model, 'CPU', settings).create_infer_request()
        self.classes = ''

    def run(self, tensor):
        self.request.infer({0: tensor})
        return self.request.get_output_tensor(0).data


def letterbox(image, side_h, side_w):
    """The picture with its proportions kept in the middle of the input, and how to get back."""
    height, width = image.shape[:2]
    scale = min(side_h / height, side_w / width)
    new_w, new_h = round(width * scale), round(height * scale)
    if (new_w, new_h) != (width, height):
        image = cv2.resize(image, (new_w, new_h), interpolation=cv2.INTER_LINEAR)
    left, top = (side_w - new_w) // 2, (side_h - new_h) // 2
    image = cv2.copyMakeBorder(image, top, side_h - new_h - top, left, side_w - new_w - left, cv2.BORDER_CONSTANT,
                               value=(114, 114, 114))
    return image, scale, left, top


def suppress(boxes, scores, iou):
    """Non-maximum suppression: the rows that stay, best score first."""
    order = scores.argsort()[::-1]
    x1, y1, x2, y2 = boxes.T
    areas = (x2 - x1) * (y2 - y1)
    kept = []
    while order.size:
        first, rest = order[0], order[1:]
        kept.append(first)
        inner_w = np.maximum(0, np.minimum(x2[first], x2[rest]) - np.maximum(x1[first], x1[rest]))
        inner_h = np.maximum(0, np.minimum(y2[first], y2[rest]) - np.maximum(y1[first], y1[rest]))
        inner = inner_w * inner_h
        order = rest[inner <= iou * (areas[first] + areas[rest] - inner)]
    return kept


def boxes_of(output, conf, iou, most):
    """YOLOv8's [1, 4 + classes, cells] or YOLOv5's [1, cells, 5 + classes]: corner boxes, scores and classes, in pixels
    of the input."""
    rows = output[0]
    if rows.shape[0] < rows.shape[1]:
        rows = rows.T
        scores = rows[:, 4:]
    else:
        rows = rows[rows[:, 4] > conf]
        scores = rows[:, 5:] * rows[:, 4:5]
    classes = scores.argmax(1)
    best = scores[np.arange(len(scores)), classes]
    sure = best > conf
    rows, classes, best = rows[sure], classes[sure], best[sure]
    half = rows[:, 2:4] / 2
    corners = np.concatenate([rows[:, :2] - half, rows[:, :2] + half], 1)
    kept = suppress(corners + classes[:, None] * 7680.0, best, iou)[:most]  # classes apart do not suppress each other
    return corners[kept], best[kept], classes[kept]


def make_app(engine, side, conf, iou):
    app = FastAPI()

    @app.get('/ready')
    def ready():
        return {'ready': True}

    # `async` without a thread: one request at a time.
    @app.post('/v1/detect')
    async def detect(request: Request):
        body = await request.body()
        begun = time.perf_counter()
        image = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
        if image is None:
            return JSONResponse({'error': 'not a picture'}, 422)
        height, width = image.shape[:2]
        fitted, scale, left, top = letterbox(image, *side)
        tensor = cv2.cvtColor(fitted, cv2.COLOR_BGR2RGB).transpose(2, 0, 1)[None].astype(np.float32) / 255
        corners, scores, classes = boxes_of(engine.run(np.ascontiguousarray(tensor)), conf, iou, 300)
        corners = (corners - [left, top, left, top]) / scale
        corners = corners.clip(0, [width, height, width, height])
        boxes = [{'class_id': int(c), 'score': float(s), 'x1': float(b[0]), 'y1': float(b[1]), 'x2': float(b[2]), 'y2': float(b[3])}
                 for b, s, c in zip(corners, scores, classes)]
        return {'width': width, 'height': height, 'boxes': boxes, 'ms': (time.perf_counter() - begun) * 1000}

    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--engine', choices=('onnxruntime', 'openvino'), required=True)
    parser.add_argument('--model', required=True)
    parser.add_argument('--port', type=int, required=True)
    parser.add_argument('--threads', type=int, default=0, help="the engine's; 0: its own choice")
    parser.add_argument('--imgsz', type=int, default=640, help='of models that leave it open')
    parser.add_argument('--conf', type=float, default=0.25)
    parser.add_argument('--iou', type=float, default=0.45)
    flags = parser.parse_args()
    engine = {'onnxruntime': OnnxRuntime, 'openvino': OpenVino}[flags.engine](flags.model, flags.threads)
    side = [one if isinstance(one, int) else flags.imgsz for one in engine.shape[2:]]
    engine.run(np.zeros((1, 3, *side), np.float32))
    uvicorn.run(make_app(engine, side, flags.conf, flags.iou), host='127.0.0.1', port=flags.port, log_level='warning',
                access_log=False)


if __name__ == '__main__':
    main()
