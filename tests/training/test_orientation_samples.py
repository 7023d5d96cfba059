from __future__ import annotations

import numpy as np
import pytest

from scanner.datasets.page_sources import HandwritingSources
from scanner.geometry.orientation import CHARACTER_IMAGE_SIDE
from scanner.synthesis.fonts import FontFamily
from scanner.training import orientation_samples
from scanner.training.orientation_samples import OrientationSources, make_character_samples


def test_characters_do_not_depend_on_the_tasks(
    families: tuple[FontFamily, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = OrientationSources(families, (), HandwritingSources())
    together = make_character_samples(sources, 3, 4, 1)
    assert together.dtype == np.uint8
    assert together.shape[1:] == (CHARACTER_IMAGE_SIDE, CHARACTER_IMAGE_SIDE)
    assert len(together) > 50
    monkeypatch.setattr(orientation_samples, "_PAGES_PER_TASK", 1)
    assert np.array_equal(make_character_samples(sources, 3, 4, 1), together)


def test_every_kind_of_page_is_drawn(families: tuple[FontFamily, ...]) -> None:
    sources = OrientationSources(families, families[:1], HandwritingSources())
    pages = [orientation_samples._synthesize_page(np.random.default_rng((1, index)), sources) for index in range(12)]
    assert {"number table", "text sheet"} < {page.page_type for page in pages}
