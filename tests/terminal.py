"""A command at a terminal of its own: a pseudo-terminal that is read as a person reads it, and typed into."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

from command import ENVIRONMENT, TESTS
from populace import clock

PATIENCE_S = 90.0
ENTER, DOWN, CTRL_C = "\r", "\x1b[B", "\x03"
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")


def _own_terminal() -> None:
    """In the child: what stands at descriptor 0 becomes the terminal that sends it signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A running command, and what its screen has shown so far, without colours and movements."""

    def __init__(self, *arguments: str, cwd: Path | None = None, columns: int = 200, **environment: str) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "populace", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd or TESTS,
            # It is no terminal that answers where its cursor is.
            env=ENVIRONMENT | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | environment,
            start_new_session=True,
            # Only a process that leads a session can take a terminal as its own, and Ctrl-C needs that.
            preexec_fn=_own_terminal,  # noqa: PLW1509
        )
        os.close(slave)
        self._raw = b""
        self._read = 0

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)

    @property
    def raw(self) -> str:
        """What was sent, with colours and movements."""
        return self._raw.decode(errors="replace")

    @property
    def screen(self) -> str:
        """All that was shown."""
        return _CONTROL.sub("", self.raw)

    def reads(self, text: str) -> None:
        """Wait until this is shown, after what was read before."""
        deadline = clock.monotonic() + PATIENCE_S
        while text not in self.screen[self._read :]:
            assert self._more(), f"ended without {text!r}:\n{self.screen}"
            assert clock.monotonic() < deadline, f"not shown: {text!r}, but\n{self.screen}"
        self._read = self.screen.index(text, self._read) + len(text)

    def types(self, keys: str) -> None:
        """Press keys, once the program has had a moment to listen."""
        clock.sleep(0.1)
        os.write(self._master, keys.encode())

    def answers(self, *steps: tuple[str, str]) -> None:
        """Read each question, and type its answer."""
        for question, keys in steps:
            self.reads(question)
            self.types(keys)

    def stopped(self) -> None:
        """Send the signal of Ctrl-C, as a terminal does when no program reads single keys."""
        os.killpg(self._process.pid, signal.SIGINT)

    def ends(self, code: int) -> str:
        """Wait for the end, insist on the exit code; what the screen shows."""
        deadline = clock.monotonic() + PATIENCE_S
        while self._more():
            assert clock.monotonic() < deadline, f"it does not end:\n{self.screen}"
        assert self._process.wait(10) == code, self.screen
        assert "Traceback" not in self.screen, self.screen
        return self.screen

    def _more(self) -> bool:
        """Read what there is; False once the program has let go of its terminal."""
        ready, _, _ = select.select([self._master], [], [], 0.2)
        if ready:
            try:
                data = os.read(self._master, 65_536)
            except OSError:
                return False
            self._raw += data
            return bool(data)
        return True
