"""nightstretch: a calm voice that leads you through a bedtime stretch, with your eyes closed.

The Python API is in ``nightstretch.session``: find a routine, open a voice, and export or play the session.
Every error that a person can do something about is one of ``nightstretch.errors``.
"""

__version__ = "0.1.0"
