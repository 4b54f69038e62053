"""What the stories share: steps that are commands of saker, facts of the run, tables, and the files that stay.
Python 3.11, standard library only."""
import argparse
import csv
import json
import os
import shlex
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(1, os.path.dirname(HERE))
from document import Document  # noqa: E402
from measuring import saker_binary  # noqa: E402


def arguments(name, about, data_help, **files):
    """What was asked for. `files`: more options that name files, each with its help."""
    parser = argparse.ArgumentParser(prog=f'bench/stories/{name}', description=about,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    day = time.strftime('%Y-%m-%d')
    parser.add_argument('--out', metavar='DIR', default=f'bench/results/{day}-stories',
                        help='where table, plots and figures stay [bench/results/DATE-stories]')
    parser.add_argument('--work', metavar='DIR', default=f'build/stories/{name}',
                        help='for data, run and models [%(default)s]')
    parser.add_argument('--data', metavar='FILE', help=data_help)
    for option, what in files.items():
        parser.add_argument(f'--{option}', metavar='FILE', help=what)
    parser.add_argument('--quick', action='store_true', help='few pictures, two epochs, few runs: does it work at all?')
    parser.add_argument('--resume', action='store_true', help='leave out the steps that were done in --work before')
    asked = parser.parse_args()
    for option in ('out', 'work', 'data', *files):  # steps run in the checkout
        value = getattr(asked, option)
        if value and value != parser.get_default(option):
            inside = os.path.relpath(os.path.abspath(value), ROOT)
            setattr(asked, option, os.path.abspath(value) if inside.startswith('..') else inside)
    return asked


class Story(Document):
    def __init__(self, name, title, asked):
        os.chdir(ROOT)
        super().__init__(name, title, asked.out, saker_binary(), asked.quick)
        self.asked, self.work, self.raw, self.steps = asked, asked.work, {}, []
        if not asked.resume:
            shutil.rmtree(self.work, ignore_errors=True)
        os.makedirs(self.work, exist_ok=True)
        self.done = {step['command']: step['seconds'] for step in self.read_log()}

    def path(self, *parts):
        return os.path.join(self.work, *parts)

    # ---- steps ----

    def read_log(self):
        try:
            with open(self.path('steps.jsonl'), encoding='utf-8') as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def record(self, command, seconds, remark=''):
        self.steps.append({'command': command, 'seconds': seconds, 'remark': remark})
        if command not in self.done and not remark:
            with open(self.path('steps.jsonl'), 'a', encoding='utf-8') as file:
                file.write(json.dumps(self.steps[-1]) + '\n')

    def written(self, words):
        """The words of a command, and how a person types it: each Python by the variable that names it."""
        words = [str(word) for word in words]
        line = shlex.join(['saker', *words])
        for name in ('TORCH_PYTHON', 'DEEPSPARSE_PYTHON'):
            if os.environ.get(name):
                line = line.replace(os.environ[name], os.path.basename(os.environ[name]))
        return words, line

    def saker(self, *words):
        """A step; the first that fails ends the story."""
        words, command = self.written(words)
        if command in self.done:
            print(f'\n$ {command}\n(done before)', flush=True)
            return self.record(command, self.done[command])
        print(f'\n$ {command}', flush=True)
        start = time.monotonic()
        code = subprocess.run([self.binary, *words], check=False).returncode
        if code != 0:
            self.fail(f'a step failed (exit code {code}); what it said stands above\n  {command}')
        return self.record(command, time.monotonic() - start)

    def draw(self, theme, train, val, *words):
        """A step that draws a data set; its folder."""
        train, val = (32, 16) if self.asked.quick else (train, val)
        self.saker('data', 'synth', '--theme', theme, '--out', self.path('data'), '--train', train, '--val', val, *words)
        return self.path('data')

    def report(self, key, *words):
        """A step whose JSON is kept under `key` and returned."""
        path = self.path(f'{key}.json')
        self.saker(*words, '--json', path)
        with open(path, encoding='utf-8') as file:
            self.raw[key] = json.load(file)
        return self.raw[key]

    def attempt(self, *words):
        """A step that may be refused: its exit code and what it said."""
        words, command = self.written(words)
        if command in self.done:
            self.saker(*words)
            return 0, ''
        print(f'\n$ {command}', flush=True)
        start = time.monotonic()
        ran = subprocess.run([self.binary, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                             check=False)
        print(ran.stdout, end='', flush=True)
        self.record(command, time.monotonic() - start, 'refused' if ran.returncode else '')
        return ran.returncode, ran.stdout.strip()

    def guarded(self, *words):
        """A step; where the calibration guard refuses pictures fed as in the training, it is forced, and the document tells."""
        code, said = self.attempt(*words)
        if code == 0:
            return
        if '--force' not in said:
            self.fail(f'a step failed (exit code {code}); what it said stands above')
        self.note(f'The calibration guard refused {words[-1]}, which was forced: {said.splitlines()[0]}')
        self.saker(*words, '--force')

    def quantize(self, *words):
        self.guarded('quantize', *words)

    def finish(self):
        seconds = sum(step['seconds'] for step in self.steps)
        self.lines += ['', '## Commands', '', f'{seconds / 60:.0f} minutes in all.', '', '```']
        for step in self.steps:
            self.lines.append(f"{step['command']}    # {step['seconds']:.0f} s {step['remark']}".rstrip())
        self.lines.append('```')
        self.keep(steps=self.steps, reports=self.raw)


def epochs_of(run):
    """The rows of a run's results.csv as numbers."""
    with open(os.path.join(run, 'results.csv'), encoding='utf-8') as file:
        return [{key: float(value or 'nan') for key, value in row.items()}
                for row in csv.DictReader(file, skipinitialspace=True)]
