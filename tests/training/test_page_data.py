from pathlib import Path

import numpy as np
import pytest

from scanner.datasets.page_sources import HandwritingSources
from scanner.synthesis import fonts
from scanner.synthesis.page_content import PixelClass
from scanner.synthesis.scans import SyntheticPage
from scanner.training import page_data
from scanner.training.page_data import SyntheticPageSource, make_page_files
from scanner.training.page_samples import load_page_sample


def draw_block(rng: np.random.Generator) -> SyntheticPage:
    """A page with a letter of some width, or with nothing."""
    image = np.full((120, 160, 3), 240, np.uint8)
    classes = np.zeros((120, 160), np.uint8)
    if rng.random() < 0.5:
        width = int(rng.integers(4, 20))
        image[40:70, 40 : 40 + width] = 30
        classes[40:70, 40 : 40 + width] = PixelClass.PRINT
    return SyntheticPage(image, classes, (), 100.0)


def test_pages_are_the_same_for_the_same_seed_and_none_is_empty(tmp_path: Path) -> None:
    paths = make_page_files(draw_block, tmp_path / "a", "block", 3, 6, 1)
    again = make_page_files(draw_block, tmp_path / "b", "block", 3, 6, 1)
    assert [path.name for path in paths] == [f"block-{index:05}.npz" for index in range(6)]
    for one, other in zip(paths, again, strict=True):
        assert np.array_equal(load_page_sample(one).labels, load_page_sample(other).labels)
        assert load_page_sample(one).strength.any()


def test_only_missing_pages_are_made(tmp_path: Path) -> None:
    paths = make_page_files(draw_block, tmp_path, "block", 3, 3, 1)
    made = [path.read_bytes() for path in paths]
    paths[1].unlink()
    paths[2].write_bytes(b"")
    assert make_page_files(draw_block, tmp_path, "block", 3, 3, 1) == paths
    assert paths[1].read_bytes() == made[1]
    assert paths[2].read_bytes() == b""


def test_synthetic_pages_are_made_in_processes(
    tmp_path: Path, families: tuple[fonts.FontFamily, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_data, "_PAGES_PER_TASK", 1)
    source = SyntheticPageSource(families[:2], HandwritingSources())
    alone, together = (
        make_page_files(source, tmp_path / str(processes), "synthetic", 3, 2, processes) for processes in (1, 2)
    )
    for one, other in zip(alone, together, strict=True):
        assert np.array_equal(load_page_sample(one).strength, load_page_sample(other).strength)
