"""Where the sound goes: each output is one small module behind one small protocol, found by name."""
