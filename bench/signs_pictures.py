"""What bench/signs_elsewhere.py needs Pillow for: drawings of signs pasted on pictures, and sheets of hits and misses."""
import collections
import csv
import itertools
import math
import os
import random
import subprocess
import sys
import tempfile

from signs_boxes import CLASSES, PictureSet, by_picture, iou, matched, read_coco, read_json, read_set

try:
    from PIL import Image, ImageDraw, ImageFont, __version__
except ImportError:
    __version__ = '0'
if int(__version__.split('.')[0]) < 11:
    sys.exit('clipart and sheets need Pillow 11 or later: pip install pillow')

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'signs_elsewhere.tsv')
# Photographs that show these may show signs that nobody has labelled: no background for a test of signs.
STREET = {'stop sign', 'traffic light', 'car', 'truck', 'bus', 'motorcycle', 'bicycle', 'train', 'parking meter', 'fire hydrant'}
# Where each package has its drawings, below the folder they were unpacked into.
PLACES = {'openclipart-png': 'usr/share/openclipart/png', 'josm': 'usr/share/josm/images/presets',
          'commonroad-io': 'commonroad/visualization/traffic_signs',
          'tuxpaint-stamps-default': 'usr/share/tuxpaint/stamps/town/roadsigns',
          'fonts-noto-color-emoji': 'usr/share/fonts/truetype/noto', 'vlc-data': 'usr/share/icons/hicolor',
          'papirus-icon-theme': 'usr/share/icons/Papirus'}
DIGITS = 'usr/share/fonts/truetype/roadgeek/RG2014E.ttf'  # of fonts-roadgeek, for the signs that come without their number


def without_objects(folder):
    """The pictures of a folder; where labels/ stands beside images/ (YOLO), those whose label file is empty."""
    for where, _, files in sorted(os.walk(folder)):
        before, images, after = os.path.abspath(where).rpartition(os.sep + 'images')
        labels = before + os.sep + 'labels' + after
        for name in sorted(files):
            stem, ending = os.path.splitext(name)
            label = os.path.join(labels, stem + '.txt')
            full = images and os.path.exists(label) and os.path.getsize(label)
            if ending.lower() in ('.jpg', '.jpeg', '.png') and not full:
                yield os.path.join(where, name)


def read_drawing(packages, row):
    """A line of signs_elsewhere.tsv as an RGBA picture without empty margins."""
    path = os.path.join(packages, PLACES[row['package']], row['path'])
    if not os.path.exists(path):
        sys.exit(f"{path}: is not there; it is of the package {row['package']}: see --help for how to get it")
    if path.endswith('.ttf'):
        drawing = Image.new('RGBA', (200, 200))
        ImageDraw.Draw(drawing).text((20, 20), row['text'], font=ImageFont.truetype(path, 109), embedded_color=True)
    elif path.endswith('.svg'):
        with tempfile.NamedTemporaryFile(suffix='.png') as file:
            try:
                subprocess.run(['rsvg-convert', '--height=400', path, f'--output={file.name}'], check=True)
            except OSError:
                sys.exit('needs rsvg-convert: apt-get install librsvg2-bin')
            drawing = Image.open(file.name).convert('RGBA')
    else:
        drawing = Image.open(path).convert('RGBA')
    drawing = drawing.crop(drawing.getchannel('A').point(lambda alpha: 255 * (alpha > 127)).getbbox())
    if row['text'] and not path.endswith('.ttf'):
        wide, high = drawing.size
        below = high > 1.1 * wide  # "SPEED LIMIT" stands above the number
        font = ImageFont.truetype(os.path.join(packages, DIGITS), round((0.5 if below else 0.48) * high))
        ImageDraw.Draw(drawing).text((wide / 2, (0.68 if below else 0.5) * high), row['text'], 'black', font, anchor='mm')
    return drawing


def paste(picture, drawing, taken, rng):
    """Pastes it somewhere where nothing is yet; its box, or None where there was no room."""
    turned = drawing.rotate(rng.uniform(-10, 10), Image.BICUBIC, expand=True)
    side = picture.height * math.exp(rng.uniform(math.log(0.06), math.log(0.4)))  # of a square as large
    scale = side / math.sqrt(drawing.width * drawing.height)
    scale = min(scale, 0.9 * picture.width / turned.width, 0.9 * picture.height / turned.height)
    small = turned.resize([max(1, round(n * scale)) for n in turned.size], Image.LANCZOS)
    left, top, right, bottom = small.getchannel('A').point(lambda alpha: 255 * (alpha > 127)).getbbox()
    for _ in range(50):
        x, y = rng.randint(0, picture.width - small.width), rng.randint(0, picture.height - small.height)
        box = [x + left, y + top, right - left, bottom - top]
        if not any(iou(box, other) for other in taken):
            picture.paste(small, (x, y), small)
            return box
    return None


def read_drawings(folder, packages):
    unknown = [package for package in packages if package not in PLACES]
    if unknown:
        sys.exit(f'{unknown[0]}: has no drawings in the list; these have: {", ".join(PLACES)}')
    with open(LIST, encoding='utf-8', newline='') as file:
        rows = [row for row in csv.DictReader(file, delimiter='\t') if row['package'] in packages]
    return [(CLASSES.index(row['class']), read_drawing(folder, row)) for row in rows]


def make_clipart(args):
    drawings = read_drawings(args.packages, args.sources.split(',') if args.sources else list(PLACES))
    if args.backgrounds:
        backgrounds = list(without_objects(args.backgrounds))
    else:
        backgrounds = [path for path, _, _, labels in read_coco(args.coco) if not STREET & set(labels)]
    if not backgrounds:
        sys.exit(f"{args.backgrounds or ' '.join(args.coco)}: no picture without objects to paste on")
    rng = random.Random(args.seed)
    deck = rng.sample(drawings * args.times, len(drawings) * args.times)
    rng.shuffle(backgrounds)
    with PictureSet(args.out, CLASSES) as result:
        for path in itertools.cycle(backgrounds):  # none, one, two or three drawings on each
            picture, boxes = Image.open(path).convert('RGB'), []
            for index, drawing in [deck.pop() for _ in range(min(len(deck), rng.randint(0, 3)))]:
                box = paste(picture, drawing, [taken for _, taken in boxes], rng)
                if box:
                    boxes.append((index, box))
                else:
                    deck.insert(0, (index, drawing))
            picture.save(result.add('signs.jpg', picture.size, boxes), quality=90)
            if not deck:
                break
    print(f'{len(drawings)} drawings, each {args.times} times')


SIDE, CAPTION, COLUMNS, MOST = 128, 16, 8, 48  # of a sheet: tiles in pixels, and how many
LARGEST_SHEET = 150_000                        # bytes


def tile(picture, truth, found, colour):
    """A square around the object, with the true box in white and the one that was found."""
    left, top, wide, high = truth or found
    reach = max(1.6 * max(wide, high), 48) / 2
    x, y, scale = left + wide / 2 - reach, top + high / 2 - reach, (SIDE - 4) / (2 * reach)
    square = picture.crop([round(v) for v in (x, y, x + 2 * reach, y + 2 * reach)])
    square = square.resize((SIDE - 4, SIDE - 4), Image.LANCZOS)
    for line, box in (('white', truth), (colour, found)):
        if box:
            corners = (box[0] - x, box[1] - y, box[0] + box[2] - x, box[1] + box[3] - y)
            ImageDraw.Draw(square).rectangle([v * scale for v in corners], outline=line, width=2)
    return square


def of_all_classes(tiles, rng):
    """So many as a sheet holds, of the classes in turn."""
    rounds, order = collections.Counter(), []
    for chosen in rng.sample(tiles, len(tiles)):
        order.append((rounds[chosen['class']], chosen['class'], len(order), chosen))
        rounds[chosen['class']] += 1
    return [chosen for _, _, _, chosen in sorted(order)[:MOST]]


def write_sheet(pictures, tiles, colour, rng, path):
    chosen = of_all_classes(tiles, rng)
    page = Image.new('RGB', (COLUMNS * SIDE, max(1, math.ceil(len(chosen) / COLUMNS)) * (SIDE + CAPTION)), 'white')
    for place, one in enumerate(chosen):
        x, y = place % COLUMNS * SIDE + 2, place // COLUMNS * (SIDE + CAPTION)
        page.paste(tile(Image.open(pictures[one['picture']]).convert('RGB'), one['truth'], one['found'], colour), (x, y))
        ImageDraw.Draw(page).text((x + 2, y + SIDE - 3), one['caption'], 'black', ImageFont.load_default(10))
    for quality in (90, 80, 70, 60, 50, 40, 30):
        page.save(path, quality=quality, optimize=True)
        if os.path.getsize(path) < LARGEST_SHEET:
            break
    print(f'{path}: {len(chosen)} of {len(tiles)}')


def hits_and_misses(data, found):
    names = {c['id']: c['name'] for c in data['categories']}
    pairs, wrong = matched(data['annotations'], found)
    strays = by_picture(wrong)

    def one(thing, caption, truth, box):
        seen = f"{names[box['category_id']]} {box['score']:.2f}" if box else 'nothing'
        return {'picture': thing['image_id'], 'class': thing['category_id'], 'caption': caption + seen,
                'truth': truth and truth['bbox'], 'found': box and box['bbox']}

    hits, misses = [one(t, '', t, box) for t, box in pairs if box], []
    for t in [t for t, box in pairs if not box]:
        near = max(strays[t['image_id']], key=lambda box: iou(t['bbox'], box['bbox']), default=None)
        near = near if near and iou(t['bbox'], near['bbox']) > 0.1 else None
        if near:
            strays[t['image_id']].remove(near)
        misses.append(one(t, names[t['category_id']] + ': ', t, near))
    return hits, misses + [one(box, 'nothing: ', None, box) for boxes in strays.values() for box in boxes]


def make_sheets(args):
    data = read_set(args.set)
    hits, misses = hits_and_misses(data, read_json(os.path.join(args.folder, 'found.json')))
    pictures = {p['id']: os.path.join(args.set, 'pictures', p['file_name']) for p in data['images']}
    for name, tiles, colour in (('hits.jpg', hits, 'lime'), ('misses.jpg', misses, 'red')):
        write_sheet(pictures, tiles, colour, random.Random(args.seed), os.path.join(args.folder, name))
