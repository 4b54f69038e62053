#!/usr/bin/env python3
"""Where the milliseconds of a run go, layer by layer, against the floor: a Markdown table.

    saker bench MODEL --threads 1 --layers --json layers.json
    bench/floors.py layers.json

The floor of a step is the time its multiplications take at the peak that the same process measured (a quarter of
them for Winograd's F(4x4, 3x3), 81/144 for its form of stride 2). Steps without multiplications have none: all their time is traffic.
"""
import json
import sys


def find(node, key):
    if isinstance(node, dict):
        if key in node:
            return node[key]
        node = list(node.values())
    if isinstance(node, list):
        for item in node:
            found = find(item, key)
            if found:
                return found
    return None


def share_of_products(kernel):
    """Of the direct form's multiplications: 36 or, with stride 2, 81 instead of 144 (kernels/winograd/winograd.h)."""
    if "winograd4x4s2" in kernel:
        return 81 / 144
    return 36 / 144 if "winograd4x4" in kernel else 1


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) == 2 else 2
    with open(sys.argv[1], encoding="utf-8") as file:
        document = json.load(file)
    layers = find(document, "layers")
    if not layers:
        print(f"{sys.argv[1]}: no layers in it: saker bench needs --layers", file=sys.stderr)
        return 1
    kinds = {}
    rows = []
    for i, layer in enumerate(layers):
        flops = (layer.get("flops") or 0) * share_of_products(layer["kernel"])
        # The file's own peak, of the arithmetic of the layer's kernel.
        floor = flops * layer["share_of_peak"] / layer["gflops_per_s"] / 1e6 if layer.get("share_of_peak") else 0
        total = kinds.setdefault(layer["kernel"], [0, 0.0, 0.0])
        total[0] += 1
        total[1] += layer["ms"]
        total[2] += floor
        shape = "x".join(map(str, layer["output"]))
        rows.append(f"| {i} | {layer['kernel']} | {shape} | {layer['bytes'] / 1e6:.1f} | {layer['ms']:.3f} | {floor:.3f} |")
    peaks = find(document, "peak_gflops") or {}
    print(f"Peaks of the process: {', '.join(f'{name} {rate:.0f} GFLOP/s' for name, rate in peaks.items())}.\n")
    print("| kernel | steps | ms | floor | share |\n| --- | --- | --- | --- | --- |")
    for name, (count, ms, floor) in sorted(kinds.items(), key=lambda kind: -kind[1][1]):
        print(f"| {name} | {count} | {ms:.2f} | {floor:.2f} | {100 * floor / ms:.0f} % |")
    ms, floor = sum(t[1] for t in kinds.values()), sum(t[2] for t in kinds.values())
    print(f"| all | {len(layers)} | {ms:.2f} | {floor:.2f} | {100 * floor / ms:.0f} % |\n")
    print("| step | kernel | output | MB | ms | floor |\n| --- | --- | --- | --- | --- | --- |")
    print("\n".join(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
