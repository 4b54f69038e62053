"""Folders larger than a machine: detections of any number of pictures on a Ray cluster.

    import saker.ray
    summary = saker.ray.detect("/mnt/pictures", "yolov8n.onnx", out="/mnt/boxes")
    ray.data.read_parquet("/mnt/boxes")     # path, width, height, boxes, scores, class_ids, labels, error, model

The same from a shell: python -m saker.ray --help. Needs pip install 'saker[ray]'.
"""
from __future__ import annotations

import os
import sys
import time
from typing import Any, Literal

from saker.errors import InvalidError

from .drive import quiet, run_list, run_rows
from .inputs import Source, source_of
from .job import Job
from .plan import Plan, make_plan
from .progress import Progress, Summary

__all__ = ["Summary", "detect"]


def detect(
    pictures: Any,
    model: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str],
    format: Literal["parquet", "jsonl"] = "parquet",
    resume: bool = True,
    recursive: bool = False,
    cores_per_actor: int | None = None,
    actors: int | None = None,
    batch_size: int = 1,
    part_size: int = 1000,
    missing_ok: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> Summary:
    """Finds boxes in pictures on all nodes of the Ray cluster and writes them as files of `out`.

    Runs where `ray.init()` has connected to, else on this machine alone. The boxes are those of saker.Detector.

    Args:
        pictures: a folder, a glob, a list (.txt, a path a line), an iterable of paths, or a ray.data.Dataset with a
            column `path` (text), `bytes` (a picture's file), or both: then `path` is a name, and has to be another one
            in each row if the run is to go on after an interruption. Paths, `out` too, are the same on every node.
        model: the model's file, on the driver; its bytes travel to the nodes, with the files it needs beside it.
        out: a folder for the results, new, empty, or that of an earlier run of the same job.
        format: of the results. Rows have path, width, height (pixels; null where the picture could not be read),
            boxes (list of [x1, y1, x2, y2], pixels, float32), scores, class_ids, labels (best score first), error
            (text, or null) and model (the hash of its file).
        resume: go on with what is in `out`; which pictures there are is known from the first run. False refuses a
            folder that holds results. A folder of another model, of other options or pictures is refused in any case.
        recursive: of a folder, also what is in the folders in it.
        cores_per_actor: CPUs of one actor, which looks at as many pictures at a time. None: up to 8, so that a node's
            CPUs come out even.
        actors: at most so many; None: as many as the cluster has CPUs for.
        batch_size: pictures that the network computes together.
        part_size: pictures of a file of results, which is what is done again when an actor is lost.
        missing_ok: keep parts of which no picture at all is found, rather than take the folder for not mounted.
        progress: a line on stderr; None: if it is a terminal.
        options: of saker.Detector: conf, iou, max_det, classes, agnostic, multi_label, imgsz, backend, precision,
            head, labels.

    Returns:
        How many pictures, failures and boxes there are in `out`, what this run did in how many seconds, and the files.

    Raises:
        saker.Error: for a model or an option that cannot be used, and for a folder that holds something else.
    """
    ray = _ray()
    started = time.monotonic()
    rows = _dataset_of_rows(pictures)
    if rows is not None:
        source = Source({"kind": "dataset"}, ())
    elif isinstance(pictures, ray.data.Dataset):
        source = Source({"kind": "dataset of paths"}, _paths_of(pictures), "the Dataset has no rows")
    else:
        source = source_of(pictures, recursive)
    plan: Plan = make_plan(model, options, format, source.description, cores_per_actor, actors, batch_size, part_size)
    shown = sys.stderr.isatty() if progress is None else progress
    with Job(out, plan.about, resume) as job, Progress(shown) as line:
        job.clean("scratch")
        done_before = sum(counts.pictures for counts in job.complete.values())
        if rows is not None:
            run_rows(job, plan, rows, line, missing_ok)
        else:
            job.list_pictures(line.listing(source.paths()), part_size)
            run_list(job, plan, line, missing_ok)
        job.clean("scratch", "attempts")
        return Summary.of(job.complete.values(), done_before, time.monotonic() - started, job.files())


def _ray() -> Any:
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise ImportError(f"saker.ray needs Ray: pip install 'saker[ray]' ({error})") from error
    return ray


def _dataset_of_rows(pictures: Any) -> Any:
    """The columns of interest of a Dataset whose pictures come with their bytes; None for anything else."""
    ray = _ray()
    if not isinstance(pictures, ray.data.Dataset):
        return None
    with quiet(pictures):
        columns = pictures.columns() or []
    if "bytes" in columns:
        return pictures.select_columns([name for name in ("path", "bytes") if name in columns])
    if "path" in columns or not columns:
        return None
    raise InvalidError(f"the Dataset has the columns {', '.join(columns)}; one called `path` or `bytes` is needed")


def _paths_of(dataset: Any) -> Any:
    paths = dataset.select_columns(["path"])
    with quiet(paths):
        for batch in paths.iter_batches(batch_size=None, batch_format="pyarrow"):
            yield from batch["path"].to_pylist()
