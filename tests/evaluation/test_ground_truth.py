from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.errors import DataError
from scanner.evaluation.ground_truth import PageTruth, keep_digits, read_truth
from scanner.types import Box

if TYPE_CHECKING:
    from pathlib import Path


def read_json(folder: Path, document: object) -> tuple[PageTruth, ...]:
    path = folder / "truth.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return read_truth(path)


def read_csv(folder: Path, text: str) -> tuple[PageTruth, ...]:
    path = folder / "truth.csv"
    path.write_bytes(text.encode())
    return read_truth(path)


def test_flat_numbers_are_one_row(tmp_path: Path) -> None:
    (page,) = read_json(tmp_path, {"logs/p02.png": {"numbers": ["007", None, "-40.5"], "note": "two lines"}})
    assert page == PageTruth("logs/p02.png", 1, (("007", None, "-40.5"),))
    assert page.numbers == ("007", None, "405")


def test_rows_stay_rows_and_flatten_in_order(tmp_path: Path) -> None:
    (page,) = read_json(tmp_path, {"sums.jpg": {"numbers": [["56", "3"], [], ["595"]], "lines": ["56x3", "", "595"]}})
    assert page.rows == (("56", "3"), (), ("595",))
    assert page.numbers == ("56", "3", "595")


def test_a_page_may_have_no_numbers(tmp_path: Path) -> None:
    (page,) = read_json(tmp_path, {"blank.png": {"numbers": []}})
    assert (page.rows, page.numbers) == ((), ())


@pytest.mark.parametrize(
    ("key", "file", "page"),
    [
        ("form.pdf", "form.pdf", 1),
        ("form.pdf#2", "form.pdf", 2),
        ("scan #3.png", "scan #3.png", 1),
        ("scan#3.pdf#12", "scan#3.pdf", 12),
        ("#4", "#4", 1),
    ],
)
def test_key_of_a_page(tmp_path: Path, key: str, file: str, page: int) -> None:
    (truth,) = read_json(tmp_path, {key: {"numbers": []}})
    assert (truth.file, truth.page_number) == (file, page)


def test_boxes_of_numbers(tmp_path: Path) -> None:
    (page,) = read_json(tmp_path, {"a.png": {"numbers": ["1", None], "boxes": [[0, 1, 2, 3], [4, 5, 6, 7]]}})
    assert page.number_boxes == (Box(0, 1, 2, 3), Box(4, 5, 6, 7))
    assert page.digit_boxes == ()


def test_places_optional_texts_and_parts_to_ignore(tmp_path: Path) -> None:
    entry = {"numbers": ["1", None], "places": [[4, 5.5], [0, 0]], "optional": ["09", "09"], "ignore": [[0, 1, 2, 3]]}
    (page,) = read_json(tmp_path, {"a.png": entry})
    assert page.places == ((4, 5.5), (0, 0))
    assert page.optional == ("09", "09")
    assert page.ignored == (Box(0, 1, 2, 3),)
    assert page.texts == ("1", None)


@pytest.mark.parametrize(
    ("numbers", "is_table"),
    [
        ([["1", "2"], ["3", None]], True),
        ([["1", "2"], [], ["3", "4"]], True),
        ([["1", "2"], ["3"]], False),
        ([["1"], ["3"]], False),
        ([["1", "2"]], False),
        (["1", "2"], False),
        ([[], []], False),
        ([], False),
    ],
)
def test_rows_of_one_length_are_a_table(tmp_path: Path, numbers: list[object], is_table: bool) -> None:
    (page,) = read_json(tmp_path, {"a.png": {"numbers": numbers}})
    assert page.is_table is is_table


def test_list_of_pictures_has_a_box_per_digit(tmp_path: Path) -> None:
    first, second = read_json(
        tmp_path,
        [
            {"image": "a.jpg", "text": "2,5", "boxes": [[2, 13, 25, 29], [31, 10, 19, 25]]},
            {"image": "b.jpg", "text": "7"},
        ],
    )
    assert first.rows == (("2,5",),)
    assert first.digit_boxes == ((Box(2, 13, 25, 29), Box(31, 10, 19, 25)),)
    assert first.number_boxes == (Box(2, 10, 48, 32),)
    assert second == PageTruth("b.jpg", 1, (("7",),))


def test_csv_keeps_what_is_written(tmp_path: Path) -> None:
    pages = read_csv(tmp_path, '\ufeffimage,text\r\n1.jpg,97\r\n\r\n4.jpg,"10,200"\r\n')
    assert [(page.file, page.rows, page.numbers) for page in pages] == [
        ("1.jpg", (("97",),), ("97",)),
        ("4.jpg", (("10,200",),), ("10200",)),
    ]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ("{", "line 1"),
        ("[" * 100_000, ""),
        (7, "object of pages"),
        ({"a.png": 7}, "a.png"),
        ({"a.png": {}}, "a.png"),
        ({"a.png": {"numbers": {}}}, "a.png"),
        ({"a.png": {"numbers": [78]}}, "a.png, row 1: 78"),
        ({"a.png": {"numbers": ["-"]}}, "a.png, row 1: '-'"),
        ({"a.png": {"numbers": [["1"], "2"]}}, "a.png"),
        ({"a.png": {"numbers": [["1"], [["2"]]]}}, "a.png, row 2"),
        ({"a.png#0": {"numbers": []}}, "a.png#0"),
        ({"": {"numbers": []}}, "has no name"),
        ('{"a.png": {"numbers": []}, "a.png": {"numbers": []}}', "a.png"),
        ({"a.png": {"numbers": []}, "a.png#1": {"numbers": []}}, "page 1 of 'a.png'"),
        ({"a.png": {"numbers": ["1"], "boxes": []}}, "0 boxes for 1 numbers"),
        ({"a.png": {"numbers": ["1"], "boxes": 3}}, "a.png"),
        ({"a.png": {"numbers": ["1"], "boxes": [[1, 2, 3]]}}, "a.png, box 1"),
        ({"a.png": {"numbers": ["1"], "boxes": [[1, 2, 3, 0]]}}, "a.png, box 1"),
        ({"a.png": {"numbers": ["1"], "boxes": [[1, 2, 3, True]]}}, "a.png, box 1"),
        ({"a.png": {"numbers": ["1"], "places": []}}, "0 places for 1 numbers"),
        ({"a.png": {"numbers": ["1"], "places": {}}}, '"places" is not a list'),
        ({"a.png": {"numbers": ["1"], "places": [[1]]}}, "a.png, place 1"),
        ({"a.png": {"numbers": ["1"], "places": [[1, True]]}}, "a.png, place 1"),
        ({"a.png": {"numbers": [], "optional": "12"}}, '"optional" is not a list'),
        ({"a.png": {"numbers": [], "optional": ["x"]}}, "a.png, optional 1"),
        ({"a.png": {"numbers": [], "optional": ["1", None]}}, "a.png, optional 2"),
        ({"a.png": {"numbers": [], "ignore": [[1, 2, 3]]}}, "a.png, ignore 1"),
        ([7], "entry 1"),
        ([{"text": "7"}], "entry 1"),
        ([{"image": "a.jpg", "text": 7}], "entry 1"),
        ([{"image": "a.jpg", "text": "7"}, {"image": "b.jpg", "text": "7", "boxes": []}], "entry 2: 0 boxes"),
    ],
)
def test_malformed_json_is_named_with_its_place(tmp_path: Path, document: Any, place: str) -> None:
    with pytest.raises(DataError) as caught:
        read_json(tmp_path, document)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'truth.json'}: ")
    assert place in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "line 1"),
        ("file,text\n", "line 1"),
        ("image,text\n1.jpg,7\n2.jpg,1,5\n", "line 3"),
        ("image,text\n,7\n", "line 2"),
        ("image,text\n1.jpg,x\n", "line 2"),
        ("image,text\n1.jpg,7\n1.jpg,8\n", "'1.jpg'"),
        ('image,text\n1.jpg,"7\n', ""),
    ],
)
def test_malformed_csv_is_named_with_its_line(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(DataError) as caught:
        read_csv(tmp_path, text)
    assert str(caught.value).startswith(f"{tmp_path / 'truth.csv'}: ")
    assert place in str(caught.value)


def test_missing_file_and_wrong_encoding(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_truth(tmp_path / "none.json")
    (tmp_path / "latin.csv").write_bytes(b"image,text\n\xe9.jpg,7\n")
    with pytest.raises(DataError, match="UTF-8"):
        read_truth(tmp_path / "latin.csv")


@given(st.text(alphabet="0123456789.,-²٣ x"))
def test_digits_of_keeps_only_ascii_digits_in_order(text: str) -> None:
    assert keep_digits(text) == "".join(c for c in text if c in "0123456789")


def test_an_empty_text_in_a_csv_says_that_nothing_is_written(tmp_path: Path) -> None:
    (page,) = read_csv(tmp_path, "image,text\n1.jpg,\n")
    assert (page.file, page.numbers) == ("1.jpg", ())
