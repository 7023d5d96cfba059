from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from scanner.errors import PageError
from scanner.review.crop_cache import CropCache
from scanner.review.crop_shelf import CropShelf
from scanner.review.decoded_pages import DecodedPages
from scanner.review.stack import load_stack
from scanner.types import Box, Number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scanner.review.stack import ReviewStack

NUMBERS = [Number(str(i), 0.8, "", 1, 1, Box(50 + 60 * i, 40, 20, 30), ()) for i in range(3)]


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    return make_batch({"a.png": NUMBERS, "b.png": NUMBERS[:1]})


@pytest.fixture
def stack(results: Path) -> ReviewStack:
    return load_stack(results)


def shelf_of(stack: ReviewStack, folder: Path) -> tuple[CropShelf, CropCache]:
    cache = CropCache(folder / "crops")
    return CropShelf(stack, DecodedPages(stack.pages), cache), cache


def test_all_numbers_of_a_page_are_cut_at_once(stack: ReviewStack, results: Path, tmp_path: Path) -> None:
    shelf, _ = shelf_of(stack, tmp_path)
    shelf.crop(stack.items["n0"])
    (results.parent / "scans" / "page0.png").unlink()
    assert shelf.crop(stack.items["n2"]).jpeg
    moved = replace(stack.items["n2"], box=Box(300, 300, 20, 30))
    assert shelf.crop(moved).frame.includes((305, 305))  # the page itself is still kept


def test_pages_are_cut_ahead(stack: ReviewStack, tmp_path: Path) -> None:
    shelf, cache = shelf_of(stack, tmp_path)
    shelf.work_ahead(list(stack.items.values()))
    assert shelf._thread is not None
    shelf._thread.join()
    shelf.stop()
    keys = [(page.sha256, 1, item.box) for i, page in enumerate(stack.pages) for item in stack.items_of_page(i)]
    assert len(keys) == 4
    assert cache.missing(keys) == []


def test_a_page_that_is_gone_is_told_and_the_others_are_cut(stack: ReviewStack, results: Path, tmp_path: Path) -> None:
    (results.parent / "scans" / "page0.png").unlink()
    shelf, _ = shelf_of(stack, tmp_path)
    shelf.work_ahead(list(stack.items.values()))
    with pytest.raises(PageError, match=r"a\.png, page 1: cannot be opened; name the folder"):
        shelf.crop(stack.items["n0"])
    assert shelf.crop(stack.items["n3"]).jpeg
    shelf.stop()
