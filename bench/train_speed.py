#!/usr/bin/env python3
"""Pictures per second of whole training epochs: saker train and Ultralytics in turn, on the same data and sizes.

    bench/train_speed.py SAKER DATA.yaml [--rounds 3] [--epochs 3] [--imgsz 320] [--batch 16] [--model yolov8n] --pictures N [--amp]

Needs ultralytics (pip). Each round trains both from nothing for so many epochs, augmentation and validation included;
an epoch's time is the difference of the `time` column of results.csv, the first epoch (which warms up caches) left out.
Prints the medians and the ratio of each round, and writes all times as JSON to stdout's end.
"""
import argparse
import csv
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

ULTRALYTICS = """
import sys
from ultralytics import YOLO
model, data, epochs, imgsz, batch, folder = sys.argv[1:7]
YOLO(model + ".yaml").train(data=data, epochs=int(epochs), imgsz=int(imgsz), batch=int(batch), device="cpu",
                            project=folder, name="theirs", exist_ok=True, plots=False, verbose=False)
"""


def epoch_seconds(folder):
    with open(os.path.join(folder, "results.csv")) as file:
        times = [float(row["time"]) for row in csv.DictReader(file, skipinitialspace=True)]
    return [b - a for a, b in zip(times, times[1:])]


def run(command, log):
    with open(log, "w") as file:
        if subprocess.run(command, stdout=file, stderr=subprocess.STDOUT).returncode != 0:
            sys.exit(f"{command[0]} failed: see {log}")


def cpu_model():
    with open("/proc/cpuinfo") as file:
        return next((line.split(":", 1)[1].strip() for line in file if line.startswith("model name")), "")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("saker")
    parser.add_argument("data")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--imgsz", type=int, default=320)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--model", default="yolov8n")
    parser.add_argument("--pictures", type=int, required=True, help="in the training split")
    parser.add_argument("--amp", action="store_true")
    args = parser.parse_args()
    common = [args.model, os.path.abspath(args.data), str(args.epochs), str(args.imgsz), str(args.batch)]
    rounds = []
    work = tempfile.mkdtemp(prefix="train_speed_")
    for number in range(args.rounds):
        folder = os.path.join(work, str(number))
        os.makedirs(folder)
        run([sys.executable, "-c", ULTRALYTICS, *common, folder], os.path.join(folder, "theirs.log"))
        ours = [os.path.abspath(args.saker), "train", f"data={common[1]}", f"model={args.model}", f"epochs={args.epochs}",
                f"imgsz={args.imgsz}", f"batch={args.batch}", f"project={folder}", "name=ours", "plots=False"]
        run(ours + (["amp=True"] if args.amp else []), os.path.join(folder, "ours.log"))
        seconds = {who: epoch_seconds(os.path.join(folder, who)) for who in ("theirs", "ours")}
        rates = {who: args.pictures / statistics.median(times) for who, times in seconds.items()}
        rounds.append({"seconds": seconds, "ratio": rates["ours"] / rates["theirs"]})
        print(f"round {number + 1}: Ultralytics {rates['theirs']:.1f}, saker {rates['ours']:.1f} pictures/s, "
              f"{rounds[-1]['ratio']:.2f}x", flush=True)
    import torch
    import ultralytics
    facts = {"cpu": cpu_model(), "cpus": os.cpu_count(), "date": time.strftime("%Y-%m-%d"), "python": platform.python_version(),
             "torch": torch.__version__, "ultralytics": ultralytics.__version__, "arguments": vars(args),
             "rounds": rounds, "median_ratio": statistics.median(r["ratio"] for r in rounds)}
    facts["arguments"].update(saker="saker", data=os.path.basename(args.data))
    print(json.dumps(facts, indent=1))


if __name__ == "__main__":
    main()
