"""Cameras that are programs on this machine: a clip at its own speed, again and again, over RTSP or as an MPEG transport
stream over TCP. Context managers; `url` is what to open."""
import os
import socket
import subprocess
import tempfile
import time

from common import HERE, Failed, made

# Debian's, which has GStreamer's bindings.
SYSTEM_PYTHON = '/usr/bin/python3'
RTSP_PACKAGES = 'gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-base gstreamer1.0-plugins-good'


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def camera_clip(work, clip, fps, width, height, seconds):
    """The clip as a camera sends it: baseline H.264 without reordered frames, a key frame a second, and so many frames a
    second, whatever the clip had."""
    stem = os.path.splitext(os.path.basename(clip))[0]
    once = made(work, f'{stem}-{width}x{height}-{fps}.mp4', '-i', clip, '-an', '-vf',
                f'scale={width}:{height},setpts=N/{fps}/TB', '-r', fps, '-c:v', 'libx264', '-preset', 'veryfast', '-profile:v',
                'baseline', '-bf', 0, '-g', fps, '-crf', 23, '-pix_fmt', 'yuv420p')
    return made(work, f'{stem}-{width}x{height}-{fps}-{seconds}s.mp4', '-stream_loop', -1, '-i', once, '-t', seconds, '-c',
                'copy')


class Program:
    """A program that runs until it is killed."""

    def __init__(self, command):
        self.command, self.process = [str(word) for word in command], None

    def start(self):
        self.said = tempfile.TemporaryFile('w+')
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.said,
                                        text=True)
        return self

    def complaint(self):
        self.kill()
        self.said.seek(0)
        return self.said.read().strip()

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


class RtspCamera(Program):
    """All of its `urls` show the clip; each has a decoder's work of its own."""

    def __init__(self, clip, count=1):
        self.port = free_port()
        self.urls = [f'rtsp://127.0.0.1:{self.port}/{mount}' for mount in range(count)]
        super().__init__([SYSTEM_PYTHON, os.path.join(HERE, 'rtsp_server.py'), clip, '--port', self.port, '--mounts', count])

    @staticmethod
    def missing():
        """Why there can be none, or nothing."""
        try:
            said = subprocess.run([SYSTEM_PYTHON, os.path.join(HERE, 'rtsp_server.py'), '--check'], capture_output=True,
                                  text=True, check=False)
        except OSError as error:
            return f'{SYSTEM_PYTHON}: {error.strerror}'
        return f'no RTSP server (Debian 12: {RTSP_PACKAGES}): {said.stderr.strip()}' if said.returncode else ''

    def start(self):
        """Until it listens."""
        super().start()
        if self.process.stdout.readline().strip() != 'listening':
            raise Failed(f'the RTSP server did not start: {self.complaint()}')
        return self


class TcpCamera(Program):
    """Sends to the first that connects, from the beginning of the clip."""

    def __init__(self, clip):
        self.urls = [f'tcp://127.0.0.1:{free_port()}']
        super().__init__(['ffmpeg', '-nostdin', '-loglevel', 'error', '-re', '-i', clip, '-c', 'copy', '-f', 'mpegts',
                          '-muxdelay', 0, '-flush_packets', 1, self.urls[0] + '?listen=1'])

    def start(self):
        super().start()
        port = self.urls[0].rsplit(':', 1)[1]
        deadline = time.monotonic() + 10
        while f'{int(port):04X} 00000000:0000 0A' not in sockets():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f'ffmpeg does not listen: {self.complaint()}')
            time.sleep(0.02)
        return self


def sockets():
    """/proc/net/tcp, where 0A is a socket that listens; to connect and look would use the camera's one connection up."""
    with open('/proc/net/tcp', encoding='ascii') as file:
        return file.read()
