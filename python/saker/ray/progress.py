"""How far a job is, and what it came to."""
from __future__ import annotations

import dataclasses
import sys
import time
from typing import Iterable, Iterator

from .parts import Counts

LISTING_STEP = 10_000  # pictures between two figures


@dataclasses.dataclass(frozen=True)
class Summary:
    """Of a job's results. `seconds` and `pictures_per_second` are of the last run, which may have found some done."""

    pictures: int
    failures: int       # of the pictures: rows with an error
    boxes: int
    done_before: int    # of the pictures
    seconds: float
    pictures_per_second: float
    files: list[str]

    @classmethod
    def of(cls, parts: Iterable[Counts], done_before: int, seconds: float, files: list[str]) -> Summary:
        pictures = failures = boxes = 0
        for counts in parts:
            pictures, failures, boxes = (pictures + counts.pictures, failures + counts.failures, boxes + counts.boxes)
        rate = (pictures - done_before) / max(seconds, 1e-9)
        return cls(pictures, failures, boxes, done_before, seconds, rate, files)

    def __str__(self) -> str:
        failed = f", {self.failures:,} of them could not be read" if self.failures else ""
        before = f", {self.done_before:,} done before" if self.done_before else ""
        return (f"{self.pictures:,} pictures{failed}; {self.boxes:,} boxes in {len(self.files):,} files; "
                f"{self.seconds:.1f} s, {self.pictures_per_second:.1f} pictures/s{before}")


class Progress:
    """A line on stderr that is written over; nothing where `shown` is false."""

    def __init__(self, shown: bool):
        self._shown = shown
        self._total: int | None = None
        self._pictures = self._failures = self._before = 0
        self._since = time.monotonic()
        self._width = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self._say("")
        if self._shown and self._width:
            sys.stderr.write("\r")

    def listing(self, paths: Iterable[str]) -> Iterator[str]:
        for count, path in enumerate(paths):
            if count % LISTING_STEP == 0:
                self._say(f"{count:,} pictures found")
            yield path

    def begin(self, total: int | None, done: int) -> None:
        self._total, self._pictures, self._before, self._since = total, done, done, time.monotonic()
        self._say(f"{done:,} pictures; actors are starting")

    def add(self, counts: Counts) -> None:
        self._pictures += counts.pictures
        self._failures += counts.failures
        rate = (self._pictures - self._before) / max(time.monotonic() - self._since, 1e-9)
        of_all = "" if self._total is None else f" of {self._total:,}"
        failed = f", {self._failures:,} could not be read" if self._failures else ""
        left = "" if self._total is None else f", {_duration((self._total - self._pictures) / rate)} left"
        self._say(f"{self._pictures:,}{of_all} pictures{failed}, {rate:.1f}/s{left}")

    def _say(self, text: str) -> None:
        if self._shown:
            sys.stderr.write("\r" + text.ljust(self._width))
            sys.stderr.flush()
            self._width = len(text)


def _duration(seconds: float) -> str:
    minutes = int(seconds) // 60
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {int(seconds) % 60} s" if minutes else f"{int(seconds)} s"
