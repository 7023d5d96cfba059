from __future__ import annotations

from pathlib import Path

import pytest

from scanner.review.crop_cache import CropCache
from scanner.review.crops import Crop
from scanner.types import Box

KEY = ("aa", 1, Box(1, 2, 3, 4))
CROP = Crop(Box(0, 0, 9, 9), b"a jpeg")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.csv.crops"


def test_pictures_are_kept_for_the_next_time(path: Path) -> None:
    cache = CropCache(path)
    assert cache.find(KEY) is None
    cache.add([(KEY, CROP)])
    cache.close()
    again = CropCache(path)
    assert again.find(KEY) == CROP
    assert again.missing([KEY, ("aa", 2, KEY[2]), ("bb", 1, KEY[2])]) == [("aa", 2, KEY[2]), ("bb", 1, KEY[2])]
    again.close()


def test_a_file_that_is_damaged_is_begun_anew(path: Path) -> None:
    path.write_bytes(b"this is no database, " * 99)
    cache = CropCache(path)
    cache.add([(KEY, CROP)])
    assert cache.find(KEY) == CROP
    cache.close()


def test_where_no_file_can_be_written_memory_serves(tmp_path: Path) -> None:
    cache = CropCache(tmp_path / "missing" / "crops")
    cache.add([(KEY, CROP)])
    assert cache.find(KEY) == CROP
    cache.close()


def test_two_programs_share_it(path: Path) -> None:
    first, second = CropCache(path), CropCache(path)
    first.add([(KEY, CROP)])
    assert second.find(KEY) == CROP
    first.close()
    second.close()
