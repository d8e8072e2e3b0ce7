"""What runs in the process of its own that ``pydub_formats`` starts: pydub and nothing else.

    python -m nightstretch.export.pydub_worker SOURCE.wav TARGET FFMPEG MUXER CODEC BITRATE TITLE ARTIST

The exit code tells whether it worked; if not, the last line on standard error tells why.
"""

from __future__ import annotations

import sys

from pydub import AudioSegment
from pydub.exceptions import CouldntEncodeError

SAME_BYTES_EACH_TIME = ["-fflags", "+bitexact", "-flags:a", "+bitexact"]


def main(arguments: list[str]) -> None:
    """Encode the WAV file SOURCE to TARGET."""
    source, target, ffmpeg, muxer, codec, bitrate, title, artist = arguments
    session = AudioSegment.from_wav(source)
    session.converter = ffmpeg
    try:
        session.export(
            target,
            format=muxer,
            codec=codec,
            bitrate=bitrate,
            parameters=SAME_BYTES_EACH_TIME,
            tags={"title": title, "artist": artist},
        ).close()
    except CouldntEncodeError as error:
        # pydub's own summary, the command, then all that ffmpeg said: the reason comes last.
        summary, *_, reason = str(error).strip().splitlines()
        sys.exit(f"{summary}: {reason}")
    except OSError as error:
        sys.exit(error.strerror)


if __name__ == "__main__":
    main(sys.argv[1:])
