from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from scanner.errors import NothingToReadError, PageError
from scanner.review.decoded_pages import DecodedPages, shrunk
from scanner.review.stack import load_stack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from scanner.review.stack import StackPage


@pytest.fixture
def results(make_batch: Callable[..., Path]) -> Path:
    return make_batch({"page0.png": [], "page1.png": [], "page2.png": [], "page3.png": []})


@pytest.fixture
def pages(results: Path) -> Sequence[StackPage]:
    return load_stack(results).pages


def test_the_original_page_is_decoded_and_shown(pages: Sequence[StackPage]) -> None:
    decoded = DecodedPages(pages)
    assert decoded.image(3).shape == (600, 800, 3)
    picture = cv2.imdecode(np.frombuffer(decoded.picture(3), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (600, 800, 3)


def test_pages_are_found_in_another_folder_by_their_names(
    pages: Sequence[StackPage], results: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    (results.parent / "scans").rename(elsewhere)
    with pytest.raises(PageError, match="cannot be opened"):
        DecodedPages(pages).image(0)
    assert DecodedPages(pages, elsewhere).image(0).shape == (600, 800, 3)
    (elsewhere / "page1.png").unlink()
    with pytest.raises(PageError, match=r"page1\.png, page 1: is not known where it is"):
        DecodedPages(pages, elsewhere).image(1)
    with pytest.raises(NothingToReadError):
        DecodedPages(pages, tmp_path / "nowhere")


def test_nothing_is_shown_but_the_file_that_was_read(pages: Sequence[StackPage], tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    cv2.imwrite(str(secret), np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(PageError, match="has changed since it was read"):
        DecodedPages([replace(pages[0], path=secret)]).image(0)
    with pytest.raises(PageError, match="is not known where it is"):
        DecodedPages([replace(pages[0], path=None)]).image(0)
    with pytest.raises(PageError, match="broken"):
        DecodedPages([replace(pages[0], error="broken")]).image(0)


def test_a_picture_is_made_smaller_only_if_it_is_too_large() -> None:
    image = np.zeros((100, 400, 3), np.uint8)
    assert shrunk(image, 400, 100) is image
    assert shrunk(image, 200, 100).shape == (50, 200, 3)
    assert shrunk(np.zeros((1, 5000, 3), np.uint8), 100, 100).shape == (1, 100, 3)
