"""What a measurement leaves: facts of the machine, a document with tables, the raw figures beside it, and whether what it
had to show was shown. Python 3.9 or later, without packages."""
import json
import os
import subprocess
import sys
import time


def first_line(*command):
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()
    except OSError:
        return 'unknown'
    return said[0] if said else 'unknown'


def facts_of(binary):
    with open('/proc/cpuinfo', encoding='utf-8') as file:
        cpu = next((line.split(':', 1)[1].strip() for line in file if line.startswith('model name')), 'unknown CPU')
    return {'cpu': cpu, 'threads': len(os.sched_getaffinity(0)),
            'commit': first_line('git', '-C', os.path.dirname(os.path.abspath(__file__)), 'describe', '--always', '--dirty',
                                 '--exclude', '*'),
            'version': first_line(binary, '--version'), 'date': time.strftime('%Y-%m-%d')}


class Document:
    """`out`: the folder where NAME.md and NAME.json stay."""

    def __init__(self, name, title, out, binary, quick):
        self.name, self.out, self.binary, self.quick = name, out, os.path.abspath(binary), quick
        self.lines, self.missed = [f'# {title}'], []
        if not os.access(self.binary, os.X_OK):
            self.fail(f'{self.binary} is not there: scripts/build.sh release, or name it with SAKER')
        os.makedirs(out, exist_ok=True)
        self.facts = dict(facts_of(self.binary), quick=quick)
        self.note(f"{self.facts['cpu']}, {self.facts['threads']} threads; {self.facts['version']}; commit "
                  f"{self.facts['commit']}; {self.facts['date']}" + ('; quick: no figure here means anything' if quick else ''))

    def fail(self, why):
        sys.exit(f'{self.name}: {why}')

    def note(self, words):
        self.lines += ['', words]

    def table(self, title, head, rows):
        self.lines += ['', f'## {title}', '', f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
        self.lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]

    def plot(self, kind, drawing):
        name = f'{self.name}-{kind}.svg'
        with open(os.path.join(self.out, name), 'w', encoding='utf-8') as file:
            file.write(drawing)
        self.lines += ['', f'![{kind}]({name})']

    def bar(self, what, held, figure):
        """What has to be shown; the exit code says so, unless it was quick."""
        self.note(f"**{what}: {figure}; {'held' if held else 'missed'}.**")
        if not held:
            self.missed.append(what)

    def keep(self, flags=None, **raw):
        """Writes and prints the document; ends the program where a bar was missed. `flags`: as they were parsed; absolute
        paths say nothing elsewhere and are left out."""
        if flags:
            raw['flags'] = {key: value for key, value in vars(flags).items() if not (isinstance(value, str) and os.path.isabs(value))}
        document = '\n'.join(self.lines) + '\n'
        target = os.path.join(self.out, self.name)
        with open(target + '.md', 'w', encoding='utf-8') as file:
            file.write(document)
        with open(target + '.json', 'w', encoding='utf-8') as file:
            json.dump(dict(facts=self.facts, **raw), file, indent=1)
        print(f'\n{document}\nkept: {target}.md, {target}.json')
        if self.missed and not self.quick:
            self.fail('missed: ' + '; '.join(self.missed))
