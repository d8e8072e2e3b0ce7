"""From PCM to files: each format is one small module behind one small protocol, found by name."""
