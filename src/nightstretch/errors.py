"""Every error that leaves a layer: what is wrong, where, what is allowed and what to do next, in plain words.

They are caught once, by the command line, and printed as they are, without a traceback.
"""

from __future__ import annotations

from typing import ClassVar


class NightstretchError(Exception):
    """The root of all errors a person can do something about; ``str(error)`` is the whole message."""

    exit_code: ClassVar[int] = 1


class UsageError(NightstretchError):
    """Something was asked for that does not exist or is out of range: a name, a number, a format."""

    exit_code = 2


class RoutineError(NightstretchError):
    """A routine file cannot be read or is not a routine.

    ``problems``: every problem that was found, each a line of its own; the message names the first.
    """

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems or (message,)


class FitError(NightstretchError):
    """The words do not fit into the time they were given."""


class VoiceError(NightstretchError):
    """A voice is not available here, or failed to speak."""


class SoundError(NightstretchError):
    """A chime is missing or its file cannot be read."""


class BedError(SoundError):
    """The file of a bed is missing, or cannot be played."""


class ExportError(NightstretchError):
    """A file cannot be written, or what its format needs is not installed."""


class BatchError(NightstretchError):
    """A plan is none, or its files cannot be made where they should be.

    ``problems``: every problem that was found, each a line of its own; the message names the first.
    """

    def __init__(self, message: str, *, problems: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems or (message,)


class PracticeError(NightstretchError):
    """What was remembered of earlier evenings cannot be read."""


class OutputError(NightstretchError):
    """There is no loudspeaker to play through, or it stopped working."""


def install_extra(extra: str) -> str:
    """Say how to get an extra, in words that are right for a checkout too: one remedy, worded once.

    In double quotes, which every shell takes, that of Windows as well.
    """
    return f'install the extra `{extra}`: pip install "nightstretch[{extra}]", or ".[{extra}]" in a checkout'
