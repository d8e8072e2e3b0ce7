"""What runs in the process of its own that ``pydub_formats`` starts: pydub and nothing else.

    python -m nightstretch.export.pydub_worker SOURCE.wav TARGET FFMPEG MUXER PARAMETERS...

PARAMETERS are ffmpeg's, between its input, which is the sound of SOURCE, and its output. The exit code tells
whether it worked; if not, the last line on standard error tells why.
"""

from __future__ import annotations

import signal
import sys

from pydub import AudioSegment
from pydub.exceptions import CouldntEncodeError

ERRORS_ONLY = ["-v", "error"]
SAME_BYTES_EACH_TIME = ["-fflags", "+bitexact", "-flags:a", "+bitexact"]


def main(arguments: list[str]) -> None:
    """Encode the WAV file SOURCE to TARGET."""
    source, target, ffmpeg, muxer, *parameters = arguments
    session = AudioSegment.from_wav(source)
    session.converter = ffmpeg
    try:
        session.export(
            target, format=muxer, parameters=[*parameters, *ERRORS_ONLY, *SAME_BYTES_EACH_TIME]
        ).close()
    except CouldntEncodeError as error:
        sys.exit(_reason(str(error)))
    except OSError as error:
        sys.exit(error.strerror)


def _reason(message: str) -> str:
    """Give ffmpeg's last line, out of pydub's summary with the exit code, the command, and all it said."""
    summary = message.partition("\n")[0]
    code = int(summary.rpartition(" ")[2])
    if code < 0:
        return f"{signal.Signals(-code).name} ended ffmpeg"
    said = message.rpartition("Output from ffmpeg/avlib:")[2].strip()
    return said.rpartition("\n")[2] or summary


if __name__ == "__main__":
    main(sys.argv[1:])
