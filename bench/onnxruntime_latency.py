#!/usr/bin/env python3
"""ONNX Runtime's latency as `saker bench --json` gives ours: onnxruntime_latency.py MODEL THREADS RUNS -> one JSON line."""
import json, os, sys, time
import numpy as np, onnxruntime


def rss_mb():
    for line in open('/proc/self/status'):
        if line.startswith('VmRSS'):
            return int(line.split()[1]) * 1024 / 1e6


model, threads, runs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
before = rss_mb()
start = time.perf_counter()
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'])
load = (time.perf_counter() - start) * 1e3
loaded = rss_mb()
info = session.get_inputs()[0]
shape = [d if isinstance(d, int) and d > 0 else (1 if i == 0 else 640) for i, d in enumerate(info.shape)]
x = np.random.default_rng(0).random(shape).astype(np.float16 if 'float16' in info.type else np.float32)
for _ in range(4):
    session.run(None, {info.name: x})
times = []
for _ in range(runs):
    start = time.perf_counter()
    session.run(None, {info.name: x})
    times.append((time.perf_counter() - start) * 1e3)
print(json.dumps(dict(engine='onnxruntime', model=os.path.basename(model), threads=threads, p50_ms=float(np.median(times)), min_ms=min(times),
                      load_ms=load, rss_before_mb=before, rss_loaded_mb=loaded, rss_warm_mb=rss_mb())))
