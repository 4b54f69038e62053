"""What bench/signs_elsewhere.py works on: pictures with known boxes (COCO), and boxes matched with them. Python 3.9 or
later, without packages. Boxes are [left, top, width, height]."""
import collections
import json
import os
import shutil
import sys

from measuring import write_json

CLASSES = ('stop', 'yield', 'no entry', 'speed limit', 'one way', 'crossing', 'roundabout', 'no parking', 'priority road',
           'danger', 'red light', 'amber light', 'green light', 'cone', 'barrier')
MATCH_IOU = 0.5  # from here on a box has found its object


def iou(a, b):
    """Of boxes [left, top, width, height]."""
    wide = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    high = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    return wide * high / (a[2] * a[3] + b[2] * b[3] - wide * high)


def by_picture(boxes):
    pictures = collections.defaultdict(list)
    for box in boxes:
        pictures[box['image_id']].append(box)
    return pictures


def merged(boxes, limit):
    """Without the boxes that lie on a better one of the same class: what was three classes of lights is one."""
    kept = collections.defaultdict(list)
    for box in sorted(boxes, key=lambda box: -box['score']):
        others = kept[box['image_id'], box['category_id']]
        if all(iou(box['bbox'], other['bbox']) <= limit for other in others):
            others.append(box)
    return [box for boxes in kept.values() for box in boxes]


def matched(truth, found):
    """Pairs (object, its box or None), and the boxes that found nothing. The best boxes choose first."""
    left, pairs, wrong = by_picture(truth), [], []
    for box in sorted(found, key=lambda box: -box['score']):
        same = [t for t in left[box['image_id']] if t['category_id'] == box['category_id']]
        best = max(same, key=lambda t: iou(t['bbox'], box['bbox']), default=None)
        if best and iou(best['bbox'], box['bbox']) >= MATCH_IOU:
            left[box['image_id']].remove(best)
            pairs.append((best, box))
        else:
            wrong.append(box)
    return pairs + [(t, None) for rest in left.values() for t in rest], wrong


def class_in(names, label):
    """The class of the set that a model's label stands for, or None."""
    label = {'stop sign': 'stop'}.get(label, label)
    if label not in names and label in ('red light', 'amber light', 'green light'):
        label = 'traffic light'
    return label if label in names else None


def read_json(path, *keys):
    with open(path, encoding='utf-8') as file:
        try:
            document = json.load(file)
        except ValueError as error:
            sys.exit(f'{path}: is no JSON: {error}')
    for key in keys:
        if key not in document:
            sys.exit(f'{path}: has no "{key}"')
    return document


def read_coco(folders):
    """Yields (path, picture, its objects, their names) of every picture."""
    for folder in folders:
        files = [name for name in sorted(os.listdir(folder)) if name.startswith('instances_') and name.endswith('.json')]
        if not files:
            sys.exit(f'{folder}: has no instances_*.json; a COCO folder has one, and images/ beside it')
        data = read_json(os.path.join(folder, files[0]), 'images', 'annotations', 'categories')
        names, objects = {c['id']: c['name'] for c in data['categories']}, by_picture(data['annotations'])
        for picture in sorted(data['images'], key=lambda picture: picture['id']):
            mine = objects[picture['id']]
            yield os.path.join(folder, 'images', picture['file_name']), picture, mine, [names[o['category_id']] for o in mine]


def read_set(folder):
    return read_json(os.path.join(folder, 'annotations.json'), 'images', 'annotations', 'categories')


class PictureSet:
    """A new folder with pictures/ and annotations.json (COCO), there when it is complete; a context manager."""

    def __init__(self, folder, names):
        if os.path.exists(folder):
            sys.exit(f'{folder}: is there already; name a new folder')
        self.folder, self.part = folder, folder.rstrip('/') + '.part'
        self.data = {'images': [], 'annotations': [], 'categories': [{'id': i + 1, 'name': n} for i, n in enumerate(names)]}

    def __enter__(self):
        os.makedirs(os.path.join(self.part, 'pictures'))
        return self

    def add(self, name, size, boxes):
        """A picture with its boxes (index of the class, box); the path where it is to be written."""
        picture = len(self.data['images']) + 1
        name = f'{picture:04d}_{name}'
        self.data['images'].append({'id': picture, 'file_name': name, 'width': size[0], 'height': size[1]})
        for index, box in boxes:
            self.data['annotations'].append({'id': len(self.data['annotations']) + 1, 'image_id': picture, 'iscrowd': 0,
                                             'category_id': index + 1, 'bbox': box, 'area': box[2] * box[3]})
        return os.path.join(self.part, 'pictures', name)

    def __exit__(self, kind, *_):
        if kind:
            shutil.rmtree(self.part, ignore_errors=True)
            return
        write_json(os.path.join(self.part, 'annotations.json'), self.data)
        os.rename(self.part, self.folder)
        print(f"{self.folder}: {len(self.data['images'])} pictures, {len(self.data['annotations'])} objects")
