"""What is remembered of a part while an actor is at work on it, for the next actor if the process ends.

Ray gives a part whose actor has died to another one, for as long as it takes: nodes go, memory runs out. A picture
that ends the process itself would be tried for ever. So a part that has ended two processes is done one picture at a
time, and a picture that has then ended two more is left out, with that as its error.
"""
from __future__ import annotations

import os
import socket
from collections import Counter
from pathlib import Path

ENOUGH = 2


class Attempts:
    """A file of lines: `start PID HOST`, and in careful attempts `at INDEX` before each picture."""

    def __init__(self, file: Path):
        self._file = file
        starts = 0
        at: int | None = None
        deaths: Counter[int] = Counter()
        text = file.read_text("utf-8", errors="replace") if file.exists() else ""
        for line in text.split("\n"):
            word, _, rest = line.partition(" ")
            if word == "at" and rest.isdigit():
                at = int(rest)
            elif word == "start":
                starts += 1
                if at is not None:
                    deaths[at] += 1
                at = None
        if at is not None:
            deaths[at] += 1
        self.careful = starts >= ENOUGH
        self.fatal = frozenset(index for index, times in deaths.items() if times >= ENOUGH)
        self._append(f"start {os.getpid()} {socket.gethostname()}")

    def at(self, index: int) -> None:
        self._append(f"at {index}")

    def done(self) -> None:
        self._file.unlink(missing_ok=True)

    def _append(self, line: str) -> None:
        with open(self._file, "a", encoding="utf-8") as file:
            file.write(line + "\n")
