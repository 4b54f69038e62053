"""A model on its way to every node: its file, the files it needs beside it, and the hash that names them."""
from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from saker.errors import NotFoundError


class Bundle(NamedTuple):
    """The bytes of a model's files by their names; `main` names the one to load ("" for a folder)."""

    name: str
    main: str
    files: dict[str, bytes]

    @property
    def identity(self) -> str:
        """sha256 of the model's only file, or of the names and bytes of all its files."""
        if len(self.files) == 1 and self.main:
            return "sha256:" + hashlib.sha256(self.files[self.main]).hexdigest()
        whole = hashlib.sha256()
        for name, data in sorted(self.files.items()):
            whole.update(f"{len(name.encode())} {len(data)} ".encode() + name.encode())
            whole.update(data)
        return "sha256:" + whole.hexdigest()


def read_bundle(model: str | os.PathLike[str]) -> Bundle:
    """Reads a model's file and those it needs beside it, or all files of a model's folder.

    They are: the external data of ONNX, an IR's .bin, and metadata.yaml.
    """
    path = Path(os.fspath(model))
    if path.is_dir():
        inside = (file for file in sorted(path.iterdir()) if file.is_file())
        return Bundle(path.name, "", {file.name: file.read_bytes() for file in inside})
    if not path.is_file():
        raise NotFoundError(f"{path}: no such file")
    data = path.read_bytes()
    wanted = {"metadata.yaml"}
    if path.suffix == ".xml":
        wanted.add(path.stem + ".bin")
    if path.suffix == ".onnx":
        wanted |= _external_data(data)
    beside = {name: path.parent / name for name in wanted}
    files = {name: file.read_bytes() for name, file in sorted(beside.items()) if file.is_file()}
    return Bundle(path.name, path.name, {path.name: data, **files})


def _external_data(data: bytes) -> set[str]:
    """The files that an ONNX file keeps tensors in, as its entries ("location", NAME) lie in the bytes: a tag and a
    length before each text."""
    names = set()
    for entry in re.finditer(rb"\x0a\x08location\x12([\x01-\x7f])", data):
        name = os.fsdecode(data[entry.end():entry.end() + entry.group(1)[0]])
        if not os.path.isabs(name) and ".." not in Path(name).parts:
            names.add(os.path.normpath(name))
    return names


def unpack(bundle: Bundle, identity: str) -> Path:
    """Puts the model's files into a folder of this machine, unless an earlier actor has; returns what to load."""
    root = Path(tempfile.gettempdir()) / f"saker-models-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    if root.is_symlink() or root.stat().st_uid != os.getuid():
        raise PermissionError(f"{root}: belongs to somebody else; remove it, or set TMPDIR to another folder")
    folder = root / identity.replace(":", "-")
    for name, data in bundle.files.items():
        file = folder / name
        if _size_of(file) != len(data):  # not there, or swept away file by file, as temporary folders are
            file.parent.mkdir(parents=True, exist_ok=True)
            growing = file.with_name(f".{file.name}.{os.getpid()}")
            growing.write_bytes(data)
            growing.replace(file)
    return folder / bundle.main if bundle.main else folder


def _size_of(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1
