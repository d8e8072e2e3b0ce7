"""How sessions of the tests are to sound."""

from nightstretch.choices import SESSION_LUFS, Finish
from nightstretch.mastering import EDGES_DB

AS_SPOKEN = Finish(loudness_lufs=SESSION_LUFS - EDGES_DB, quieter_db=0)
"""Every clip is heard just as it was made."""
