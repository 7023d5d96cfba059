import numpy as np

from scanner.synthesis import paper_wear
from scanner.synthesis.page_content import PixelClass


def test_paper_is_pale_and_has_the_given_size() -> None:
    for seed in range(8):
        sheet = paper_wear.blank_paper(130, 90, np.random.default_rng(seed))
        assert sheet.shape == (90, 130, 3)
        assert sheet.dtype == np.uint8
        assert sheet.mean() > 165


def test_bleed_through_is_mirrored_and_faint() -> None:
    back = np.zeros((60, 100), np.uint8)
    back[20:40, 5:25] = 255
    page = paper_wear.add_bleed_through(np.full((60, 100, 3), 250, np.uint8), back, 0.2)
    assert page[30, 15, 0] == 250
    assert 195 <= page[30, 85, 0] <= 202


def test_a_stain_only_darkens() -> None:
    clean = np.full((300, 300, 3), 250, np.uint8)
    page = paper_wear.add_cup_ring(clean, 100.0, np.random.default_rng(0))
    assert page.max() <= 250
    assert page.min() < 245


def test_holes_are_along_an_edge() -> None:
    for seed in range(6):
        content = paper_wear.draw_punched_holes(850, 1100, 100.0, np.random.default_rng(seed))
        assert 2 <= len(content.elements) <= 4
        assert {piece.pixel_class for piece in content.elements} == {PixelClass.MARK}
        for piece in content.elements:
            assert min(piece.box.x, 850 - piece.box.right) < 60
