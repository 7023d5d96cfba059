"""Bytes of a file, damaged at random."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

_MOST_FLIPS = 24
"""Bits flipped in a file: one, as a bad memory cell does, to some, as a bad cable does."""
_HEADER = 256
"""Bytes at the start of a file in which most formats say what follows."""
_MOST_EDITS = 4
_TELLING = (
    b"\0",
    b"\xff",
    b"\x7f\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\1",
)
"""What sizes, counts and places are, at their limits."""
_LARGEST_BLOCK = 4096
"""Bytes, as a block of a disk has."""


def damaged(data: bytes, kind: str, rng: Random) -> bytes:
    """Damage a file.

    Args:
        data: its bytes, at least one.
        kind: one of ``DAMAGES``.
        rng: of where and how.
    """
    return _DAMAGES[kind](data, rng)


def _flipped(data: bytes, rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, _MOST_FLIPS)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _truncated(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _edited(data: bytes, rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, _MOST_EDITS)):
        value = rng.choice(_TELLING) if rng.random() < 0.5 else rng.randbytes(rng.randint(1, 4))
        at = rng.randrange(min(_HEADER, len(out)))
        # A TIFF and a PDF say most of it at their ends.
        at = at if rng.random() < 0.6 else max(len(out) - 1 - at, 0)
        out[at : at + len(value)] = value
    return bytes(out)


def _block(data: bytes, rng: Random) -> tuple[int, int]:
    first = rng.randrange(len(data))
    return first, min(first + rng.randint(1, min(_LARGEST_BLOCK, max(len(data) // 2, 1))), len(data))


def _removed(data: bytes, rng: Random) -> bytes:
    first, end = _block(data, rng)
    return data[:first] + data[end:]


def _duplicated(data: bytes, rng: Random) -> bytes:
    first, end = _block(data, rng)
    return data[:end] + data[first:]


def _zeroed(data: bytes, rng: Random) -> bytes:
    first, end = _block(data, rng)
    return data[:first] + bytes(end - first) + data[end:]


_DAMAGES: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "flipped": _flipped,
    "truncated": _truncated,
    "edited": _edited,
    "removed": _removed,
    "duplicated": _duplicated,
    "zeroed": _zeroed,
}
DAMAGES = tuple(_DAMAGES)
"""Bits flipped, the end cut off, header fields changed, blocks left out, written twice, or empty."""
