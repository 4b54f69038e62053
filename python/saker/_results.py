"""What ``saker.YOLO`` gives for a picture, under the names that Ultralytics has for it; arrays are numpy's."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterator, List, NoReturn, Optional, Tuple, Union

import numpy as np

from ._habits import Array, array_of, increment, lacking, refuse_unless
from .errors import UnsupportedError

if TYPE_CHECKING:
    from .detections import Detections


class Boxes:
    """The boxes of a picture, best first; also one of them (``boxes[0]``).

    data: float32 (n, 6): x1, y1, x2, y2 in pixels, confidence, class.
    """

    id = None  # of tracks: there are none
    is_track = False

    def __init__(self, data: Any, orig_shape: Tuple[int, int]) -> None:
        rows = np.asarray(data, np.float32)
        self.data = np.atleast_2d(rows).view(Array) if rows.size else rows.reshape(0, 6).view(Array)
        if self.data.ndim != 2 or self.data.shape[1] != 6:
            raise ValueError(f"boxes of shape {rows.shape}; expected (n, 6): x1, y1, x2, y2, confidence, class")
        self.orig_shape = (int(orig_shape[0]), int(orig_shape[1]))

    @property
    def xyxy(self) -> Array:
        """(n, 4): x1, y1, x2, y2 in pixels of the picture."""
        return array_of(self.data[:, :4])

    @property
    def conf(self) -> Array:
        """(n,): 0 to 1."""
        return array_of(self.data[:, 4])

    @property
    def cls(self) -> Array:
        """(n,): class ids, as float32."""
        return array_of(self.data[:, 5])

    @property
    def xywh(self) -> Array:
        """(n, 4): the middle's x and y, width, height, in pixels."""
        x1, y1, x2, y2 = self.xyxy.T
        return np.stack([(x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1], axis=1).view(Array)

    @property
    def xyxyn(self) -> Array:
        """(n, 4): xyxy as fractions of the picture's width and height."""
        return array_of(self.xyxy / self._extent())

    @property
    def xywhn(self) -> Array:
        """(n, 4): xywh as fractions."""
        return array_of(self.xywh / self._extent())

    def _extent(self) -> np.ndarray:
        height, width = self.orig_shape
        return np.array([width, height, width, height], np.float32)

    @property
    def shape(self) -> Tuple[int, ...]:
        return self.data.shape

    def cpu(self) -> "Boxes":
        return self

    def numpy(self) -> "Boxes":
        return self

    def to(self, *place: Any, **options: Any) -> "Boxes":
        self.data.to(*place, **options)
        return self

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: Any) -> "Boxes":
        return Boxes(self.data[index], self.orig_shape)

    def __iter__(self) -> Iterator["Boxes"]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"saker.yolo.Boxes({len(self)} boxes of a picture {self.orig_shape[1]}x{self.orig_shape[0]})"

    def __getattr__(self, name: str) -> NoReturn:
        raise lacking(self, name)


class Results:
    """What was found in one picture.

    boxes: Boxes; names: {class id: name}; path: str; orig_shape: (height, width); speed: milliseconds of preprocess,
    inference, postprocess; detections: the same as ``saker.Detections``. masks, probs, keypoints, obb: None.
    """

    masks = probs = keypoints = obb = depth = semantic_mask = None

    def __init__(
        self, detections: "Detections", path: str, picture: Optional[np.ndarray] = None, save_dir: Optional[str] = None
    ) -> None:
        self.detections = detections
        self.path = path
        self.save_dir = save_dir
        self.names: Dict[int, str] = dict(enumerate(detections.names))
        self.orig_shape = (detections.height, detections.width)
        rows = np.concatenate(
            [detections.boxes, detections.scores[:, None], detections.class_ids[:, None].astype(np.float32)], axis=1
        )
        self.boxes = Boxes(rows, self.orig_shape)
        self.speed = {
            "preprocess": detections.ms.get("preprocess", 0.0),
            "inference": detections.ms.get("infer", 0.0),
            "postprocess": detections.ms.get("postprocess", 0.0),
        }
        self._picture = picture  # BGR

    @property
    def orig_img(self) -> np.ndarray:
        """uint8 (height, width, 3), BGR as OpenCV has it; a file's is read again each time."""
        if self._picture is not None:
            return self._picture
        from .pictures import read_image

        return np.ascontiguousarray(read_image(self.path)[:, :, ::-1])

    def plot(
        self,
        conf: bool = True,
        labels: bool = True,
        boxes: bool = True,
        img: Optional[np.ndarray] = None,
        show: bool = False,
        save: bool = False,
        filename: Optional[str] = None,
        **others: Any,
    ) -> np.ndarray:
        """The picture with the boxes drawn: uint8 (h, w, 3), BGR. img: another picture to draw on, BGR."""
        refuse_unless(
            "Results.plot",
            others,
            {
                "line_width": (None, "lines are as wide as suits the picture"),
                "font_size": (None, "text is as large as suits the picture"),
                "font": ("Arial.ttf", "there is one font"),
                "pil": (False, "PIL.Image.fromarray(result.plot()[:, :, ::-1]) is one"),
                "im_gpu": (None, "there are no masks"),
                "masks": (True, "there are no masks"),
                "probs": (True, "there are no class probabilities"),
                "kpt_radius": (5, "there are no key points"),
                "kpt_line": (True, "there are no key points"),
                "color_mode": ("class", "colours are by class"),
                "txt_color": ((255, 255, 255), "text is black or white, whatever can be read"),
            },
        )
        picture = (self.orig_img if img is None else img)[:, :, ::-1]
        picture = self.detections.plot(picture, labels=labels, scores=conf and labels) if boxes else picture
        if save:
            from .pictures import write_image

            write_image(filename or f"results_{Path(self.path).name}", picture)
        if show:
            _show(picture)
        return np.ascontiguousarray(picture[:, :, ::-1])

    def save(self, filename: Optional[str] = None, **options: Any) -> str:
        """Writes the picture with the boxes drawn, .jpg or .png; gives the file's name."""
        name = os.fspath(filename) if filename else f"results_{Path(self.path).name}"
        self.plot(save=True, filename=name, **options)
        return name

    def show(self, **options: Any) -> None:
        """Shows the picture with the boxes drawn: in a notebook there, else in a window. Needs Pillow."""
        self.plot(show=True, **options)

    def save_txt(self, txt_file: Union[str, "os.PathLike[str]"], save_conf: bool = False) -> str:
        """Adds a line a box to a file of labels: class, then middle, width and height as fractions."""
        lines = []
        for row, fractions in zip(self.boxes.data.tolist(), self.boxes.xywhn.tolist()):
            values = [*fractions, row[4]] if save_conf else fractions
            lines.append(" ".join([str(int(row[5])), *(f"{value:.6g}" for value in values)]) + "\n")
        Path(txt_file).parent.mkdir(parents=True, exist_ok=True)
        if lines:
            with open(txt_file, "a", encoding="utf-8") as file:
                file.writelines(lines)
        return str(txt_file)

    def save_crop(self, save_dir: Union[str, "os.PathLike[str]"], file_name: Any = "im.jpg") -> None:
        """Writes what is in each box, and a little around it, as save_dir/CLASS/file_name.jpg."""
        from .pictures import write_image

        picture = np.ascontiguousarray(self.orig_img[:, :, ::-1])
        height, width = self.orig_shape
        for x, y, w, h, class_id in np.column_stack([self.boxes.xywh, self.boxes.cls]).tolist():
            w, h = w * 1.02 + 10, h * 1.02 + 10
            left, top = max(0, int(x - w / 2)), max(0, int(y - h / 2))
            right, bottom = min(width, int(x + w / 2)), min(height, int(y + h / 2))
            name = self.names[int(class_id)].replace("/", "_")
            target = increment(Path(save_dir) / name / Path(file_name).with_suffix(".jpg").name)
            target.parent.mkdir(parents=True, exist_ok=True)
            write_image(
                str(target), np.ascontiguousarray(picture[top : max(bottom, top + 1), left : max(right, left + 1)])
            )

    def verbose(self) -> str:
        """``4 persons, 1 bus, ``"""
        if not len(self):
            return "(no detections), "
        ids, counts = np.unique(self.boxes.cls.numpy().astype(int), return_counts=True)
        return "".join(f"{n} {self.names[i]}{'s' * (n > 1)}, " for i, n in zip(ids.tolist(), counts.tolist()))

    def summary(self, normalize: bool = False, decimals: int = 5) -> List[Dict[str, Any]]:
        """A dict a box: name, class, confidence, box {x1, y1, x2, y2}."""
        corners = self.boxes.xyxyn if normalize else self.boxes.xyxy
        return [
            {
                "name": self.names[int(row[5])],
                "class": int(row[5]),
                "confidence": round(row[4], decimals),
                "box": {key: round(value, decimals) for key, value in zip(("x1", "y1", "x2", "y2"), xyxy)},
            }
            for row, xyxy in zip(self.boxes.data.tolist(), corners.tolist())
        ]

    def to_json(self, normalize: bool = False, decimals: int = 5) -> str:
        return json.dumps(self.summary(normalize, decimals), indent=2)

    tojson = to_json

    def to_df(self, normalize: bool = False, decimals: int = 5) -> Any:
        """summary() as a pandas.DataFrame."""
        from .converters import imported

        return imported("pandas").DataFrame(
            self.summary(normalize, decimals), columns=["name", "class", "confidence", "box"]
        )

    def to_csv(self, normalize: bool = False, decimals: int = 5) -> str:
        return str(self.to_df(normalize, decimals).to_csv(index=False))

    def cpu(self) -> "Results":
        return self

    def numpy(self) -> "Results":
        return self

    def to(self, *place: Any, **options: Any) -> "Results":
        self.boxes.to(*place, **options)
        return self

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, index: Any) -> "Results":
        if isinstance(index, (int, np.integer)):
            index = [range(len(self))[index]]
        return Results(self.detections[index], self.path, self._picture, self.save_dir)

    def __iter__(self) -> Iterator["Results"]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        return f"saker.yolo.Results({self.path}: {self.verbose().rstrip(', ')})"

    def _repr_html_(self) -> str:
        return self.detections._repr_html_()

    def __getattr__(self, name: str) -> NoReturn:
        raise lacking(self, name)


def _show(picture: np.ndarray) -> None:
    try:
        from PIL import Image
    except ImportError:
        raise UnsupportedError("show needs Pillow: pip install pillow; or write a file with save()") from None
    image = Image.fromarray(picture)
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        image.show()
        return
    if get_ipython() is None:
        image.show()
    else:
        display(image)
