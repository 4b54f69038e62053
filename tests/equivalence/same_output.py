#!/usr/bin/env python3
"""Two builds of the command must say and write the same: exit codes, stdout, stderr and files, byte for byte.

  same_output.py OLD NEW [--fixture CLI_FIXTURE] [--assets DIR] [--cases DIR] [--only TEXT]... [--keep DIR]

The commands are those of commands.py, each run in a folder of its own. Times, dates, commits and the folder's own path
are masked; of what measures (bench, compare, memory) all numbers. EXPECTED has the differences that are meant. Prints
each other difference; exit code 1 where there is one. A few minutes on two cores.
"""
import argparse, concurrent.futures, difflib, json, os, pathlib, re, shlex, shutil, subprocess, sys, tempfile
import commands

TIMEOUT = 120  # seconds a command
SHOWN = 12     # lines of a difference

# (pattern of the command, pattern of the lines that may differ, or of the names of files that are no text, why)
EXPECTED = [
    (r'(inspect|bench) red\.png$', r'', 'the first bytes of a file tell what it is'),
    (r'cases/02-nms-inside/', r'', 'heads are told by the outputs that a file declares, where the data decides their shapes'),
    (r'--report layers\.json', r'^$', 'a JSON file ends with one line feed'),
    (r'^quantize tiny\.onnx .*--force', r'^q\.onnx$', 'an 8-bit file takes any number of pictures where the graph treats each by itself'),
    (r'^inspect --help', r'--(low-memory|autotune|passes|without)|slower kernels|measure the ways|seconds the first time',
     'inspect plans as a session does, and can leave passes out'),
    (r'', r'\\(x[0-9a-f]{2}|u[0-9a-f]{4})|[\x01-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\udc80-\udcff]',
     'names that a terminal would obey are spelt out'),
]

MEASURING = re.compile(r'^(\w+=\S+ )*(bench|compare|memory)\b')
NUMBER = re.compile(r'-?\d+(\.\d+)?([eE][-+]?\d+)?')
# What the moment decides: whether others are at work, whether noise lets a winner be named.
PASSING = re.compile(r'^Note: other programs.*\n?|\b(faster|slower|no difference beyond the noise)\b', re.M)
BUILDS = re.compile(r'\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?Z?|\b[0-9a-f]{10}\b')  # dates and commits
TIMES = [
    (re.compile(r'\b(decode|preprocess|infer|postprocess|load|compile) \d+\.\d+'), r'\1 #'),
    (re.compile(r'\d+(\.\d+)? (ms|s|seconds|minutes|pictures/s|min)\b'), r'# \2'),
    (re.compile(r'\(float \d+\.\d+\)'), '(float #)'),
    (re.compile(r'"(\w*ms|seconds|decode|preprocess|infer|postprocess|pictures_per_second)": ?\d+(\.\d+)?([eE]-?\d+)?'), r'"\1":#'),
]


def shape(value):
    """A document of measurements without its numbers."""
    if isinstance(value, dict):
        return {key: '#' if key == 'verdict' else shape(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value and isinstance(value[0], (int, float)) else [shape(entry) for entry in value]
    return '#' if value is None or isinstance(value, (int, float)) else masked_numbers(value)


def masked_numbers(text):
    return re.sub(r'[ -]*#[ #-]*', ' # ', NUMBER.sub('#', PASSING.sub('', text)))


def masked(data, command, folder, binary):
    """Bytes of a stream or file as they are compared: text, or the bytes as they are."""
    build = os.path.dirname(binary)
    for path, name in (folder, 'FOLDER'), (build, 'BUILD'), (os.path.join(os.path.dirname(build), 'lib'), 'LIB'):
        data = data.replace(os.fsencode(path), name.encode())
    if b'\0' in data:
        return data
    text = BUILDS.sub('#', data.decode('utf-8', 'surrogateescape'))
    if MEASURING.match(command):
        try:
            text = json.dumps(shape(json.loads(text)), indent=1)
        except ValueError:
            text = re.sub(r'[ \t]+', ' ', masked_numbers(re.sub(r'(?s)<svg.*?</svg>|data:image/png;base64,[\w+/=]+', '', text)))
    for pattern, mask in TIMES:
        text = pattern.sub(mask, text)
    return text


def run(binary, command, folder):
    """What a command said and wrote, masked, by name."""
    words = shlex.split(command)
    environment = {**os.environ, 'SAKER_CACHE': os.path.join(folder, 'cache'), 'LC_ALL': 'C.UTF-8'}
    while words and re.match(r'\w+=', words[0]):
        name, value = words.pop(0).split('=', 1)
        environment[name] = value
    stdin = os.devnull
    if '<' in words:
        stdin = os.path.join(folder, words.pop())
        words.pop()
    words = [path for word in words for path in (sorted(globbed(folder, word)) if word.startswith('shapes/') else [word])]
    with open(stdin, 'rb') as source:
        try:
            done = subprocess.run([binary, *words], cwd=folder, env=environment, stdin=source, capture_output=True, timeout=TIMEOUT)
            said = {'exit code': str(done.returncode), 'stdout': done.stdout, 'stderr': done.stderr}
        except subprocess.TimeoutExpired:
            return {'exit code': 'took too long'}
    for where, _, names in os.walk(folder):
        for path in (os.path.join(where, name) for name in names):
            if not os.path.islink(path):  # the fixtures are links
                said[os.path.relpath(path, folder)] = pathlib.Path(path).read_bytes()
    return {name: data if isinstance(data, str) else masked(data, command, folder, binary) for name, data in said.items()}


def globbed(folder, word):
    return [os.path.relpath(path, folder) for path in pathlib.Path(folder).glob(word)]


def without_expected(command, text):
    for where, pattern, _ in EXPECTED:
        if re.search(where, command):
            text = ''.join(line for line in text.splitlines(True) if not re.search(pattern, line))
    return text


def is_expected(command, name):
    return any(re.search(where, command) and re.search(pattern, name) for where, pattern, _ in EXPECTED)


def differences(command, old, new):
    found = []
    for name in sorted(old.keys() | new.keys()):
        a, b = old.get(name), new.get(name)
        if a is None or b is None:
            found.append(f'{name}: only the {"new" if a is None else "old"} build has it')
        elif isinstance(a, str) and isinstance(b, str):
            a, b = without_expected(command, a), without_expected(command, b)
            rows = list(difflib.unified_diff(a.splitlines(), b.splitlines(), 'old', 'new', lineterm='', n=0))[2:]
            if a != b:
                found.append('\n    '.join([f'{name}:'] + [ascii(row[:200])[1:-1] for row in rows[:SHOWN]]))
        elif a != b and not is_expected(command, name):
            found.append(f'{name}: {len(a)} and {len(b)} bytes, not the same')
    return found


def make_fixtures(folder, args):
    """What commands.py says is there."""
    root = pathlib.Path(__file__).resolve().parents[2]

    def fixture(*words):
        subprocess.run([args.fixture, *words], cwd=folder, check=True)

    def write(name, text):
        path = pathlib.Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    for name, kind in ('tiny.onnx', []), ('open.onnx', ['open-batch']), ('foreign.onnx', ['-', 'foreign']):
        fixture('model', name, *kind)
    write('cut.onnx', pathlib.Path(folder, 'tiny.onnx').read_bytes()[:100])
    for name in 'set/images', 'broken', 'empty':
        os.makedirs(os.path.join(folder, name))
    for number in range(6):
        blocks = [(k % 3, (k + number) % 8, (3 * k + number) % 8) for k in range(number)]
        fixture('picture', f'set/images/{number}.png', *(str(word) for block in blocks for word in block))
        write(f'set/labels/{number}.txt', ''.join(
            f'{kind} {(column + .5) / 8} {(row + .5) / 8} .125 .125\n' for kind, column, row in blocks))
    os.symlink('set/images', os.path.join(folder, 'shapes'))
    write('data.yaml', 'path: set\nval: images\nnames: [red, green, blue]\n')
    fixture('picture', 'red.png', '0', '2', '3')
    fixture('picture', 'blue.png', '2', '5', '1', '0', '1', '6')
    for name, text in {'weights.pt': 'PK', 'empty.txt': '', 'names.txt': 'zebra\nK\u00e4se\nmouse\n', 'allowed.txt': 'mouse # a comment\n0\n',
                       'list.txt': 'red.png\n# a comment\nshapes/3.png\nmissing.png\n'}.items():
        write(name, text)
    picture = pathlib.Path(folder, 'red.png').read_bytes()
    for name, data in {'good.png': picture, 'cut.png': picture[:60], 'text.jpg': 'not a picture', 'empty.png': '', 'png.jpg': picture}.items():
        write(f'broken/{name}', data)
    make_corpus(root / 'tests/fuzz/corpus', folder, write)
    if args.cases:
        os.symlink(os.path.abspath(args.cases), os.path.join(folder, 'cases'))
    if os.path.isdir(os.path.join(args.assets, 'models')):
        link_assets(args, folder, write)


def make_corpus(corpus, folder, write):
    os.mkdir(os.path.join(folder, 'corpus'))
    for name in 'onnx', 'picture', 'labels', 'coco':
        os.symlink(corpus / name, os.path.join(folder, 'corpus', name))
    for file in sorted((corpus / 'openvino_ir').iterdir()):  # the .xml and the .bin in one
        xml, end, weights = file.read_bytes().partition(b'</net>')
        write(f'corpus/ir/{file.name}.xml', xml + end)
        write(f'corpus/ir/{file.name}.bin', weights)


def link_assets(args, folder, write):
    assets = os.path.abspath(args.assets)
    for name, target in {'models': 'models', 'pictures': 'images', 'coco': 'coco/val', 'ir': 'ir'}.items():
        os.symlink(os.path.join(assets, target), os.path.join(folder, name))
    os.mkdir(os.path.join(folder, 'pistols'))
    for name in 'train', 'valid':
        os.symlink(os.path.join(assets, 'pistols', name), os.path.join(folder, 'pistols', name))
    write('pistols/data.yaml', 'train: train/images\nval: valid/images\nnames: [pistol]\n')
    whole = json.loads(pathlib.Path(assets, 'coco/val/instances_val.json').read_text())
    kept = sorted(whole['images'], key=lambda image: image['file_name'])[:8]
    ids = {image['id'] for image in kept}
    os.mkdir(os.path.join(folder, 'few'))
    for image in kept:
        os.symlink(os.path.join(assets, 'coco/val/images', image['file_name']), os.path.join(folder, 'few', image['file_name']))
    write('few.json', json.dumps({**whole, 'images': kept, 'annotations': [a for a in whole['annotations'] if a['image_id'] in ids]}))
    subprocess.run([args.old, 'detect', 'models/yolox_nano.onnx', 'few', '--conf', '.01', '--format', 'coco', '--out', 'results.json'],
                   cwd=folder, check=True, stdout=subprocess.DEVNULL)


def compare(args, fixtures, work, number, command):
    said = []
    for side, binary in ('old', args.old), ('new', args.new):
        folder = os.path.join(work, side, f'{number:04}')
        os.makedirs(folder)
        for name in os.listdir(fixtures):
            os.symlink(os.path.join(fixtures, name), os.path.join(folder, name))
        said.append(run(binary, command, folder))
        if not args.keep:
            shutil.rmtree(folder)
    return differences(command, *said)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('old', type=os.path.abspath)
    parser.add_argument('new', type=os.path.abspath)
    parser.add_argument('--fixture', type=os.path.abspath, help='the program cli_fixture [beside NEW, in tests]')
    parser.add_argument('--assets', default=os.environ.get('SAKER_ASSETS', '../shared/assets'))
    parser.add_argument('--cases', default=os.environ.get('SAKER_CASES', ''))
    parser.add_argument('--only', action='append', default=[], help='only commands with this in them')
    parser.add_argument('--keep', help='a new folder that keeps what was written')
    args = parser.parse_args()
    args.fixture = args.fixture or os.path.join(os.path.dirname(args.new), 'tests/cli_fixture')
    with tempfile.TemporaryDirectory() as scratch:
        work = os.path.abspath(args.keep) if args.keep else scratch
        fixtures = os.path.join(work, 'fixtures')
        os.makedirs(fixtures)
        make_fixtures(fixtures, args)
        os.chdir(fixtures)
        wanted = [command for command in commands.all_commands(lambda *words: subprocess.run(
            [args.old, *words], capture_output=True, text=True, check=True).stdout) if all(text in command for text in args.only)]
        different = 0
        with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
            jobs = {command: pool.submit(compare, args, fixtures, work, number, command) for number, command in enumerate(wanted)}
            for command, job in jobs.items():
                found = job.result()
                different += bool(found)
                for text in found:
                    print(f'saker {command}\n  {text}', flush=True)
        print(f'{len(wanted)} commands, {different} with differences')
    sys.exit(1 if different else 0)


if __name__ == '__main__':
    main()
