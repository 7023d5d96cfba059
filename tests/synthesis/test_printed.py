import numpy as np
import pytest

from scanner.synthesis import ink, printed
from scanner.synthesis.fonts import Family
from scanner.synthesis.ink import Content, Ink, Label
from scanner.synthesis.printed import Type
from scanner.types import Box


@pytest.fixture
def body(families: tuple[Family, ...]) -> Type:
    return Type(families[0].regular, 24, Ink((0, 0, 0)))


def darkness(content: Content, width: int = 900, height: int = 500) -> np.ndarray:
    page, labels = ink.laid(np.full((height, width, 3), 255, np.uint8), content, np.random.default_rng(0))
    assert set(np.unique(labels)) <= {0, Label.PRINT, Label.PRINTED_DIGIT}
    return 255 - page[:, :, 0]


def test_numbers_in_a_line_are_found_in_order(body: Type) -> None:
    content = printed.line("Page 12 of 3,400 at 08:30, Q7 (2.5%)", (20, 60), body)
    assert [number.text for number in content.numbers] == ["12", "3,400", "08", "30", "7", "2.5"]
    lefts = [number.box.x for number in content.numbers]
    assert lefts == sorted(lefts)
    assert {number.kind for number in content.numbers} == {"printed"}


def test_the_box_of_a_printed_number_is_around_its_ink_alone(body: Type) -> None:
    content = printed.line("a 170 b", (20, 60), body)
    box = content.numbers[0].box
    dark = darkness(content) > 96
    columns = np.flatnonzero(dark[:, box.x - 3 : box.right + 3].any(axis=0)) - 3
    assert columns.min() == 0
    assert columns.max() == box.width - 1
    assert abs(box.bottom - 60) <= 2


def test_a_line_is_as_wide_as_it_says(body: Type) -> None:
    text = "measure 12 twice"
    content = printed.line(text, (0, 60), body)
    assert abs(content.box.right - printed.width(text, body)) <= 4


def test_flush_right_and_centred(body: Type) -> None:
    box = Box(100, 50, 400, 40)
    right = printed.line_in("2024", box, body, 1.0).box
    middle = printed.line_in("2024", box, body, 0.5).box
    assert abs(right.right - 500) <= 3
    assert abs(middle.center[0] - 300) <= 3


def test_a_paragraph_stays_in_its_column(body: Type) -> None:
    words = ["word", "another", "12", "third"] * 30
    for seed in range(4):
        block = printed.paragraph(words, Box(100, 40, 300, 250), body, np.random.default_rng(seed))
        assert block.content.box.x >= 98
        assert block.content.box.right <= 402
        assert block.bottom <= 290


def test_a_shortened_text_fits_or_is_one_word(body: Type) -> None:
    short = printed.shortened("one two three four five", 120, body)
    assert "one two three four five".startswith(short)
    assert printed.width(short, body) <= 120
    assert printed.shortened("unbreakable", 3, body) == "unbreakable"


def test_print_that_runs_up_the_page_keeps_its_numbers_on_its_ink(body: Type) -> None:
    content = ink.moved(printed.upright(printed.line("May 1948 x", (0, 0), body), (0, 0)), 300, 400)
    (number,) = content.numbers
    assert number.box.height > number.box.width
    dark = darkness(content) > 96
    rows = np.flatnonzero(dark[number.box.y - 4 : number.box.bottom + 4].any(axis=1)) - 4
    assert rows.min() == 0
    assert rows.max() == number.box.height - 1
