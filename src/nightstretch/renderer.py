"""The renderer: has every text spoken once, ahead of need, on all cores, and remembers only the lengths.

The clips themselves stay in the voice's cache on disk: a session of an hour takes no more memory than one of
five minutes.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from nightstretch.audio import Clip
from nightstretch.errors import VoiceError
from nightstretch.sounds import chime_length, load_chime
from nightstretch.timeline import Event
from nightstretch.voices.base import KeptVoice


class Renderer:
    """Clips of one voice at one speed. Use it as a context manager: leaving it drops what is not begun.

    ``texts``: what is likely to be needed, in order of need; the rest is spoken when it is asked for.
    """

    def __init__(self, voice: KeptVoice, speed: float, texts: Iterable[str]) -> None:
        self._voice = voice
        self.speed = speed
        # Threads do: the engines spend their time in native code or in processes of their own.
        self._pool = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="render")
        self._lock = threading.Lock()
        self._lengths: dict[str, int | Future[int]] = {}
        self._waiting: dict[str, Future[int]] = {}  # what is not begun, in order of need
        self._cancelled = False
        self.want(texts)

    def want(self, texts: Iterable[str]) -> None:
        """Have these texts spoken next, in order of need: before those that were wanted until now."""
        with self._lock:
            first: dict[str, Future[int]] = {}
            for text in texts:
                if text not in self._lengths:
                    # What is kept is looked up here: threads that read little mostly wait for each other.
                    kept = self._voice.length(text, self.speed)
                    self._lengths[text] = self._later(text) if kept is None else kept
                if text in self._waiting:
                    first[text] = self._waiting.pop(text)
            self._waiting = first | self._waiting

    def _later(self, text: str) -> Future[int]:
        future: Future[int] = Future()
        if self._cancelled:
            future.cancel()
        else:
            self._waiting[text] = future
            self._pool.submit(self._render_next)
        return future

    def _render_next(self) -> None:
        with self._lock:
            if not self._waiting:
                return  # it was cancelled
            text = next(iter(self._waiting))
            future = self._waiting.pop(text)
        try:
            future.set_result(len(self._voice.synthesize(text, self.speed)))
        except BaseException as error:  # noqa: BLE001 - whatever it is, whoever needs the text is told
            future.set_exception(error)

    def known(self, text: str) -> int | None:
        """Give the length of a text in samples if it has been spoken, else None. Never waits."""
        length = self._lengths.get(text)
        if isinstance(length, Future):
            done = length.done() and not length.cancelled() and length.exception() is None
            return length.result() if done else None
        return length

    def speech(self, text: str) -> int:
        """Give the length of a spoken text in samples, waiting for it if need be. Raises VoiceError.

        One that nobody wanted is wanted now. Raises CancelledError where it is to be spoken no more.
        """
        if text not in self._lengths:
            self.want([text])
        length = self._lengths[text]
        return length if isinstance(length, int) else length.result()

    def chime(self, name: str) -> int:
        """Give the length of a chime in samples. Raises SoundError."""
        return chime_length(name)

    def clip(self, event: Event) -> Clip:
        """Give the sound of a ``say`` or ``chime`` event, as long as the event is.

        Raises SoundError, and VoiceError also where the voice now takes another time than when the event was
        placed: it would talk over what follows.
        """
        text = event.text or ""
        if event.kind == "chime":
            return load_chime(text)
        clip = self._voice.synthesize(text, self.speed)
        if len(clip) != event.end - event.start:
            raise VoiceError(
                f"the voice {self._voice.name!r} took {event.end - event.start} samples for {text!r}, and "
                f"{len(clip)} the next time; use one that says the same the same way, such as --voice natural"
            )
        return clip

    def cancel(self) -> None:
        """Drop what is not begun."""
        with self._lock:
            self._cancelled = True
            for future in self._waiting.values():
                future.cancel()
            self._waiting.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """Drop what is not begun, and wait for what is; may be called twice."""
        self.cancel()
        self._pool.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
