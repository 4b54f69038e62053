"""One run of the command as a child process: what it wrote, what it said, and its end when Python is interrupted."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import selectors
import signal
import struct
import subprocess
import sys
import termios
import time
from typing import NamedTuple, Optional, Sequence, Tuple

_BLOCK = re.compile(r"^saker: ", re.MULTILINE)
_PROGRESS = re.compile(r"\r[^\n\r]*?\x1b\[K|\r\x1b\[K")
_INDENT = " " * len("saker: ")


class Ended(NamedTuple):
    """A child that has ended."""

    code: int  # exit code; below zero: the signal that ended it
    output: bytes  # of stdout
    said: str  # of stderr, without progress bars


def run(argv: Sequence[str], *, grace: float = 0.1, alone: bool = False) -> Ended:
    """Runs a program to its end.

    What it says on stderr comes on ``sys.stderr``: as it is said if that is a terminal, progress bars included, else
    when it has ended well. An interrupt ends it: it is asked to, has `grace` seconds, and is killed then.
    `alone`: Ctrl-C on the terminal does not reach it but through this function, once.
    """
    child = _Child(argv, alone)
    try:
        child.pump(None)
        code = child.process.wait()
    except BaseException:
        child.end(grace)
        raise
    finally:
        child.close()
    child.tell_rest(code == 0)
    return Ended(code, bytes(child.output), child.said())


def message(said: str) -> str:
    """What a command that failed said was wrong: its words without the program's name, and without its notes."""
    starts = [found.start() for found in _BLOCK.finditer(said)]
    blocks = [said[a:b] for a, b in zip(starts, [*starts[1:], len(said)])]
    texts = [
        "\n".join(
            line[len(_INDENT) :] if line.startswith((_INDENT, "saker: ")) else line
            for line in block.rstrip().splitlines()
        )
        for block in blocks
    ]
    return "\n".join(text for text in texts if not text.startswith("note: ")) or said.strip()


class _Child:
    def __init__(self, argv: Sequence[str], alone: bool) -> None:
        self.output = bytearray()
        self._text = ""  # all that was said
        self._told = 0  # how much of it has been passed on
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        terminal = _terminal()
        self._live = terminal is not None
        self._listen, speak = _terminal_pair(terminal) if terminal is not None else os.pipe()
        try:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=speak, start_new_session=alone
            )
        except BaseException:
            os.close(self._listen)
            raise
        finally:
            os.close(speak)

    def pump(self, until: Optional[float]) -> bool:
        """Takes what it writes until both streams have ended (True), or until that time of time.monotonic()."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as selector:
            for stream in (self.process.stdout.fileno(), self._listen):
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                left = None if until is None else until - time.monotonic()
                if left is not None and left <= 0:
                    return False
                for key, _ in selector.select(left):
                    try:
                        piece = os.read(key.fd, 1 << 16)
                    except OSError:  # a terminal whose other side is closed
                        piece = b""
                    if not piece:
                        selector.unregister(key.fd)
                    elif key.fd == self._listen:
                        self._hear(piece)
                    else:
                        self.output += piece
        return True

    def _hear(self, piece: bytes) -> None:
        self._text += self._decoder.decode(piece)
        if not self._live:
            return
        # The last thing said may be why it fails, which the exception will say: it waits for what comes after.
        starts = [found.start() for found in _BLOCK.finditer(self._text, self._told)]
        self._tell(starts[-1] if starts and "\r" not in self._text[starts[-1] :] else len(self._text))

    def _tell(self, end: int) -> None:
        if end > self._told and sys.stderr is not None:
            sys.stderr.write(self._text[self._told : end])
            sys.stderr.flush()
        self._told = max(self._told, end)

    def tell_rest(self, well: bool) -> None:
        if not self._live:
            self._text = _PROGRESS.sub("", self._text)
        if well:
            self._tell(len(self._text))

    def said(self) -> str:
        return _PROGRESS.sub("", self._text)

    def end(self, grace: float) -> None:
        """Asks it to end, then makes it."""
        try:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)
                self.pump(time.monotonic() + grace)
                self.process.wait(0.03)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()

    def close(self) -> None:
        os.close(self._listen)
        if self.process.stdout is not None:
            self.process.stdout.close()


def _terminal() -> Optional[int]:
    try:
        return sys.stderr.fileno() if sys.stderr is not None and sys.stderr.isatty() else None
    except (AttributeError, OSError, ValueError):
        return None


def _terminal_pair(real: int) -> Tuple[int, int]:
    """A terminal of the same width, whose text comes out as it goes in; the end to read from, and the child's."""
    listen, speak = pty.openpty()
    try:
        fcntl.ioctl(speak, termios.TIOCSWINSZ, fcntl.ioctl(real, termios.TIOCGWINSZ, struct.pack("4H", 24, 80, 0, 0)))
        settings = termios.tcgetattr(speak)
        settings[1] &= ~termios.OPOST
        termios.tcsetattr(speak, termios.TCSANOW, settings)
    except (OSError, termios.error):
        pass  # the widths differ then, and nothing else
    return listen, speak
