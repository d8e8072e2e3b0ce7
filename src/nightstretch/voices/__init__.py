"""Voices: text in, a clip out. Each engine is one small module behind one small protocol, found by name."""
