"""What bench/paired and bench/neighbour share: a saker binary as an engine that is asked over a pipe
(src/measure/protocol.h), and intervals. Python 3.9 or later, without packages."""
import json
import math
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))

# What the protocol asks for in a load; 0 and empty: the engine's or the model's choice.
CONFIGURATION = dict(model='', backend='saker', precision='', isa='', threads=0, inter_threads=1, streams=1, batch=0,
                     throughput=False, height=0, width=0, shapes=[], input='', values=[], low_memory=False,
                     autotune=False, pipeline=False, warmup=5)


class EngineError(Exception):
    pass


class Engine:
    """One process of `BINARY bench-child`, loaded and warm; a context manager."""

    def __init__(self, binary, environment=None, **configuration):
        self.binary = binary
        try:
            self.process = subprocess.Popen([binary, 'bench-child'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            text=True, env=environment)
        except OSError as error:
            raise EngineError(f'{binary}: {error.strerror}') from error
        try:
            self.loaded = self.ask('load', dict(CONFIGURATION, **configuration))
        except BaseException:
            self.__exit__()
            raise

    def ask(self, what, argument):
        try:
            self.process.stdin.write(json.dumps({what: argument}) + '\n')
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline())
        except (OSError, ValueError) as error:
            raise EngineError(f'{self.binary}: gave no answer; exit code {self.process.poll()}') from error
        if 'error' in answer:
            raise EngineError(f"{self.binary}: {answer['error']}")
        return answer

    def round(self, runs):
        """Answers {"ms": [...], "wall_ms": ...}, after an untimed run of each stream."""
        return self.ask('round', dict(runs=runs, seconds=0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def saker_binary():
    return os.environ.get('SAKER') or os.path.join(HERE, '..', 'build', 'release', 'saker')


def version_of(binary):
    try:
        return subprocess.run([binary, '--version'], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise EngineError(f'{binary}: {error}; build it, or name another') from error


def interval(values):
    """Holds the median with 95 % confidence: the k-th smallest and largest with the greatest k that leaves 2.5 % on
    either side (order statistics; below six values the smallest and largest)."""
    ordered, n, below, k = sorted(values), len(values), 0.0, 0
    while below + math.comb(n, k) / 2**n <= 0.025:
        below += math.comb(n, k) / 2**n
        k += 1
    k = max(k, 1)
    return ordered[k - 1], ordered[n - k]


def percentile(values, share):
    """As numpy.percentile: straight lines between neighbours."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def write_json(path, document):
    with open(path + '.tmp', 'w', encoding='utf-8') as file:
        json.dump(document, file, indent=1)
    os.replace(path + '.tmp', path)
