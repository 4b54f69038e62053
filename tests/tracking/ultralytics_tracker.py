"""Ultralytics' BYTETracker on a file of detections. Needs ultralytics and lap."""
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
from drawn import read_rows
from ultralytics.trackers import byte_tracker

DEFAULTS = {"track_high_thresh": 0.25, "track_low_thresh": 0.1, "new_track_thresh": 0.25, "track_buffer": 30,
            "match_thresh": 0.8, "fuse_score": True}


class Boxes:
    """The part of Ultralytics' Boxes that the tracker uses."""

    def __init__(self, xywh, conf, cls):
        self.xywh, self.conf, self.cls = xywh, conf, cls

    def __len__(self):
        return len(self.conf)

    def __getitem__(self, chosen):
        return Boxes(self.xywh[chosen], self.conf[chosen], self.cls[chosen])


def boxes_of(rows):
    rows = np.asarray(rows, dtype=np.float32).reshape(-1, 8)
    xywh = np.stack([rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5] / 2, rows[:, 4], rows[:, 5]], axis=1)
    return Boxes(xywh, rows[:, 6], rows[:, 7])


@contextmanager
def exact_buffer():
    """Within: a track is forgotten when track_buffer frames are over.

    As it is (8.4.190, and the authors' code alike) it can be found for one frame more, in which its name stands on the
    list of the removed already; a track found so is dropped for good as soon as it is lost again.
    """
    merge = byte_tracker.merge_track_pools

    def merge_without_removed(tracker, activated, refound, lost, removed, *rest):
        tracker.removed_stracks.extend(removed)
        merge(tracker, activated, refound, lost, [], *rest)

    byte_tracker.merge_track_pools = merge_without_removed
    try:
        yield
    finally:
        byte_tracker.merge_track_pools = merge


def track(path, frames, options=None):
    """Per frame, from 1: a list of (id, place among the frame's detections, (left, top, right, bottom))."""
    tracker = byte_tracker.BYTETracker(SimpleNamespace(**{**DEFAULTS, **(options or {})}))
    rows = read_rows(path)
    found = {}
    for frame in range(1, frames + 1):
        found[frame] = [(int(t[4]), int(t[7]), tuple(float(edge) for edge in t[:4]))
                        for t in tracker.update(boxes_of(rows.get(frame, []))).reshape(-1, 8)]
    return found
