#!/usr/bin/env python3
"""What more cores would give: a model, fed with one thread's layer times (docs/threading.md says what it assumes).

    saker bench MODEL --threads 1 --layers --json layers.json
    bench/scaling.py layers.json [--bandwidth GB/s] [--cores 1,2,4,...]

A step of time t and u independent rows takes t * ceil(u / n) / u on n cores, at least its bytes over the memory's
bandwidth once they no longer fit the caches, and a fixed time to start and join the threads.
"""
import argparse
import json
import math

from floors import find

START_JOIN_US = 0.85  # measured: an empty loop on two threads (Emerald Rapids); one more wake-up for each doubling
CACHED_MB = 1.0       # a core's share of what stays in its own caches between layers


def step_ms(layer, cores, bandwidth):
    shape = layer["output"]
    rows = shape[-2] if len(shape) == 4 else max(shape[-1] // 256, 1)
    units = max(min(rows, 8 * cores), 1)
    work = layer["ms"] * math.ceil(units / cores) / units
    traffic = max(layer["bytes"] / 1e6 - CACHED_MB * cores, 0) / bandwidth
    join = 0 if cores == 1 else START_JOIN_US / 1000 * math.log2(2 * cores) / 2
    return max(work, traffic) + join


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("layers")
    parser.add_argument("--bandwidth", type=float, default=100, help="GB/s of the socket's memory [100]")
    parser.add_argument("--cores", default="1,2,4,8,16,32,64")
    args = parser.parse_args()
    with open(args.layers, encoding="utf-8") as file:
        layers = find(json.load(file), "layers")
    one = sum(layer["ms"] for layer in layers)
    weights = sum(layer["bytes"] for layer in layers) / 1e6
    print("| cores | one picture, ms | speed-up | pictures/s, one at a time | pictures/s, a stream a core |")
    print("| --- | --- | --- | --- | --- |")
    for cores in map(int, args.cores.split(",")):
        ms = sum(step_ms(layer, cores, args.bandwidth) for layer in layers)
        streams = min(cores * 1000 / one, args.bandwidth * 1000 / max(weights - CACHED_MB * len(layers), 1))
        print(f"| {cores} | {ms:.1f} | {one / ms:.1f} | {1000 / ms:.0f} | {streams:.0f} |")


if __name__ == "__main__":
    main()
