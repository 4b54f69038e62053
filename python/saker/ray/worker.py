"""The actors: a detector that stays, for parts of a list or for rows that come with the pictures' bytes."""
from __future__ import annotations

import hashlib
import json
import re
import socket
import uuid
from pathlib import Path
from typing import Any, Callable, NamedTuple, Sequence

import numpy as np

import saker
from saker.errors import Error, NotFoundError

from .attempts import Attempts
from .bundle import unpack
from .parts import SUFFIXES, Counts, Row, read_counts, readable, write_part

# What one picture can do; the rest is a mistake in the program and ends the job.
PICTURE_ERRORS = (Error, OSError, ValueError, MemoryError)


class Task(NamedTuple):
    """What every actor of a job is told."""

    out: str
    format: str
    model: Any                # an ObjectRef of a Bundle
    identity: str
    options: dict[str, Any]   # of saker.Detector
    cores: int                # pictures at work at a time
    batch: int                # pictures of one call
    missing_ok: bool
    version: str              # the driver's


class Problem(Exception):
    """Why a node cannot work at all. Actors answer with it, since Ray would wrap what they raise into its own stack."""


class _Worker:
    def __init__(self, task: Task):
        self.task = task
        self.out = Path(task.out)
        self.inside = self.out / "_saker"
        self.problem: str | None = None
        try:
            self.detector = self._begin()
        except Exception as error:  # whatever it is, another actor would fare no better
            self.problem = f"node {socket.gethostname()}: {error}"

    def _begin(self) -> Any:
        import ray

        task = self.task
        if saker.__version__ != task.version:
            raise Problem(f"has saker {saker.__version__}, the driver {task.version}; install the same on every node")
        if not self.inside.is_dir():
            raise Problem(f"{task.out} is not there; results go to a folder that every node has mounted")
        model = unpack(ray.get(task.model), task.identity)
        return saker.Detector(model, batch=task.batch, threads=1, streams=task.cores, **task.options)

    def answer(self, make: Callable[[], tuple[str, Counts]]) -> dict[str, Any]:
        """A row for the driver: the name of a part and what it holds, or the problem."""
        name, counts, problem = "", Counts(0, 0, 0), self.problem
        if problem is None:
            try:
                name, counts = make()
            except Problem as error:
                problem = f"node {socket.gethostname()}: {error}"
        row = {"part": name, "problem": problem or "", **counts._asdict()}
        return {key: np.array([value]) for key, value in row.items()}

    def make_part(self, path: Path, key: str, sources: Sequence[Any], names: Sequence[str | None]) -> Counts:
        """Looks at `sources` and writes their rows; `key` names the work, whoever does it."""
        attempts = Attempts(self.inside / "attempts" / key)
        found = self._one_by_one(sources, attempts) if attempts.careful else self._look(sources)
        if not self.task.missing_ok and all(isinstance(f, (NotFoundError, FileNotFoundError)) for f in found):
            raise Problem(f"none of the {len(found)} pictures of {path.name} is there, the first: {found[0]}; is their "
                          "folder mounted? With `missing_ok` they are kept as rows with an error")
        rows = [Row(name, None, _text(f, name)) if isinstance(f, BaseException) else Row(name, f, None)
                for name, f in zip(names, found)]
        counts = write_part(path, rows, self.task.identity, self.inside / "scratch")
        attempts.done()
        return counts

    def _look(self, sources: Sequence[Any]) -> list[Any]:
        """Detections, or in their place the exception, of each; as many at a time as the detector has streams."""
        try:
            return list(self.detector(list(sources), errors="return"))
        except PICTURE_ERRORS as error:
            if len(sources) == 1:
                return [error]
        return [result for source in sources for result in self._look([source])]

    def _one_by_one(self, sources: Sequence[Any], attempts: Attempts) -> list[Any]:
        found: list[Any] = []
        for index, source in enumerate(sources):
            if index in attempts.fatal:
                found.append(Error("the process ended each time this picture was tried"))
                continue
            attempts.at(index)
            found += self._look([source])
        return found


class ListWorker(_Worker):
    """Called with the ordinal of a part."""

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        return self.answer(lambda: self.part(int(batch["part"][0])))

    def part(self, ordinal: int) -> tuple[str, Counts]:
        path = self.out / f"part-{ordinal:08d}{SUFFIXES[self.task.format]}"
        if path.exists():  # by an actor whose answer was lost
            return path.name, read_counts(path)
        listed = self.inside / "inputs" / f"{ordinal:08d}.json"
        paths = json.loads(listed.read_text("ascii"))
        return path.name, self.make_part(path, f"{ordinal:08d}", paths, [readable(p) for p in paths])


class RowWorker(_Worker):
    """Called with rows of `bytes`, `path` or both; leaves out those whose path is in `done`.

    A part has another name each time it is made, and counts once the driver has heard of it: Ray answers once for each
    row, however often it was worked on.
    """

    def __init__(self, task: Task, done: Any):
        import ray

        super().__init__(task)
        self.done: Seen = ray.get(done)

    def __call__(self, batch: Any) -> dict[str, Any]:
        return self.answer(lambda: self.part(batch))

    def part(self, batch: Any) -> tuple[str, Counts]:
        names, sources = _columns(batch)
        if len(self.done):
            left = [i for i, name in enumerate(names) if name not in self.done]
            names, sources = [names[i] for i in left], [sources[i] for i in left]
        if not sources:
            return "", Counts(0, 0, 0)
        path = self.out / f"part-{uuid.uuid4().hex}{SUFFIXES[self.task.format]}"
        return path.name, self.make_part(path, _key_of(names, sources), sources, names)


class Seen:
    """A set of paths, 16 bytes each, that actors of a node share."""

    def __init__(self, paths: Any):
        self._hashes = np.sort(np.fromiter((_hash(path) for path in paths), dtype="S16"))

    def __len__(self) -> int:
        return len(self._hashes)

    def __contains__(self, path: str | None) -> bool:
        if path is None:
            return False
        hashed = np.array(_hash(path), dtype="S16")
        at = int(np.searchsorted(self._hashes, hashed))
        return at < len(self._hashes) and bool(self._hashes[at] == hashed)


def _hash(path: str) -> bytes:
    return hashlib.blake2b(path.encode(), digest_size=16).digest()


def _key_of(names: Sequence[str | None], sources: Sequence[Any]) -> str:
    """The same for the same rows."""
    whole = hashlib.blake2b(digest_size=16)
    for name, source in zip(names, sources):
        whole.update(_hash(name) if name is not None else hashlib.blake2b(source, digest_size=16).digest())
    return whole.hexdigest()


def _columns(table: Any) -> tuple[list[str | None], list[Any]]:
    """Names of a batch's pictures, and where they come from: their bytes, or the file where there are none."""
    paths: list[Any] = [None] * table.num_rows
    if "path" in table.column_names:
        paths = table["path"].to_pylist()
        if not all(isinstance(path, str) for path in paths):
            raise Problem("column `path`: expected text in every row")
    sources = []
    for path, scalar in zip(paths, table["bytes"]):
        held = scalar.as_buffer() if hasattr(scalar, "as_buffer") else None
        if held is None and (scalar.is_valid or path is None):
            raise Problem(f"column `bytes`: expected the bytes of a picture's file in every row, got {scalar.type}")
        sources.append(path if held is None else memoryview(held).cast("B"))
    return [None if path is None else readable(path) for path in paths], sources


def _text(error: BaseException, name: str | None) -> str:
    """The message; where it counts the pictures of a call, the picture's name."""
    text = readable(str(error)) or type(error).__name__
    return re.sub(r"^sources\[\d+\]", lambda _: name or "picture", text)
