"""A sound file of any kind as stereo blocks, from its beginning to its end, never held in memory as a whole.

libsndfile reads FLAC, WAV, MP3, Vorbis and more in this process, whatever the name of the file ends in. What
it does not know is left to ffmpeg, whose samples come through a pipe. Not through pydub, which would hold all
of it in memory several times (two hours: gigabytes), and asks ffprobe, which ``imageio-ffmpeg`` has not got.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
import soundfile

from nightstretch.errors import BedError, install_extra

Stereo = npt.NDArray[np.float32]
"""Shape ``(frames, 2)``; 1.0 is full scale."""

LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
"""Samples a second that a file may have: outside, it is damaged rather than unusual."""

EXCERPTS: Final = 20
EXCERPT_SECONDS: Final = 3
"""What is listened to before a file plays: a minute of it, so that two hours take no longer to open."""

_OTHERS: Final = f"other formats need ffmpeg; install that program, or {install_extra('formats')}"

_HALF_POWER: Final = np.sqrt(0.5)
_PLACES: Final[dict[int, tuple[str, ...]]] = {
    3: ("left", "right", "both"),
    4: ("left", "right", "left", "right"),
    5: ("left", "right", "both", "left", "right"),
    6: ("left", "right", "both", "none", "left", "right"),
    7: ("left", "right", "both", "none", "both", "left", "right"),
    8: ("left", "right", "both", "none", "left", "right", "left", "right"),
}
"""Where the channels of a file stand, in the order of WAV and FLAC. The one for deep effects is left out."""


_UNKNOWN_BYTES: Final = 0x7FFF0000
"""A recorder that wrote into a pipe could not know the length, and promises at least so much."""


class BedFile(Protocol):
    """A file that is open. ``rate``: its samples a second."""

    rate: int

    def read(self, frames: int) -> Stereo:
        """Give the next frames, fewer only at the end. Raises BedError."""

    def excerpts(self) -> Iterator[Stereo]:
        """Give parts that tell how loud it is; ``rewind`` afterwards. Raises BedError."""

    def rewind(self) -> None:
        """Begin again. Raises BedError."""

    def close(self) -> None:
        """Be done with it."""


def open_file(path: Path) -> BedFile:
    """Open a sound file. Raises BedError where it is none that can be played; reads only a little of it."""
    _examine(path)
    with _without_remarks():
        return _open(path)


def _open(path: Path) -> BedFile:
    try:
        sound = soundfile.SoundFile(path.absolute())  # for a file that is called "-" is not standard input
    # The type error: soundfile does not look into a file whose name ends in ".raw".
    except (soundfile.SoundFileError, OSError, TypeError) as error:
        ffmpeg = find_ffmpeg()
        if ffmpeg is None:
            reason = getattr(error, "error_string", error)
            raise BedError(f"{path}: cannot be read as a sound ({reason}); {_OTHERS}") from error
        return _ByFfmpeg(path, ffmpeg)
    return _BySoundfile(path, sound)


def find_ffmpeg() -> str | None:
    """Find the program: on the PATH, else that of the extra ``formats``."""
    found = shutil.which("ffmpeg")
    if found is None and find_spec("imageio_ffmpeg") is not None:
        try:
            found = str(import_module("imageio_ffmpeg").get_ffmpeg_exe())
        except RuntimeError:  # its way to say that it has none either
            return None
    return found


@contextmanager
def _without_remarks() -> Iterator[None]:
    """Keep standard error clean: libsndfile's MP3 decoder writes dozens of lines there about a damaged file.

    Opening one looks through all of it, and refuses it then; so there is nothing left to remark on later.
    """
    try:
        kept = os.dup(2)
    except OSError:  # it is closed: nobody reads the remarks
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)
        os.close(nowhere)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _examine(path: Path) -> None:
    """Refuse what is no file with something in it, before it is opened: a pipe would wait for ever."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise BedError(f"{path}: is a folder; name a sound file in it")
        if not stat.S_ISREG(status.st_mode):
            raise BedError(f"{path}: is a device or a pipe, and a bed is read again and again; name a file")
        with path.open("rb") as file:
            if not file.read(1):
                raise BedError(f"{path}: is empty; copy or download it again")
    except (OSError, ValueError) as error:  # the value error: a name that no file can have
        reason = getattr(error, "strerror", None) or error
        raise BedError(f"{path}: cannot be read ({reason}); name a sound file") from error


class _BySoundfile:
    """Read by libsndfile, in this process."""

    def __init__(self, path: Path, sound: soundfile.SoundFile) -> None:
        self._path = path
        self._sound = sound
        self.rate = int(sound.samplerate)
        try:
            self._refuse_damage()
        except BedError:
            self.close()
            raise

    def _refuse_damage(self) -> None:
        if not LOWEST_RATE <= self.rate <= HIGHEST_RATE:
            raise BedError(
                f"{self._path}: has {self.rate} samples a second; allowed: {LOWEST_RATE} to {HIGHEST_RATE}; "
                "convert it, or choose another"
            )
        frames = self._sound.frames
        if not frames:
            raise BedError(f"{self._path}: holds no sound; copy or download it again")
        # A file that was cut short still says how long it was: ask for its last frame, instead of for all.
        last = frames - 1
        try:
            whole = self._sound.seek(last) == last and len(self._sound.read(1)) == 1
        except (soundfile.SoundFileError, OSError):
            whole = False
        if not whole or _wav_lacks_data(self._sound):
            raise BedError(f"{self._path}: is cut short or damaged; copy or download it again")
        self.rewind()

    def read(self, frames: int) -> Stereo:
        try:
            block = self._sound.read(frames, dtype="float32", always_2d=True)
        except (soundfile.SoundFileError, OSError) as error:
            raise self._unreadable(error) from error
        return to_stereo(block)

    def excerpts(self) -> Iterator[Stereo]:
        length = EXCERPT_SECONDS * self.rate
        count = min(EXCERPTS, -(-self._sound.frames // length))
        for start in np.linspace(0, max(self._sound.frames - length, 0), count, dtype=int):
            self._seek(int(start))
            yield self.read(length)

    def rewind(self) -> None:
        self._seek(0)

    def close(self) -> None:
        self._sound.close()

    def _seek(self, frame: int) -> None:
        try:
            self._sound.seek(frame)
        except (soundfile.SoundFileError, OSError) as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> BedError:
        reason = getattr(error, "error_string", error)  # without the path, which is named already
        return BedError(f"{self._path}: cannot be read any further ({reason}); copy or download it again")


def _wav_lacks_data(sound: soundfile.SoundFile) -> bool:
    """Say whether a WAV file promises more than there is; libsndfile notes it, and gives what there is."""
    for line in sound.extra_info.splitlines():
        if line.startswith("data") and "should be" in line:
            promised = int(line.split(":")[1].split()[0])
            return promised < _UNKNOWN_BYTES
    return False


class _ByFfmpeg:
    """Read by a process of ffmpeg, which waits for as long as nobody takes its samples."""

    rate = 44_100

    def __init__(self, path: Path, ffmpeg: str) -> None:
        self._path = path
        # It may open files only: a playlist must not make it ask the network. No keys are its business.
        self._command = [ffmpeg, "-nostdin", "-v", "error", "-protocol_whitelist", "file"]
        self._command += ["-i", f"file:{path}", "-map", "0:a:0", "-f", "f32le", "-ac", "2"]
        self._command += ["-ar", str(self.rate), "-"]
        self._start()

    def _start(self) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        try:
            self._process = subprocess.Popen(  # noqa: S603 - no shell that could read the name
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                # Ctrl-C is for us: the bed goes on sounding while it fades.
                start_new_session=True,
            )
        except OSError as error:
            self._complaints.close()
            raise BedError(f"{self._path}: ffmpeg does not start ({error.strerror}); {_OTHERS}") from error
        self._begun = False

    def read(self, frames: int) -> Stereo:
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        data = self._process.stdout.read(frames * 8)
        if not data and not self._begun:
            self._process.wait()
            self._complaints.seek(0)
            said = self._complaints.read(2000).decode(errors="replace").strip().splitlines()
            # Each line begins with the address of a decoder, or with the name of the file.
            reason = said[-1].rpartition(": ")[2] if said else f"code {self._process.returncode}"
            raise BedError(
                f"{self._path}: holds no sound that ffmpeg can read ({reason}); choose another file"
            )
        self._begun = True
        return to_stereo(np.frombuffer(data[: len(data) // 8 * 8], "<f4").reshape(-1, 2))

    def excerpts(self) -> Iterator[Stereo]:
        # How long it is, is not known before its end: the first minute stands for the rest.
        for _ in range(EXCERPTS):
            block = self.read(EXCERPT_SECONDS * self.rate)
            if not len(block):
                return
            yield block

    def rewind(self) -> None:
        self.close()
        self._start()

    def close(self) -> None:
        self._process.kill()
        assert self._process.stdout is not None  # noqa: S101 - for the type checker
        self._process.stdout.close()
        self._process.wait()
        self._complaints.close()


def to_stereo(block: npt.NDArray[np.float32]) -> Stereo:
    """Bring a block of shape ``(frames, channels)`` to two channels; what is no number becomes silence."""
    if not (block.max(initial=0) <= 1 and block.min(initial=0) >= -1):  # what is no number is neither
        block = np.clip(np.nan_to_num(block, posinf=0, neginf=0), -1, 1)
    channels = block.shape[1]
    if channels == 1:
        return np.repeat(block, 2, axis=1)
    if channels == 2:  # noqa: PLR2004
        return block
    # What nobody has named goes left and right in turn.
    places = _PLACES.get(channels, ("left", "right") * (channels // 2 + 1))[:channels]
    gains = {"left": (1, 0), "right": (0, 1), "both": (_HALF_POWER, _HALF_POWER), "none": (0, 0)}
    return block @ np.array([gains[place] for place in places], np.float32)
