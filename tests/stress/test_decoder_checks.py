from __future__ import annotations

import numpy as np
import pytest

from scanner.sources.decoding import PageFailure
from scanner.stress.decoder_checks import check_decoding
from scanner.stress.small_pages import draw_small_page
from scanner.stress.undamaged_files import encode_originals
from scanner.types import PageImage


@pytest.mark.parametrize("data", [b"", b"7", b"%PDF-1.4", b"II*\0" + bytes(9), b"\x89PNG\r\n\x1a\n"])
def test_any_bytes_pass_the_check(data: bytes) -> None:
    check_decoding(data)


def test_each_original_passes_the_check() -> None:
    for data in encode_originals(draw_small_page(np.random.default_rng(3))).values():
        check_decoding(data)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (PageFailure("another", 1, "another: is damaged"), "wrong file name another"),
        (PageFailure("scan.of-7", 1, "another: is damaged"), "error of another file"),
        (PageFailure("scan.of-7", 1, "scan.of-7: is\ndamaged"), "error of more than one line"),
        (PageFailure("scan.of-7", 9, "scan.of-7: is damaged"), "wrong page number 9"),
        (PageImage("scan.of-7", 1, np.zeros((1000, 1000, 3), np.uint8)), "1000 x 1000 pixels"),
    ],
)
def test_a_wrong_page_is_reported(monkeypatch: pytest.MonkeyPatch, page: PageImage | PageFailure, message: str) -> None:
    monkeypatch.setattr("scanner.stress.decoder_checks.decode_bytes", lambda *_: iter([page]))
    with pytest.raises(AssertionError, match=message):
        check_decoding(b"7")


def test_pages_that_differ_one_by_one_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.decoder_checks.list_page_numbers", lambda *_: range(1, 1))
    with pytest.raises(AssertionError, match="one by one"):
        check_decoding(b"7")
