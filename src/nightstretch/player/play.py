"""One session, from the first block to the last sound, with a listener who may pause it or end it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nightstretch import interrupts
from nightstretch.errors import OutputError
from nightstretch.player.feed import Feed
from nightstretch.player.keys import NoKeys
from nightstretch.player.transport import Transport, rewind_samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nightstretch.audio import Pcm
    from nightstretch.player.keys import Keys
    from nightstretch.player.outputs.base import Output

BUFFER_SECONDS: Final = 10.0
"""How far the rendering runs ahead of the output."""

TICK_SECONDS: Final = 0.1
"""How often the main thread looks whether it is over."""

STALLED_SECONDS: Final = 5.0
"""A device that asks for nothing this long is gone; most do not say so."""


@dataclass(frozen=True)
class Outcome:
    """How it went.

    ``completed``: heard to the end; False where the listener ended it. ``position``: samples that were heard
    at full volume. ``underruns``: how often the renderer was late, and silence was heard instead.
    ``first_sound``: when the first audible sample was handed to the output, by ``time.monotonic()``.
    """

    completed: bool
    position: int
    underruns: int
    first_sound: float | None


def play(blocks: Iterable[Pcm], rate: int, output: Output, keys: Keys) -> Outcome:
    """Play ``blocks`` (PCM of shape ``(samples,)``, any sizes) at ``rate`` and return when all was heard.

    The blocks are iterated in a thread of their own, a few seconds ahead. Space pauses and resumes; ``q``
    ends it with a fade. KeyboardInterrupt ends it with a fade too and goes on to the caller; a second one
    ends it at once. Raises OutputError where nothing can be heard, and whatever the blocks raise, after a
    fade.
    """
    lead = round(output.lead_seconds * rate)
    keep = rewind_samples(rate)
    feed = Feed(blocks, capacity=round(BUFFER_SECONDS * rate) + lead + keep, keep=keep)
    transport = Transport(feed, rate, lead=lead)
    feed.start()
    try:
        output.start(transport.pull, rate)
        try:
            with keys:
                _attend(transport, feed, output, keys)
        except KeyboardInterrupt:
            with interrupts.ExpectingAnother():
                transport.stop()
                _attend(transport, feed, output, NoKeys())
            raise
    finally:
        output.close()
        feed.close()
    if feed.error is not None:
        raise feed.error
    return Outcome(not transport.stopped, transport.position, transport.underruns, transport.first_sound)


def _attend(transport: Transport, feed: Feed, output: Output, keys: Keys) -> None:
    """Answer keys until it is over. Raises what went wrong in the output."""
    patience = STALLED_SECONDS + output.lead_seconds
    # Waiting is counted, not measured: a computer that slept for an hour has not lost its device.
    waited = 0.0
    pulled = 0
    while not transport.drained:
        interrupts.check()
        match keys.read(TICK_SECONDS):
            case " ":
                transport.toggle_pause()
            case "q" | "Q":
                transport.stop()
            case None:
                waited = waited + TICK_SECONDS if transport.pulled == pulled else 0.0
                pulled = transport.pulled
        if feed.error is not None:
            transport.stop()
        if output.error is not None:
            raise output.error
        if waited > patience:
            raise OutputError("the sound device has gone away; play again when it is back")
