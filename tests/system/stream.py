#!/usr/bin/env python3
"""Cameras of a running saker-serve: a video that is shown over and over, and those who watch it: readers, hundreds of
them, some that stall, some that leave; while requests are answered; until SIGTERM.

    stream.py SAKER_SERVE [SECONDS] [PICTURE.jpg]     SECONDS: of the crowd, 12 without; PICTURE: one of those shown

Without the program ffmpeg the exit code is 77. Python 3.9 or later, without packages."""
from __future__ import annotations

import http.client
import json
import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from typing import Callable, Optional

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..')
STREET = os.path.join(SOURCE, 'models', 'signs.jpg')
MODEL = os.path.join(SOURCE, 'models', 'signs.int8.onnx')
PATIENCE = 60  # seconds for what must come
failures: list[str] = []


def check(held: bool, what: str) -> None:
    print(('ok      ' if held else 'FAILED  ') + what, flush=True)
    if not held:
        failures.append(what)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def film(path: str) -> None:
    """Four seconds of a view that moves over the street, 640 x 360, 15 frames a second."""
    subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-loop', '1', '-framerate', '15', '-i', STREET,
                    '-frames:v', '60', '-vf', "scale=800:-2,crop=640:360:x='mod(n*2,160)':y=40", '-pix_fmt', 'yuv420p',
                    path], check=True)


class Server:
    def __init__(self, program: str, *flags: str) -> None:
        self.port = free_port()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [program, '--model', MODEL, '--port', str(self.port), '--log-format', 'json', '--drain', '30', *flags],
            stdout=subprocess.DEVNULL, stderr=self.log)
        until = time.monotonic() + PATIENCE
        while self.ask('GET', '/v2/health/ready')[0] != 200:
            if self.process.poll() is not None or time.monotonic() > until:
                sys.exit(f'the server did not come up:\n{self.said()}')
            time.sleep(0.05)

    def ask(self, method: str, target: str, body: Optional[bytes] = None) -> tuple[int, bytes]:
        """Status and body; 0: no answer."""
        connection = http.client.HTTPConnection('127.0.0.1', self.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except OSError:
            return 0, b''
        finally:
            connection.close()

    def cameras(self) -> dict[str, dict]:
        return {one['name']: one for one in json.loads(self.ask('GET', '/v1/cameras')[1])['cameras']}

    def metric(self, name: str, camera: str = 'street') -> float:
        text = self.ask('GET', '/metrics')[1].decode()
        line = next(one for one in text.splitlines() if one.startswith(f'{name}{{camera="{camera}"}}'))
        return float(line.split()[-1])

    def resident_mb(self) -> float:
        with open(f'/proc/{self.process.pid}/statm') as file:
            return int(file.read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 2**20

    def descriptors(self) -> int:
        return len(os.listdir(f'/proc/{self.process.pid}/fd'))

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read().decode(errors='replace')


class Watcher:
    """A connection whose answer is read as it comes, without chunks' sizes."""

    def __init__(self, server: Server, target: str) -> None:
        self.socket = socket.create_connection(('127.0.0.1', server.port), timeout=PATIENCE)
        self.socket.sendall(f'GET {target} HTTP/1.1\r\nHost: h\r\n\r\n'.encode())
        self.raw, self.body, self.whole = b'', b'', False
        self.head = b''

    def more(self) -> bool:
        """Reads what there is; false: the connection has ended."""
        got = self.socket.recv(1 << 18)
        self.raw += got
        if not self.head:
            at = self.raw.find(b'\r\n\r\n')
            if at >= 0:
                self.head, self.raw = self.raw[:at], self.raw[at + 4:]
        while self.head:
            at = self.raw.find(b'\r\n')
            if at < 0:
                break
            size = int(self.raw[:at], 16)
            if len(self.raw) < at + 2 + size + 2:
                break
            self.body += self.raw[at + 2:at + 2 + size]
            self.raw = self.raw[at + 4 + size:]
            self.whole = self.whole or size == 0
        return bool(got)

    def until(self, held: Callable[[bytes], bool]) -> bytes:
        deadline = time.monotonic() + PATIENCE
        while not held(self.body):
            if time.monotonic() > deadline or not self.more():
                sys.exit(f'it never came: {self.head!r} {self.body[-300:]!r}')
        return self.body

    def close(self) -> None:
        self.socket.close()


def events_of(body: bytes) -> list[dict]:
    """Frames, as they are told."""
    pieces = [one for one in body.decode().split('\n\n') if one.startswith('id: ')]
    return [json.loads(one.split('data: ', 1)[1]) for one in pieces]


def test_events(server: Server) -> None:
    watcher = Watcher(server, '/v1/stream?camera=street')
    events = events_of(watcher.until(lambda body: body.count(b'\nid: ') >= 75))  # more than one round
    check([one['sequence'] for one in events] == list(range(events[0]['sequence'], events[0]['sequence'] + len(events))),
          f'{len(events)} events follow each other')
    seconds = [one['seconds'] for one in events]
    check(all(a < b for a, b in zip(seconds, seconds[1:])), 'their time ascends, over the end of the file, too')
    check(seconds[-1] - seconds[0] >= 0.8 * (events[-1]['frame'] - events[0]['frame']) / 15,
          'it is shown no faster than it is')
    seen = [box for one in events for box in one['boxes']]
    check(len(seen) > len(events) and all(box['track'] >= 1 for box in seen), f'{len(seen)} boxes are tracked')
    check(b'event: camera\ndata: {"camera":"street","state":' in watcher.body, 'the state is told')
    watcher.close()


def test_pictures(server: Server, kept: Optional[str]) -> None:
    watcher = Watcher(server, '/v1/stream?camera=street&format=mjpeg&fps=5')
    begin = time.monotonic()
    body = watcher.until(lambda body: body.count(b'Content-Type: image/jpeg') >= 11)
    check(time.monotonic() - begin > 1.5, 'no more pictures than were asked for')
    check(b'multipart/x-mixed-replace; boundary=saker' in watcher.head, 'as a multipart answer')
    parts = body.split(b'--saker\r\n')[1:11]
    pictures = []
    for part in parts:
        head, picture = part.split(b'\r\n\r\n', 1)
        length = int(next(line for line in head.split(b'\r\n') if line.startswith(b'Content-Length')).split()[1])
        pictures.append(picture[:length])
        check(picture[length:] == b'\r\n', f'a part of {length} bytes')
    check(all(one[:2] == b'\xff\xd8' and one[-2:] == b'\xff\xd9' for one in pictures), 'each is a whole JPEG')
    if kept:
        with open(kept, 'wb') as file:
            file.write(pictures[-1])
    watcher.close()


def test_refusals(server: Server) -> None:
    for target, status in (('/v1/stream?camera=garden', 404), ('/v1/stream', 400), ('/v1/stream?camera=street&fps=x', 400),
                           ('/v1/stream?camera=street&url=rtsp://x/', 400)):
        got, body = server.ask('GET', target)
        check(got == status and b'"error"' in body, f'{target}: {got} {body!r}')
    check(b'street' in server.ask('GET', '/v1/stream?camera=garden')[1], 'the cameras that there are are named')
    check(server.ask('HEAD', '/v1/stream?camera=street')[0] == 200, 'HEAD is answered')


def test_away(server: Server) -> None:
    watcher = Watcher(server, '/v1/stream?camera=away')
    body = watcher.until(lambda body: b'"state":"away"' in body)
    check(b'127.0.0.1' not in body and b'secret' not in body, 'its address is not told')
    check(server.cameras()['away']['state'] == 'away', 'the list says so')
    watcher.until(lambda body: b'\n: \n' in body or body.endswith(b': \n\n'))
    check(True, 'signs of life come all the same')
    watcher.close()


class Crowd:
    """Watchers of the street: `readers` read what comes, `stalled` nothing, and of the readers some leave now and then,
    and others come."""

    def __init__(self, server: Server, readers: int, stalled: int) -> None:
        self.server = server
        self.poll = selectors.DefaultSelector()
        self.frames = self.joined = 0
        self.stalled = [Watcher(server, self.target(i)) for i in range(stalled)]
        self.readers: list[Watcher] = []
        for _ in range(readers):
            self.join()

    @staticmethod
    def target(number: int) -> str:
        return '/v1/stream?camera=street&format=' + ('mjpeg' if number % 2 else 'sse')

    def join(self) -> None:
        one = Watcher(self.server, self.target(self.joined))
        self.joined += 1
        self.readers.append(one)
        self.poll.register(one.socket, selectors.EVENT_READ, one)

    def leave(self, one: Watcher) -> None:
        self.poll.unregister(one.socket)
        self.readers.remove(one)
        one.close()

    def read(self, seconds: float) -> bool:
        """False: somebody's answer has ended."""
        until, good = time.monotonic() + seconds, True
        while (left := until - time.monotonic()) > 0:
            for key, _ in self.poll.select(left):
                one: Watcher = key.data
                good = one.more() and good
                frames = one.body.count(b'\nid: ') + one.body.count(b'X-Sequence: ')
                if frames and len(one.body) > 1 << 16:
                    one.body = one.body[-100:]
                self.frames += frames
        return good


def test_crowd(server: Server, seconds: float) -> Crowd:
    with open(STREET, 'rb') as file:
        picture = file.read()
    crowd = Crowd(server, 250, 50)
    crowd.read(4)
    before, descriptors = server.resident_mb(), server.descriptors()
    answered, slowest, until, good = 0, 0.0, time.monotonic() + seconds, True
    while time.monotonic() < until:
        good = crowd.read(0.2) and good
        begin = time.monotonic()
        status, _ = server.ask('POST', '/v1/detect', picture)
        slowest = max(slowest, time.monotonic() - begin)
        answered += status == 200
        good = good and status == 200
        for _ in range(5):
            crowd.leave(crowd.readers[0])
            crowd.join()
    check(good, f'{answered} requests were answered meanwhile, the slowest in {slowest * 1000:.0f} ms')
    after = server.resident_mb()
    check(after - before < 24, f'memory: {before:.0f} MB, after {seconds:.0f} s more {after:.0f} MB')
    check(server.descriptors() - descriptors < 30, f'descriptors: {descriptors}, then {server.descriptors()}')
    street = server.cameras()['street']
    check(crowd.frames > 1000, f'{crowd.frames} frames came')
    check(street['reconnects'] == 0 and street['state'] == 'live', f'{street}')
    check(server.metric('saker_camera_watcher_frames_dropped_total') > 0, 'who does not read loses frames')
    return crowd


def test_limit(server: Server, crowd: Crowd) -> None:
    more = [Watcher(server, '/v1/stream?camera=street') for _ in range(30)]
    for one in more:
        one.until(lambda _, one=one: bool(one.head))
    refused = [one for one in more if b' 503 ' in one.head]
    check(0 < len(refused) < 30 and b'Retry-After' in refused[0].head, f'{len(refused)} of 30 more were refused')
    for one in more:
        one.close()
    crowd.read(2)


def test_end(server: Server, crowd: Crowd) -> None:
    begin = time.monotonic()
    server.process.send_signal(signal.SIGTERM)
    for one in crowd.readers:
        one.socket.settimeout(PATIENCE)
        try:
            while one.more():
                pass
        except OSError:
            pass
    check(all(one.whole for one in crowd.readers), 'all answers have an end')
    told = sum(b'event: end\ndata: {"camera":"street","reason":"the server is stopping"}' in one.body
               for one in crowd.readers)
    events = sum(b'text/event-stream' in one.head for one in crowd.readers)
    check(0 < told == events, f'{told} of {events} were told why')
    code = server.process.wait(PATIENCE)
    check(code == 0, f'exit code {code}')
    check(time.monotonic() - begin < 25, f'it ended within {time.monotonic() - begin:.1f} s, with {len(crowd.stalled)} that read nothing')
    said = server.said()
    check('camera lost' in said and 'secret' not in said, 'the log tells of the camera that is away, without its password')
    streams = [one for one in said.splitlines() if '/v1/stream?camera=street' in one and '"status":200' in one]
    check(len(streams) > 250, f'{len(streams)} streams are in the log')


def test_without_plugin(program: str, folder: str) -> None:
    alone = shutil.copy(program, os.path.join(folder, 'alone'))
    environment = {key: value for key, value in os.environ.items() if key != 'SAKER_BACKENDS'}
    ran = subprocess.run([alone, '--model', MODEL, '--camera', 'a=rtsp://127.0.0.1:1/x'], capture_output=True, text=True,
                         env=environment, timeout=PATIENCE)
    check(ran.returncode == 1 and 'scripts/install_video.sh' in ran.stderr, f'without the plug-in: {ran.stderr.strip()}')


def main() -> None:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if not shutil.which('ffmpeg'):
        print('skipped: no ffmpeg')
        sys.exit(77)
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 12
    kept = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as folder:
        clip = os.path.join(folder, 'clip.mp4')
        film(clip)
        test_without_plugin(sys.argv[1], folder)
        server = Server(sys.argv[1], '--camera', f'street={clip}', '--camera',
                        'away=rtsp://user:secret@127.0.0.1:1/live', '--camera-track', '--max-watchers', '310',
                        '--write-timeout', '300')
        try:
            check(server.cameras()['street']['state'] == 'closed', 'nobody watches yet')
            test_refusals(server)
            check(server.cameras()['street']['state'] == 'closed', 'and refusals open nothing')
            test_events(server)
            test_pictures(server, kept)
            test_away(server)
            crowd = test_crowd(server, seconds)
            test_limit(server, crowd)
            test_end(server, crowd)
        finally:
            if server.process.poll() is None:
                server.process.kill()
                server.process.wait()
    if failures:
        sys.exit(f'{len(failures)} failed:\n' + '\n'.join(failures))
    print('all held')


if __name__ == '__main__':
    main()
