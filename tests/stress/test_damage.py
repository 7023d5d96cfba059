from __future__ import annotations

import random

import pytest

from scanner.stress.damage import DAMAGE_NAMES, damage_bytes


@pytest.mark.parametrize("kind", DAMAGE_NAMES)
def test_damage_is_done_and_the_same_for_the_same_seed(kind: str) -> None:
    data = bytes(range(256)) * 40
    for seed in range(20):
        out = damage_bytes(data, kind, random.Random(seed))
        assert out != data
        assert out == damage_bytes(data, kind, random.Random(seed))
    damage_bytes(b"1", kind, random.Random(1))
