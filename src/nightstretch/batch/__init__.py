"""From a table to a folder of files: many sessions at once, through any ``concurrent.futures.Executor``."""

from nightstretch.batch.plan import read_plan
from nightstretch.batch.run import Batch, Result

__all__ = ["Batch", "Result", "read_plan"]
