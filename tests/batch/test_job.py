"""Watched folders, with workers that read nothing and a clock that does not tick."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import Future
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from scanner.batch import job, resumable_state
from scanner.batch.job import Batch, BatchOutcome, run_batch
from scanner.batch.outputs import write_results
from scanner.batch.recipe import ReadingRecipe, ReadingSetup
from scanner.batch.settings import BatchSettings, build_output_paths
from scanner.batch.worker import FileInfo, PageTaskResult
from scanner.batch.worker_pool import WorkerPool
from scanner.results.json_results import page_from_json
from scanner.types import PageResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from scanner.batch.scheduler import PageEvent
    from scanner.types import PageRef

KNOWN_PAGES = 30


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

    def submit(function: Callable[..., Any], ref: PageRef, *_: Any) -> Future[Any]:
        calls[function.__name__] += 1
        future: Future[Any] = Future()
        match function.__name__:
            case "load_reading_setup":
                future.set_result(ReadingSetup((("digitscan", "1"),), ()))
            case "inspect_file":
                future.set_result(FileInfo(ref.file, 1, range(1, 2)))
            case "read_page":
                future.set_result(PageTaskResult(PageResult(ref.file, 1, 9, 9)))
        return future

    def parse(text: str) -> PageResult:
        calls["parse"] += 1
        return page_from_json(text)

    pool = nullcontext(WorkerPool(1, submit, lambda error: None))
    monkeypatch.setattr(job, "_open_worker_pool", lambda settings: pool)
    monkeypatch.setattr(resumable_state, "page_from_json", parse)
    return calls


def arrive(inbox: Path, name: str) -> None:
    inbox.mkdir(exist_ok=True)
    (inbox / name).write_bytes(b"")
    os.utime(inbox / name, (0, 0))


def watch(tmp_path: Path, reporter: Reporter) -> None:
    batch = Batch(
        inputs=(tmp_path / "inbox",),
        outputs=build_output_paths(tmp_path / "r.csv"),
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
