import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.atomic_write import write_chunks
from scanner.batch.manifest import BatchRecord, InputRecord, input_text, manifest_json
from scanner.options import Readers, ScanOptions
from scanner.results.summary import Summary
from scanner.sources.limits import DEFAULT_LIMITS, Limits

RUN = BatchRecord(
    versions=(("digitscan", "1.2"),),
    models=(("digits.onnx", "ab12"),),
    options=ScanOptions(readers=Readers.LINE, correct_orientation=False),
    limits=DEFAULT_LIMITS,
    started=datetime(2024, 5, 6, 9, 8, 7, 654321, tzinfo=timezone(timedelta(hours=2))),
    finished=datetime(2024, 5, 6, 7, 9, tzinfo=UTC),
    summary=Summary(pages=2, failed=1, numbers=30, to_look_at=4, unread=1, expected_errors=0.123456, checked=3),
    other_settings=(("max_error", 0.01),),
)
GOOD = InputRecord("a.png", "cd34", 1234, 1)
TORN = InputRecord("b.pdf", "ef56", 99, 1, ((2, "b.pdf, page 2: is torn"),))
records = st.builds(
    InputRecord,
    file=st.text(st.characters(), max_size=9) | st.sampled_from(["a\nb\r\t\0.png", "\u2028", '"', "\udcff.png"]),
    sha256=st.text("0123456789abcdef", max_size=4),
    size=st.integers(0),
    pages_read=st.integers(0),
    failed_pages=st.lists(st.tuples(st.integers(0), st.text(max_size=9)), max_size=2).map(tuple),
)


def test_a_manifest_has_all_its_fields() -> None:
    document = json.loads("".join(manifest_json(RUN, map(input_text, [GOOD, TORN]))))
    assert document["versions"] == {"digitscan": "1.2"}
    assert document["models"] == {"digits.onnx": "ab12"}
    assert document["options"] == {
        "readers": "number",
        "finder": "network",
        "page_or_crop": "auto",
        "charset": "decimal",
        "number_kind": "handwritten",
        "deskew": True,
        "correct_orientation": False,
        "correct_perspective": True,
        "max_error": 0.01,
    }
    assert document["limits"]["pages"] == DEFAULT_LIMITS.pages
    assert (document["started"], document["finished"]) == ("2024-05-06T07:08:07+00:00", "2024-05-06T07:09:00+00:00")
    assert document["counts"] == {
        "pages": 2,
        "failed": 1,
        "numbers": 30,
        "to_look_at": 4,
        "unread": 1,
        "expected_errors": 0.1235,
        "checked": 3,
    }
    assert document["inputs"] == [
        {"file": "a.png", "sha256": "cd34", "size": 1234, "pages": 1, "failed": []},
        {
            "file": "b.pdf",
            "sha256": "ef56",
            "size": 99,
            "pages": 1,
            "failed": [{"page": 2, "error": "b.pdf, page 2: is torn"}],
        },
    ]


@pytest.mark.parametrize(("name", "kind"), [("options", ScanOptions), ("limits", Limits), ("counts", Summary)])
def test_every_option_limit_and_count_is_written(
    name: str, kind: type[ScanOptions] | type[Limits] | type[Summary]
) -> None:
    document = json.loads("".join(manifest_json(replace(RUN, other_settings=()), [])))
    assert list(document[name]) == [field.name for field in fields(kind)]


def test_an_empty_batch_has_a_manifest() -> None:
    document = json.loads("".join(manifest_json(replace(RUN, models=(), summary=Summary()), [])))
    assert document["inputs"] == []
    assert set(document["counts"].values()) == {0}


def test_an_infinite_limit_is_written() -> None:
    endless = replace(RUN, limits=Limits(pdf_dpi=float("inf")))
    assert json.loads("".join(manifest_json(endless, [])))["limits"]["pdf_dpi"] == "inf"


@given(st.lists(records, max_size=3))
def test_any_file_name_comes_back_from_the_file(
    tmp_path_factory: pytest.TempPathFactory, inputs: list[InputRecord]
) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "manifest.json"
    write_chunks(path, manifest_json(RUN, map(input_text, inputs)))
    found = json.loads(path.read_text("utf-8"))["inputs"]
    assert [
        InputRecord(
            *(entry["file"], entry["sha256"], entry["size"], entry["pages"]),
            failed_pages=tuple((page["page"], page["error"]) for page in entry["failed"]),
        )
        for entry in found
    ] == inputs


def test_records_are_read_one_at_a_time() -> None:
    asked: list[int] = []

    def endless() -> Iterator[InputRecord]:
        for size in count(1):
            asked.append(size)
            yield replace(GOOD, size=size)

    text = manifest_json(RUN, map(input_text, endless()))
    next(text)
    assert asked == []
    assert '"size": 1,' in next(text)
    assert asked == [1]
