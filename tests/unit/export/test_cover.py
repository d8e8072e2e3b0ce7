import importlib.util
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from nightstretch.export.tags import cover_png

TOOL = Path(__file__).parents[3] / "tools/make_cover.py"


def pixels(png: bytes) -> npt.NDArray[np.uint8]:
    """Read a PNG whose rows are all differences from the row above, as the tool writes them."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    columns, rows = struct.unpack(">II", png[16:24])
    start = png.index(b"IDAT") + 4
    filtered = np.frombuffer(zlib.decompressobj().decompress(png[start:]), np.uint8).reshape(rows, -1)
    assert (filtered[:, 0] == 2).all()
    differences = filtered[:, 1:].reshape(rows, columns, 3)
    return np.cumsum(differences, axis=0, dtype=np.uint8)


def test_the_stored_cover_is_what_the_tool_makes() -> None:
    spec = importlib.util.spec_from_file_location("make_cover", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    drawn = tool.draw()
    assert np.array_equal(pixels(tool.png(drawn)), drawn)
    # Mathematics libraries may round one step apart; the packing may differ with zlib's version.
    assert np.abs(pixels(cover_png()).astype(int) - drawn).max() <= 1


def test_the_cover_is_small() -> None:
    assert len(cover_png()) < 40_000
    assert pixels(cover_png()).shape == (500, 500, 3)
