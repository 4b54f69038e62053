"""Runs a job's actors on Ray Data and enters what they complete."""
from __future__ import annotations

import contextlib
from typing import Any, Iterator

import saker
from saker.errors import Error

from .job import Job
from .parts import Counts
from .plan import Plan, spread
from .progress import Progress
from .worker import ListWorker, RowWorker, Seen, Task


def run_list(job: Job, plan: Plan, progress: Progress, missing_ok: bool) -> None:
    """Makes the parts of a list that are not there."""
    import ray

    missing = job.missing()
    if not missing:
        return
    task, actors = _task(job, plan, missing_ok)
    # A block, and so a task of Ray's, for each part: what is lost with an actor is one part, and the next in its queue.
    parts = ray.data.from_items([{"part": ordinal} for ordinal in missing], override_num_blocks=len(missing))
    answers = parts.map_batches(ListWorker, batch_size=1, batch_format="numpy", fn_constructor_args=(task,),
                                compute=_pool(actors), num_cpus=task.cores)
    _enter(job, answers, progress, job.pictures)


def run_rows(job: Job, plan: Plan, rows: Any, progress: Progress, missing_ok: bool) -> None:
    """Looks at the rows that have no result yet."""
    import ray

    if job.pictures is not None:
        return
    job.begin_stream()
    job.remove_unentered()
    task, actors = _task(job, plan, missing_ok)
    done = ray.put(Seen(job.paths_done()))
    # Reading needs CPUs, too: an actor leaves one of its own to it.
    answers = rows.map_batches(RowWorker, batch_size=plan.part_size, batch_format="pyarrow",
                               fn_constructor_args=(task, done), compute=_pool(actors), num_cpus=task.cores - 1)
    _enter(job, answers, progress, None)
    job.remove_unentered()
    job.end_stream(sum(counts.pictures for counts in job.complete.values()))


def _task(job: Job, plan: Plan, missing_ok: bool) -> tuple[Task, int]:
    import ray

    if not ray.is_initialized():
        ray.init()
    cores, actors = spread([node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]], plan.cores,
                           plan.actors)
    return Task(str(job.out), job.about["format"], ray.put(plan.bundle), plan.identity, plan.options, cores, plan.batch,
                missing_ok, saker.__version__), actors


def _pool(actors: int) -> Any:
    """All actors at once, and fewer when nodes are lost. The next part waits at the actor while it makes one."""
    import ray

    return ray.data.ActorPoolStrategy(min_size=1, max_size=actors, initial_size=actors, max_tasks_in_flight_per_actor=2)


def _enter(job: Job, answers: Any, progress: Progress, total: int | None) -> None:
    progress.begin(total, sum(counts.pictures for counts in job.complete.values()))
    with quiet(answers):
        for batch in answers.iter_batches(batch_size=None, batch_format="numpy", prefetch_batches=0):
            for name, problem, *numbers in zip(*(batch[key].tolist() for key in ("part", "problem", *Counts._fields))):
                if problem:
                    raise Error(problem)
                if name:
                    job.record(name, Counts(*numbers))
                    progress.add(Counts(*numbers))


@contextlib.contextmanager
def quiet(dataset: Any) -> Iterator[None]:
    """Without Ray's own bars: they count blocks."""
    context = dataset.context
    before = context.enable_progress_bars
    context.enable_progress_bars = False
    try:
        yield
    finally:
        context.enable_progress_bars = before
