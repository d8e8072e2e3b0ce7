"""Make the picture that players show for a session: a calm night, ``src/nightstretch/export/cover.png``.

Run it from anywhere: ``python tools/make_cover.py``. The same picture comes out everywhere, give or
take one step of a colour where two mathematics libraries round differently.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
import numpy.typing as npt

COVER: Final = Path(__file__).parents[1] / "src/nightstretch/export/cover.png"
SIDE_PIXELS: Final = 500
STARS_SEED: Final = 7

Mask = npt.NDArray[np.float64]
"""How much of each pixel is covered, 0 to 1, shape ``(rows, columns)``."""

_AXIS: Final = (np.arange(SIDE_PIXELS) + 0.5) / SIDE_PIXELS
_X, _Y = np.meshgrid(_AXIS, _AXIS)
_SOFT: Final = 1.2 / SIDE_PIXELS
"""The width of an edge: a little over a pixel, so that no stairs show."""


def _inside(distance: Mask) -> Mask:
    """Cover where the distance to an edge is negative, with a soft step across the edge."""
    cover: Mask = np.clip(0.5 - distance / _SOFT, 0, 1)
    return cover


def _disc(x: float, y: float, radius: float) -> Mask:
    return _inside(np.hypot(_X - x, _Y - y) - radius)


def _paint(picture: npt.NDArray[np.float64], colour: tuple[int, int, int], cover: Mask) -> None:
    picture += cover[..., None] * (np.array(colour, float) - picture)


def draw() -> npt.NDArray[np.uint8]:
    """Give the picture, shape ``(rows, columns, 3)``."""
    top, horizon = np.array([13.0, 18.0, 44.0]), np.array([74.0, 84.0, 128.0])
    picture = top + (_Y**1.6)[..., None] * (horizon - top)

    moon_x, moon_y, moon_radius = 0.66, 0.27, 0.105
    glow = np.exp(-((np.hypot(_X - moon_x, _Y - moon_y) / 0.2) ** 2))
    _paint(picture, (150, 155, 190), 0.22 * glow)
    crescent = _disc(moon_x, moon_y, moon_radius) * (1 - _disc(moon_x - 0.048, moon_y - 0.022, 0.092))
    _paint(picture, (244, 236, 212), crescent)

    # Not numpy's generator, which may give other numbers in another version.
    chance = Random(STARS_SEED)  # noqa: S311 - stars keep no secrets
    for _ in range(46):
        x, y, radius = chance.uniform(0.04, 0.96), chance.uniform(0.04, 0.52), chance.uniform(0.0007, 0.0021)
        if np.hypot(x - moon_x, y - moon_y) > 1.5 * moon_radius:
            _paint(picture, (226, 228, 244), (0.35 + 220 * radius) * _disc(x, y, radius))

    for colour, base, height, waves, shift in (
        ((50, 58, 98), 0.70, 0.035, 1.1, 0.10),
        ((33, 39, 72), 0.78, 0.040, 0.8, 0.55),
        ((18, 22, 46), 0.88, 0.028, 0.6, 0.30),
    ):
        hill = base - height * np.sin(2 * np.pi * (waves * _X + shift))
        _paint(picture, colour, _inside(hill - _Y))
    pixels: npt.NDArray[np.uint8] = np.rint(picture).astype(np.uint8)
    return pixels


def png(picture: npt.NDArray[np.uint8]) -> bytes:
    """Write a picture of shape ``(rows, columns, 3)`` as PNG."""
    rows, columns, _ = picture.shape
    # Each row as its difference from the one above: a sky that changes downwards only packs well.
    above = np.vstack([np.zeros_like(picture[:1]), picture[:-1]])
    filtered = np.hstack([np.full((rows, 1), 2, np.uint8), (picture - above).reshape(rows, -1)])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", columns, rows, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"IDAT", zlib.compress(filtered.tobytes(), 9)),
            chunk(b"IEND", b""),
        )
    )


if __name__ == "__main__":
    COVER.write_bytes(png(draw()))
    print(f"{COVER.name}: {COVER.stat().st_size} bytes")
