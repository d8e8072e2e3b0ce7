"""Where the program starts: ``nightstretch``, and ``python -m nightstretch``.

Signals are answered before anything else is imported, so that Ctrl-C is as gentle in the first tenth of a
second as later. Before that, while Python itself starts, nobody can answer.
"""

from __future__ import annotations

import os
import sys
import time

from nightstretch import interrupts

THREADS_SECONDS = 1.0
"""How long, after an interrupt, threads that nobody else waited for get to remove their temporary files."""


def main() -> None:
    """Run the command line and end the process: 0 done, 1 could not, 2 wrong usage, 130 interrupted."""
    last_words = ""
    try:
        interrupts.install()
        # numpy's linear algebra would start a thread for each core, which spins in vain for half a second: we
        # have little for it, and our own threads are at work. It is read when numpy is imported.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
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
    import threading  # noqa: PLC0415
    from contextlib import suppress  # noqa: PLC0415

    with suppress(AttributeError, OSError, ValueError):  # nobody is there to read it
        sys.stderr.write(last_words)
        sys.stderr.flush()
    with suppress(AttributeError, OSError, ValueError):
        sys.stdout.flush()
    # A pool whose `submit` was interrupted does not know the thread it has just started, nor wait for it.
    deadline = time.monotonic() + THREADS_SECONDS
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join(max(0.0, deadline - time.monotonic()))
    os._exit(interrupts.INTERRUPTED)


if __name__ == "__main__":
    main()
