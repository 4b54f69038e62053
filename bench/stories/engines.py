"""Files and engines side by side: one interleaved `saker compare`, and `saker eval` of each."""
import json
import os
import shutil
import subprocess
import sys

from charts import bars

# Engines that are programs: the variable that names their Python, its package, and the script in bench/.
PROGRAMS = {'eager': ('TORCH_PYTHON', 'torch', 'torch_engine.py --eager'),
            'torch': ('TORCH_PYTHON', 'torch', 'torch_engine.py'),
            'deepsparse': ('DEEPSPARSE_PYTHON', 'deepsparse', 'deepsparse_engine.py')}


class Row:
    """A line of the table: a file, run by an engine. `reference`: what the system printed that had it; `weighs`: the
    file that people keep, where it is another."""

    def __init__(self, label, file, backend, reference='', weighs=None):
        self.label, self.file, self.backend, self.reference, self.weighs = label, file, backend, reference, weighs
        self.speed, self.accuracy, self.ratio = None, None, None


def python_with(variable, package):
    """A Python that has the package: what the variable names, and without it the one that runs this or the system's."""
    pythons = [os.environ[variable]] if variable in os.environ else [sys.executable, '/usr/bin/python3']
    finds = f'import importlib.util as u, sys; sys.exit(u.find_spec("{package}") is None)'
    for python in pythons:
        # Spaces would split the command that saker starts.
        if not python or ' ' in python or not shutil.which(python):
            continue
        if subprocess.run([python, '-c', finds], check=False).returncode == 0:
            return python
    return None


def installed(story, backends):
    """Of these engines those that are there, with the command of each that is a program."""
    listed = subprocess.run([story.binary, 'backends', '--json'], capture_output=True, text=True, check=True)
    there = {b['name']: None for b in json.loads(listed.stdout)['backends'] if b['installed']}
    for name, (variable, package, script) in PROGRAMS.items():
        python = python_with(variable, package) if name in backends else None
        if python:
            there[name] = f'{name}={python} bench/{script}'
    return there


def why_absent(backend):
    if backend in PROGRAMS:
        variable, package, _ = PROGRAMS[backend]
        return f'no Python with {package} ({variable} names one)'
    return f'scripts/install_backends.sh {backend} installs it'


def compare(story, rows, imgsz=None):
    """Measures all rows in turns, in one run; the first is what the others are compared with. Returns the rows whose
    engine is there; the others are named in the document."""
    there = installed(story, {row.backend for row in rows})
    absent = [row for row in rows if row.backend not in there]
    rows = [row for row in rows if row.backend in there]
    for row in absent:
        story.note(f'Left out: {row.label}: {why_absent(row.backend)}.')
    often = ['--rounds', 3, '--runs', 3, '--warmup', 1] if story.asked.quick else ['--rounds', 10, '--runs', 10]
    size = ['--imgsz', imgsz] if imgsz else []
    commands = [word for backend in dict.fromkeys(row.backend for row in rows) if there[backend]
                for word in ('--engine-command', there[backend])]
    report = story.report('compare', 'compare', *[row.file for row in rows], '--backend',
                          ','.join(row.backend for row in rows), '--pairwise', *size, *often, *commands)
    for row, result in zip(rows, report['results']):
        row.speed = result
        row.ratio = next((r for r in report['ratios'] if (r['backend'], r['model']) == (row.backend, row.file)), None)
    return rows


def evaluate(story, rows, data, imgsz=None):
    """mAP of each row by `saker eval`; what only measures speed has that of the same file in another row, if any."""
    size = ['--imgsz', imgsz] if imgsz else []
    known = {}
    for row in rows:
        if row.backend in PROGRAMS:
            continue
        if (row.file, row.backend) not in known:
            known[row.file, row.backend] = story.report(f'eval{len(known)}', 'eval', row.file, '--backend', row.backend,
                                                        '--data', data, *size)
        row.accuracy = known[row.file, row.backend]
    for row in rows:
        if row.backend in PROGRAMS:
            row.accuracy = next((r.accuracy for r in rows if r.file == row.file and r.accuracy), None)


def percent(report, key):
    value = report and report['coco'][key]
    return '' if value is None or value < 0 else f'{100 * value:.1f}'


def times(row):
    if not row.ratio:
        return '1'
    ratio = row.ratio
    return f"{ratio['ratio']:.2f}" + (f" ({ratio['low']:.2f} to {ratio['high']:.2f})" if ratio['low'] else '')


def engine_name(row):
    return f"{row.backend} {row.speed['version'] or ''}".strip()


def file_mb(row):
    return os.path.getsize(row.weighs) / 1e6 if row.weighs else row.speed['file_mb']


def table(story, title, rows):
    head = ['', 'engine', 'file MB', 'ms', 'FPS', 'times as fast', 'memory MB', 'mAP50', 'mAP50-95',
            'the reference printed']
    story.table(title, head, [
        [row.label, engine_name(row), f'{file_mb(row):.1f}', f"{row.speed['p50_ms']:.1f}",
         f"{row.speed['fps']:.1f}", times(row), f"{row.speed['rss_warm_mb']:.0f}", percent(row.accuracy, 'AP50'),
         percent(row.accuracy, 'AP'), row.reference] for row in rows])
    story.note('ms: the median run of the model alone, batch 1, all engines in one interleaved run. Times as fast: against '
               'the first line, with its 95 % interval. Memory: of the process after the warm-up. mAP in %, as pycocotools '
               'counts. eager: the TorchScript file with each operator dispatched by itself, as the network in Python runs.')


def chart(story, rows, key, unit):
    story.plot(key.split('_')[-1], bars(f'{unit}, {story.facts["threads"]} threads',
                                        [(f'{row.label}, {row.backend}', row.speed[key]) for row in rows], unit))
