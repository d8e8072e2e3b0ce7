"""An article about exercises becomes a routine file, by rules: ``draft(data, "article.md")`` gives its text.

``blocks`` reads the lines, ``article`` finds the exercises, ``meaning`` reads sentences by the tables of
``phrases``, ``moves`` makes steps of them, ``fill`` gives these their times, and ``writer`` and ``document``
write it all down, with what was guessed as comments. Nothing that stands in the article is lost: it is
spoken, or kept as a comment.
"""

from nightstretch.draft.document import draft, read_file
from nightstretch.draft.text import MAX_BYTES

__all__ = ["MAX_BYTES", "draft", "read_file"]
