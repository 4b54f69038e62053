#!/usr/bin/env python3
"""Makes data/detections.txt and what Ultralytics' BYTETracker makes of it, data/associations_*.txt.

    tests/tracking/make_reference.py      needs ultralytics and lap

A row of associations: frame (from 1), id, place among the frame's detections (from 0), left, top, right, bottom.
"""
from pathlib import Path

import ultralytics
from drawn import draw, write_detections
from ultralytics_tracker import track

FRAMES = 300
# The second as in data/strict.yaml.
OPTIONS = {"defaults": {},
           "strict": {"track_high_thresh": 0.6, "new_track_thresh": 0.7, "track_buffer": 10, "match_thresh": 0.9,
                      "fuse_score": False}}


def main():
    folder = Path(__file__).parent / "data"
    write_detections(draw(seed=22, frames=FRAMES, people=14, twice=0.1), folder / "detections.txt")
    for name, options in OPTIONS.items():
        found = track(folder / "detections.txt", FRAMES, options)
        with open(folder / f"associations_{name}.txt", "w", encoding="ascii") as file:
            for frame, tracks in found.items():
                for number, place, box in tracks:
                    file.write(f"{frame},{number},{place}," + ",".join(f"{edge:.1f}" for edge in box) + "\n")
        ids = {number for tracks in found.values() for number, _, _ in tracks}
        print(f"{name}: {len(ids)} tracks, {sum(map(len, found.values()))} boxes (ultralytics {ultralytics.__version__})")


if __name__ == "__main__":
    main()
