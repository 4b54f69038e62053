"""The folder of a job: what it is about, which pictures belong to which file of results, and which files are complete.

    OUT/part-00000017.parquet         results; there under this name only when complete
    OUT/_saker/job.json               the model, the options and the pictures that all of them are of
    OUT/_saker/inputs/00000017.json   the pictures of that part
    OUT/_saker/parts.jsonl            the manifest: a line for each complete part
    OUT/_saker/scratch/               files that grow
    OUT/_saker/attempts/              who is at work on what, for parts that end their process (attempts.py)

Readers of Parquet and Ray's leave out folders whose names begin with "_".
"""
from __future__ import annotations

import fcntl
import json
import os
import shutil
from pathlib import Path
from typing import Any, Iterable, Iterator

from saker.errors import InvalidError

from .inputs import in_pieces
from .parts import SUFFIXES, Counts, publish, read_counts, read_paths


class Job:
    """What the driver knows. Actors only read inputs, and write parts, scratch and attempts."""

    def __init__(self, out: str | os.PathLike[str], about: dict[str, Any], resume: bool):
        """Opens a folder, a new one or that of a job about the same thing.

        `about`: what results are of; compared with what the folder holds. Raises InvalidError naming what differs.
        """
        self.out = Path(os.path.abspath(os.fspath(out)))
        self.inside = self.out / "_saker"
        self.about = about
        self._refuse_strangers()
        for folder in ("inputs", "scratch", "attempts"):
            (self.inside / folder).mkdir(parents=True, exist_ok=True)
        self._lock()
        self.state = self._open(resume)
        self.complete: dict[str, Counts] = {}
        self._read_manifest()

    def close(self) -> None:
        self._locked.close()

    def __enter__(self) -> Job:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse_strangers(self) -> None:
        if not self.out.exists():
            return
        if not self.out.is_dir():
            raise InvalidError(f"{self.out}: is not a folder; results are several files")
        if not self.inside.is_dir() and any(self.out.iterdir()):
            raise InvalidError(f"{self.out}: holds other files; name an empty or new folder for the results")

    def _lock(self) -> None:
        self._locked = open(self.inside / "lock", "a", encoding="utf-8")
        try:
            fcntl.flock(self._locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._locked.close()
            raise InvalidError(f"{self.out}: another run is at work on this folder; wait until it ends") from None
        except OSError:
            pass  # a file system without locks: then it is up to the user

    def _open(self, resume: bool) -> dict[str, Any]:
        file = self.inside / "job.json"
        if not file.exists():
            return {}
        try:
            state: dict[str, Any] = json.loads(file.read_text("utf-8"))
            was = state["about"]
        except (ValueError, KeyError, TypeError):
            raise InvalidError(f"{file}: damaged; name another folder for the results, or remove this one") from None
        if not resume:
            raise InvalidError(f"{self.out}: holds results already; `resume` goes on with them; or name another folder")
        differing = [key for key in sorted({*was, *self.about}) if was.get(key) != self.about.get(key)]
        if differing:
            said = "; ".join(f"{key} {_shown(was.get(key))}, now {_shown(self.about.get(key))}" for key in differing)
            raise InvalidError(f"{self.out}: holds results of something else ({said}); "
                               "name another folder, or remove this one")
        return state

    @property
    def suffix(self) -> str:
        return SUFFIXES[self.about["format"]]

    @property
    def pictures(self) -> int | None:
        """How many there are; None before they are listed, or if only reading them tells."""
        return self.state.get("pictures")

    def list_pictures(self, paths: Iterable[str], part_size: int) -> None:
        """Writes down which pictures belong to which part, unless that is done: from then on it does not change."""
        if self.pictures is not None:
            return
        inputs = self.inside / "inputs"
        shutil.rmtree(inputs)
        inputs.mkdir()
        pictures = parts = 0
        for piece in in_pieces(paths, part_size):
            (inputs / f"{parts:08d}.json").write_text(json.dumps(piece), "ascii")
            pictures, parts = pictures + len(piece), parts + 1
        self._write({"parts": parts, "pictures": pictures, "part_size": part_size})

    def begin_stream(self) -> None:
        """For pictures that come with their bytes: nothing is listed beforehand."""
        if not self.state:
            self._write({"stream": True})

    def end_stream(self, pictures: int) -> None:
        self._write({"stream": True, "pictures": pictures})

    def _write(self, state: dict[str, Any]) -> None:
        self.state = {**state, "about": self.about}
        growing = self.inside / "scratch" / "job.json"
        growing.write_text(json.dumps(self.state, indent=1) + "\n", "ascii")
        publish(growing, self.inside / "job.json")

    def part(self, ordinal: int) -> Path:
        return self.out / f"part-{ordinal:08d}{self.suffix}"

    def missing(self) -> list[int]:
        """Ordinals of the listed parts that are to be made."""
        return [i for i in range(self.state["parts"]) if self.part(i).name not in self.complete]

    def record(self, name: str, counts: Counts) -> None:
        """Enters a complete part into the manifest."""
        self.complete[name] = counts
        line = json.dumps({"part": name, **counts._asdict()}) + "\n"
        with open(self.inside / "parts.jsonl", "a", encoding="ascii") as file:
            file.write(line)

    def _read_manifest(self) -> None:
        """The parts that are entered and there; then, of listed pictures, those that are there and not yet entered."""
        there = {file.name for file in self.out.glob(f"part-*{self.suffix}")}
        if there and not self.state:
            raise InvalidError(f"{self.inside / 'job.json'}: is missing, so that nobody knows what the results are of; "
                               "name another folder")
        manifest = self.inside / "parts.jsonl"
        if manifest.exists():
            text = manifest.read_text("ascii", errors="replace")
            for line in text.splitlines():
                try:
                    entry = json.loads(line)
                    name, counts = entry.pop("part"), Counts(**entry)
                except (ValueError, TypeError, KeyError, AttributeError):
                    continue  # cut off when the machine stopped
                if name in there:
                    self.complete[name] = counts
            if text and not text.endswith("\n"):
                with open(manifest, "a", encoding="ascii") as file:
                    file.write("\n")
        if not self.state.get("stream"):
            for name in sorted(there - self.complete.keys()):
                self.record(name, read_counts(self.out / name))

    def remove_unentered(self) -> None:
        """Of pictures that come with their bytes the manifest decides: what is not in it was made by an actor whose
        work Ray has given to another, or that nobody has heard of since the driver ended."""
        for file in self.out.glob(f"part-*{self.suffix}"):
            if file.name not in self.complete:
                file.unlink(missing_ok=True)

    def paths_done(self) -> Iterator[str]:
        for name in sorted(self.complete):
            for path in read_paths(self.out / name):
                if path is None:
                    raise InvalidError(f"{self.out}: pictures without the column `path` cannot be told apart, so that "
                                       "a run which was interrupted cannot go on; name another folder")
                yield path

    def clean(self, *folders: str) -> None:
        """Removes what actors left that have ended."""
        for folder in folders:
            for file in (self.inside / folder).iterdir():
                file.unlink(missing_ok=True)

    def files(self) -> list[str]:
        return [str(self.out / name) for name in sorted(self.complete)]


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else text[:197] + "..."
