"""A program of its own at a terminal of its own."""

import os
import pty
import select
import sys
import termios

PATIENCE_SECONDS = 20.0


class Child:
    """A Python program that says "ready" when it is; with ``script``, a job of a shell that has job control.

    ``script`` is what the shell does, and runs it as ``"$@"``; only a job of a shell can be suspended.
    """

    def __init__(
        self,
        program: str,
        *arguments: str,
        script: str | None = None,
        size: tuple[int, int] = (24, 80),
        **environment: str,
    ) -> None:
        command: tuple[str, ...] = (sys.executable, "-c", program, *arguments)
        if script is not None:
            command = ("sh", "-m", "-c", script, "sh", *command)
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            termios.tcsetwinsize(0, size)
            os.execvpe(command[0], command, os.environ | {"TERM": "xterm-256color"} | environment)  # noqa: S606
        self.text = ""
        self._open = True
        self.wait_for("ready")

    def press(self, keys: bytes) -> None:
        os.write(self.terminal, keys)

    def wait_for(self, text: str) -> None:
        """Read on until ``text`` comes."""
        while text not in self.text:
            assert self._read(), f"{text!r} did not come: {self.text!r}"

    def end(self) -> int:
        """Read all that is left; return its exit code, negative for a signal."""
        while self._read():
            pass
        self.close()
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        """Close the terminal, as a window is closed."""
        if self._open:
            os.close(self.terminal)
        self._open = False

    def _read(self) -> bool:
        if not self._open:
            return False
        assert select.select([self.terminal], [], [], PATIENCE_SECONDS)[0], (
            f"nothing more came: {self.text!r}"
        )
        try:
            data = os.read(self.terminal, 4096)
        except OSError:  # Linux says so when the last program has closed it
            return False
        self.text += data.decode(errors="replace")
        return bool(data)
