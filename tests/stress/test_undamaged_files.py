from __future__ import annotations

import sys

import numpy as np
import pytest

from scanner.errors import NotInstalledError
from scanner.sources.decoding import decode_bytes
from scanner.stress.small_pages import draw_small_page
from scanner.stress.undamaged_files import encode_originals
from scanner.types import PageImage


def test_every_original_is_decoded() -> None:
    page = draw_small_page(np.random.default_rng(2))
    for name, data in encode_originals(page).items():
        found = list(decode_bytes(data, name))
        assert len(found) == (3 if name.startswith(("pages", "faxes")) else 1), name
        for decoded in found:
            assert isinstance(decoded, PageImage), decoded
        assert isinstance(found[0], PageImage)
        assert found[0].image.shape == (*page.shape, 3), name
        assert np.abs(found[0].image[..., 0].astype(int) - page).mean() < 8, name


def test_without_pillow_heif_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(NotInstalledError, match=r"digitscan\[dev\]"):
        encode_originals(draw_small_page(np.random.default_rng(2)))
