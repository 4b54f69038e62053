#!/usr/bin/env python3
"""MOTA, IDF1 and HOTA of our tracker and of Ultralytics' BYTETracker on the same drawn sequences.

    tests/tracking/score.py build/release/tests/track_mot      needs ultralytics, lap and trackeval; numpy, scipy

Fails where ours is worse by more than a tenth of a point. Where frames are left out, ours knows how much time has passed.
Then, over many sequences: the same ids in every frame as the other's, once its buffer is exact (ultralytics_tracker.py).
"""
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from drawn import Sequence, draw, iou, read_rows, write_detections
from trackeval.metrics import CLEAR, HOTA, Identity
from ultralytics_tracker import exact_buffer, track

FRAMES = 600
# people, each so-many-th frame, part of the boxes that come twice
KINDS = {"street": (9, 1, 0), "crowd": (20, 1, 0), "boxes twice": (12, 1, 0.1), "every 3rd frame": (9, 3, 0),
         "every 6th frame": (9, 6, 0)}
SEEDS = (1, 2, 3)
ALIKE_SEEDS = range(1, 21)
MOST_BELOW = 0.1


def ours(program, path, frames, stride):
    rows = subprocess.run([program, path, str(frames), "30", str(stride)], check=True, capture_output=True, text=True)
    found = {frame: [] for frame in range(1, frames + 1)}
    for line in rows.stdout.splitlines():
        frame, number, left, top, width, height = (float(word) for word in line.split(",")[:6])
        found[int(frame)].append((int(number), None, (left, top, left + width, top + height)))
    return found


def compact(frames):
    """Ids from 0 without gaps, an array a frame, and how many."""
    places = {number: place for place, number in enumerate(sorted({n for frame in frames for n in frame}))}
    return [np.array([places[n] for n in frame], dtype=int) for frame in frames], len(places)


def trackeval_data(sequence, found):
    truth_ids, truths = compact([[one.id for one in frame] for frame in sequence.truth])
    tracks = list(found.values())
    track_ids, numbers = compact([[number for number, _, _ in frame] for frame in tracks])
    likeness = [np.array([[iou(one.box, box) for _, _, box in frame] for one in objects]).reshape(len(objects), len(frame))
                for objects, frame in zip(sequence.truth, tracks)]
    return {"num_timesteps": len(truth_ids), "num_gt_ids": truths, "num_tracker_ids": numbers,
            "num_gt_dets": sum(map(len, truth_ids)), "num_tracker_dets": sum(map(len, track_ids)),
            "gt_ids": truth_ids, "tracker_ids": track_ids, "similarity_scores": likeness}


def figures(results):
    """MOTA, IDF1, HOTA in percent and the switches of ids, over all sequences."""
    clear, identity, hota = CLEAR({"PRINT_CONFIG": False}), Identity({"PRINT_CONFIG": False}), HOTA()
    def combined(metric):
        return metric.combine_sequences({name: metric.eval_sequence(data) for name, data in results.items()})
    counted = combined(clear)
    return (100 * counted["MOTA"], 100 * combined(identity)["IDF1"], 100 * float(np.mean(combined(hota)["HOTA"])),
            int(counted["IDSW"]))


def unlike(program, path):
    """How many of the sequences have a frame with other ids or boxes."""
    different = 0
    for seed in ALIKE_SEEDS:
        write_detections(draw(seed, FRAMES, 12, twice=0.1), path)
        with exact_buffer():
            other = track(path, FRAMES)
        mine = ours(program, path, FRAMES, 1)
        for frame in range(1, FRAMES + 1):
            a, b = ({number: box for number, _, box in found[frame]} for found in (mine, other))
            if a.keys() != b.keys() or any(abs(p - q) > 0.05 for n in a for p, q in zip(a[n], b[n])):
                print(f"sequence {seed}, frame {frame}: other ids or boxes")
                different += 1
                break
    return different


def main():
    program = sys.argv[1]
    failed = False
    print(f"{len(SEEDS)} sequences of {FRAMES} frames each\n")
    print(f"{'sequences':17s} {'tracker':12s} {'MOTA':>6s} {'IDF1':>6s} {'HOTA':>6s} {'switches':>9s}")
    with tempfile.TemporaryDirectory() as folder:
        for kind, (people, stride, twice) in KINDS.items():
            mine, other = {}, {}
            for seed in SEEDS:
                whole = draw(seed, FRAMES, people, twice=twice)
                sequence = Sequence(whole.truth[::stride], whole.seen[::stride], whole.fps)
                path, frames = Path(folder) / "detections.txt", len(sequence.truth)
                write_detections(sequence, path)
                mine[str(seed)] = trackeval_data(sequence, ours(program, path, frames, stride))
                other[str(seed)] = trackeval_data(sequence, track(path, frames))
            scores = {"saker": figures(mine), "Ultralytics": figures(other)}
            for name, (mota, idf1, hota, switches) in scores.items():
                print(f"{kind:17s} {name:12s} {mota:6.2f} {idf1:6.2f} {hota:6.2f} {switches:9d}")
            worse = max(b - a for a, b in zip(scores["saker"][:3], scores["Ultralytics"][:3]))
            if worse > MOST_BELOW:
                print(f"{kind}: saker is worse by {worse:.2f} points")
                failed = True
        different = unlike(program, Path(folder) / "detections.txt")
    print(f"\n{len(ALIKE_SEEDS) - different} of {len(ALIKE_SEEDS)} sequences alike in each of {FRAMES} frames")
    failed = failed or different > 0
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
