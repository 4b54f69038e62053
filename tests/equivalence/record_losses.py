#!/usr/bin/env python3
"""Records what the reference implementations of the losses say, for the tests of src/losses:

  record_losses.py [--yolox FOLDER] [distances] [anchors] [yolox]     writes src/losses/testdata/*.json

Needs torch, ultralytics 8.4.190 (v8DetectionLoss), yolov5 7.0.14 of PyPI (ComputeLoss) and YOLOX's main branch
(YOLOXHead.get_losses; FOLDER: a checkout), each for its own file. Run with torch 2.15 on a CPU.

The heads' maps are made by formula, here and in src/losses/recorded_cases.h, so only results are stored. Map m of a
case with `seed`: element i, counted row-major in (picture, channel, y, x), is splitmix64(seed * 1000003 + m * 2^32 + i)
>> 40, times 6 / 2^24, minus 3, so within [-3, 3); of distances' boxes minus `slope` times the channel's bin; of YOLOX's boxes times `spread`, and
`grow` more of their widths and heights.
"""
import argparse
import json
import os
import sys
import types

import numpy as np
import torch

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), '../../src/losses/testdata')
STRIDES = [8, 16, 32]
REG_MAX = 16
ANCHORS = [10, 13, 16, 30, 33, 23, 30, 61, 62, 45, 59, 119, 116, 90, 156, 198, 373, 326]  # pixels

# width, height, classes, batch, boxes a picture at most, slope. The last picture of a batch of three has no box.
SETTINGS = [(64, 96, 1, 1, 3, 0), (64, 64, 2, 2, 4, .5), (96, 64, 5, 3, 6, .5), (160, 96, 80, 1, 8, .25), (64, 64, 1, 1, 0, 0),
            (96, 96, 5, 3, 0, .5), (32, 32, 2, 1, 2, .5), (128, 128, 5, 2, 12, 1), (64, 160, 2, 3, 5, .25), (96, 96, 1, 2, 20, .5),
            (64, 64, 80, 2, 3, 1), (160, 160, 5, 1, 15, .5), (96, 128, 2, 1, 6, 1), (64, 32, 5, 2, 2, .25), (192, 64, 1, 2, 9, .5),
            (256, 288, 5, 1, 8, -.5), (224, 160, 2, 2, 14, .5), (96, 96, 80, 1, 5, 0), (128, 64, 1, 3, 7, 1), (96, 64, 2, 2, 10, .25)]


def noise(seed, number, count):
    with np.errstate(over='ignore'):
        z = np.uint64(seed * 1000003 + number * 2**32) + np.arange(count, dtype=np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) * (6 / 2**24) - 3


def make_map(case, number, channels, level, slope=0.0, spread=1.0, grow=0.0):
    shape = (case['batch'], channels, case['height'] // STRIDES[level], case['width'] // STRIDES[level])
    values = noise(case['seed'], number, int(np.prod(shape))).reshape(shape)
    values *= spread
    values[:, 2:] += grow
    values -= slope * (np.arange(channels) % REG_MAX).reshape(1, -1, 1, 1)
    return torch.tensor(values.astype(np.float32), requires_grad=True)


def make_targets(case, most):
    """Rows of picture, category, centre, size, in pixels; no edge nor centre meets a cell's edge or centre."""
    r = np.random.RandomState(case['seed'])
    rows = []
    for picture in range(case['batch']):
        boxes = []
        if case['batch'] == 3 and picture == 2:
            continue
        for i in range(r.randint(1, most + 1) if most else 0):
            kind = r.randint(5)
            side = {0: 12, 1: 24, 2: 400, 3: 48, 4: 48}[kind]
            w, h = [int(min(r.randint(3, side), s - 4)) for s in (case['width'], case['height'])]
            x, y = r.randint(0, case['width'] - w - 1), r.randint(0, case['height'] - h - 1)
            if kind == 3 and boxes:  # in one cell with the box before
                x, y = boxes[-1]
            if kind == 4:  # at the edge
                x, y = (0, y) if r.randint(2) else (case['width'] - w - 1, case['height'] - h - 1)
            boxes.append((x, y))
            w, h = w + .125, h + .125
            rows.append([picture, int(r.randint(case['classes'])), x + .0625 + w / 2, y + .0625 + h / 2, w, h])
    if case['seed'] % 100 == 15:  # more than 15 bins to all sides
        rows.append([0, 2, 130.125, 143.125, 251.125, 280.125])
    return rows


def make_cases(family):
    cases = []
    for i, (width, height, classes, batch, most, slope) in enumerate(SETTINGS):
        case = {'seed': family * 100 + i, 'width': width, 'height': height, 'classes': classes, 'batch': batch, 'slope': slope}
        case['targets'] = make_targets(case, most)
        cases.append(case)
    return cases


def normalised(case):
    t = torch.tensor(case['targets'], dtype=torch.float32).reshape(-1, 6)
    return t[:, :2], t[:, 2:] / torch.tensor([case['width'], case['height']] * 2, dtype=torch.float32)


def short(value):
    return float(f'{float(torch.as_tensor(value).detach()):.7g}')


def of_gradients(case, maps):
    """Of each map's: the sum, the sum of absolute values, the largest, and [index, value] of some: of any, of nonzero."""
    r = np.random.RandomState(case['seed'])
    rows = []
    for m in maps:
        g = m.grad.numpy().astype(np.float64).ravel() if m.grad is not None else np.zeros(m.numel())
        nonzero = np.flatnonzero(g)
        picks = list(r.choice(g.size, min(4, g.size), False)) + list(r.choice(nonzero, min(12, nonzero.size), False))
        rows.append({'sum': short(g.sum()), 'abs': short(abs(g).sum()), 'max': short(abs(g).max()),
                     'samples': [[int(i), short(g[i])] for i in picks]})
    return rows


def record_distances(case):
    from ultralytics.utils.loss import v8DetectionLoss
    nc = case['classes']
    model = torch.nn.Linear(1, 1)
    model.args = types.SimpleNamespace(box=7.5, cls=.5, dfl=1.5, cls_pw=0.0)
    head = types.SimpleNamespace(nc=nc, no=nc + 4 * REG_MAX, reg_max=REG_MAX, stride=torch.tensor([8., 16., 32.]))
    model.model = [head]
    loss = v8DetectionLoss(model)
    seen = {}
    assign = loss.assigner.forward

    def watched(*args, **kwargs):
        seen['result'] = assign(*args, **kwargs)
        return seen['result']
    loss.assigner.forward = watched
    boxes = [make_map(case, 2 * i, 4 * REG_MAX, i, case['slope']) for i in range(3)]
    scores = [make_map(case, 2 * i + 1, nc, i) for i in range(3)]
    heads, rest = normalised(case)
    batch = {'batch_idx': heads[:, 0], 'cls': heads[:, 1:2], 'bboxes': rest}
    preds = {'boxes': torch.cat([b.flatten(2) for b in boxes], 2), 'scores': torch.cat([s.flatten(2) for s in scores], 2),
             'feats': boxes}
    total, items = loss(preds, batch)
    total.sum().backward()
    case['total'] = short(total.sum())
    case['items'] = [short(v) for v in items.values()]  # box, cls, dfl
    _, _, soft, positive, index = seen['result']
    first = np.searchsorted([t[0] for t in case['targets']], range(case['batch']))
    case['positives'] = [[p, c, int(first[p] + index[p, c]), short(soft[p, c].sum())] for p in range(case['batch'])
                         for c in range(positive.shape[1]) if positive[p, c] and soft[p, c].sum() > 0]
    case['gradients'] = of_gradients(case, [m for pair in zip(boxes, scores) for m in pair])


def record_anchors(case):
    from yolov5.utils.loss import ComputeLoss
    nc = case['classes']
    case.update({12: {'fl_gamma': 1.5}, 13: {'label_smoothing': .1}, 14: {'obj_pw': .7},
                 15: {'cls_pw': .5, 'obj_pw': .7, 'fl_gamma': 1.5, 'label_smoothing': .1}, 16: {'cls_pw': .5},
                 17: {'anchor_t': 3.0}}.get(case['seed'] % 100, {}))
    model = torch.nn.Linear(1, 1)
    anchors = torch.tensor(ANCHORS, dtype=torch.float32).view(3, 3, 2) / torch.tensor(STRIDES).view(3, 1, 1)
    model.hyp = {'box': .05, 'cls': .5 * nc / 80, 'obj': (max(case['width'], case['height']) / 640)**2,
                 'cls_pw': case.get('cls_pw', 1.), 'obj_pw': case.get('obj_pw', 1.), 'anchor_t': case.get('anchor_t', 4.),
                 'fl_gamma': case.get('fl_gamma', 0.), 'label_smoothing': case.get('label_smoothing', 0.)}
    model.model = [types.SimpleNamespace(na=3, nc=nc, nl=3, anchors=anchors, stride=torch.tensor([8., 16., 32.]))]
    loss = ComputeLoss(model)
    maps = [make_map(case, i, 3 * (5 + nc), i) for i in range(3)]
    p = [m.view(m.shape[0], 3, 5 + nc, m.shape[2], m.shape[3]).permute(0, 1, 3, 4, 2).contiguous() for m in maps]
    heads, rest = normalised(case)
    targets = torch.cat([heads, rest], 1)
    _, boxes, indices, _ = loss.build_targets(p, targets)
    case['matches'] = [[[int(v) for v in row] for row in zip(*level)] for level in indices]  # picture, anchor, y, x
    total, items = loss(p, targets)
    total.sum().backward()
    case['total'] = short(total.sum())
    case['items'] = [short(v) for v in items]  # box, obj, cls
    case['gradients'] = of_gradients(case, maps)


def record_yolox(case):
    from yolox.models.yolo_head import YOLOXHead
    nc = case['classes']
    case['l1'] = case['seed'] % 2 == 1
    case['spread'], case['grow'] = [(1, 0), (.25, 1), (.125, 1.5)][case['seed'] % 3]
    head = YOLOXHead(nc, width=.125)
    head.use_l1 = case['l1']
    seen = {}
    assign = head.get_assignments

    def watched(picture, *args, **kwargs):
        seen[picture] = assign(picture, *args, **kwargs)
        return seen[picture]
    head.get_assignments = watched
    maps, outputs, raw, xs, ys, strides = [], [], [], [], [], []
    for i in range(3):
        level = [make_map(case, 3 * i, 4, i, spread=case['spread'], grow=case['grow'])]
        level += [make_map(case, 3 * i + 1, 1, i), make_map(case, 3 * i + 2, nc, i)]
        maps += level
        output, grid = head.get_output_and_grid(torch.cat(level, 1), i, STRIDES[i], 'torch.FloatTensor')
        outputs.append(output)
        xs.append(grid[:, :, 0])
        ys.append(grid[:, :, 1])
        strides.append(torch.full((1, grid.shape[1]), float(STRIDES[i])))
        raw.append(level[0].flatten(2).permute(0, 2, 1))
    labels = torch.zeros(case['batch'], 50, 5)
    counts = [0] * case['batch']
    for t in case['targets']:
        labels[t[0], counts[t[0]]] = torch.tensor(t[1:])
        counts[t[0]] += 1
    result = head.get_losses(None, xs, ys, strides, labels, torch.cat(outputs, 1), raw if case['l1'] else [], torch.float32)
    result[0].backward()
    case['total'] = short(result[0])
    case['items'] = [short(v) for v in result[1:5]]  # iou, obj, cls, l1
    case['positives'] = []  # picture, cell, target, IoU
    for picture, (_, positive, ious, index, _) in sorted(seen.items()):
        cells = torch.nonzero(positive).flatten()
        case['positives'] += [[picture, int(c), int(g) + sum(counts[:picture]), short(v)] for c, g, v in zip(cells, index, ious)]
    case['gradients'] = of_gradients(case, maps)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('families', nargs='*')
    parser.add_argument('--yolox', help="a checkout of YOLOX's main branch")
    options = parser.parse_args()
    if options.yolox:
        sys.path.insert(0, options.yolox)
    recorders = {'distances': record_distances, 'anchors': record_anchors, 'yolox': record_yolox}
    for number, (family, record) in enumerate(recorders.items(), 1):
        if options.families and family not in options.families:
            continue
        cases = make_cases(number)
        for case in cases:
            record(case)
        with open(os.path.join(FOLDER, f'{family}.json'), 'w') as file:
            file.write('[\n' + ',\n'.join(json.dumps(case, separators=(',', ':')) for case in cases) + '\n]\n')


if __name__ == '__main__':
    main()
