from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scanner.datasets import number_sources
from scanner.datasets.data_folder import DataSplit
from scanner.synthesis.ingredients import NumberMaterial


@pytest.fixture(scope="module", autouse=True)
def few_hands() -> Iterator[None]:
    """A few hands are enough, and quick."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_PEN_HAND_COUNT", "_FONT_HAND_COUNT", "_QUICK_PEN_HAND_COUNT"):
            patch.setattr(number_sources, name, 3)
        yield


@pytest.fixture(scope="module")
def material(data_home: Path) -> NumberMaterial:
    return number_sources.load_number_material(data_home, 0)


def test_every_pool_has_every_digit(material: NumberMaterial) -> None:
    assert len(material.pools) == 5
    for pool in material.pools:
        assert all(len(crops) > 0 for crops in pool.digit_crops)
        assert len(pool.digit_crops) == 10
        assert pool.share > 0
    assert sum(bool(pool.hands) for pool in material.pools) == 1


def test_a_hand_writes_only_its_own_digits(material: NumberMaterial) -> None:
    (pool,) = (pool for pool in material.pools if pool.hands)
    assert len(pool.hands) == 3
    for digit, crops in enumerate(pool.digit_crops):
        assert [id(crop) for crop in crops] == [id(crop) for hand in pool.hands for crop in hand[digit]]


def test_the_same_seed_draws_the_same_material_and_crops() -> None:
    first, again = (list(number_sources.draw_number_crops(number_sources.draw_pen_material(1), 5, 2)) for _ in range(2))
    assert [text for _, text in first] == [text for _, text in again]
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(first, again, strict=True))


def test_pools_of_other_splits_differ(data_home: Path) -> None:
    validation, test = (
        number_sources.load_digit_pools(data_home, np.random.default_rng(0), split)
        for split in (DataSplit.VALIDATION, DataSplit.TEST)
    )
    assert [len(pool.digit_crops[0]) for pool in validation] != [len(pool.digit_crops[0]) for pool in test]
