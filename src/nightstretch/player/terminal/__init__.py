"""The terminal of one session: the keys a listener presses, and what is to be seen meanwhile.

Whatever is taken of it (the echo, the screen, the cursor) has one owner, which gives all of it back together
on every way out. Where there is no terminal there are no keys, and a log.
"""

from nightstretch.player.terminal.console import SCREEN_NAMES, Console, open_console, reading_seconds
from nightstretch.player.terminal.keys import OTHER, Keys, NoKeys
from nightstretch.player.terminal.screen import NoScreen, Screen

__all__ = [
    "OTHER",
    "SCREEN_NAMES",
    "Console",
    "Keys",
    "NoKeys",
    "NoScreen",
    "Screen",
    "open_console",
    "reading_seconds",
]
