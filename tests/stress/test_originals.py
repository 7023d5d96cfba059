from __future__ import annotations

import sys

import numpy as np
import pytest

from scanner.errors import MissingPartError
from scanner.sources import pages_of_bytes
from scanner.stress.drawn import small_page
from scanner.stress.originals import originals
from scanner.types import Page


def test_every_original_is_read() -> None:
    page = small_page(np.random.default_rng(2))
    for name, data in originals(page).items():
        found = list(pages_of_bytes(data, name))
        assert len(found) == (3 if name.startswith(("pages", "faxes")) else 1), name
        for decoded in found:
            assert isinstance(decoded, Page), decoded
        assert isinstance(found[0], Page)
        assert found[0].image.shape == (*page.shape, 3), name
        assert np.abs(found[0].image[..., 0].astype(int) - page).mean() < 8, name


def test_without_what_writes_heic_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingPartError, match=r"digitscan\[dev\]"):
        originals(small_page(np.random.default_rng(2)))
