"""A running `saker annotate`: its lines, one a frame, with the time at which each came, and its memory and descriptors
while it runs."""
import json
import os
import signal
import subprocess
import threading
import time

from common import Failed


class Watched:
    """Context manager. `lines`: (seconds of the monotonic clock, the frame's JSON); `samples`: dict(at, rss_mb, fds,
    threads), one each `every` seconds."""

    def __init__(self, command, report, every=1.0):
        self.command, self.report, self.every = [str(word) for word in command], report, every
        self.lines, self.samples, self.came = [], [], threading.Condition()

    def __enter__(self):
        if os.path.exists(self.report):
            os.remove(self.report)
        self.said = open(self.report + '.stderr', 'w+', encoding='utf-8')
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.said,
                                        text=True)
        self.workers = [threading.Thread(target=work, daemon=True) for work in (self.listen, self.sample)]
        for worker in self.workers:
            worker.start()
        return self

    def listen(self):
        for line in self.process.stdout:
            now = time.monotonic()
            with self.came:
                self.lines.append((now, json.loads(line)))
                self.came.notify_all()

    def sample(self):
        while self.process.poll() is None:
            try:
                with open(f'/proc/{self.process.pid}/status', encoding='ascii') as file:
                    status = dict(line.split(':', 1) for line in file)
                fds = len(os.listdir(f'/proc/{self.process.pid}/fd'))
                self.samples.append(dict(at=time.monotonic(), rss_mb=int(status['VmRSS'].split()[0]) * 1024 / 1e6, fds=fds,
                                         threads=int(status['Threads'])))
            except (OSError, KeyError):  # it has just ended
                pass
            time.sleep(self.every)

    def errors(self):
        self.said.seek(0)
        return self.said.read()[-2000:].strip()

    def wait_for_line(self, after, deadline):
        """The time of the first line that came later than `after`; nothing once the deadline has passed."""
        with self.came:
            while True:
                if self.lines and self.lines[-1][0] > after:
                    return next(at for at, _ in self.lines if at > after)
                if self.process.poll() is not None:
                    raise Failed(f'saker has ended (exit code {self.process.returncode}): {self.errors()}')
                if time.monotonic() > deadline:
                    return None
                self.came.wait(0.2)

    def stop(self, patience=30):
        """As Ctrl-C does; then as ended()."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.ended(patience)

    def ended(self, patience):
        """Waits for its end. Returns the report."""
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired as error:
            raise Failed(f'saker does not end within {patience:.0f} s') from error
        self.workers[0].join(patience)
        if not os.path.exists(self.report):
            raise Failed(f'saker left no report (exit code {self.process.returncode}): {self.errors()}')
        with open(self.report, encoding='utf-8') as file:
            return json.load(file)

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.said.close()


def growth(samples, key):
    """How much a figure of the samples rose from the first quarter to the last: medians."""
    quarter = max(1, len(samples) // 4)
    values = [sample[key] for sample in samples]
    return sorted(values[-quarter:])[quarter // 2] - sorted(values[:quarter])[quarter // 2]
