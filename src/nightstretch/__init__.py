"""nightstretch: a calm voice that leads you through a bedtime stretch, with your eyes closed."""

__version__ = "0.1.0"
