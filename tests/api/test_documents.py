from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

import scanner
from scanner.types import PageResult, Step

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parents[2] / "samples"
texts = st.text(st.characters(codec="utf-8"), max_size=8)
settings = st.dictionaries(texts, st.booleans() | st.integers(-(2**53), 2**53) | texts | st.floats(allow_nan=False))
pages = st.builds(
    scanner.Page,
    file=texts,
    page_number=st.integers(0, 10_000),
    width=st.integers(0, 10_000),
    height=st.integers(0, 10_000),
    numbers=st.lists(st.from_type(scanner.Number), max_size=3).map(tuple),
    steps=st.lists(st.builds(Step, texts, settings.map(lambda each: tuple(each.items()))), max_size=2).map(tuple),
    error=texts,
    scan_quality=st.lists(st.builds(scanner.Finding, texts, texts, texts), max_size=2).map(tuple),
    image_source=st.none(),
)


@given(pages)
def test_a_page_comes_back_from_its_dict_and_from_json(page: scanner.Page) -> None:
    data = page.to_dict()
    assert scanner.Page.from_dict(data) == page
    assert scanner.Page.from_dict(json.loads(json.dumps(data))) == page
    assert scanner.Page.from_dict(data).to_dict() == data


@given(st.lists(pages, min_size=1, max_size=3), texts)
def test_a_document_comes_back_from_its_dict(found: list[scanner.Page], file: str) -> None:
    document = scanner.Document(found[0].file, tuple(found))
    assert scanner.Document.from_dict(json.loads(json.dumps(document.to_dict()))) == document


def test_the_dict_of_a_document_of_one_page_is_one_of_a_page_too() -> None:
    page = scanner.Page("a.png", 1, 9, 9)
    assert scanner.Page.from_dict(scanner.Document("a.png", (page,)).to_dict()) == page
    with pytest.raises(scanner.DataError, match="2 pages"):
        scanner.Page.from_dict(scanner.Document("a.png", (page, page)).to_dict())


def test_a_page_of_json_results_can_be_read(tmp_path: Path) -> None:
    scanner.scan(SAMPLES / "box_strip.png", out=tmp_path / "r.csv", json=tmp_path / "r.json", jobs=1)
    document = json.loads((tmp_path / "r.json").read_text("utf-8"))
    page = scanner.Page.from_dict(document["pages"][0])
    assert page.numbers[0].text == scanner.read(SAMPLES / "box_strip.png").numbers[0].text
    assert scanner.Document.from_dict(document).pages == (page,)


@pytest.mark.parametrize("data", [{}, {"file": "a.png"}, {"pages": 3}, {"schema": 99, "pages": []}])
def test_other_data_is_an_error(data: dict[str, object]) -> None:
    with pytest.raises(scanner.DataError):
        scanner.Page.from_dict(data)
    with pytest.raises(scanner.DataError):
        scanner.Document.from_dict(data)


def test_a_page_is_equal_to_another_wherever_their_images_are() -> None:
    result = PageResult("a.png", 1, 9, 9)
    assert scanner.Page.of_result(result) == scanner.Page("a.png", 1, 9, 9)
    assert scanner.Page.of_result(result) != scanner.Page("b.png", 1, 9, 9)
    assert hash(scanner.Page.of_result(result)) == hash(scanner.Page("a.png", 1, 9, 9))


@pytest.mark.parametrize("name", ["Document", "Page", "Number", "Digit", "Opinion", "Finding", "Step"])
def test_annotations_of_values_resolve_at_run_time(name: str) -> None:
    assert get_type_hints(getattr(scanner, name))


@pytest.mark.parametrize(
    "function",
    [
        *(scanner.read, scanner.read_page, scanner.scan, scanner.Page.from_dict, scanner.Page.to_dict),
        *(scanner.Page.render, scanner.Document.from_dict, scanner.Document.to_dict, scanner.Document.render),
    ],
    ids=lambda function: function.__qualname__,
)
def test_annotations_of_functions_resolve_at_run_time(function: Callable[..., object]) -> None:
    assert "return" in get_type_hints(function)


@pytest.mark.parametrize("data", [None, 5, [], {"schema": 5, "digitscan": "0.1.0", "pages": []}])
def test_a_page_made_of_something_else_is_an_error(data: object) -> None:
    with pytest.raises(scanner.DataError):
        scanner.Page.from_dict(data)  # type: ignore[arg-type]  # what a user may pass
