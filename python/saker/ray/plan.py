"""What a job is about, and how it is spread over the cluster."""
from __future__ import annotations

import os
from typing import Any, Mapping, NamedTuple

import saker
from saker.errors import InvalidError

from .bundle import Bundle, read_bundle
from .parts import SUFFIXES

OPTIONS = ("conf", "iou", "max_det", "classes", "agnostic", "multi_label", "imgsz", "backend", "precision", "head",
           "labels")
LARGEST_GROUP = 8  # cores of an actor: one interpreter serves so many without waiting for its lock


class Plan(NamedTuple):
    about: dict[str, Any]
    bundle: Bundle
    identity: str
    options: dict[str, Any]
    cores: int | None
    actors: int | None
    batch: int
    part_size: int


def make_plan(model: str | os.PathLike[str], options: Mapping[str, Any], format: str, source: dict[str, Any],
              cores: int | None, actors: int | None, batch: int, part_size: int) -> Plan:
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise TypeError(f"no option {', '.join(unknown)}; those of the detector are {', '.join(OPTIONS)}")
    if format not in SUFFIXES:
        raise ValueError(f"format {format!r}: expected one of {', '.join(SUFFIXES)}")
    counts = {"cores_per_actor": cores, "actors": actors, "batch_size": batch, "part_size": part_size}
    for name, value in counts.items():
        if value is not None and (not isinstance(value, int) or value < 1):
            raise ValueError(f"{name} {value!r}: expected a number from 1 on")
    bundle = read_bundle(model)
    chosen = {name: value for name, value in options.items() if value is not None}
    # What a detector has to say against the model or an option is said here rather than by an actor.
    with saker.Detector(model, threads=1, **chosen) as detector:
        if "labels" in chosen:
            chosen["labels"] = list(detector.names)  # a file of them is here, not on every node
    identity = bundle.identity
    about = {"model": f"{bundle.name} ({identity})", "options": _as_json(chosen), "format": format, "pictures": source,
             "saker": saker.__version__}
    return Plan(about, bundle, identity, chosen, cores, actors, batch, part_size)


def _as_json(options: Mapping[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, (str, bool)):
            return value
        if hasattr(value, "__iter__"):
            return [plain(each) for each in value]
        return value.item() if hasattr(value, "item") else value

    return {name: plain(options[name]) for name in sorted(options)}


def spread(nodes: list[float], cores: int | None, actors: int | None) -> tuple[int, int]:
    """CPUs of an actor and the number of actors, for nodes with so many CPUs each."""
    whole = sorted(int(cpus) for cpus in nodes if cpus >= 1)
    if not whole:
        raise InvalidError("the Ray cluster has no CPUs")
    if cores is None:
        groups = -(-whole[0] // LARGEST_GROUP)
        cores = whole[0] // groups
    fitting = sum(cpus // cores for cpus in whole)
    if fitting == 0:
        raise InvalidError(f"cores_per_actor {cores}: no node has as many CPUs; the largest has {whole[-1]}")
    return cores, min(fitting, actors or fitting)
