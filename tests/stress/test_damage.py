from __future__ import annotations

import random

import pytest

from scanner.stress.damage import DAMAGES, damaged


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_done_and_the_same_for_the_same_seed(kind: str) -> None:
    data = bytes(range(256)) * 40
    for seed in range(20):
        out = damaged(data, kind, random.Random(seed))
        assert out != data
        assert out == damaged(data, kind, random.Random(seed))
    damaged(b"1", kind, random.Random(1))
