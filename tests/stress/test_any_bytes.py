from __future__ import annotations

import numpy as np
import pytest

from scanner.sources.decoding import PageFailure
from scanner.stress.any_bytes import check_decoding
from scanner.stress.drawn import draw_small_page
from scanner.stress.originals import encode_originals
from scanner.types import PageImage


@pytest.mark.parametrize("data", [b"", b"7", b"%PDF-1.4", b"II*\0" + bytes(9), b"\x89PNG\r\n\x1a\n"])
def test_any_bytes_decode_as_they_should(data: bytes) -> None:
    check_decoding(data)


def test_each_original_decodes_as_it_should() -> None:
    for data in encode_originals(draw_small_page(np.random.default_rng(3))).values():
        check_decoding(data)


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        (PageFailure("another", 1, "another: is damaged"), "is called another"),
        (PageFailure("scan.of-7", 1, "another: is damaged"), "blames another"),
        (PageFailure("scan.of-7", 1, "scan.of-7: is\ndamaged"), "more than a line"),
        (PageFailure("scan.of-7", 9, "scan.of-7: is damaged"), "page 9"),
        (PageImage("scan.of-7", 1, np.zeros((1000, 1000, 3), np.uint8)), "1000 x 1000 pixels"),
    ],
)
def test_a_page_that_is_not_as_it_should_be_is_told(
    monkeypatch: pytest.MonkeyPatch, page: PageImage | PageFailure, wrong: str
) -> None:
    monkeypatch.setattr("scanner.stress.any_bytes.decode_bytes", lambda *_: iter([page]))
    with pytest.raises(AssertionError, match=wrong):
        check_decoding(b"7")


def test_pages_that_are_others_one_by_one_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.any_bytes.list_page_numbers", lambda *_: range(1, 1))
    with pytest.raises(AssertionError, match="one by one"):
        check_decoding(b"7")
