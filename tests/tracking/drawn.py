"""Drawn sequences: people and cars whose ways are known, and what a detector might see of them.

The same seed gives the same sequence on every machine. Boxes are (left, top, right, bottom) in pixels.
"""
import random
from collections import namedtuple

WIDTH, HEIGHT = 1280, 720
Object = namedtuple("Object", "id box class_id")
Seen = namedtuple("Seen", "box score class_id")
Sequence = namedtuple("Sequence", "truth seen fps")  # a list of Object and of Seen a frame


class Walker:
    def __init__(self, number, rng, fps):
        self.id, self.class_id = number, rng.choice((0, 0, 0, 2))
        self.height = rng.uniform(60, 220)
        self.width = self.height * (rng.uniform(0.35, 0.5) if self.class_id == 0 else rng.uniform(1.4, 2))
        from_left = rng.random() < 0.5
        self.x = rng.uniform(-40, 40) if from_left else WIDTH + rng.uniform(-40, 40)
        self.y = rng.uniform(HEIGHT * 0.35, HEIGHT - 10)  # of the feet
        speed = rng.uniform(60, 200) * (1 if self.class_id == 0 else 2) / fps
        self.vx, self.vy = speed if from_left else -speed, rng.uniform(-0.2, 0.2) * speed
        self.pause = 0

    def step(self, rng, fps):
        if self.pause > 0:
            self.pause -= 1
            return
        if rng.random() < 0.3 / fps:  # somebody stops for a while
            self.pause = int(rng.uniform(0.5, 2) * fps)
        if rng.random() < 0.2 / fps:  # or turns
            self.vx, self.vy = self.vx * rng.uniform(0.5, 1.3), self.vy + rng.uniform(-0.3, 0.3) * abs(self.vx)
        self.x, self.y = self.x + self.vx, self.y + self.vy

    def box(self):
        return (self.x - self.width / 2, self.y - self.height, self.x + self.width / 2, self.y)


def clipped(box):
    left, top, right, bottom = box
    return (max(left, 0), max(top, 0), min(right, WIDTH), min(bottom, HEIGHT))


def area(box):
    return max(box[2] - box[0], 0) * max(box[3] - box[1], 0)


def covered(box, other):
    """The part of `box` that is behind `other`."""
    both = (max(box[0], other[0]), max(box[1], other[1]), min(box[2], other[2]), min(box[3], other[3]))
    return area(both) / area(box) if both[2] > both[0] and both[3] > both[1] else 0


def look(objects, rng, twice):
    """What a detector might see: noise, misses, low scores of who is half hidden, boxes twice, false alarms."""
    seen = []
    for one in objects:
        hidden = max((covered(one.box, other.box) for other in objects if other.box[3] > one.box[3]), default=0)
        if rng.random() < 0.03 or hidden > 0.85:
            continue
        score = min(max(rng.gauss(0.85 - 0.75 * hidden, 0.07), 0.02), 0.98)
        noise = 0.015 * (one.box[3] - one.box[1]) * (1 + 2 * hidden)
        box = clipped(tuple(edge + rng.gauss(0, noise) for edge in one.box))
        if area(box) > 0 and box[2] > box[0] + 2 and box[3] > box[1] + 2:
            class_id = one.class_id if rng.random() < 0.98 else 7
            seen.append(Seen(box, score, class_id))
            if rng.random() < twice:
                again = clipped(tuple(edge + rng.gauss(0, 2 * noise) for edge in one.box))
                if again[2] > again[0] + 2 and again[3] > again[1] + 2:
                    seen.append(Seen(again, max(score - rng.uniform(0, 0.3), 0.02), class_id))
    for _ in range(2):
        if rng.random() < 0.1:
            height, x, y = rng.uniform(30, 150), rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
            box = clipped((x, y, x + height * 0.5, y + height))
            if area(box) > 0:
                seen.append(Seen(box, rng.uniform(0.05, 0.6), 0))
    rng.shuffle(seen)
    return seen


def draw(seed, frames=300, people=9, fps=30, twice=0.0):
    rng = random.Random(seed)
    walkers, truth, seen = [], [], []
    number = 0
    for _ in range(frames):
        while len(walkers) < people and (number < people or rng.random() < 2 / fps):
            number += 1
            walkers.append(Walker(number, rng, fps))
            if number <= people:  # the picture is full at the start
                walkers[-1].x = rng.uniform(0, WIDTH)
        for walker in walkers:
            walker.step(rng, fps)
        walkers = [w for w in walkers if area(clipped(w.box())) > 0.2 * area(w.box())]
        objects = [Object(w.id, clipped(w.box()), w.class_id) for w in walkers]
        truth.append(objects)
        seen.append(look(objects, rng, twice))
    return Sequence(truth, seen, fps)


def write_detections(sequence, path, stride=1):
    """As MOTChallenge writes them: frame from 1, id -1, left, top, width, height, score, class."""
    with open(path, "w", encoding="ascii") as file:
        for frame, boxes in enumerate(sequence.seen[::stride], 1):
            for seen in boxes:
                left, top, right, bottom = (round(edge, 1) for edge in seen.box)
                file.write(f"{frame},-1,{left:.1f},{top:.1f},{right - left:.1f},{bottom - top:.1f},"
                           f"{seen.score:.2f},{seen.class_id}\n")


def read_rows(path):
    """Rows of numbers by frame, from 1."""
    frames = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            row = [float(word) for word in line.split(",")]
            frames.setdefault(int(row[0]), []).append(row)
    return frames


def iou(a, b):
    both = (max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3]))
    shared = area(both) if both[2] > both[0] and both[3] > both[1] else 0
    return shared / (area(a) + area(b) - shared) if shared > 0 else 0.0
