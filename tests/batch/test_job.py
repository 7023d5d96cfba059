"""Watched folders, with workers that read nothing and a clock that does not tick."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import Counter
from concurrent.futures import Future
from contextlib import closing, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import pytest

from scanner.batch import job, resumable_state
from scanner.batch.job import Batch, BatchOutcome, run_batch
from scanner.batch.recipe import ReadingRecipe, ReadingSetup
from scanner.batch.result_writer import ResultWriter
from scanner.batch.settings import BatchSettings, build_output_paths
from scanner.batch.worker import FileInfo, PageTaskResult
from scanner.batch.worker_pool import WorkerPool
from scanner.corrections.corrections_file import CorrectionsFile
from scanner.errors import OutputError
from scanner.results.annotated_files import write_annotated_picture
from scanner.results.annotation_style import AnnotationFormat, AnnotationStyle
from scanner.results.csv_tables import read_results_csv
from scanner.results.json_results import page_from_json
from scanner.results.picture_names import annotated_page_path
from scanner.sources.discovery import find_files
from scanner.types import Box, Digit, Number, PageResult
from tests.corrections.corrected import correction, undo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scanner.batch.scheduler import PageEvent
    from scanner.types import PageRef

KNOWN_PAGES = 30
PICTURE = np.zeros((9, 9, 3), np.uint8)


class Reporter:
    """Notes the pages of each round."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []

    def page_done(self, event: PageEvent) -> None:
        pass

    def picture_done(self, event: PageEvent) -> None:
        pass

    def results_written(self, outcome: BatchOutcome, results: Iterable[PageResult]) -> None:
        self.rounds.append([result.file for result in results])


def read_text(ref: PageRef) -> PageResult:
    """A page has the number that stands in its file, or cannot be read."""
    text = ref.path.read_text()
    if text == "torn":
        return PageResult(ref.file, 1, 0, 0, error=f"{ref.file}: is torn")
    digits = tuple(Digit(digit, 0.9, Box(1, 2, 3, 4)) for digit in text)
    numbers = (Number(text, 0.8, "low confidence", 1, 1, Box(1, 2, 3, 4), digits),) if text else ()
    return PageResult(ref.file, 1, 9, 9, numbers)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each function was called, since the test cleared it."""
    calls: Counter[str] = Counter()

    def submit(function: Callable[..., Any], ref: PageRef, *arguments: Any) -> Future[Any]:
        calls[function.__name__] += 1
        future: Future[Any] = Future()
        match function.__name__:
            case "load_reading_setup":
                future.set_result(ReadingSetup((("digitscan", "1"),), ()))
            case "inspect_file":
                future.set_result(FileInfo(f"{ref.file} {ref.path.read_text()}", 1, range(1, 2)))
            case "read_page":
                future.set_result(PageTaskResult(read_text(ref)))
            case "draw_page":
                result, drawn_pages = arguments[2], arguments[4]
                path = drawn_pages.annotated_folder / annotated_page_path(ref.file, 1, drawn_pages.style.picture_suffix)
                write_annotated_picture(path, PICTURE, drawn_pages.style)
                future.set_result(PageTaskResult(result))
        return future

    def parse(text: str) -> PageResult:
        calls["parse"] += 1
        return page_from_json(text)

    pool = nullcontext(WorkerPool(1, submit, lambda error: None))
    monkeypatch.setattr(job, "open_worker_pool", lambda settings: pool)
    monkeypatch.setattr(resumable_state, "page_from_json", parse)
    return calls


def arrive(inbox: Path, name: str, text: str = "") -> None:
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_text(text)
    os.utime(inbox / name, (0, 0))


def watch(tmp_path: Path, reporter: Reporter, style: AnnotationStyle | None = None) -> None:
    outputs = build_output_paths(tmp_path / "r.csv")
    if style is not None:
        outputs = replace(outputs, annotated_folder=tmp_path / "checked", annotation_style=style)
    batch = Batch(
        inputs=(tmp_path / "inbox",),
        outputs=outputs,
        recipe=ReadingRecipe(),
        settings=BatchSettings(jobs=1, watch=True),
    )
    run_batch(batch, reporter)


def test_what_a_file_that_arrives_costs_does_not_depend_on_those_that_are_known(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(KNOWN_PAGES):
        arrive(tmp_path / "inbox", f"{place}.png")
    seen: list[Counter[str]] = []

    def sleep(_: float) -> None:
        seen.append(calls.copy())
        calls.clear()
        match len(seen):
            case 1:
                arrive(tmp_path / "inbox", "new.png")
            case 2:
                (tmp_path / "inbox" / "0.png").unlink()
            case 3:
                raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    reporter = Reporter()
    watch(tmp_path, reporter)
    assert seen[0]["read_page"] == KNOWN_PAGES
    assert reporter.rounds[1:] == [["new.png"]]
    # The new result is parsed twice: to be written, and to be looked at.
    assert seen[1] == {"inspect_file": 1, "read_page": 1, "parse": 2}
    # A file that is moved away changes nothing.
    assert seen[2] == {}


def test_a_watched_folder_writes_corrections_as_they_are_made(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.png", "b.png"):
        arrive(tmp_path / "inbox", name, "11")
    corrections = CorrectionsFile(tmp_path / "r.corrections.jsonl")
    said = correction(file="a.png", box=Box(1, 2, 3, 4))
    texts: list[list[str]] = []
    seen: list[Counter[str]] = []

    def sleep(_: float) -> None:
        texts.append([row.text for row in read_results_csv(tmp_path / "r.csv")])
        seen.append(calls.copy())
        calls.clear()
        match len(texts):
            case 1:
                corrections.append([said])
            case 2:
                corrections.append([undo(said)])
            case 4:
                raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    reporter = Reporter()
    watch(tmp_path, reporter, AnnotationStyle(AnnotationFormat.JPEG))
    assert texts == [["11", "11"], ["17", "11"], ["11", "11"], ["11", "11"]]
    assert reporter.rounds == [["a.png", "b.png"], ["a.png"], ["a.png"]]
    # Nothing is read again, and only the page that somebody spoke of is drawn again.
    assert [each["read_page"] for each in seen] == [2, 0, 0, 0]
    assert [each["draw_page"] for each in seen] == [0, 1, 1, 0]


def test_looking_and_writing_take_at_most_a_fifth_of_the_time(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(tmp_path / "inbox", "a.png")
    clock, rests = [0.0], []

    write = ResultWriter.write

    def write_slowly(*arguments: Any) -> Any:
        clock[0] += 10.0
        return write(*arguments)

    def sleep(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 2:
            raise KeyboardInterrupt

    def find_slowly(*arguments: Any) -> Any:
        clock[0] += 1.0
        return find_files(*arguments)

    monkeypatch.setattr(ResultWriter, "write", write_slowly)
    monkeypatch.setattr(job, "find_files", find_slowly)
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("time.sleep", sleep)
    watch(tmp_path, Reporter())
    # Four seconds for each of the eleven, then for the one in which nothing was found to write.
    assert rests == [44.0, 4.0]


def test_only_the_documents_of_files_that_arrive_are_drawn(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(KNOWN_PAGES):
        arrive(tmp_path / "inbox", f"{place}.png")
    seen: list[Counter[str]] = []
    documents: list[dict[str, int]] = []

    def sleep(_: float) -> None:
        seen.append(calls.copy())
        calls.clear()
        documents.append({path.name: path.stat().st_ino for path in (tmp_path / "checked").iterdir()})
        match len(seen):
            case 1:
                (tmp_path / "inbox" / "0.png").unlink()
                arrive(tmp_path / "inbox", "new.png")
            case 2:
                raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)
    watch(tmp_path, Reporter(), AnnotationStyle(AnnotationFormat.PDF))
    known = {f"{place}.png.annotated.pdf" for place in range(KNOWN_PAGES)}
    assert [set(found) for found in documents] == [known, known | {"new.png.annotated.pdf"}]
    assert documents[0].items() <= documents[1].items()
    assert seen[1]["draw_page"] == 1
    assert seen[1]["parse"] < KNOWN_PAGES


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize("max_error", [None, 0.1])
def test_a_watched_folder_comes_to_the_results_of_a_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, max_error: float | None
) -> None:
    inbox = tmp_path / "inbox"
    rounds = iter(
        (
            [("scan2.png", "22"), ("scan10.png", "torn"), ("scan9.png", "")],
            # Last, amid the others, first.
            [("scan11.png", "1234567890")],
            [("scan3.png", "3")],
            [("Scan1.png", "1")],
            # Written again: another number, one where none was, none where one was, what could not be read before.
            [("scan2.png", "2"), ("scan9.png", "9"), ("scan3.png", "")],
            [("scan10.png", "10"), ("scan11.png", "torn"), ("scan4.png", "4")],
        )
    )

    def sleep(_: float) -> None:
        for name, text in next(rounds, None) or stop():
            arrive(inbox, name, text)

    def stop() -> NoReturn:
        raise KeyboardInterrupt

    def scan(folder: Path, *, watch: bool) -> dict[str, bytes]:
        outputs = build_output_paths(folder / "r.csv", results_json=folder / "r.json", digits_csv=folder / "d.csv")
        settings = BatchSettings(jobs=1, watch=watch, max_error=max_error)
        run_batch(Batch(inputs=(inbox,), outputs=outputs, recipe=ReadingRecipe(), settings=settings), Reporter())
        manifest = json.loads((folder / "r.manifest.json").read_bytes())
        written = {
            path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".csv" or path.name == "r.json"
        }
        return written | {"counts and inputs": json.dumps([manifest["counts"], manifest["inputs"]]).encode()}

    inbox.mkdir()
    monkeypatch.setattr("time.sleep", sleep)
    watched = scan(tmp_path / "watched", watch=True)
    assert watched == scan(tmp_path / "scanned", watch=False)
    assert sorted(watched) == ["counts and inputs", "d.csv", "r.csv", "r.errors.csv", "r.json"]
    assert [line.split(b",")[0] for line in watched["r.csv"].splitlines()[1:]] == [
        *(b"Scan1.png", b"scan2.png", b"scan4.png", b"scan9.png", b"scan10.png")
    ]


@pytest.fixture
def watched(tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch) -> Batch:
    """A watched folder from which one of two files was moved away once both were read."""

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stop)
    for name, text in (("moved.png", "1"), ("present.png", "2")):
        arrive(tmp_path / "inbox", name, text)
    watch(tmp_path, Reporter())
    (tmp_path / "inbox" / "moved.png").unlink()
    return Batch(
        inputs=(tmp_path / "inbox",),
        outputs=build_output_paths(tmp_path / "r.csv"),
        recipe=ReadingRecipe(),
        settings=BatchSettings(jobs=1),
    )


def files_of(batch: Batch) -> list[str]:
    rows = batch.outputs.numbers_csv.read_text("utf-8").splitlines()[1:]
    return [row.split(",")[0] for row in rows]


def test_a_scan_does_not_drop_rows_that_were_kept(watched: Batch, calls: Counter[str]) -> None:
    before = watched.outputs.numbers_csv.read_bytes()
    calls.clear()
    for _ in range(2):
        with pytest.raises(OutputError) as error:
            run_batch(watched, Reporter())
        assert str(error.value) == (
            f"{watched.outputs.numbers_csv}: has what --watch read of 1 file that is gone or left out now, such as"
            " moved.png; go on with --watch, keep it under another name, or overwrite it with --force"
        )
    assert calls == {}
    assert watched.outputs.numbers_csv.read_bytes() == before
    # Nor is anything lost to a folder that is watched again.
    run_batch(replace(watched, settings=BatchSettings(jobs=1, watch=True)), Reporter())
    assert files_of(watched) == ["moved.png", "present.png"]


@pytest.mark.usefixtures("calls")
def test_rows_are_kept_also_if_the_tables_of_pages_could_not_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> NoReturn:
        raise OutputError("t.csv: there is no room")

    for name, text in (("moved.png", "1"), ("present.png", "2")):
        arrive(tmp_path / "inbox", name, text)
    batch = Batch(
        inputs=(tmp_path / "inbox",),
        outputs=build_output_paths(tmp_path / "r.csv", page_tables=tmp_path / "t.csv"),
        recipe=ReadingRecipe(),
        settings=BatchSettings(jobs=1, watch=True),
    )
    with monkeypatch.context() as patched:
        patched.setattr("scanner.batch.outputs.table_file", fail)
        with pytest.raises(OutputError, match="there is no room"):
            run_batch(batch, Reporter())
    (tmp_path / "inbox" / "moved.png").unlink()
    with pytest.raises(OutputError, match=r"such as moved\.png"):
        run_batch(replace(batch, settings=BatchSettings(jobs=1)), Reporter())


@pytest.mark.parametrize("how", ["force", "mirror", "moved back", "results moved"])
def test_rows_that_were_kept_go_if_they_are_to(watched: Batch, tmp_path: Path, how: str) -> None:
    settings = BatchSettings(jobs=1, overwrite_changed=how == "force", watch=how == "mirror", mirror=how == "mirror")
    match how:
        case "moved back":
            arrive(tmp_path / "inbox", "moved.png", "1")
        case "results moved":
            watched.outputs.numbers_csv.rename(tmp_path / "kept.csv")
    run_batch(replace(watched, settings=settings), Reporter())
    assert files_of(watched) == ["moved.png", "present.png"] if how == "moved back" else ["present.png"]
    # From now on results are of the files that are there.
    for path in (tmp_path / "inbox").iterdir():
        path.unlink()
    arrive(tmp_path / "inbox", "new.png", "3")
    run_batch(watched, Reporter())
    assert files_of(watched) == ["new.png"]


def test_a_state_of_another_version_cannot_keep_rows(watched: Batch, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "r.csv.state")) as database, database:
        database.execute("PRAGMA user_version = 1")
    with pytest.raises(OutputError, match=r"what another version read of 1 file .* such as moved\.png; keep it under"):
        run_batch(replace(watched, settings=BatchSettings(jobs=1, watch=True)), Reporter())
    arrive(tmp_path / "inbox", "moved.png", "1")
    run_batch(replace(watched, settings=BatchSettings(jobs=1, watch=True)), Reporter())
    assert files_of(watched) == ["moved.png", "present.png"]


@pytest.mark.usefixtures("calls")
def test_pictures_of_files_that_were_moved_away_stay_with_their_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("moved.png", "present.png"):
        arrive(tmp_path / "inbox", name)

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", stop)
    watch(tmp_path, Reporter(), AnnotationStyle(AnnotationFormat.PDF))
    (tmp_path / "inbox" / "moved.png").unlink()
    for name in ("moved.png", "present.png"):
        write_annotated_picture(tmp_path / "checked" / f"{name}.p1.png", PICTURE, AnnotationStyle(AnnotationFormat.PNG))
    reporter = Reporter()
    watch(tmp_path, reporter, AnnotationStyle())
    assert reporter.rounds == [["present.png"]]
    kept = {"moved.png.annotated.pdf", "moved.png.p1.png"}
    assert {path.name for path in (tmp_path / "checked").iterdir()} == kept | {"present.png.p1.jpg"}
