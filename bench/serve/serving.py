"""What the measurements of the server share: server processes, the client's rounds, and how memory grows. Python 3.9 or
later, without packages."""
import glob
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, '..', '..'))
sys.path.insert(0, os.path.join(HERE, '..'))


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def serve_binary():
    return os.environ.get('SAKER_SERVE') or os.path.join(ROOT, 'build', 'release', 'saker-serve')


class Server:
    """A process that answers POST /v1/detect; a context manager. `command` has {port} where the port goes."""

    def __init__(self, name, command, ready, cpus=None):
        self.name, self.port = name, free_port()
        self.log = tempfile.TemporaryFile()
        pinned = ['taskset', '-c', cpus] if cpus else []
        self.process = subprocess.Popen(pinned + [part.replace('{port}', str(self.port)) for part in command],
                                        stdout=self.log, stderr=self.log)
        self.wait_ready(ready)

    def wait_ready(self, path):
        until = time.monotonic() + 180
        while True:
            try:
                self.get(path)
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > until:
                    said = self.said()
                    self.close()
                    sys.exit(f'{self.name} did not come up:\n{said}')
                time.sleep(0.1)

    def get(self, path):
        with urllib.request.urlopen(f'http://127.0.0.1:{self.port}{path}', timeout=30) as answer:
            return answer.read()

    def detect(self, picture, query=''):
        with open(picture, 'rb') as file:
            request = urllib.request.Request(f'http://127.0.0.1:{self.port}/v1/detect{query}', data=file.read(),
                                             headers={'Content-Type': 'image/jpeg'})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors='replace')[-3000:]

    def alive(self):
        return self.process.poll() is None

    def pause(self):
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def memory(self):
        """Resident MiB, open descriptors, threads."""
        with open(f'/proc/{self.process.pid}/status', encoding='utf-8') as file:
            facts = dict(line.split(':', 1) for line in file)
        return dict(rss=int(facts['VmRSS'].split()[0]) / 1024, threads=int(facts['Threads']),
                    descriptors=len(os.listdir(f'/proc/{self.process.pid}/fd')))

    def close(self):
        if not self.alive():
            return
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def saker_server(model, flags=(), cpus=None):
    binary = serve_binary()
    if not os.access(binary, os.X_OK):
        sys.exit(f'{binary} is not there: build it, or name it with SAKER_SERVE')
    return Server('saker', [binary, '--model', model, '--port', '{port}', '--no-access-log', *flags], '/v2/health/ready', cpus)


def start_client(server, bodies, connections, seconds, target='/v1/detect', cpus=None, **more):
    facts = dict(port=server.port, target=target, bodies=bodies, connections=connections, seconds=seconds, **more)
    pinned = ['taskset', '-c', cpus] if cpus else []
    answer = tempfile.TemporaryFile('w+')  # no pipe: nobody reads while it runs
    client = subprocess.Popen(pinned + [sys.executable, os.path.join(HERE, 'client.py'), json.dumps(facts)], stdout=answer)
    client.answer = answer
    return client


def finish_client(client):
    if client.wait():
        sys.exit('the client failed')
    client.answer.seek(0)
    answer = json.load(client.answer)
    answer['ms'].sort()
    answer['throughput'] = len(answer['ms']) / answer['seconds']
    return answer


def drive(server, bodies, connections, seconds, **more):
    return finish_client(start_client(server, bodies, connections, seconds, **more))


def loadtest_binary():
    return os.environ.get('SAKER_LOADTEST') or os.path.join(ROOT, 'build', 'release', 'saker-loadtest')


def closed_loop(server, bodies, connections, seconds, warm, target='/v1/detect'):
    """One measurement by `saker loadtest`, which takes less of the CPU than a client in Python."""
    with tempfile.NamedTemporaryFile(suffix='.json') as answer:
        command = [loadtest_binary(), f'http://127.0.0.1:{server.port}', '--target', target, '--concurrency', str(connections),
                   '--duration', str(seconds), '--warmup', str(warm), '--quiet', '--json', answer.name]
        for body in bodies:
            command += ['--source', body]
        run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        try:  # by its name: the file is another one now. The exit code tells of failed requests, too.
            with open(answer.name, encoding='utf-8') as file:
                stage = json.load(file)['stages'][0]
        except ValueError:
            sys.exit(f'{command[0]}: {run.stderr.strip()}')
    latency = stage['latency_ms'] or {}
    return dict(throughput=stage['throughput_per_s'], statuses=stage['statuses'], errors=stage['errors'],
                p50=latency.get('p50', float('nan')), p99=latency.get('p99', float('nan')))


def watch(server, client, every=1.0, tell=None):
    """What the server holds while the client runs: [{second, rss, threads, descriptors}]. Ends where it has died."""
    begun, seen = time.monotonic(), []
    while client.poll() is None and server.alive():
        try:
            seen.append(dict(second=round(time.monotonic() - begun, 1), **server.memory()))
        except OSError:
            break
        if tell:
            tell(seen[-1])
        try:
            client.wait(every)
        except subprocess.TimeoutExpired:
            pass
    return seen


def quantile(ordered, q):
    if not ordered:
        return float('nan')
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def flat(values, slack_share, slack):
    """Whether the last third is no higher than the middle third, but for the slack; with the two figures."""
    third = max(1, len(values) // 3)
    middle, last = max(values[third:2 * third] or values), max(values[-third:])
    return last <= middle * (1 + slack_share) + slack, middle, last


def pictures_of(names):
    found = []
    for name in names or [os.path.join(ROOT, 'models', 'signs.jpg')]:
        found += sorted(glob.glob(os.path.join(name, '*.jpg'))) if os.path.isdir(name) else [name]
    missing = [one for one in found if not os.path.isfile(one)]
    if missing or not found:
        sys.exit(f'no pictures: {missing or names}')
    return [os.path.abspath(one) for one in found]


def results_folder():
    return os.path.join(ROOT, 'bench', 'results', time.strftime('%Y-%m-%d') + '-serve')
