"""Sources as Ultralytics takes them, one picture after the other; what is not read here is refused by name."""

from __future__ import annotations

import glob
import os
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any, Iterator, List, NamedTuple, Optional

import numpy as np

from .errors import IoError, LimitError, NotFoundError, UnsupportedError

_PICTURES = frozenset(".jpg .jpeg .jpe .png .webp .bmp .dib .ppm .pgm .pnm .tif .tiff .gif .avif .jp2 .j2k".split())
_VIDEOS = frozenset(".mp4 .avi .mov .mkv .webm .m4v .mpg .mpeg .wmv .flv .ts .asf".split())
_MOST_BYTES = 64 << 20  # of a picture from elsewhere
_TIMEOUT = 20.0  # seconds


class Picture(NamedTuple):
    """One picture, and what to call it."""

    path: str
    given: Any  # what a saker.Detector takes
    bgr: bool = False
    pixels: Optional[np.ndarray] = None  # BGR, of what is no file


def pictures_of(source: Any, model: str) -> Iterator[Picture]:
    """All pictures of a source, files read later. model: its path, for what refusals advise."""
    if isinstance(source, (list, tuple)):
        for i, one in enumerate(source):
            if isinstance(one, (list, tuple)):
                raise TypeError(f"source[{i}] is a {type(one).__name__}; expected a picture or a path")
            yield from _named(one, model, i)
    else:
        yield from _named(source, model, 0)


def _named(source: Any, model: str, place: int) -> Iterator[Picture]:
    if isinstance(source, (str, os.PathLike)):
        yield from _of_text(os.fspath(source), model)
    elif isinstance(source, (int, np.integer)):
        raise _not_read(f"camera {source}", model, str(source))
    elif isinstance(source, np.ndarray):
        yield Picture(f"image{place}.jpg", source, True, _widened(source))
    elif isinstance(source, (bytes, bytearray, memoryview)):
        yield _decoded(f"image{place}.jpg", bytes(source))
    elif type(source).__module__.split(".")[0] == "torch":
        raise UnsupportedError(
            "source is a torch.Tensor: give pictures as numpy arrays (h, w, 3), uint8, BGR; "
            "saker.Session takes tensors of the model's input"
        )
    elif hasattr(source, "convert") and hasattr(source, "mode"):  # of Pillow
        path = getattr(source, "filename", "") or f"image{place}.jpg"
        yield Picture(os.fspath(path), source, False, np.array(source.convert("RGB"))[:, :, ::-1])
    else:
        raise TypeError(
            f"source is {type(source).__name__}; expected a path, a folder, a glob, a URL of a picture, a numpy "
            f"array (BGR), a PIL image, encoded bytes, or a list of those"
        )


def _widened(array: np.ndarray) -> np.ndarray:
    """Of grey and of what has alpha the three channels; the detector refuses what is no picture."""
    if array.ndim == 2:
        return np.dstack([array] * 3)
    return array[:, :, :3] if array.ndim == 3 and array.shape[2] > 3 else array


def _of_text(text: str, model: str) -> Iterator[Picture]:
    lower = text.lower()
    if "://" in text:
        yield _from_elsewhere(text, model)
    elif text.isdigit() and not os.path.exists(text):
        raise _not_read(f"camera {text}", model, text)
    elif lower.startswith("screen") and not os.path.exists(text):
        raise UnsupportedError(f"source {text!r}: the screen is not read; give its picture as a numpy array (BGR)")
    elif os.path.isdir(text):
        yield from _of_files(sorted(os.path.join(text, name) for name in os.listdir(text)), model, text)
    elif not os.path.exists(text) and glob.has_magic(text):
        yield from _of_files(sorted(glob.glob(text, recursive=True)), model, text)
    elif Path(lower).suffix in _VIDEOS:
        raise _not_read(f"video {text}", model, text)
    elif lower.endswith(".txt"):
        for line in _lines(text):
            yield from _of_text(line if "://" in line else os.path.join(os.path.dirname(text), line), model)
    elif not os.path.exists(text):
        raise NotFoundError(f"{text}: no such file or folder")
    else:
        yield Picture(text, text)


def _of_files(paths: List[str], model: str, source: str) -> Iterator[Picture]:
    """Pictures among files; others are left, but for videos, which Ultralytics would read."""
    pictures = [path for path in paths if Path(path).suffix.lower() in _PICTURES]
    videos = [path for path in paths if Path(path).suffix.lower() in _VIDEOS]
    if videos:
        raise _not_read(f"video {videos[0]} in {source}", model, videos[0])
    if not pictures:
        raise NotFoundError(f"{source}: no pictures there")
    for path in pictures:
        yield Picture(path, path)


def _lines(path: str) -> List[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return [line.strip() for line in file if line.strip()]
    except FileNotFoundError:
        raise NotFoundError(f"{path}: no such file") from None


def _from_elsewhere(url: str, model: str) -> Picture:
    place = urllib.parse.urlsplit(url)
    name = os.path.basename(place.path) or "image0.jpg"
    if place.scheme not in ("http", "https") or Path(name.lower()).suffix not in _PICTURES:
        raise _not_read(f"stream {url}", model, url)
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:
            content = answer.read(_MOST_BYTES + 1)
    except OSError as error:  # URLError, too
        raise IoError(f"{url}: {getattr(error, 'reason', error)}") from error
    if len(content) > _MOST_BYTES:
        raise LimitError(f"{url}: more than {_MOST_BYTES >> 20} MiB")
    return _decoded(name, content)


def _decoded(name: str, content: bytes) -> Picture:
    from .pictures import read_image

    pixels = read_image(content)
    return Picture(name, pixels, False, np.ascontiguousarray(pixels[:, :, ::-1]))


def _not_read(what: str, model: str, source: str) -> UnsupportedError:
    return UnsupportedError(
        f"{what}: YOLO reads pictures only; the command reads videos, cameras and streams: "
        f"saker.annotate({model!r}, {source!r}, jsonl='boxes.jsonl')"
    )
