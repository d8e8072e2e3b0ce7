"""Make the JSON Schema by which editors help an author, ``narration/routine.schema.json``.

    python tools/make_schema.py            write it
    python tools/make_schema.py --check    compare the stored one with a freshly made one

It comes from the table in ``src/nightstretch/routine/grammar.py``, by which routines are read.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Final

from nightstretch.routine.grammar import routine_schema
from nightstretch.sounds import chime_names

SCHEMA: Final = Path(__file__).resolve().parents[1] / "narration" / "routine.schema.json"


def main() -> int:
    """Run the tool."""
    parser = argparse.ArgumentParser(description="Make the schema of a routine, or check the stored one.")
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    options = parser.parse_args()
    text = json.dumps(routine_schema(chime_names()), indent=2) + "\n"
    if not options.check:
        SCHEMA.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if not SCHEMA.is_file() or SCHEMA.read_text(encoding="utf-8") != text:
        print(f"{SCHEMA} is out of date; run python tools/make_schema.py", file=sys.stderr)
        return 1
    print("the schema is as this tool makes it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
