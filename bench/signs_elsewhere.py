#!/usr/bin/env python3
"""A detector of road signs and signals on pictures that saker's drawing code did not make.

    bench/signs_elsewhere.py photographs --coco FOLDER... --out SET       stop signs and traffic lights of COCO
    bench/signs_elsewhere.py clipart --packages FOLDER --coco FOLDER... --out SET
                                                     other people's drawings of signs, pasted on photographs without any
    bench/signs_elsewhere.py clipart --packages FOLDER --backgrounds FOLDER --out SET          or on pictures of yours
    bench/signs_elsewhere.py measure SET MODEL --out FOLDER [-- FLAGS OF saker detect]         the figures
    bench/signs_elsewhere.py sheets SET FOLDER       hits.jpg and misses.jpg beside the figures

A COCO folder has images/ and an instances_*.json. Photographs stay where their terms allow them: never publish the sets
made of them. The drawings are listed in signs_elsewhere.tsv. They are fetched so (nothing is fetched by itself):

    apt-get download openclipart-png josm tuxpaint-stamps-default fonts-noto-color-emoji fonts-roadgeek vlc-data \\
        papirus-icon-theme librsvg2-bin
    for package in *.deb; do dpkg-deb -x "$package" clipart; done
    pip download --no-deps commonroad-io==2026.1 && unzip -q commonroad_io*.whl -d clipart

`clipart` and `sheets` need Pillow 11 or later (pip install pillow), and rsvg-convert of librsvg2-bin for the drawings in SVG.
openclipart-png and josm's presets are in the public domain, commonroad-io is BSD-3-Clause; the others may be measured
with, but ask for more where pictures of them are given away: `--from openclipart-png,josm,commonroad-io` leaves them out.
"""
import argparse
import collections
import json
import os
import random
import shutil
import subprocess
import sys

from measuring import saker_binary, write_json
from signs_boxes import CLASSES, MATCH_IOU, PictureSet, class_in, matched, merged, read_coco, read_json, read_set

TALL = 24  # pixels: who is lower is hard to see for anybody


def make_photographs(args):
    names, positive, negative = ('stop', 'traffic light'), [], []
    for path, picture, objects, labels in read_coco(args.coco):
        wanted = [(o, class_in(names, label)) for o, label in zip(objects, labels) if class_in(names, label)]
        if not any(o.get('iscrowd') for o, _ in wanted):
            boxes = [(names.index(name), o['bbox']) for o, name in wanted]
            (positive if wanted else negative).append((path, (picture['width'], picture['height']), boxes))
    without = min(len(negative), len(positive) if args.negatives is None else args.negatives)
    with PictureSet(args.out, names) as result:
        for path, size, boxes in positive + random.Random(args.seed).sample(negative, without):
            shutil.copyfile(path, result.add(os.path.basename(path), size, boxes))


def detect(args, data, conf, iou, *flags):
    """The boxes of the set's classes as COCO results, and how many there were of our other classes."""
    command = [args.saker, 'detect', args.model, os.path.join(args.set, 'pictures'), '--format', 'json', '--quiet',
               '--conf', str(conf), '--iou', str(iou), *flags, *args.flags]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    ids, names = {p['file_name']: p['id'] for p in data['images']}, {c['name']: c['id'] for c in data['categories']}
    boxes, others = [], collections.Counter()
    for picture in json.loads(done.stdout):
        for found in picture['detections']:
            left, top, right, bottom = found['box']
            name = class_in(names, found['label'])
            if name:
                boxes.append({'image_id': ids[os.path.basename(picture['image'])], 'category_id': names[name],
                              'bbox': [left, top, right - left, bottom - top], 'score': found['score']})
            elif found['label'] in CLASSES:
                others[found['label']] += 1
    return merged(boxes, iou), others


def share(part, whole):
    return part / whole if whole else None


def figures(pairs, wrong, scores):
    """Of some classes, from what matched() gives of them and their APs: a row of the table behind the class."""
    tall = [box for t, box in pairs if t['bbox'][3] >= TALL]
    hits, high = sum(box is not None for _, box in pairs), sum(box is not None for box in tall)
    return [len(pairs), scores.get('AP50'), scores.get('AP'), share(hits, hits + len(wrong)), share(hits, len(pairs)), len(tall),
            share(high, len(tall))]


def all_figures(data, found, scores):
    pairs, wrong = matched(data['annotations'], found)
    aps = {c['name']: c['coco'] for c in scores['per_class']}
    rows = [[c['name'], *figures([p for p in pairs if p[0]['category_id'] == c['id']],
                                 [box for box in wrong if box['category_id'] == c['id']], aps.get(c['name'], {}))]
            for c in data['categories']]
    return rows + [['all', *figures(pairs, wrong, scores['coco'])]], wrong


def shown(value):
    return '-' if value in (None, -1) else f'{value:.3f}' if isinstance(value, float) else str(value)


def report(rows, pictures, empty, alarms, others, conf):
    print(f'| class | objects | AP50 | AP50-95 | precision | recall | from {TALL} px | recall |\n|' + ' --- |' * 8)
    for row in rows:
        print('| ' + ' | '.join(map(shown, row)) + ' |')
    print(f'\nPrecision and recall at confidence {conf} and IoU {MATCH_IOU}. {pictures} pictures; on the {empty} without objects '
          f'{alarms} false alarms' + (f', {alarms / empty:.2f} a picture.' if empty else '.'))
    if others:
        counts = ', '.join(f'{n} {name}' for name, n in others.most_common())
        print(f'Boxes of classes that are not labelled here: {counts}.')


def measure(args):
    data, path = read_set(args.set), lambda name: os.path.join(args.out, name)
    os.makedirs(args.out, exist_ok=True)
    boxes, _ = detect(args, data, 0.001, 0.7, '--multi-label')  # as saker eval asks
    found, others = detect(args, data, args.conf, 0.45)         # as saker detect does
    write_json(path('boxes.json'), boxes)
    write_json(path('found.json'), found)
    command = [args.saker, 'eval', '--results', path('boxes.json'), '--data', os.path.join(args.set, 'annotations.json'),
               '--images', os.path.join(args.set, 'pictures'), '--report', path('report'), '--json', path('eval.json'), '--quiet']
    scored = subprocess.run(command, check=False)
    if scored.returncode:
        sys.exit(scored.returncode)
    rows, wrong = all_figures(data, found, read_json(path('eval.json')))
    empty = {p['id'] for p in data['images']} - {t['image_id'] for t in data['annotations']}
    facts = {'rows': rows, 'pictures': len(data['images']), 'empty': len(empty),
             'alarms': sum(box['image_id'] in empty for box in wrong), 'others': others, 'conf': args.conf}
    write_json(path('figures.json'), facts)
    report(**facts)


def at_least(least):
    def number(text):
        if not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f'{text}: a whole number from {least} on is wanted')
        return int(text)
    return number


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest='verb', required=True)
    photographs, clipart = verbs.add_parser('photographs'), verbs.add_parser('clipart')
    measuring, sheets = verbs.add_parser('measure'), verbs.add_parser('sheets')
    photographs.add_argument('--coco', nargs='+', required=True, metavar='FOLDER')
    photographs.add_argument('--negatives', type=at_least(0), metavar='N', help='pictures without objects [as many as with]')
    clipart.add_argument('--packages', required=True, metavar='FOLDER', help='where the packages were unpacked')
    where = clipart.add_mutually_exclusive_group(required=True)
    where.add_argument('--coco', nargs='+', metavar='FOLDER', help='paste on its photographs that show no street')
    where.add_argument('--backgrounds', metavar='FOLDER', help='paste on these; of a YOLO data set, on those without objects')
    clipart.add_argument('--times', type=at_least(1), default=4, metavar='N', help='how often each drawing is pasted [4]')
    clipart.add_argument('--from', dest='sources', metavar='PACKAGES', help='the drawings of these packages only')
    for verb in (photographs, clipart):
        verb.add_argument('--out', required=True, metavar='SET', help='a new folder')
    measuring.add_argument('set')
    measuring.add_argument('model')
    measuring.add_argument('--out', required=True, metavar='FOLDER')
    measuring.add_argument('--saker', default=saker_binary())
    measuring.add_argument('--conf', type=float, default=0.25, help='for precision and recall [0.25, as saker detect]')
    sheets.add_argument('set')
    sheets.add_argument('folder')
    for verb in (photographs, clipart, sheets):
        verb.add_argument('--seed', type=int, default=1)
    cut = sys.argv.index('--') if '--' in sys.argv else len(sys.argv)
    args = parser.parse_args(sys.argv[1:cut])
    args.flags = sys.argv[cut + 1:]
    try:
        if args.verb in ('clipart', 'sheets'):
            import signs_pictures  # needs Pillow
            (signs_pictures.make_clipart if args.verb == 'clipart' else signs_pictures.make_sheets)(args)
        else:
            (measure if args.verb == 'measure' else make_photographs)(args)
    except OSError as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
