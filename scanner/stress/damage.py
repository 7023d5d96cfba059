"""Random damage to the bytes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

_MAX_BIT_FLIPS = 24
"""Maximum number of bits flipped in a file: from one, as by a bad memory cell, to many, as by a bad cable."""
_HEADER_BYTES = 256
"""Length of the header at the start of most formats, bytes."""
_MAX_EDITS = 4
"""Maximum number of fields of a file that are overwritten."""
_BOUNDARY_VALUES = (
    b"\0",
    b"\xff",
    b"\x7f\xff",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"\1",
)
"""Extreme values of sizes, counts and offsets, as they stand in a file."""
_MAX_BLOCK_BYTES = 4096
"""Largest block that is removed, duplicated or zeroed, bytes: a block of a disk."""


def damage_bytes(data: bytes, damage_name: str, rng: Random) -> bytes:
    """Damage the bytes of a file.

    Args:
        data: at least one byte.
        damage_name: one of ``DAMAGE_NAMES``.
        rng: source of where and how.
    """
    return _DAMAGE_FUNCTIONS[damage_name](data, rng)


def _flip_bits(data: bytes, rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, _MAX_BIT_FLIPS)):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _truncate(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _overwrite_fields(data: bytes, rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, _MAX_EDITS)):
        value = rng.choice(_BOUNDARY_VALUES) if rng.random() < 0.5 else rng.randbytes(rng.randint(1, 4))
        offset = rng.randrange(min(_HEADER_BYTES, len(out)))
        # TIFF and PDF files have their directories at the end.
        offset = offset if rng.random() < 0.6 else max(len(out) - 1 - offset, 0)
        out[offset : offset + len(value)] = value
    return bytes(out)


def _choose_block(data: bytes, rng: Random) -> tuple[int, int]:
    first = rng.randrange(len(data))
    return first, min(first + rng.randint(1, min(_MAX_BLOCK_BYTES, max(len(data) // 2, 1))), len(data))


def _remove_block(data: bytes, rng: Random) -> bytes:
    first, end = _choose_block(data, rng)
    return data[:first] + data[end:]


def _duplicate_block(data: bytes, rng: Random) -> bytes:
    first, end = _choose_block(data, rng)
    return data[:end] + data[first:]


def _zero_block(data: bytes, rng: Random) -> bytes:
    first, end = _choose_block(data, rng)
    return data[:first] + bytes(end - first) + data[end:]


_DAMAGE_FUNCTIONS: Mapping[str, Callable[[bytes, Random], bytes]] = {
    "flipped": _flip_bits,
    "truncated": _truncate,
    "edited": _overwrite_fields,
    "removed": _remove_block,
    "duplicated": _duplicate_block,
    "zeroed": _zero_block,
}
DAMAGE_NAMES = tuple(_DAMAGE_FUNCTIONS)
"""The kinds of damage: bits flipped, end cut off, fields overwritten, a block removed, duplicated or zeroed."""
