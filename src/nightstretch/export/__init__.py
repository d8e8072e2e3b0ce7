"""From PCM to files: each format is one small module behind one small protocol, found by name."""

from nightstretch.export.formats import FORMATS, check_bitrate, format_of, open_file
from nightstretch.export.whole_file import whole_file

__all__ = ["FORMATS", "check_bitrate", "format_of", "open_file", "whole_file"]
