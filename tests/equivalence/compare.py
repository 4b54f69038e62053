#!/usr/bin/env python3
"""saker's float outputs against ONNX Runtime's, on the same real pictures and every ISA level.

  compare.py RUN_MODEL MODEL.onnx... [--images DIR] [--isa avx512,avx2,baseline] [--threads 2]

Each kind of value (boxes, scores, ...) has its own bound: max |difference| <= tolerance x max
|reference|, tolerance 1e-3 (2e-2 for float16 graphs). End-to-end rows are matched first. Needs
onnxruntime, onnx, numpy and opencv (or pillow). Exit code 1 when a bound is broken.
"""
import argparse, glob, json, os, subprocess, sys, tempfile
import numpy as np, onnx, onnxruntime


def letterbox(path, height, width, top_left_bgr):
    import cv2
    im = cv2.imread(path)
    h, w = im.shape[:2]
    r = min(height / h, width / w)
    nh, nw = round(h * r), round(w * r)
    im = cv2.resize(im, (nw, nh))
    out = np.full((height, width, 3), 114, np.uint8)
    t, l = (0, 0) if top_left_bgr else ((height - nh) // 2, (width - nw) // 2)
    out[t:t + nh, l:l + nw] = im
    if not top_left_bgr:
        out = out[..., ::-1]
    x = out.transpose(2, 0, 1)[None].astype(np.float32)
    return np.ascontiguousarray(x if top_left_bgr else x / 255)


def kinds(name, shape):
    """(label, index into the last axes) of the kinds of value one output holds."""
    if len(shape) == 3 and shape[1] < shape[2] and shape[1] > 5:  # [N, 4+classes, cells]
        return [('boxes', np.s_[:, :4]), ('scores', np.s_[:, 4:])]
    if len(shape) == 3 and shape[2] >= 6 and shape[1] > shape[2] and 'nanodet' not in name:  # [N, cells, 5+classes]
        return [('boxes', np.s_[..., :4]), ('objectness', np.s_[..., 4:5]), ('scores', np.s_[..., 5:])]
    return [('values', np.s_[...])]


def match_rows(a, b):
    """End-to-end rows [N, 300, 6]: each reference row's nearest row; only rows clearly above the cut."""
    worst_box = worst_score = 0.0
    for n in range(a.shape[0]):
        keep = b[n][b[n][:, 4] > max(0.01, b[n][-1, 4] * 1.001)]
        for row in keep:
            d = np.abs(a[n] - row)
            d[:, 5] *= 1e3
            i = (d[:, :4].max(1) / 640 + d[:, 4] + d[:, 5]).argmin()
            worst_box = max(worst_box, float(d[i, :4].max()))
            worst_score = max(worst_score, float(d[i, 4:].max()))
    return [('boxes', worst_box, float(np.abs(b[..., :4]).max())), ('scores', worst_score, float(np.abs(b[..., 4]).max()))]


def differences(name, a, b):
    if b.ndim == 3 and b.shape[2] == 6:
        return match_rows(a, b)
    out = []
    for label, where in kinds(name, b.shape):
        x, y = a[where].astype(np.float64), b[where].astype(np.float64)
        out.append((label, float(np.abs(x - y).max()), float(np.abs(y).max())))
    return out


def main():
    p = argparse.ArgumentParser()
    p.add_argument('runner')
    p.add_argument('models', nargs='+')
    p.add_argument('--images', default=os.path.join(os.environ.get('SAKER_ASSETS', '../shared/assets'), 'images'))
    p.add_argument('--isa', default='avx512,avx2,baseline')
    p.add_argument('--threads', default='2')
    args = p.parse_args()
    pictures = sorted(glob.glob(args.images + '/*.jpg'))
    failed = 0
    for model in args.models:
        name = os.path.basename(model)
        session = onnxruntime.InferenceSession(model, providers=['CPUExecutionProvider'])
        info = session.get_inputs()[0]
        dims = [d if isinstance(d, int) else None for d in info.shape]
        shape = [dims[0] or 1, dims[1] or 3, dims[2] or 640, dims[3] or 640]
        half = 'float16' in info.type
        tolerance = 2e-2 if half else 1e-3
        for picture in pictures:
            x = letterbox(picture, shape[2], shape[3], 'yolox' in name or 'nanodet' in name)
            x = np.repeat(x, shape[0], 0).astype(np.float16 if half else np.float32)
            reference = session.run(None, {info.name: x})
            with tempfile.TemporaryDirectory() as folder:
                x.tofile(folder + '/in')
                for isa in args.isa.split(','):
                    run = subprocess.run([args.runner, model, folder + '/out', args.threads, 'x'.join(map(str, shape)), folder + '/in'],
                                         env={**os.environ, 'SAKER_ISA': isa}, capture_output=True, text=True)
                    if run.returncode != 0:
                        print(f'FAIL {name} {isa}: {run.stderr.strip()}')
                        failed += 1
                        continue
                    for i, out in enumerate(json.loads(run.stdout)['outputs']):
                        a = np.fromfile(f'{folder}/out{i}', out['dtype']).reshape(out['shape'])
                        for label, difference, magnitude in differences(name, a, reference[i]):
                            ratio = difference / max(magnitude, 1e-30)
                            good = ratio <= tolerance and list(a.shape) == list(reference[i].shape)
                            failed += not good
                            print(f'{"ok  " if good else "FAIL"} {name:32} {isa:8} {os.path.basename(picture):12} {out["name"]:10} {label:10} '
                                  f'max |d| {difference:.3g} of {magnitude:.4g}: {ratio:.2e}')
    print('failed:', failed)
    sys.exit(1 if failed else 0)


main()
