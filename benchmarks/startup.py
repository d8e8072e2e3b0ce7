"""How long ``nightstretch --help`` takes, against importing click."""

import sys

from measuring import NIGHTSTRETCH, in_turn, report

times = in_turn(9, help=[*NIGHTSTRETCH, "--help"], click=[sys.executable, "-c", "import click"])
print(f"nightstretch --help {times['help']:.3f} s, import click {times['click']:.3f} s")
sys.exit(not report("ratio", times["help"] / times["click"], 2.0))
