"""Watched folders, with workers that read nothing and a clock that does not tick."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from scanner.batch import job, resumable_state
from scanner.batch.job import Batch, BatchOutcome, run_batch
from scanner.batch.outputs import write_results
from scanner.batch.recipe import ReadingRecipe, ReadingSetup
from scanner.batch.settings import BatchSettings, build_output_paths
from scanner.batch.worker import FileInfo, PageTaskResult
from scanner.batch.worker_pool import WorkerPool
from scanner.results.annotated_files import write_annotated_picture
from scanner.results.annotation_style import AnnotationFormat, AnnotationStyle
from scanner.results.json_results import page_from_json
from scanner.results.picture_names import annotated_page_path
from scanner.types import PageResult

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
                future.set_result(FileInfo(ref.file, 1, range(1, 2)))
            case "read_page":
                future.set_result(PageTaskResult(PageResult(ref.file, 1, 9, 9)))
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


def arrive(inbox: Path, name: str) -> None:
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_bytes(b"")
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


def test_a_file_that_arrives_costs_little_more_than_writing_the_results(
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
    # Each known result is parsed once, to be written; the new one also to be looked at.
    assert seen[1] == {"inspect_file": 1, "read_page": 1, "parse": KNOWN_PAGES + 2}
    # A file that is moved away changes nothing.
    assert seen[2] == {}


def test_writing_takes_at_most_a_fifth_of_the_time(
    tmp_path: Path, calls: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrive(tmp_path / "inbox", "a.png")
    clock, rests = [0.0], []

    def write_slowly(*arguments: Any) -> Any:
        clock[0] += 10.0
        return write_results(*arguments)

    def sleep(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(job, "write_results", write_slowly)
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr("time.sleep", sleep)
    watch(tmp_path, Reporter())
    assert rests == [40.0, 2.0]


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
    # Each known result is parsed once, to be written.
    assert seen[1]["parse"] < 1.5 * KNOWN_PAGES


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
