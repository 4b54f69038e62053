"""One way from files of pictures to boxes in Python, as a process that is asked over a pipe: a line of JSON in, one out.

    detecting.py WAY MODEL THREADS IMGSZ     WAY: ultralytics, ultralytics-threads, yolo, detector

{"pictures": [path, ...]} answers {"seconds": ..., "boxes": [number of each picture], "cpu": seconds of CPU}.
The first answer, before anything is asked, has the versions. Runs in the environment that has the packages."""
import json
import os
import sys
import time


def ultralytics(model, threads, imgsz, choose_threads):
    os.environ.setdefault('YOLO_AUTOINSTALL', 'false')
    os.environ.setdefault('YOLO_OFFLINE', 'true')
    import onnxruntime
    if choose_threads:  # Ultralytics leaves it to ONNX Runtime, which counts cores, not CPUs
        session = onnxruntime.InferenceSession

        def with_threads(path, sess_options=None, **more):
            options = sess_options or onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            return session(path, sess_options=options, **more)

        onnxruntime.InferenceSession = with_threads
    import ultralytics as package
    yolo = package.YOLO(model, task='detect')

    def look(pictures):
        return [len(one.boxes) for one in yolo.predict(pictures, stream=True, verbose=False, imgsz=imgsz, conf=0.25, iou=0.7)]

    return look, f'ultralytics {package.__version__}, onnxruntime {onnxruntime.__version__}'


def saker_yolo(model, threads, imgsz):
    import saker
    yolo = saker.YOLO(model)

    def look(pictures):
        return [len(one.boxes) for one in yolo.predict(pictures, stream=True, verbose=False, imgsz=imgsz, conf=0.25, iou=0.7)]

    return look, f'saker {saker.__version__}'


def saker_detector(model, threads, imgsz):
    import saker
    detector = saker.Detector(model, conf=0.25, iou=0.7, imgsz=imgsz, threads=1, streams=threads)
    group = 16

    def look(pictures):
        found = []
        for begin in range(0, len(pictures), group):
            found += [len(one) for one in detector(pictures[begin:begin + group])]
        return found

    return look, f'saker {saker.__version__}'


def main():
    way, model, threads, imgsz = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    answers, sys.stdout = sys.stdout, sys.stderr  # what packages print is no answer
    if way.startswith('ultralytics'):
        look, version = ultralytics(model, threads, imgsz, way.endswith('threads'))
    else:
        look, version = (saker_yolo if way == 'yolo' else saker_detector)(model, threads, imgsz)
    print(json.dumps({'version': version}), file=answers, flush=True)
    for line in sys.stdin:
        pictures = json.loads(line)['pictures']
        begun, before = time.perf_counter(), time.process_time()
        boxes = look(pictures)
        print(json.dumps({'seconds': time.perf_counter() - begun, 'cpu': time.process_time() - before, 'boxes': boxes}),
              file=answers, flush=True)


if __name__ == '__main__':
    main()
