from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from scanner.batch import kept_texts
from scanner.batch.kept_texts import open_kept_texts
from scanner.batch.manifest import BatchRecord
from scanner.batch.result_writer import ResultWriter, open_result_writer
from scanner.batch.resumable_state import open_state
from scanner.batch.settings import STDOUT, OutputPaths
from scanner.options import DEFAULT_OPTIONS
from scanner.sources.limits import DEFAULT_LIMITS
from scanner.types import Box, Digit, Number, PageResult

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from scanner.batch.resumable_state import BatchState
    from scanner.results.summary import Summary


def number(text: str, confidence: float = 0.95) -> Number:
    return Number(text, confidence, "", 1, 1, Box(1, 2, 3, 4), (Digit(text[0], 0.9, Box(1, 2, 3, 4)),))


PLACES = "abcdefghä"
PAGES = (
    PageResult("a.png", 1, 9, 9, (number("7"),)),
    PageResult("b.png", 0, 0, 0, error="b.png: is torn"),
    PageResult("c.pdf", 1, 9, 9),
    PageResult("c.pdf", 2, 9, 9, (number("é"), number("42", 0.5))),
)


@pytest.fixture
def state() -> Iterator[BatchState]:
    with open_state(None, "a recipe") as state:
        put(state, *PAGES)
        yield state


def put(state: BatchState, *pages: PageResult) -> None:
    """Put pages into a state, whose first letters say where."""
    for file in dict.fromkeys(page.file for page in pages):
        state.add_input(PLACES.index(file[0]), file, "ab", 10)
    for page in pages:
        place = PLACES.index(page.file[0])
        state.select_pages(place, (page.page_number,))
        state.add_result(place, page.page_number, "ab", page, "")


def record(summary: Summary) -> BatchRecord:
    now = datetime(2024, 5, 6, tzinfo=UTC)
    return BatchRecord((), (), DEFAULT_OPTIONS, DEFAULT_LIMITS, now, now, summary)


def all_outputs(folder: Path) -> OutputPaths:
    return OutputPaths(
        numbers_csv=folder / "r.csv",
        results_json=folder / "r.json",
        digits_csv=folder / "d.csv",
        errors_csv=folder / "e.csv",
        manifest_json=folder / "m.json",
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def written_at_once(folder: Path, state: BatchState, threshold: float | None = None) -> dict[str, bytes]:
    """What is written by a writer that has kept nothing."""
    with open_result_writer(all_outputs(folder), state) as writer:
        writer.write(record, threshold)
    return contents(folder)


def test_only_the_files_that_are_wanted_are_written(tmp_path: Path, state: BatchState) -> None:
    with open_result_writer(OutputPaths(numbers_csv=tmp_path / "r.csv"), state) as writer:
        summary = writer.write(record)
    assert (summary.pages, summary.failed, summary.numbers) == (3, 1, 3)
    assert summary.expected_errors == pytest.approx(0.05 + 0.05 + 0.5)
    assert [path.name for path in tmp_path.iterdir()] == ["r.csv"]


def test_each_file_has_what_all_pages_add_to_it(tmp_path: Path, state: BatchState) -> None:
    written = {name: text.decode() for name, text in written_at_once(tmp_path, state).items()}
    assert sorted(written) == ["d.csv", "e.csv", "m.json", "r.csv", "r.json"]
    rows = [line.split(",") for line in written["r.csv"].splitlines()[1:]]
    assert [(row[0], row[1], row[8]) for row in rows] == [
        ("a.png", "1", "7"),
        ("c.pdf", "2", "é"),
        ("c.pdf", "2", "42"),
    ]
    assert [line.split(",")[4] for line in written["d.csv"].splitlines()] == ["digit", "7", "é", "4"]
    assert written["e.csv"] == "file,page,error\nb.png,0,b.png: is torn\n"
    pages = json.loads(written["r.json"])["pages"]
    assert [(page["file"], page["page"]) for page in pages] == [(page.file, page.page_number) for page in PAGES]
    manifest = json.loads(written["m.json"])
    assert [(entry["file"], entry["pages"]) for entry in manifest["inputs"]] == [
        ("a.png", 1),
        ("b.png", 0),
        ("c.pdf", 2),
    ]
    assert manifest["counts"]["numbers"] == 3


def test_a_batch_without_files_has_results_without_rows(tmp_path: Path) -> None:
    with open_state(None, "a recipe") as state:
        written = written_at_once(tmp_path, state)
    assert json.loads(written["r.json"])["pages"] == []
    assert written["e.csv"] == b"file,page,error\n"


def test_what_was_kept_gives_the_same_bytes(tmp_path: Path, state: BatchState) -> None:
    (tmp_path / "kept").mkdir()
    with open_result_writer(all_outputs(tmp_path / "kept"), state) as writer:
        writer.write(record)
        for pages, changed in (
            # At the end, then a file that failed is read, one arrives amid the others, one loses a page.
            ([PageResult("h.png", 1, 9, 9, (number("8"),))], "h.png"),
            ([PageResult("b.png", 1, 9, 9, (number("5"),))], "b.png"),
            ([PageResult("d.png", 1, 9, 9, (number("6"),))], "d.png"),
            ([PageResult("c.pdf", 1, 9, 9, (number("1"),))], "c.pdf"),
        ):
            put(state, *pages)
            writer.forget([changed])
            writer.write(record)
            (tmp_path / changed).mkdir()
            assert contents(tmp_path / "kept") == written_at_once(tmp_path / changed, state)
        state.continue_batch(["c.pdf", "h.png"])
        writer.write(record)
        (tmp_path / "fewer").mkdir()
        assert contents(tmp_path / "kept") == written_at_once(tmp_path / "fewer", state)


def test_another_threshold_flags_all_numbers_anew(tmp_path: Path, state: BatchState) -> None:
    flags = []
    with open_result_writer(OutputPaths(numbers_csv=tmp_path / "r.csv"), state) as writer:
        for threshold in (0.9, 0.99, 0.1):
            writer.write(record, threshold)
            rows = (tmp_path / "r.csv").read_text("utf-8").splitlines()[1:]
            flags.append([bool(row.split(",")[10]) for row in rows])
    assert flags == [[False, False, True], [True, True, True], [False, False, False]]


def test_a_file_that_was_not_read_again_is_not_looked_at(tmp_path: Path, state: BatchState) -> None:
    with open_result_writer(OutputPaths(numbers_csv=tmp_path / "r.csv"), state) as writer:
        writer.write(record)
        put(state, PageResult("a.png", 1, 9, 9, (number("9"),)))
        writer.write(record)
        assert ",7," in (tmp_path / "r.csv").read_text("utf-8")


def test_texts_that_are_out_of_date_do_not_pile_up(
    tmp_path: Path, state: BatchState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_texts, "_BLOCK_BYTES", 10)
    outputs = OutputPaths(numbers_csv=tmp_path / "r.csv")
    with open_kept_texts(None) as numbers, open_kept_texts(None) as inputs:
        files = iter((numbers, inputs))
        writer = ResultWriter(outputs, state, lambda: next(files))
        for again in range(20):
            put(state, PageResult("a.png", 1, 9, 9, (number(f"{again}"),)))
            writer.forget(["a.png"])
            writer.write(record)
        size = sum(map(len, numbers.read(["a.png", "b.png", "c.pdf"])))
        assert numbers._file.seek(0, 2) < 4 * size
    assert written_at_once(tmp_path, state)["r.csv"].count(b",19,") == 1


def test_standard_output_gets_utf_8_and_bare_line_feeds(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    with open_state(None, "a recipe") as state:
        put(state, PageResult("ä.png", 1, 9, 9, (replace(number("7"), field="\udcff"),)))
        with open_result_writer(OutputPaths(numbers_csv=STDOUT), state) as writer:
            writer.write(record)
    head, row, end = capfdbinary.readouterr().out.split(b"\n")
    assert row == b"\xc3\xa4.png,1,1,,1,1,\\udcff,,7,0.9500,,,,,1,2,3,4"
    assert (head[:5], end) == (b"file,", b"")
