"""python -m saker.ray: saker.ray.detect from a shell."""
from __future__ import annotations

import argparse
import dataclasses
import json
import logging
import os
import sys
from typing import Any

EXAMPLES = """examples:
  python -m saker.ray /mnt/pictures --model yolov8n.onnx --out /mnt/boxes
  python -m saker.ray '/mnt/cams/*/2026-11-*.jpg' --model best.pt --out /mnt/boxes --conf 0.4 --format jsonl
  python -m saker.ray list.txt --model yolov8n.int8.onnx --out /mnt/boxes --address auto    on the cluster of this node

The same line again goes on where a run was stopped. Exit code: 0 all well; 1 failed, or some pictures failed (the
others are done); 2 wrong flags; 130 stopped by Ctrl-C."""


def parser() -> argparse.ArgumentParser:
    parse = argparse.ArgumentParser(prog="python -m saker.ray", epilog=EXAMPLES,
                                    description="Boxes of any number of pictures, on all nodes of a Ray cluster.",
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("pictures", metavar="SOURCE", help="a folder, a quoted glob, or a list (.txt); paths that every "
                       "node has")
    parse.add_argument("--model", required=True, metavar="FILE", help="on this machine; it travels to the nodes")
    parse.add_argument("--out", required=True, metavar="DIR", help="folder for the results, which every node has")
    parse.add_argument("--format", choices=("parquet", "jsonl"), default="parquet", help="[parquet]")
    parse.add_argument("--recursive", action="store_true", help="search the folders in the folder, too")
    parse.add_argument("--no-resume", action="store_true", help="refuse a folder that holds results")
    parse.add_argument("--missing-ok", action="store_true", help="go on where no picture of a part is found")
    parse.add_argument("--json", action="store_true", help="print the summary as JSON")
    cluster = parse.add_argument_group("the cluster")
    cluster.add_argument("--address", metavar="HOST:PORT",
                         help="of a Ray cluster, or auto [RAY_ADDRESS, or this machine]")
    cluster.add_argument("--cores-per-actor", type=int, metavar="N", help="[up to 8]")
    cluster.add_argument("--actors", type=int, metavar="N", help="at most so many [what fits]")
    cluster.add_argument("--part-size", type=int, default=1000, metavar="N",
                         help="pictures of a file of results [1000]")
    cluster.add_argument("--batch-size", type=int, default=1, metavar="N", help="pictures computed together [1]")
    options = parse.add_argument_group("the detector, as of `saker detect`")
    options.add_argument("--conf", type=float, metavar="X")
    options.add_argument("--iou", type=float, metavar="X")
    options.add_argument("--max-det", type=int, metavar="N")
    options.add_argument("--classes", type=_classes, metavar="NAME,...", help="names or numbers of classes")
    options.add_argument("--agnostic", action="store_true", default=None)
    options.add_argument("--multi-label", action="store_true", default=None)
    options.add_argument("--imgsz", type=_size, metavar="N|HxW")
    for name in ("backend", "precision", "head"):
        options.add_argument(f"--{name}", metavar="NAME")
    options.add_argument("--labels", metavar="FILE")
    return parse


def _classes(text: str) -> list[Any]:
    return [int(each) if each.isdigit() else each for each in text.split(",")]


def _size(text: str) -> Any:
    sides = [int(side) for side in text.lower().split("x")]
    if len(sides) > 2:
        raise ValueError(text)
    return sides[0] if len(sides) == 1 else tuple(sides)


def main(arguments: list[str] | None = None) -> int:
    parse = parser()
    given = vars(parse.parse_args(arguments))
    address, as_json, fresh = given.pop("address"), given.pop("json"), given.pop("no_resume")
    import saker
    from saker.ray import detect

    os.environ.setdefault("RAY_DATA_LOG_LEVEL", "ERROR")  # its plans and bars are of no use here
    try:
        import ray

        if not ray.is_initialized():
            quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
            if address == "local" or (address is None and not os.environ.get("RAY_ADDRESS")):
                quiet["include_dashboard"] = False
            ray.init(address=address, **quiet)
        summary = detect(given.pop("pictures"), given.pop("model"), resume=not fresh, **given)
    except (saker.Error, OSError, ImportError, TypeError, ValueError, RuntimeError) as error:
        print(f"saker.ray: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same line again goes on from here", file=sys.stderr)
        return 130
    print(json.dumps(dataclasses.asdict(summary)) if as_json else summary)
    return 1 if summary.failures else 0


if __name__ == "__main__":
    sys.exit(main())
