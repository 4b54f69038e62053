"""Pictures: what the package takes for one, reading, writing and drawing."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Sequence, Union

import numpy as np

from . import _core

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["draw_boxes", "read_image", "write_image"]

_EXPECTED = (
    "expected a picture: a file's name, its bytes, an array of uint8 of shape (height, width, 3), (height, width) or "
    "(height, width, 4), or a PIL image"
)

Source = Union[str, bytes, bytearray, memoryview, "NDArray[np.uint8]"]


def as_source(picture: Any) -> Source:
    """The picture as `_core` takes it, without a copy where there is a way: a str, encoded bytes or an array of uint8.

    Raises TypeError or ValueError, which say what was expected and what came.
    """
    if isinstance(picture, (bytes, bytearray)):
        return picture
    if isinstance(picture, np.ndarray):
        return _checked(picture)
    if isinstance(picture, (str, os.PathLike)):
        name = os.fsdecode(picture)
        if "\0" in name:
            raise ValueError(f"{_EXPECTED}; got a file's name with a null byte: {name!r}")
        return name
    if isinstance(picture, memoryview):
        one_of_bytes = picture.ndim == 1 and picture.format in ("B", "b", "c")
        return picture.cast("B") if one_of_bytes and picture.c_contiguous else _checked(np.asarray(picture))
    pil = sys.modules.get("PIL.Image")
    if pil is not None and isinstance(picture, pil.Image):
        return _pixels_of_pil(picture)
    return _checked(_as_array(picture))


def _as_array(picture: Any) -> NDArray[Any]:
    """Somebody else's array as numpy's, over the same memory."""
    if hasattr(picture, "__dlpack__"):
        try:
            return np.from_dlpack(picture)
        except Exception as error:
            if hasattr(picture, "__cuda_array_interface__") or "device" in str(error).lower():
                said = f"{_EXPECTED}; got {_named(picture)} that is not in the CPU's memory: {error}"
                raise TypeError(said) from error
            # Read-only or of an element type that DLPack lacks: perhaps another way takes it.
    if hasattr(picture, "__array_interface__") or hasattr(picture, "__array__"):
        return np.asarray(picture)
    try:
        return np.asarray(memoryview(picture))
    except TypeError:
        raise TypeError(f"{_EXPECTED}; got {_named(picture)}") from None


def _named(picture: Any) -> str:
    return f"{type(picture).__module__}.{type(picture).__qualname__}".replace("builtins.", "")


def _checked(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype != np.uint8:
        hint = " (colours from 0 to 1? multiply by 255 and convert)" if array.dtype.kind == "f" else ""
        raise TypeError(f"{_EXPECTED}; got an array of {array.dtype} of shape {array.shape}{hint}")
    if array.ndim not in (2, 3) or 0 in array.shape or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        hint = ""
        if array.ndim == 1:
            hint = " (an encoded picture? pass its bytes: array.tobytes())"
        elif array.ndim == 3 and array.shape[0] in (1, 3, 4):
            hint = " (channels come last: array.transpose(1, 2, 0))"
        elif array.ndim == 4:
            hint = " (several pictures? pass a list of them: list(array))"
        raise ValueError(f"{_EXPECTED}; got an array of shape {array.shape}{hint}")
    return array


def _pixels_of_pil(image: Any) -> NDArray[np.uint8]:
    """Pixels as the library reads them from files: 16 bits become 8 (the high byte), alpha is dropped."""
    if image.width == 0 or image.height == 0:
        raise ValueError(f"{_EXPECTED}; got a PIL image of {image.width}x{image.height} pixels")
    if image.mode in ("RGB", "L", "RGBA"):
        return np.asarray(image)
    if image.mode == "I" or image.mode.startswith("I;16"):
        return (np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)
    try:
        return np.asarray(image.convert("RGB"))
    except ValueError as error:
        raise ValueError(f"{_EXPECTED}; got a PIL image of mode {image.mode}: {error}") from error


def read_image(source: Any, *, max_pixels: int = 100_000_000) -> NDArray[np.uint8]:
    """Reads a picture: a file's name or path, or the bytes of one (JPEG, PNG, WebP, BMP, PPM and what the build has).

    Returns uint8 (height, width, 3), RGB, with the orientation applied, grey widened, alpha dropped. Anything else
    that a Detector takes is converted to that, as a copy. Pictures of more than `max_pixels` raise saker.LimitError.
    """
    return _core.read_image(as_source(source), max_pixels=max_pixels)


def write_image(path: str | os.PathLike[str], image: Any, *, quality: int = 95, bgr: bool = False) -> None:
    """Writes a picture as JPEG (`quality` 1 to 100) or PNG, by the extension of `path`.

    `image`: what a Detector takes; `bgr`: its channels come in OpenCV's order.
    """
    source = as_source(image)
    pixels = source if isinstance(source, np.ndarray) else _core.read_image(source)
    _core.write_image(os.fsdecode(path), pixels, quality=quality, bgr=bgr)


def draw_boxes(
    image: Any,
    boxes: ArrayLike,
    texts: Sequence[str] | None = None,
    colors: Sequence[int] | None = None,
    *,
    bgr: bool = False,
) -> NDArray[np.uint8]:
    """A copy of the picture with boxes drawn on it: uint8 (height, width, 3), RGB.

    boxes: (n, 4), x1, y1, x2, y2 in pixels, clipped to the picture; earlier ones lie on top.
    texts: of the n labels, none where empty; None: no labels. colors: n numbers of the palette; None: all the first.
    bgr: the channels of `image` come in OpenCV's order (those of the result never do).
    """
    source = as_source(image)
    pixels = source if isinstance(source, np.ndarray) else _core.read_image(source)
    corners = np.ascontiguousarray(boxes, dtype=np.float32)
    if corners.size == 0:
        corners = corners.reshape(0, 4)
    if corners.ndim != 2 or corners.shape[1] != 4:
        raise ValueError(f"boxes: expected an array of shape (n, 4), got {corners.shape}")
    count = len(corners)
    texts = [""] * count if texts is None else list(texts)
    colors = [0] * count if colors is None else [int(color) for color in colors]
    if len(texts) != count or len(colors) != count:
        raise ValueError(f"{count} boxes, {len(texts)} texts and {len(colors)} colors: expected as many of each")
    return _core.draw_boxes(pixels, corners, texts, colors, bgr=bgr)
