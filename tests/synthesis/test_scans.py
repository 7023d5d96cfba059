import numpy as np
import pytest

from scanner.synthesis import ink, scans
from scanner.synthesis.ink import Content, Ink, Label, Layer, PageNumber, Piece
from scanner.synthesis.scans import Document
from scanner.types import Box


def number(text: str, left: int, top: int, width: int = 12, height: int = 20) -> tuple[Piece, PageNumber]:
    cover = np.full((height, width), 255, np.uint8)
    piece = Piece(cover, left, top, Label.DIGIT, Layer.DIGITS, Ink((40, 40, 40)))
    return piece, PageNumber(text, ink.outline(cover, left, top), "handwritten")


def page() -> Document:
    made = [number("1", 60, 40), number("2", 140, 44), number("3", 60, 120), number("4", 150, 180, 30, 12)]
    content = Content(tuple(piece for piece, _ in made), tuple(one for _, one in made))
    image, labels = ink.laid(np.full((260, 220, 3), 240, np.uint8), content, np.random.default_rng(0))
    return Document(image, labels, content.numbers, 100.0)


def ink_box(document: Document, box: Box) -> Box:
    """Of the digit whose label lies in the middle of ``box``."""
    import cv2

    _, parts = cv2.connectedComponents((document.labels == Label.DIGIT).view(np.uint8))
    x, y = (int(n) for n in box.center)
    assert parts[y, x]
    return Box(*cv2.boundingRect((parts == parts[y, x]).view(np.uint8)))


@pytest.mark.parametrize("quarters", [0, 1, 2, 3, 4])
def test_turning_keeps_boxes_on_their_ink(quarters: int) -> None:
    turned = scans.turned(page(), quarters)
    assert len(turned.numbers) == 4
    for one in turned.numbers:
        assert ink_box(turned, one.box) == one.box
    assert np.array_equal(turned.labels == Label.DIGIT, turned.image[:, :, 0] == 40)


def test_a_quarter_to_the_right_brings_the_lower_left_number_first() -> None:
    assert [one.text for one in scans.turned(page(), 1).numbers] == ["3", "1", "2", "4"]


def test_four_quarters_are_none() -> None:
    before, after = page(), scans.turned(scans.turned(page(), 3), 1)
    assert np.array_equal(before.image, after.image)
    assert [one.box for one in before.numbers] == [one.box for one in after.numbers]


@pytest.mark.parametrize("degrees", [-14.0, -3.0, 0.6, 9.0])
def test_tilting_shows_the_whole_page_and_keeps_boxes_on_their_ink(degrees: float) -> None:
    tilted = scans.tilted(page(), degrees, 255)
    assert len(tilted.numbers) == 4
    assert tilted.image.shape[0] > 260
    for one in tilted.numbers:
        for found, expected in zip(ink_box(tilted, one.box), one.box, strict=True):
            assert abs(found - expected) <= 2


def test_tilting_is_clockwise() -> None:
    one, two = scans.tilted(page(), 10.0, 255).numbers[:2]
    assert two.box.y - one.box.y > 10


def test_a_number_pushed_off_the_page_is_no_longer_true() -> None:
    matrix = np.array([[1.0, 0.0, -100.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert [one.text for one in scans.warped(page(), matrix, (220, 260), 0).numbers] == ["2", "4"]


def test_photographs_keep_boxes_on_their_ink() -> None:
    for seed in range(4):
        taken = scans.photographed(page(), np.random.default_rng(seed))
        assert len(taken.numbers) == 4
        for one in taken.numbers:
            for found, expected in zip(ink_box(taken, one.box), one.box, strict=True):
                assert abs(found - expected) <= 2


def test_two_levels_keep_faint_digits() -> None:
    faint = page()
    image = np.where(faint.labels[:, :, None] == Label.DIGIT, 205, 240).astype(np.uint8).repeat(3, axis=2)
    for seed in range(6):
        black = scans.two_level(Document(image, faint.labels, faint.numbers, 100.0), np.random.default_rng(seed))
        assert set(np.unique(black.image)) <= {0, 255}
        assert (black.image[faint.labels == Label.DIGIT] == 0).mean() > 0.6
        assert (black.image[faint.labels == 0] == 255).mean() > 0.95


def test_edges_of_the_glass_are_marks() -> None:
    edged = scans.with_edges(page(), np.random.default_rng(1))
    assert (edged.labels == Label.MARK).any()
    changed = (edged.image != page().image).any(axis=2)
    assert (edged.labels[changed] == Label.MARK).all()


def test_numbers_of_a_line_are_read_from_the_left_though_they_dance() -> None:
    made = [number("c", 100, 12)[1], number("a", 10, 10)[1], number("d", 10, 40)[1], number("b", 50, 16)[1]]
    assert "".join(one.text for one in scans.in_reading_order(made)) == "abcd"
    assert scans.in_reading_order([]) == ()
