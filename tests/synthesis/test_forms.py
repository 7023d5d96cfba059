import numpy as np
import pytest

from scanner.synthesis import forms, freehand, ink, tables, writing
from scanner.synthesis.fonts import Family
from scanner.synthesis.forms import Setting
from scanner.synthesis.ink import Ink, Label
from scanner.synthesis.printed import Type
from scanner.types import Box

COLUMN = Box(60, 50, 900, 1200)


@pytest.fixture
def setting(families: tuple[Family, ...]) -> Setting:
    rng = np.random.default_rng(0)
    black, pixel = Ink((0, 0, 0)), 25.4 / 150
    body, bold, italic = (Type(path, 22, black) for path in (families[0].regular, families[0].bold, families[0].italic))
    hand, other = (writing.random_hand(rng, (), 26, pixel) for _ in range(2))
    return Setting(150.0, body, bold, italic, black, 2.0, hand, other)


def test_lengths_are_of_paper(setting: Setting) -> None:
    assert setting.pixels(25.4) == 150


def test_digits_in_boxes_are_one_number_in_its_place(setting: Setting) -> None:
    boxes = [Box(100 + 50 * place, 100, 50, 60) for place in range(6)]
    for seed in range(6):
        content = forms.in_boxes(np.random.default_rng(seed), setting.hand, "0427", boxes, row=2)
        (number,) = content.numbers
        assert number.text == "0427"
        assert number.place in {(2, 0), (2, 2)}
        first = boxes[number.place[1]]
        assert first.x - 6 <= number.box.x < first.right
        assert len(content.pieces) == 4


def test_a_comb_has_rules_and_reaches_below_them(setting: Setting) -> None:
    dropped_out = 0
    for seed in range(20):
        block = forms.comb(np.random.default_rng(seed), setting, COLUMN)
        rules = [piece for piece in block.content.pieces if piece.label == Label.RULE]
        dropped_out += not rules
        assert not rules or len(rules) >= 4
        assert max((piece.box.bottom for piece in rules), default=0) <= block.bottom
        assert min((piece.box.x for piece in rules), default=COLUMN.x) >= COLUMN.x - 4
        assert max((piece.box.right for piece in rules), default=0) <= COLUMN.right + 4
    assert dropped_out <= 4


def test_crosses_stand_in_boxes_and_are_no_numbers(setting: Setting) -> None:
    block = forms.choices(np.random.default_rng(3), setting, COLUMN)
    assert not [number for number in block.content.numbers if number.kind == "handwritten"]
    assert any(piece.label == Label.MARK for piece in block.content.pieces)


def test_a_corrected_number_is_followed_by_the_right_one(setting: Setting) -> None:
    number = writing.text("12", (100, 100), setting.hand, np.random.default_rng(0))
    found = [forms.corrected(np.random.default_rng(seed), setting, number).numbers for seed in range(12)]
    assert all(numbers[0].crossed_out for numbers in found)
    assert {len(numbers) for numbers in found} == {1, 2}
    assert not any(numbers[1].crossed_out for numbers in found if len(numbers) == 2)


@pytest.mark.parametrize(
    "make",
    [
        forms.fields,
        forms.sentence_field,
        forms.answer_box,
        forms.coded_head,
        freehand.sums,
        freehand.notes,
        freehand.columns_of_digits,
        freehand.cheque,
        freehand.stamped,
        tables.ledger,
        tables.printed_table,
        tables.tallies,
        tables.mark_sheet,
    ],
)
def test_blocks_stay_in_their_column(setting: Setting, make: object) -> None:
    assert callable(make)
    for seed in range(3):
        block = make(np.random.default_rng(seed), setting, COLUMN)
        assert COLUMN.y < block.bottom
        for piece in block.content.pieces:
            assert piece.box.y >= COLUMN.y - 60
            assert piece.box.x >= COLUMN.x - 120
            assert piece.box.right <= COLUMN.right + 160


def test_rules_of_paper_are_no_writing(setting: Setting) -> None:
    content = freehand.lined(np.random.default_rng(0), setting, Box(0, 0, 400, 300))
    assert {piece.label for piece in content.pieces} == {Label.RULE}


def test_the_hand_of_notes_is_not_print(setting: Setting) -> None:
    block = freehand.notes(np.random.default_rng(1), setting, COLUMN)
    page, labels = ink.laid(np.full((1300, 1100, 3), 255, np.uint8), block.content, np.random.default_rng(0))
    assert Label.PRINT not in labels
    assert (labels == Label.WRITING).any()
    assert page.min() < 200
