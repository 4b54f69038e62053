#!/usr/bin/env python3
"""A detector on a video as the reference systems run it, to be compared with `saker annotate`: one thread that reads a
frame with OpenCV, scales it, runs an engine, finds the boxes in numpy, draws them with OpenCV, and writes the frame.

  PYTHON bench/video/order_of_work.py --engine deepsparse --model MODEL.onnx --source CLIP.mp4 --threads 2 --save OUT.mp4

For a Python that has opencv-python-headless, numpy, onnx, and the engine: deepsparse, onnxruntime or openvino. Models
with YOLOv5's head, boxes decoded: [1, N, 5 + classes]. Prints JSON. `model` is what the reference tool's FPS counts:
cast, inference, decoding and NMS; reading, scaling, drawing and writing are not in it. `end_to_end` has all of them,
but not the loading of the model.
"""
import argparse
import collections
import json
import sys
import time

import cv2
import numpy as np

OVERLAY_FRAMES = 50  # the FPS that is drawn is the mean of so many frames
LARGEST_SIDE = 7680  # pixels; moves the boxes of one class away from those of others


class DeepSparse:
    def __init__(self, model, shape, threads):
        import deepsparse
        self.version = deepsparse.__version__
        self.engine = deepsparse.Engine(model=model, batch_size=1, num_cores=threads, input_shapes=[shape])

    def run(self, batch):
        return self.engine.run([batch])[0]


class OnnxRuntime:
    def __init__(self, model, shape, threads):
        import onnxruntime
        self.version = onnxruntime.__version__
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
        self.name = self.session.get_inputs()[0].name
        self.output = self.session.get_outputs()[0].name

    def run(self, batch):
        return self.session.run([self.output], {self.name: batch})[0]


class OpenVino:
    def __init__(self, model, shape, threads):
        import openvino
        self.version = openvino.__version__.split('-')[0]
        core = openvino.Core()
        network = core.read_model(model)
        network.reshape(shape)
        self.request = core.compile_model(network, 'CPU', {
            'PERFORMANCE_HINT': 'LATENCY', 'INFERENCE_NUM_THREADS': threads}).create_infer_request()

    def run(self, batch):
        self.request.infer([batch], share_inputs=True)
        return self.request.get_output_tensor(0).data


ENGINES = {'deepsparse': DeepSparse, 'onnxruntime': OnnxRuntime, 'openvino': OpenVino}


def takes_bytes(model):
    """Whether the file's input is uint8, 0..255; an OpenVINO .xml is taken for one of floats."""
    if model.endswith('.xml'):
        return False
    import onnx
    kind = onnx.load(model, load_external_data=False).graph.input[0].type.tensor_type.elem_type
    return kind == onnx.TensorProto.UINT8


def letterbox(frame, height, width):
    """The picture at the model's size, proportions kept, grey around it; the factor, and the corner it starts at."""
    factor = min(height / frame.shape[0], width / frame.shape[1])
    w, h = round(frame.shape[1] * factor), round(frame.shape[0] * factor)
    left, top = (width - w) // 2, (height - h) // 2
    scaled = cv2.resize(frame, (w, h), interpolation=cv2.INTER_LINEAR)
    return cv2.copyMakeBorder(scaled, top, height - h - top, left, width - w - left, cv2.BORDER_CONSTANT,
                              value=(114, 114, 114)), factor, left, top


def cast(picture, as_bytes):
    """BGR pixels to the model's input."""
    planes = np.ascontiguousarray(picture[:, :, ::-1].transpose(2, 0, 1)[None])
    return planes if as_bytes else np.multiply(planes, np.float32(1 / 255), dtype=np.float32)


def overlap(box, others):
    """Intersection over union of one box with many; x1 y1 x2 y2."""
    shared = (np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])).clip(0).prod(1)
    return shared / ((box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(1) - shared)


def boxes_of(output, conf, iou):
    """YOLOv5's rows (x y w h objectness scores) to rows of x1 y1 x2 y2 score class, after NMS in each class."""
    rows = output[0][output[0, :, 4] > conf]
    scores = rows[:, 5:] * rows[:, 4:5]
    kind = scores.argmax(1)
    score = scores[np.arange(len(rows)), kind]
    kept = score > conf
    rows, kind, score = rows[kept], kind[kept], score[kept]
    corners = np.concatenate([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2], 1)
    apart = corners + kind[:, None] * LARGEST_SIDE
    order, best = (-score).argsort(), []
    while order.size:
        best.append(order[0])
        order = order[1:][overlap(apart[order[0]], apart[order[1:]]) <= iou]
    return np.concatenate([corners[best], score[best, None], kind[best, None]], 1)


def draw(frame, boxes, factor, left, top, fps):
    for x1, y1, x2, y2, score, kind in boxes:
        corners = [int((x1 - left) / factor), int((y1 - top) / factor), int((x2 - left) / factor), int((y2 - top) / factor)]
        cv2.rectangle(frame, tuple(corners[:2]), tuple(corners[2:]), (0, 180, 255), 2)
        cv2.putText(frame, f'{int(kind)} {score:.2f}', (corners[0], max(corners[1] - 4, 12)), cv2.FONT_HERSHEY_SIMPLEX,
                    0.5, (0, 180, 255), 1, cv2.LINE_AA)
    cv2.putText(frame, f'{fps:.1f} FPS', (12, 28), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2, cv2.LINE_AA)


class Work:
    """The loop over the frames, and the seconds of its stages."""
    STAGES = ('decode', 'preprocess', 'model', 'draw', 'encode')

    def __init__(self, asked, engine, as_bytes):
        self.asked, self.engine, self.as_bytes = asked, engine, as_bytes
        self.seconds = {stage: [] for stage in self.STAGES}
        self.boxes, self.writer = 0, None
        self.recent = collections.deque(maxlen=OVERLAY_FRAMES)

    def frame(self, capture):
        times = [time.perf_counter()]

        def mark():
            times.append(time.perf_counter())

        there, frame = capture.read()
        if not there:
            return False
        mark()
        picture, factor, left, top = letterbox(frame, *self.asked.shape)
        mark()
        found = boxes_of(self.engine.run(cast(picture, self.as_bytes)), self.asked.conf, self.asked.iou)
        mark()
        self.recent.append(times[-1] - times[-2])
        self.boxes += len(found)
        if self.asked.save:
            draw(frame, found, factor, left, top, len(self.recent) / sum(self.recent))
        mark()
        if self.asked.save:
            self.write(frame, capture)
        mark()
        for stage, begin, end in zip(self.STAGES, times, times[1:]):
            self.seconds[stage].append(end - begin)
        return True

    def write(self, frame, capture):
        if self.writer is None:
            self.writer = cv2.VideoWriter(self.asked.save, cv2.VideoWriter_fourcc(*self.asked.fourcc),
                                          capture.get(cv2.CAP_PROP_FPS) or 30, (frame.shape[1], frame.shape[0]))
            if not self.writer.isOpened():
                sys.exit(f'order_of_work: {self.asked.save}: OpenCV cannot write that')
        self.writer.write(frame)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--engine', choices=sorted(ENGINES), required=True)
    parser.add_argument('--model', required=True, metavar='FILE')
    parser.add_argument('--source', required=True, metavar='FILE')
    parser.add_argument('--threads', type=int, required=True, metavar='N')
    parser.add_argument('--shape', type=int, nargs=2, default=[416, 416], metavar=('H', 'W'))
    parser.add_argument('--conf', type=float, default=0.25, metavar='X')
    parser.add_argument('--iou', type=float, default=0.45, metavar='X')
    parser.add_argument('--save', metavar='FILE', help='the annotated video; without it nothing is drawn')
    parser.add_argument('--fourcc', default='mp4v', metavar='CODE', help="OpenCV's name of the encoder [%(default)s]")
    parser.add_argument('--max-frames', type=int, metavar='N')
    parser.add_argument('--warmup', type=int, default=10, metavar='N', help='runs of the model before [%(default)s]')
    return parser.parse_args()


def main():
    asked = arguments()
    cv2.setNumThreads(asked.threads)
    shape = [1, 3, *asked.shape]
    engine, as_bytes = ENGINES[asked.engine](asked.model, shape, asked.threads), takes_bytes(asked.model)
    for _ in range(asked.warmup):
        engine.run(np.zeros(shape, np.uint8 if as_bytes else np.float32))
    capture = cv2.VideoCapture(asked.source)
    if not capture.isOpened():
        sys.exit(f'order_of_work: {asked.source}: OpenCV cannot read that')
    work, frames, begin = Work(asked, engine, as_bytes), 0, time.perf_counter()
    while (asked.max_frames is None or frames < asked.max_frames) and work.frame(capture):
        frames += 1
    if work.writer:
        work.writer.release()
    wall = time.perf_counter() - begin
    if not frames:
        sys.exit(f'order_of_work: {asked.source}: no frame in it')
    model = work.seconds['model']
    print(json.dumps(dict(
        engine=asked.engine, version=engine.version, opencv=cv2.__version__, model=asked.model, source=asked.source,
        threads=asked.threads, saved=bool(asked.save), encoder=asked.fourcc if asked.save else '', frames=frames,
        boxes=work.boxes, wall_s=wall, end_to_end_fps=frames / wall, model_fps=frames / sum(model),
        model_fps_of_frames=float(np.mean(1 / np.array(model))),
        stages={stage: dict(mean_ms=1e3 * float(np.mean(s)), p50_ms=1e3 * float(np.median(s)))
                for stage, s in work.seconds.items()})))


main()
