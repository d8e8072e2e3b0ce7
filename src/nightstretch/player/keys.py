"""Where the keys were before they moved to `nightstretch.player.terminal`; to be removed."""

from __future__ import annotations

from nightstretch.player.terminal.console import open_keys
from nightstretch.player.terminal.keys import KeyParser, Keys, NoKeys

__all__ = ["KeyParser", "Keys", "NoKeys", "open_keys"]
