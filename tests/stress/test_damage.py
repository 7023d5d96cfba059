from __future__ import annotations

import random

import pytest

from scanner.stress.damage import DAMAGE_NAMES, damage_bytes


@pytest.mark.parametrize("damage_name", DAMAGE_NAMES)
def test_every_damage_changes_the_data_in_the_same_way_for_the_same_seed(damage_name: str) -> None:
    data = bytes(range(256)) * 40
    for seed in range(20):
        out = damage_bytes(data, damage_name, random.Random(seed))
        assert out != data
        assert out == damage_bytes(data, damage_name, random.Random(seed))
    damage_bytes(b"1", damage_name, random.Random(1))
