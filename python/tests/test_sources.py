"""Pictures in every form that the detector takes, and those it refuses."""

from __future__ import annotations

import array
import io
import mmap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import PICTURE

import saker


class OnlyDlpack:
    """An array of another library, of which one sees DLPack only."""

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self._values.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._values.__dlpack_device__()


class OnlyInterface:
    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    @property
    def __array_interface__(self) -> dict:
        return self._values.__array_interface__


class OnAnotherDevice:
    def __dlpack__(self, **options: Any) -> Any:
        raise BufferError("this device has no path to the CPU")

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)


def padded_rows(picture: np.ndarray) -> np.ndarray:
    wide = np.zeros((picture.shape[0], picture.shape[1] + 13, 3), np.uint8)
    wide[:, : picture.shape[1]] = picture
    return wide[:, : picture.shape[1]]


def read_only(picture: np.ndarray) -> np.ndarray:
    copy = picture.copy()
    copy.flags.writeable = False
    return copy


def planes(picture: np.ndarray) -> np.ndarray:
    """Channels first in memory, last in the shape."""
    return np.ascontiguousarray(picture.transpose(2, 0, 1)).transpose(1, 2, 0)


def with_alpha(picture: np.ndarray) -> np.ndarray:
    return np.dstack([picture, np.full(picture.shape[:2], 7, np.uint8)])


FORMS = {
    "fortran": np.asfortranarray,
    "padded": padded_rows,
    "read-only": read_only,
    "planes": planes,
    "alpha": with_alpha,
    "alpha cut off": lambda p: with_alpha(p)[..., :3],
    "every second of a larger one": lambda p: np.repeat(np.repeat(p, 2, 0), 2, 1)[::2, ::2],
    "rows backwards twice": lambda p: np.ascontiguousarray(p[::-1])[::-1],
    "columns backwards twice": lambda p: np.ascontiguousarray(p[:, ::-1])[:, ::-1],
    "channels backwards twice": lambda p: np.ascontiguousarray(p[..., ::-1])[..., ::-1],
    "all backwards twice": lambda p: np.ascontiguousarray(p[::-1, ::-1, ::-1])[::-1, ::-1, ::-1],
    "DLPack": OnlyDlpack,
    "array interface": OnlyInterface,
    "memoryview": memoryview,
    "subclass": lambda p: p.view(np.memmap),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_pixels_give_the_same_boxes(detector: saker.Detector, picture: np.ndarray, form: str) -> None:
    expected = detector(picture)
    assert len(expected) > 0
    assert detector(FORMS[form](picture)) == expected


@pytest.mark.parametrize("form", ["fortran", "padded", "alpha", "channels backwards twice", "planes"])
def test_opencvs_order(detector: saker.Detector, picture: np.ndarray, form: str) -> None:
    swapped = np.ascontiguousarray(picture[..., ::-1])
    if form == "alpha":
        swapped = np.dstack([swapped, picture[..., 0]])
    else:
        swapped = FORMS[form](swapped)
    assert detector(swapped, bgr=True) == detector(picture)
    assert detector(picture[..., ::-1], bgr=True) == detector(picture)


def test_grey(detector: saker.Detector, picture: np.ndarray) -> None:
    grey = picture[..., 1]  # every third byte
    expected = detector(np.dstack([grey, grey, grey]))
    for form in (grey, np.ascontiguousarray(grey), grey[..., None], grey[::-1][::-1]):
        assert detector(form) == expected


def test_sizes(detector: saker.Detector, picture: np.ndarray) -> None:
    for height, width in ((1, 1), (1, 500), (500, 1), (2, 3)):
        for source in (np.full((height, width, 3), 9, np.uint8), np.full((height, width), 9, np.uint8)):
            found = detector(source)
            assert (found.height, found.width) == (height, width)


def test_rows_that_overlap(detector: saker.Detector, picture: np.ndarray) -> None:
    height, width = picture.shape[:2]
    one_row = np.broadcast_to(picture[100], picture.shape)
    assert detector(one_row) == detector(np.repeat(picture[100:101], height, 0))
    one_pixel = np.broadcast_to(picture[100, 100], picture.shape)
    assert detector(one_pixel) == detector(np.full(picture.shape, picture[100, 100]))
    sliding = np.lib.stride_tricks.as_strided(picture, (50, 50, 3), (3, 3, 1))
    assert detector(sliding) == detector(sliding.copy())


def test_encoded(detector: saker.Detector, picture: np.ndarray) -> None:
    data = PICTURE.read_bytes()
    expected = detector(picture)
    sources = [data, bytearray(data), memoryview(data), memoryview(bytearray(data)).cast("b")]
    with open(PICTURE, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        sources.append(view)
        for source in sources:
            assert detector(source) == expected
        del sources, source
        view.release()


@pytest.mark.parametrize(
    "source, kind, said",
    [
        (np.zeros((4, 4, 3), np.float32), TypeError, "float32.*255"),
        (np.zeros((4, 4, 3), np.float64), TypeError, "float64"),
        (np.zeros((4, 4, 3), np.int8), TypeError, "int8"),
        (np.zeros((4, 4, 3), np.uint16), TypeError, "uint16"),
        (np.zeros((4, 4, 3), bool), TypeError, "bool"),
        (np.zeros((4, 4, 3), complex), TypeError, "complex128"),
        (np.zeros((4, 4, 3), object), TypeError, "object"),
        (np.array("text"), TypeError, "<U4"),
        (np.zeros((4, 4, 3), [("r", "u1"), ("g", "u1")]), TypeError, "r"),
        (np.uint8(3), ValueError, r"shape \(\)"),
        (np.zeros(0, np.uint8), ValueError, r"\(0,\)"),
        (np.zeros(100, np.uint8), ValueError, "tobytes"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, r"\(0, 4, 3\)"),
        (np.zeros((4, 0, 3), np.uint8), ValueError, r"\(4, 0, 3\)"),
        (np.zeros((4, 4, 0), np.uint8), ValueError, r"\(4, 4, 0\)"),
        (np.zeros((4, 4, 2), np.uint8), ValueError, r"\(4, 4, 2\)"),
        (np.zeros((4, 4, 5), np.uint8), ValueError, r"\(4, 4, 5\)"),
        (np.zeros((3, 40, 40), np.uint8), ValueError, "transpose"),
        (np.zeros((1, 4, 4, 3), np.uint8), ValueError, "list of them"),
        (b"", ValueError, "picture"),
        (b"\xff\xd8\xff", ValueError, "picture"),
        (memoryview(b""), ValueError, "picture"),
        (array.array("H", [1, 2, 3]), TypeError, "uint16"),
        (memoryview(array.array("d", [1.0])), TypeError, "float64"),
        (None, TypeError, "NoneType"),
        (7, TypeError, "int"),
        ({"a": 1}, TypeError, "dict"),
        ((i for i in "abc"), TypeError, "generator"),
        (OnAnotherDevice(), TypeError, "device|CPU"),
        ("", OSError, "."),
        ("no such file.jpg", FileNotFoundError, "no such file.jpg"),
        ("a\0b.jpg", ValueError, "null"),
        (Path("/"), OSError, "/"),
    ],
    ids=lambda value: None,
)
def test_refused(detector: saker.Detector, source: Any, kind: type, said: str) -> None:
    with pytest.raises(kind, match=said):
        detector(source)
    (outcome,) = detector([source], errors="return")
    assert isinstance(outcome, kind)


def test_file_names_of_any_bytes(detector: saker.Detector, tmp_path: Path) -> None:
    for name in ("zwölf.jpg", "\udcff\udcfe.jpg", "new\nline.jpg"):
        file = tmp_path / name
        file.write_bytes(PICTURE.read_bytes())
        found = detector(file)
        assert found.path == str(file) and len(found) > 0
    with pytest.raises(saker.NotFoundError):
        detector(tmp_path / "\udcff.jpg")


PIL_MODES = ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "LA", "I", "I;16", "F"]


@pytest.mark.parametrize("mode", PIL_MODES)
def test_pil(detector: saker.Detector, picture: np.ndarray, mode: str) -> None:
    image_module = pytest.importorskip("PIL.Image")
    image = image_module.fromarray(picture)
    assert detector(image) == detector(picture)
    if mode.startswith("I"):
        high = np.asarray(image.convert("L"))
        converted = image_module.fromarray((high.astype(np.uint16) << 8) | 3)
        if mode == "I":
            converted = converted.convert("I")
        expected = high
    elif mode == "LAB":
        profiles = pytest.importorskip("PIL.ImageCms")
        transform = profiles.buildTransform(profiles.createProfile("sRGB"), profiles.createProfile("LAB"), "RGB", "LAB")
        converted = profiles.applyTransform(image, transform)
    else:
        converted = image.convert(mode)
    assert converted.mode == mode
    if not mode.startswith("I"):
        try:
            expected = np.asarray(converted.convert("RGB"))
        except ValueError:  # Pillow itself has no way
            with pytest.raises(ValueError, match=mode):
                detector(converted)
            return
    assert detector(converted) == detector(expected)
    assert detector([converted, image])[1] == detector(picture)


def test_pil_of_no_pixels(detector: saker.Detector) -> None:
    image_module = pytest.importorskip("PIL.Image")
    with pytest.raises(ValueError, match="0x5"):
        detector(image_module.new("RGB", (0, 5)))


def test_read_and_write(picture: np.ndarray, tmp_path: Path) -> None:
    assert picture.dtype == np.uint8 and picture.flags.writeable and picture.flags.c_contiguous
    for source in (PICTURE, str(PICTURE), PICTURE.read_bytes(), picture, picture[::-1][::-1]):
        assert np.array_equal(saker.read_image(source), picture)
    assert not np.shares_memory(saker.read_image(picture), picture)
    file = tmp_path / "a.png"
    saker.write_image(file, picture[:, ::-1])
    assert np.array_equal(saker.read_image(file), picture[:, ::-1])
    saker.write_image(file, picture[..., ::-1], bgr=True)
    assert np.array_equal(saker.read_image(file), picture)
    saker.write_image(file, picture[..., 0])
    assert np.array_equal(saker.read_image(file), np.dstack([picture[..., 0]] * 3))
    saker.write_image(tmp_path / "a.jpg", picture, quality=50)
    assert saker.read_image(tmp_path / "a.jpg").shape == picture.shape
    with pytest.raises(saker.LimitError):
        saker.read_image(PICTURE, max_pixels=100)
    with pytest.raises(saker.Error):
        saker.write_image(tmp_path / "a.xyz", picture)
    with pytest.raises(saker.Error):
        saker.write_image(tmp_path / "nowhere" / "a.png", picture)


def test_files_like_objects_are_refused(detector: saker.Detector) -> None:
    with pytest.raises(TypeError, match="BytesIO"):
        detector(io.BytesIO(PICTURE.read_bytes()))
