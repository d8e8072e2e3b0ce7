"""``python -m nightstretch`` is the same as ``nightstretch``."""

from nightstretch.cli import main

main()
