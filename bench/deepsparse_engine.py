#!/usr/bin/env python3
"""DeepSparse as an engine of `saker bench` (the lines of src/measure/protocol.h), for a Python that has it:

saker bench MODEL --backend saker,deepsparse --engine-command "deepsparse=PYTHON bench/deepsparse_engine.py"
"""
import json
import os
import sys
import time

SEED = 42


def resident_mb(field):
    for line in open('/proc/self/status'):
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / 1e6
    return 0


class Engine:
    def load(self, asked):
        if asked['precision'] not in ('', 'f32', 'auto') or asked['streams'] != 1 or asked['isa']:
            raise ValueError('deepsparse: one stream, f32, and the ISA level of the CPU only')
        if asked['pipeline'] or asked['input'] or asked['shapes']:
            raise ValueError('deepsparse: the model alone on random values, without --shape')
        before = resident_mb('VmRSS:')
        start = time.perf_counter()
        import deepsparse
        import numpy as np
        import onnx
        info = onnx.load(asked['model'], load_external_data=False).graph.input[0].type.tensor_type
        sizes = [asked['batch'] or 1, 3, asked['height'] or 640, asked['width'] or 640]
        declared = [d.dim_value if d.HasField('dim_value') else 0 for d in info.shape.dim]
        shape = [fixed or own for fixed, own in zip(declared, sizes)]
        threads = asked['threads'] or len(os.sched_getaffinity(0))
        self.engine = deepsparse.Engine(model=asked['model'], batch_size=shape[0], num_cores=threads,
                                        input_shapes=[shape])
        load_ms = (time.perf_counter() - start) * 1e3
        loaded_mb = resident_mb('VmRSS:')
        values = np.random.default_rng(SEED).random(shape, dtype=np.float32)
        dtype = onnx.helper.tensor_dtype_to_np_dtype(info.elem_type)
        self.inputs = [(values * 255).astype(dtype) if dtype.kind in 'ui' else values.astype(dtype)]
        first_ms = self.run()
        for _ in range(asked['warmup'] - 1):
            self.run()
        return dict(backend=asked['backend'], note='', isa='', assumed=[], threads=threads, streams=1, batch=shape[0],
                    shape=shape, load_ms=load_ms, first_ms=first_ms, rss_before_mb=before, rss_loaded_mb=loaded_mb,
                    rss_warm_mb=resident_mb('VmRSS:'), file_mb=os.path.getsize(asked['model']) / 1e6, weights_mb=0,
                    activations_mb=0)

    def run(self):
        start = time.perf_counter()
        self.engine.run(self.inputs)
        return (time.perf_counter() - start) * 1e3

    def round(self, order):
        self.run()  # untimed: other engines have used the caches in between
        times, start = [], time.perf_counter()
        while not times or ((order['runs'] <= 0 or len(times) < order['runs']) and
                            (order['seconds'] <= 0 or time.perf_counter() - start < order['seconds'])):
            times.append(self.run())
        return dict(ms=times, wall_ms=(time.perf_counter() - start) * 1e3, preprocess=0, infer=0, boxes=0)

    def answer(self, request):
        if 'load' in request:
            return self.load(request['load'])
        if 'round' in request:
            return self.round(request['round'])
        if 'memory' in request:
            return dict(rss_peak_mb=resident_mb('VmHWM:'))
        if 'backends' in request:
            import deepsparse
            return dict(deepsparse=deepsparse.__version__)
        raise ValueError('unknown request')


def main():
    # The library writes to stdout; that goes to stderr, and stdout is ours alone.
    out = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    engine = Engine()
    for line in sys.stdin:
        try:
            answer = engine.answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side shall hear of it
            answer = dict(error=str(error) or type(error).__name__)
        print(json.dumps(answer), file=out, flush=True)


main()
