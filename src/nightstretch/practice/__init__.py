"""What is remembered between evenings: the place to come back to, and the nights that were practised.

It stays in the user's state folder and goes nowhere else. Nothing in here may ever stop the sound: what
cannot be written is told as a line, and not raised.
"""
