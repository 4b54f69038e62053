"""Which pictures a job is about: folders, globs, lists and columns of paths, streamed, however many there are."""
from __future__ import annotations

import glob
import hashlib
import itertools
import os
from pathlib import Path
from typing import Any, Iterable, Iterator

from saker.errors import NotFoundError

# What `saker detect` takes for a picture in a folder; those of a format that a build lacks get a row with an error.
EXTENSIONS = frozenset(
    ".jpg .jpeg .jpe .jfif .png .webp .bmp .dib .ppm .pgm .pnm .tif .tiff .gif .avif .jp2 .j2k .j2c .jpc .jpx".split())
SORTED_AT_ONCE = 65536  # names of a folder


class Source:
    """Pictures to look at: `description` is what a job remembers them by, paths() streams them."""

    def __init__(self, description: dict[str, Any], paths: Iterable[str], if_none: str = "no pictures are given"):
        self.description = description
        self._paths = paths
        self._if_none = if_none

    def paths(self) -> Iterator[str]:
        """Absolute paths, because other nodes have other working folders. To be called once."""
        found = False
        for path in self._paths:
            found = True
            yield os.path.abspath(path)
        if not found:
            raise NotFoundError(self._if_none)


def source_of(given: Any, recursive: bool = False) -> Source:
    """`given`: a folder, a glob, a picture, a list (.txt), or an iterable of paths of pictures."""
    if isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError("a picture's bytes: put them into the column `bytes` of a ray.data.Dataset")
    if not isinstance(given, (str, os.PathLike)):
        return _explicit(given)
    path = os.fspath(given)
    if "://" in path:
        raise ValueError(f"{path}: not a path that every node has mounted; give the pictures' bytes: "
                         f"ray.data.read_binary_files({path!r}, include_paths=True)")
    whole = os.path.abspath(path)
    if os.path.isdir(path):
        remedy = "" if recursive else "; `recursive` also searches the folders in it"
        return Source({"kind": "folder", "path": whole, "recursive": recursive}, _folder(whole, recursive),
                      f"{path}: no pictures in this folder{remedy}")
    if not os.path.exists(path):
        if not glob.has_magic(path):
            raise NotFoundError(f"{path}: no such file")
        matches = (match for match in glob.iglob(path, recursive=True) if not os.path.isdir(match))
        return Source({"kind": "glob", "path": whole}, matches, f"{path}: no file matches")
    if path.lower().endswith(".txt"):
        return Source({"kind": "list", "path": whole}, _lines(Path(path)), f"{path}: lists no pictures")
    return Source({"kind": "picture", "path": whole}, [path])


def _explicit(given: Any) -> Source:
    try:
        once = iter(given) is given
    except TypeError:
        raise TypeError("pictures: expected a folder, a glob, a list (.txt), an iterable of paths, or a "
                        f"ray.data.Dataset; got {type(given).__name__}") from None
    if once:  # what can be read only once is compared with nothing
        return Source({"kind": "iterator"}, map(os.fspath, given))
    whole = hashlib.sha256()
    for path in given:
        whole.update(os.fsencode(os.path.abspath(os.fspath(path))) + b"\0")
    return Source({"kind": "paths", "sha256": whole.hexdigest()}, map(os.fspath, given))


def _folder(folder: str, recursive: bool) -> Iterator[str]:
    """Pictures of a folder by their names, and then those of the folders in it. Of a folder with more than 65,536
    entries as many at a time are sorted."""
    inner: list[str] = []
    with os.scandir(folder) as entries:
        visible = (entry for entry in entries if not entry.name.startswith("."))
        while piece := sorted(itertools.islice(visible, SORTED_AT_ONCE), key=lambda entry: entry.name):
            for entry in piece:
                if entry.is_dir():
                    if recursive and not entry.is_symlink():  # a link may lead back
                        inner.append(entry.path)
                elif os.path.splitext(entry.name)[1].lower() in EXTENSIONS:
                    yield entry.path
    for path in sorted(inner):
        yield from _folder(path, recursive)


def _lines(file: Path) -> Iterator[str]:
    """Pictures of a list, one a line; relative ones lie beside the list if they lie there."""
    with open(file, encoding="utf-8-sig", errors="surrogateescape") as lines:
        for line in lines:
            path = line.strip()
            if path and not path.startswith("#"):
                beside = file.parent / path
                yield str(beside) if beside.exists() else path


def in_pieces(paths: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(paths)
    while piece := list(itertools.islice(rest, size)):
        yield piece
