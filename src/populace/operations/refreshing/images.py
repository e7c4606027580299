"""Placeholder photos for an app's storage, drawn here: a plate on a table, in other colours each time.

They are as large as photos are, so that an app's media tests have something to load. The same pixels every time.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

COUNT = 15
KIND = "image/png"
NAME = re.compile(r"placeholder-\d{2}\.png")
WIDTH, HEIGHT = 640, 480
_GRAIN_BITS = 4
"""Noise of a pixel, as a camera's: what makes the file as large as a photo's."""
_TABLES = ((92, 70, 54), (190, 176, 158), (60, 72, 80), (214, 204, 190))
_DISHES = ((196, 84, 52), (96, 140, 62), (222, 178, 74), (140, 60, 66), (236, 214, 170), (88, 62, 44))


def images() -> Iterator[tuple[str, bytes]]:
    """Names and contents, one after the other."""
    for number in range(1, COUNT + 1):
        yield f"placeholder-{number:02d}.png", png(_drawn(number))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """A PNG of an array of height × width × 3 bytes (red, green, blue)."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + width * 3), np.uint8)  # the first byte of a row: it is not filtered
    rows[:, 1:] = pixels.reshape(height, width * 3)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _drawn(number: int) -> NDArray[np.uint8]:
    """A plate with a dish on a table, seen from above."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.int64)
    picture = np.empty((HEIGHT, WIDTH, 3), np.int64)
    picture[:] = _TABLES[number % len(_TABLES)]
    picture += (y * 40 // HEIGHT - 20)[..., None]
    away = (x - WIDTH // 2) ** 2 + (y - HEIGHT // 2) ** 2
    picture[away < 205**2] = (236, 234, 230)
    picture[away < 170**2] = (246, 245, 242)
    picture[away < 140**2] = _DISHES[number % len(_DISHES)]
    for part in range(3 + number % 4):
        dx, dy = ((number * 37 + part * 71) % 180) - 90, ((number * 53 + part * 97) % 180) - 90
        spot = (x - WIDTH // 2 - dx) ** 2 + (y - HEIGHT // 2 - dy) ** 2
        picture[(spot < (18 + part * 4) ** 2) & (away < 140**2)] = _DISHES[(number + part + 1) % len(_DISHES)]
    picture += _grain(number)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _grain(number: int) -> NDArray[np.int64]:
    """Noise that is the same for the same picture: bits of a hash of each pixel's place."""
    place = np.arange(HEIGHT * WIDTH * 3, dtype=np.uint64).reshape(HEIGHT, WIDTH, 3)
    mixed = (place + np.uint64(number * 7_919)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(64 - _GRAIN_BITS)).astype(np.int64) - (1 << (_GRAIN_BITS - 1))
