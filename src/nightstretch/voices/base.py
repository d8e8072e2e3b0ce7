"""What a voice is to the rest of the program, and what an engine that brings voices has to offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nightstretch.audio import Clip

CALM_WPM = 120.0
"""Words a minute, while speaking, at speed 1.0. Every voice is calibrated to it."""

SLOWEST_SPEED, FASTEST_SPEED = 0.5, 2.0


class Voice(Protocol):
    """One voice, ready to speak. ``synthesize`` may be called from several threads at once."""

    @property
    def name(self) -> str:
        """The name a person asks for it by: ``natural``, ``system``, ``system:gmw/en-us``."""

    @property
    def identity(self) -> str:
        """Everything but text and speed that changes its sound: engine, version, model, settings."""

    @property
    def takes_ipa(self) -> bool:
        """Whether ``[word](/ipa/)`` in a text makes it speak the word so."""

    @property
    def speeds(self) -> tuple[float, float]:
        """The slowest and the fastest speed it can speak at; it speaks at the nearest it can."""

    def synthesize(self, text: str, speed: float) -> Clip:
        """Speak ``text`` at ``speed`` (1.0 is ``CALM_WPM``).

        The same text at the same speed always gives the same clip, to the sample, also in another process
        and from another thread: the session is laid out by the clips' lengths before they are played, and
        the same input promises the same bytes.

        Raises VoiceError where the engine fails or the clip is not plausible.
        """

    def close(self) -> None:
        """Let go of processes and models; may be called twice."""


class KeptVoice(Voice, Protocol):
    """A voice that keeps what it has spoken: asked a second time it is cheap."""

    def length(self, text: str, speed: float) -> int | None:
        """Give the samples of the clip that is kept, or None where there is none yet. Takes no time."""


@dataclass(frozen=True)
class VoiceInfo:
    """A line of ``nightstretch voices``."""

    name: str
    description: str


class VoiceEngine(Protocol):
    """What the entry-point group ``nightstretch.voices`` holds: a class without arguments, named there.

    Making one is cheap and loads nothing; an engine that cannot work here says so in ``problem``.
    """

    def problem(self) -> str | None:
        """Say why the engine cannot be used on this machine and what to do about it, or None if it can."""

    def voices(self) -> Sequence[VoiceInfo]:
        """List its voices, the default one first. Raises VoiceError."""

    def open(self, variant: str | None) -> Voice:
        """Open a voice: the part of its name behind the colon, or None for the default.

        Raises UsageError for a voice there is not, VoiceError where it cannot be used.
        """
