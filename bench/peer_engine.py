"""A library in Python as an engine of `saker bench`: the lines of src/measure/protocol.h around a class that loads a
model and runs it. Python 3.9 or later, with what the class imports."""
import json
import os
import sys
import time


def resident_mb(field):
    for line in open('/proc/self/status'):
        if line.startswith(field):
            return int(line.split()[1]) * 1024 / 1e6
    return 0


class PeerEngine:
    """What a peer adds: `name`; version(); open(asked), which loads asked['model'] and returns the input's shape and
    the number of threads; execute(), which runs it once. Random values, one stream, f32."""
    seed = 42

    def load(self, asked):
        if asked['precision'] not in ('', 'f32', 'auto') or asked['streams'] != 1 or asked['isa']:
            raise ValueError(f'{self.name}: one stream, f32, and the ISA level of the CPU only')
        if asked['pipeline'] or asked['input'] or asked['shapes']:
            raise ValueError(f'{self.name}: the model alone on random values, without --shape')
        before = resident_mb('VmRSS:')
        start = time.perf_counter()
        shape, threads = self.open(asked)
        load_ms = (time.perf_counter() - start) * 1e3
        loaded_mb = resident_mb('VmRSS:')
        first_ms = self.run()
        for _ in range(asked['warmup'] - 1):
            self.run()
        return dict(backend=asked['backend'], note='', isa='', assumed=[], threads=threads, streams=1, batch=shape[0],
                    shape=shape, load_ms=load_ms, first_ms=first_ms, rss_before_mb=before, rss_loaded_mb=loaded_mb,
                    rss_warm_mb=resident_mb('VmRSS:'), file_mb=os.path.getsize(asked['model']) / 1e6, weights_mb=0,
                    activations_mb=0)

    def run(self):
        start = time.perf_counter()
        self.execute()
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
            return {self.name: self.version()}
        raise ValueError('unknown request')


def threads_of(asked):
    return asked['threads'] or len(os.sched_getaffinity(0))


def fixed_shape(declared, asked):
    """What the model leaves open (0) as it was asked for, else one picture of 640x640."""
    sizes = [asked['batch'] or 1, 3, asked['height'] or 640, asked['width'] or 640]
    return [fixed or own for fixed, own in zip(declared, sizes)]


def serve(engine):
    # Libraries write to stdout; that goes to stderr, and stdout is ours alone.
    out = os.fdopen(os.dup(1), 'w')
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = engine.answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side shall hear of it
            answer = dict(error=str(error) or type(error).__name__)
        print(json.dumps(answer), file=out, flush=True)
