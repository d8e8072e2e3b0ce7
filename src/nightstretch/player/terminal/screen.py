"""What is to be seen while a session plays: nothing, one dim line, or a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TextIO

if TYPE_CHECKING:
    from nightstretch.player.status import Status


class Screen(Protocol):
    """One way to show how far a session is."""

    @property
    def covers(self) -> bool:
        """Whether showing anything now would cover what was printed before."""

    def show(self, status: Status) -> None:
        """Show it. Cheap enough for every tick, twenty times a second: only what has changed is written."""


class Surface(Protocol):
    """A terminal that may be drawn on."""

    @property
    def ours(self) -> bool:
        """Whether it may be drawn on now: not while the program is in the background."""

    def draw(self, line: str) -> None:
        """Make it dark but for that line. Does nothing while it is not ours."""


class NoScreen:
    """Where nobody can see anything."""

    covers = False

    def show(self, status: Status) -> None:
        """Show nothing."""


class Dark:
    """Nothing, for eyes that are closed."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    @property
    def covers(self) -> bool:
        """The first time it is shown it gets dark."""
        return self._surface.ours

    def show(self, status: Status) -> None:
        """Keep it dark."""
        self._surface.draw(self._line(status))

    def _line(self, status: Status) -> str:  # noqa: ARG002 - it is nothing at any moment
        return ""


class Dim(Dark):
    """One dim line for whoever opens an eye: the time left, the exercise, the speed, the volume."""

    def _line(self, status: Status) -> str:
        # What changes comes first: a narrow terminal cuts off what is last.
        parts = [*(["paused"] if status.paused else []), f"{_clock(status.left_seconds)} left", status.part]
        parts.append(_speed(status))
        if status.muted or status.volume < 1:
            parts.append(_volume(status))
        return "  ".join(parts)


class Plain:
    """A line for each cue, for a pipe and for a screen reader: the time, and the words.

    One for each change of the speed and of the volume too.
    """

    covers = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._gone = False
        self._cue: str | None = None
        self._paused = False
        self._speed: str | None = None
        self._volume: str | None = None

    def show(self, status: Status) -> None:
        """Write a line if there is something new."""
        speed, volume = _speed(status), _volume(status)
        if self._speed not in {None, speed}:
            self._write(status, speed)
        if self._volume not in {None, volume}:
            self._write(status, volume)
        self._speed, self._volume = speed, volume
        if status.paused != self._paused:
            self._paused = status.paused
            self._write(status, "paused" if status.paused else "goes on")
        if status.cue != self._cue:
            self._cue = status.cue
            self._write(status, status.cue or "")

    def _write(self, status: Status, words: str) -> None:
        if self._gone or not words:
            return
        # On one line, and nothing that a terminal might obey.
        words = "".join(character for character in " ".join(words.split()) if character.isprintable())
        try:
            self._stream.write(f"{_clock(status.elapsed_seconds)}  {words}\n")
            self._stream.flush()
        except (OSError, ValueError):  # whoever read it has gone: the sound goes on
            self._gone = True


def _speed(status: Status) -> str:
    return f"speed {status.speed:g}"


def _volume(status: Status) -> str:
    return "muted" if status.muted else f"volume {status.volume:.0%}"


def _clock(seconds: float) -> str:
    """Give minutes and seconds, as in 07:30 and 75:00."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    return f"{minutes:02}:{rest:02}"
