"""What the measurements of video share: their arguments, programs that are run and accounted for, `saker annotate` and
what it reports. Python 3.9 or later, without packages; ffmpeg and ffprobe."""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(1, os.path.dirname(HERE))
from document import Document  # noqa: E402
from measuring import saker_binary  # noqa: E402


def asset(*parts):
    """A file of the real models and videos; SAKER_ASSETS, as for the tests."""
    return os.path.join(os.environ.get('SAKER_ASSETS') or os.path.join(ROOT, '..', 'shared', 'assets'), *parts)


def parser_of(name, about):
    parser = argparse.ArgumentParser(prog=f'bench/video/{name}', description=about,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    day = time.strftime('%Y-%m-%d')
    parser.add_argument('--out', metavar='DIR', default=os.path.join(ROOT, 'bench', 'results', f'{day}-video'),
                        help='where table and figures stay [bench/results/DATE-video]')
    parser.add_argument('--work', metavar='DIR', default=os.path.join(ROOT, 'build', 'video'),
                        help='for clips and models that are made [build/video]')
    parser.add_argument('--threads', type=int, default=len(os.sched_getaffinity(0)), metavar='N',
                        help='cores that everything may use [%(default)s]')
    parser.add_argument('--quick', action='store_true', help='a few frames: does it work at all?')
    return parser


def begin(name, title, asked):
    """The document of a measurement; all that runs afterwards keeps to --threads cores."""
    for program in ('ffmpeg', 'ffprobe'):
        if not shutil.which(program):
            sys.exit(f'{name}: needs {program} (Debian and Ubuntu: apt-get install ffmpeg)')
    for option in ('model', 'clip'):
        if getattr(asked, option, None) and not os.path.exists(getattr(asked, option)):
            sys.exit(f'{name}: {getattr(asked, option)} is not there; name another with --{option}')
    cores = sorted(os.sched_getaffinity(0))
    if not 1 <= asked.threads <= len(cores):
        sys.exit(f'{name}: --threads {asked.threads}: there are {len(cores)} cores')
    os.sched_setaffinity(0, cores[:asked.threads])
    os.makedirs(asked.work, exist_ok=True)
    return Document(name, title, asked.out, saker_binary(), asked.quick)


class Failed(Exception):
    pass


def run(*command, environment=None, binary=False):
    """Runs a program to its end. Returns its stdout (text, or bytes) and stderr, seconds on the clock and of all cores, and
    the most memory it had (MB)."""
    command = [str(word) for word in command]
    with tempfile.TemporaryFile('w+b' if binary else 'w+') as out, tempfile.TemporaryFile('w+') as err:
        start = time.monotonic()
        try:
            process = subprocess.Popen(command, stdout=out, stderr=err, env=environment)
        except OSError as error:
            raise Failed(f'{command[0]}: {error.strerror}') from error
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        out.seek(0)
        err.seek(0)
        said = dict(stdout=out.read(), stderr=err.read(), wall_s=wall, cpu_s=used.ru_utime + used.ru_stime,
                    peak_mb=used.ru_maxrss * 1024 / 1e6)
    if process.returncode != 0:
        raise Failed(f"exit code {process.returncode}: {' '.join(command)}\n{said['stderr'][-2000:]}")
    return said


def ffmpeg(*words):
    return run('ffmpeg', '-y', '-nostdin', '-hide_banner', '-loglevel', 'error', *words)


def made(work, name, *words):
    """A file in `work` that ffmpeg makes if it is not there yet; `words` are all but the output."""
    path = os.path.join(work, name)
    if not os.path.exists(path):
        half = os.path.join(work, 'half-' + name)
        ffmpeg(*words, half)
        os.replace(half, path)
    return path


def repeated(work, clip, times):
    """The clip so many times in a row, not encoded again."""
    stem, end = os.path.splitext(os.path.basename(clip))
    return made(work, f'{stem}-x{times}{end}', '-stream_loop', times - 1, '-i', clip, '-an', '-c', 'copy')


def annotate(document, work, model, sources, *words):
    """`saker annotate` on files, to the end. Returns what run() does, and its report."""
    report = os.path.join(work, 'annotate.json')
    said = run(document.binary, 'annotate', model, '--source', *sources, '--json', report, '--quiet', *words)
    with open(report, encoding='utf-8') as file:
        said['report'] = json.load(file)
    return said


def typed(*words):
    """A command as a person types it: base names instead of paths."""
    return ' '.join(os.path.basename(str(word)) if os.sep in str(word) else str(word) for word in words)
