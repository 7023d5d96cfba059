import numpy as np

from scanner.synthesis import barcodes_stamps
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.page_content import InkStyle, PixelClass
from scanner.types import Box

BLACK = InkStyle((0, 0, 0))


def test_a_qr_like_code_has_finder_patterns() -> None:
    (piece,) = barcodes_stamps.draw_qr_like_code(Box(10, 20, 210, 210), BLACK, np.random.default_rng(0)).elements
    assert piece.pixel_class == PixelClass.MARK
    assert piece.box == Box(10, 20, 210, 210)
    for corner in (piece.coverage[:40, :40], piece.coverage[:40, -40:], piece.coverage[-40:, :40]):
        assert set(np.unique(corner)) == {0, 255}
    assert piece.coverage[0, :30].min() == piece.coverage[0, -30:].min() == piece.coverage[-1, :30].min() == 255


def test_bars_run_from_top_to_bottom() -> None:
    (piece,) = barcodes_stamps.draw_barcode(Box(0, 0, 300, 50), BLACK, np.random.default_rng(0)).elements
    assert (piece.coverage == piece.coverage[:1]).all()
    assert 20 < (np.diff(piece.coverage[0].astype(int)) != 0).sum() < 60


def test_the_date_of_a_stamp_is_a_printed_number_on_its_ink(families: tuple[FontFamily, ...]) -> None:
    dated = 0
    for seed in range(12):
        content = barcodes_stamps.draw_stamp((200, 150), 60, families[0].bold, np.random.default_rng(seed))
        (piece,) = content.elements
        assert piece.box.center == (200.5, 150.5)
        for number in content.numbers:
            dated += 1
            box = number.box
            part = piece.coverage[
                box.y - piece.top : box.bottom - piece.top, box.x - piece.left : box.right - piece.left
            ]
            assert part.max() > 80
            assert number.kind == "printed"
    assert dated
