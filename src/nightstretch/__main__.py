"""Where the program starts: ``nightstretch``, and ``python -m nightstretch``.

Signals are answered before anything else is imported, so that Ctrl-C is as gentle in the first tenth of a
second as later. Before that, while Python itself starts, nobody can answer.
"""

from __future__ import annotations

import os
import sys

from nightstretch import interrupts


def main() -> None:
    """Run the command line and end the process: 0 done, 1 could not, 2 wrong usage, 130 interrupted."""
    last_words = ""
    try:
        interrupts.install()
        from nightstretch.cli import run  # noqa: PLC0415

        code = run()
        interrupts.finish()
    except BaseException as error:
        # Outside of `run`, which answers it itself. Python, too, makes other errors of an interrupt at times.
        if not (isinstance(error, KeyboardInterrupt) or interrupts.interrupted()):
            raise
        interrupts.finish()
        code = interrupts.INTERRUPTED
        last_words = "nightstretch: interrupted\n"
    if code == interrupts.INTERRUPTED:
        _end_at_once(last_words)
    sys.exit(code)


def _end_at_once(last_words: str) -> None:
    """End without the interpreter's own tidying, which threads that are inside native code would crash."""
    from contextlib import suppress  # noqa: PLC0415

    with suppress(AttributeError, OSError, ValueError):  # nobody is there to read it
        sys.stderr.write(last_words)
        sys.stderr.flush()
    with suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()
    os._exit(interrupts.INTERRUPTED)


if __name__ == "__main__":
    main()
