from pathlib import Path

import numpy as np
import pytest

from scanner import kinds
from scanner.components import connected_components
from scanner.errors import MissingPartError
from scanner.kinds import InkKind, Kind, KindMap, PageNetwork, load_page_network
from scanner.types import Ink


@pytest.fixture(scope="module")
def network() -> PageNetwork:
    return load_page_network()


def certain(*rows: tuple[InkKind, ...]) -> KindMap:
    """A map that is sure of every cell; cells of four pixels."""
    shares = np.zeros((len(rows), len(rows[0]), len(InkKind)), np.float32)
    for y, row in enumerate(rows):
        for x, kind in enumerate(row):
            shares[y, x, kind] = 1.0
    return KindMap(shares, (0.25, 0.25))


def test_characters_are_shown_at_one_height() -> None:
    assert kinds.scale_of(28.0, (1000, 800)) == pytest.approx(0.5)
    assert kinds.scale_of(14.0, (1000, 800)) == pytest.approx(1.0)
    # Tiny characters are not blown up without end; a page of 100 megapixels is shown smaller than its characters ask.
    assert kinds.scale_of(2.0, (100, 80)) == pytest.approx(1.6)
    assert kinds.scale_of(14.0, (10_000, 10_000)) == pytest.approx(0.06**0.5)
    assert kinds.scale_of(0.0, (1, 1)) == pytest.approx(1.6)


@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (331, 17), (256, 256)])
def test_the_picture_fits_the_grid(shape: tuple[int, int]) -> None:
    shown = kinds.picture(np.full(shape, 200, np.uint8), 0.7)
    assert shown.shape[0] % kinds.GRID == shown.shape[1] % kinds.GRID == 0
    assert min(shown.shape) >= kinds.GRID
    assert (shown == 200).all()


def test_a_component_is_what_its_ink_is() -> None:
    mask = np.zeros((8, 12), np.uint8)
    mask[1:3, 1:3] = 255
    # Six of its eight pixels lie in the second cell of the lower row, two in the third.
    mask[5:7, 5:9] = 255
    map_ = certain((InkKind.PRINT,) * 3, (InkKind.RULE, InkKind.DIGIT, InkKind.WRITING))
    shares = kinds.kinds_of(connected_components(mask), map_, 1.0)
    assert shares[0] == pytest.approx(np.eye(6)[InkKind.PRINT])
    assert shares[1, [InkKind.DIGIT, InkKind.WRITING]] == pytest.approx([0.75, 0.25])


def test_a_component_between_the_samples_is_not_forgotten() -> None:
    mask = np.zeros((8, 8), np.uint8)
    mask[5, 5] = 255
    map_ = certain((InkKind.PRINT,) * 2, (InkKind.PRINT, InkKind.MARK))
    assert kinds.kinds_of(connected_components(mask), map_, 4.0)[0, InkKind.MARK] == 1.0


def test_no_components_are_of_no_kind() -> None:
    map_ = certain((InkKind.PRINT,))
    assert kinds.kinds_of(connected_components(np.zeros((4, 4), np.uint8)), map_, 1.0).shape == (0, 6)


def test_a_number_is_of_the_kind_of_most_of_its_ink() -> None:
    written, printed = np.eye(6)[InkKind.DIGIT], np.eye(6)[InkKind.PRINTED_DIGIT]
    pair = np.stack([written, printed])
    areas = np.array([30, 10])
    assert kinds.number_kind(pair, areas, Kind.HANDWRITTEN) == "handwritten"
    assert kinds.number_kind(pair, areas[::-1], Kind.HANDWRITTEN) == ""
    assert kinds.number_kind(pair, areas[::-1], Kind.PRINTED) == "printed"
    assert kinds.number_kind(pair, areas, Kind.ANY) == "handwritten"
    assert kinds.number_kind(np.eye(6)[[InkKind.WRITING]], areas[:1], Kind.ANY) == ""


def test_marks_and_rules_are_no_characters() -> None:
    assert kinds.is_mark(np.eye(6)).tolist() == [kind in {InkKind.RULE, InkKind.MARK} for kind in InkKind]


def test_the_network_looks_at_pages_of_any_size(network: PageNetwork) -> None:
    for shape in ((1, 1), (40, 9), (300, 500)):
        strength = np.zeros(shape, np.uint8)
        found = network.look(Ink(strength, strength, 0.0), 20.0)
        assert found.shares.sum(axis=2) == pytest.approx(1.0, abs=1e-5)
        assert found.cells == (found.shares.shape[1] / shape[1], found.shares.shape[0] / shape[0])


def test_a_missing_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match=r"pages\.onnx"):
        load_page_network(tmp_path)
