import numpy as np
import pytest

from scanner.synthesis import page_content, printed
from scanner.synthesis.fonts import FontFamily
from scanner.synthesis.page_content import InkStyle, PageContent, PixelClass
from scanner.synthesis.printed import TextStyle
from scanner.types import Box


@pytest.fixture
def body(families: tuple[FontFamily, ...]) -> TextStyle:
    return TextStyle(families[0].regular, 24, InkStyle((0, 0, 0)))


def darkness(content: PageContent, width: int = 900, height: int = 500) -> np.ndarray:
    page, labels = page_content.lay_on_paper(
        np.full((height, width, 3), 255, np.uint8), content, np.random.default_rng(0)
    )
    assert set(np.unique(labels)) <= {0, PixelClass.PRINT, PixelClass.PRINTED_DIGIT}
    return 255 - page[:, :, 0]


def test_numbers_in_a_line_are_found_in_order(body: TextStyle) -> None:
    content = printed.typeset_line("Page 12 of 3,400 at 08:30, Q7 (2.5%)", (20, 60), body)
    assert [number.text for number in content.numbers] == ["12", "3,400", "08", "30", "7", "2.5"]
    lefts = [number.box.x for number in content.numbers]
    assert lefts == sorted(lefts)
    assert {number.kind for number in content.numbers} == {"printed"}


def test_the_box_of_a_printed_number_is_tight(body: TextStyle) -> None:
    content = printed.typeset_line("a 170 b", (20, 60), body)
    box = content.numbers[0].box
    dark = darkness(content) > 96
    columns = np.flatnonzero(dark[:, box.x - 3 : box.right + 3].any(axis=0)) - 3
    assert columns.min() == 0
    assert columns.max() == box.width - 1
    assert abs(box.bottom - 60) <= 2


def test_a_line_has_its_text_width(body: TextStyle) -> None:
    text = "measure 12 twice"
    content = printed.typeset_line(text, (0, 60), body)
    assert abs(content.box.right - printed.text_width(text, body)) <= 4


def test_flush_right_and_centred(body: TextStyle) -> None:
    box = Box(100, 50, 400, 40)
    right = printed.typeset_line_in_box("2024", box, body, 1.0).box
    middle = printed.typeset_line_in_box("2024", box, body, 0.5).box
    assert abs(right.right - 500) <= 3
    assert abs(middle.center[0] - 300) <= 3


def test_a_paragraph_stays_in_its_column(body: TextStyle) -> None:
    words = ["word", "another", "12", "third"] * 30
    for seed in range(4):
        block = printed.typeset_paragraph(words, Box(100, 40, 300, 250), body, np.random.default_rng(seed))
        assert block.content.box.x >= 98
        assert block.content.box.right <= 402
        assert block.bottom <= 290


def test_a_shortened_text_fits_or_is_one_word(body: TextStyle) -> None:
    short = printed.shorten_to_width("one two three four five", 120, body)
    assert "one two three four five".startswith(short)
    assert printed.text_width(short, body) <= 120
    assert printed.shorten_to_width("unbreakable", 3, body) == "unbreakable"


def test_numbers_of_turned_text_stay_on_their_ink(body: TextStyle) -> None:
    content = page_content.move_content(
        printed.turn_quarter_left(printed.typeset_line("May 1948 x", (0, 0), body), (0, 0)), 300, 400
    )
    (number,) = content.numbers
    assert number.box.height > number.box.width
    dark = darkness(content) > 96
    rows = np.flatnonzero(dark[number.box.y - 4 : number.box.bottom + 4].any(axis=1)) - 4
    assert rows.min() == 0
    assert rows.max() == number.box.height - 1
