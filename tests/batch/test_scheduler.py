from __future__ import annotations

import multiprocessing
from collections import Counter
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image as PilImage

from scanner.batch import worker
from scanner.batch.drawn_pages import DrawnPages
from scanner.batch.manifest import InputRecord
from scanner.batch.recipe import ReadingRecipe, ReadingSetup, recipe_hash
from scanner.batch.resumable_state import open_state
from scanner.batch.scheduler import draw_files, read_files
from scanner.batch.worker import FileInfo
from scanner.batch.worker_pool import FailureCause, WorkerPool
from scanner.errors import NotInstalledError
from scanner.options import Charset, Readers, ScanOptions
from scanner.sources.decoding import ALL_PAGES
from scanner.sources.discovery import find_files
from scanner.sources.limits import DEFAULT_LIMITS
from scanner.types import PageRef, PageResult

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from scanner.batch.resumable_state import BatchState
    from scanner.batch.scheduler import PageEvent

RECIPE = ReadingRecipe(ScanOptions(readers=Readers.CONTOURS))
SETUP = ReadingSetup((("digitscan", "1"),), (("digits.onnx", "ab"),))
NO_PICTURES = DrawnPages()


class Bench:
    """Workers that run in this process, raise the faults a test asks for, and count the tasks by function."""

    def __init__(self, at_once: WorkerPool) -> None:
        self.calls: Counter[str] = Counter()
        self.faults: dict[tuple[str, str, int], BaseException] = {}
        """Exceptions by name of the function, file and page; page 0 for the inspection of the file."""
        self.workers = WorkerPool(2, self._submit, at_once.explain_failure)
        self._real = at_once.submit

    def _submit(self, function: Callable[..., Any], ref: PageRef, *arguments: Any) -> Future[Any]:
        self.calls[function.__name__] += 1
        page = 0 if function is worker.inspect_file else arguments[0]
        if (fault := self.faults.get((function.__name__, ref.file, page))) is None:
            return self._real(function, ref, *arguments)
        future: Future[Any] = Future()
        future.set_exception(fault)
        return future


@pytest.fixture
def bench(at_once: WorkerPool) -> Bench:
    return Bench(at_once)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[BatchState]:
    with open_state(tmp_path / "state", recipe_hash(RECIPE, SETUP)) as state:
        yield state


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files, of two pages and of one."""
    (tmp_path / "pages").mkdir()
    write(tmp_path / "pages" / "a.tif", 2)
    write(tmp_path / "pages" / "b.png", 1)
    return tmp_path / "pages"


def write(path: Path, count: int, level: int = 255) -> None:
    pages = [PilImage.fromarray(np.full((30, 40 + place), level, np.uint8)) for place in range(count)]
    if count > 1:
        pages[0].save(path, save_all=True, append_images=pages[1:])
    else:
        pages[0].save(path)


def read(
    bench: Bench,
    state: BatchState,
    refs: Iterable[PageRef],
    pictures: DrawnPages = NO_PICTURES,
    selected_pages: Container[int] = ALL_PAGES,
) -> list[PageEvent]:
    """Read, and count the tasks of this time alone."""
    bench.calls.clear()
    return list(read_files(refs, RECIPE, pictures, bench.workers, state, selected_pages))


def records(state: BatchState) -> list[InputRecord]:
    return [state.input_record(place) for place, _ in state.files()]


def keys(results: Iterable[PageResult]) -> list[tuple[str, int, str]]:
    return [(result.file, result.page_number, result.error) for result in results]


def test_results_come_in_the_order_of_files_and_pages(bench: Bench, state: BatchState, folder: Path) -> None:
    events = read(bench, state, find_files([folder]))
    assert keys(state.results()) == [("a.tif", 1, ""), ("a.tif", 2, ""), ("b.png", 1, "")]
    assert [result.width for result in state.results()] == [40, 41, 40]
    assert sorted(keys(event.result for event in events)) == keys(state.results())
    assert not any(event.was_known for event in events)
    assert [(record.file, record.pages_read) for record in records(state)] == [("a.tif", 2), ("b.png", 1)]
    assert bench.calls == {"inspect_file": 2, "read_page": 3}


def test_a_known_page_is_reported_and_not_read_again(bench: Bench, state: BatchState, folder: Path) -> None:
    read(bench, state, find_files([folder]))
    before = list(state.results())
    events = read(bench, state, find_files([folder]))
    assert [event.was_known for event in events] == [True] * 3
    assert list(state.results()) == before
    assert bench.calls == {"inspect_file": 2}


def test_a_file_that_was_changed_is_read_again(bench: Bench, state: BatchState, folder: Path) -> None:
    read(bench, state, find_files([folder]))
    write(folder / "b.png", 1, level=250)
    events = read(bench, state, find_files([folder]))
    assert [event.result.file for event in events if not event.was_known] == ["b.png"]


def test_an_interrupted_batch_resumes_where_it_stopped(bench: Bench, state: BatchState, folder: Path) -> None:
    events = read_files(find_files([folder]), RECIPE, NO_PICTURES, bench.workers, state)
    first = next(events)
    del events
    again = read(bench, state, find_files([folder]))
    assert [event.result for event in again if event.was_known] == [first.result]
    assert len(list(state.results())) == 3


def test_errors_are_tried_again(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["read_page", "a.tif", 2] = MemoryError()
    read(bench, state, find_files([folder]))
    assert keys(state.results())[1] == ("a.tif", 2, "a.tif, page 2: took too much memory")
    bench.faults.clear()
    events = read(bench, state, find_files([folder]))
    assert [(event.result.file, event.result.page_number) for event in events if not event.was_known] == [("a.tif", 2)]
    assert keys(state.results())[1] == ("a.tif", 2, "")


def test_a_batch_that_goes_on_opens_only_the_files_that_have_changed(
    bench: Bench, state: BatchState, folder: Path
) -> None:
    bench.faults["read_page", "a.tif", 2] = MemoryError()
    write(folder / "c.png", 1)
    read(bench, state, find_files([folder]))
    before = keys(state.results())
    assert before[1] == ("a.tif", 2, "a.tif, page 2: took too much memory")
    bench.faults.clear()
    # One is moved away, one arrives amid the others, one is written again.
    (folder / "b.png").unlink()
    write(folder / "b0.png", 1)
    write(folder / "c.png", 1, level=250)
    changed = [PageRef(folder / name, name) for name in ("b0.png", "c.png")]
    bench.calls.clear()
    events = list(
        read_files(changed, RECIPE, NO_PICTURES, bench.workers, state, other_files=["a.tif", "b.png", "c.png"])
    )
    assert bench.calls == {"inspect_file": 2, "read_page": 2}
    assert {event.result.file for event in events} == {"b0.png", "c.png"}
    assert keys(state.results()) == [*before[:2], ("b0.png", 1, ""), *before[2:]]
    list(read_files([], RECIPE, NO_PICTURES, bench.workers, state, other_files=["b.png", "c.png"]))
    assert keys(state.results()) == before[2:]


def test_only_selected_pages_are_read(bench: Bench, state: BatchState, folder: Path) -> None:
    read(bench, state, find_files([folder]), selected_pages=range(2, 4))
    assert keys(state.results()) == [("a.tif", 2, "")]
    assert bench.calls["read_page"] == 1
    read(bench, state, find_files([folder]))
    assert bench.calls["read_page"] == 2
    read(bench, state, find_files([folder]), selected_pages=(1,))
    assert keys(state.results()) == [("a.tif", 1, ""), ("b.png", 1, "")]
    assert bench.calls["read_page"] == 0


def test_a_page_that_hangs_is_an_error_and_the_others_are_read(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["read_page", "a.tif", 1] = FutureTimeoutError()
    read(bench, state, find_files([folder]))
    assert keys(state.results()) == [("a.tif", 1, "a.tif, page 1: took too long"), ("a.tif", 2, ""), ("b.png", 1, "")]


def test_a_file_whose_inspection_fails_is_one_error_with_page_0(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["inspect_file", "a.tif", 0] = FutureTimeoutError()
    events = read(bench, state, find_files([folder]))
    error = "a.tif: took too long"
    assert keys(state.results()) == [("a.tif", 0, error), ("b.png", 1, "")]
    assert len(events) == 2
    assert state.input_record(0) == InputRecord("a.tif", "", 0, 0, ((0, error),))
    bench.faults.clear()
    read(bench, state, find_files([folder]))
    assert keys(state.results()) == [("a.tif", 1, ""), ("a.tif", 2, ""), ("b.png", 1, "")]


def test_an_unexpected_exception_is_the_error_of_its_page(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["read_page", "a.tif", 2] = ValueError("two\n lines")
    bench.faults["inspect_file", "b.png", 0] = ZeroDivisionError()
    read(bench, state, find_files([folder]))
    fault = "hit a bug in this program"
    advice = "leave it out, and report it"
    assert keys(state.results()) == [
        ("a.tif", 1, ""),
        ("a.tif", 2, f"a.tif, page 2: {fault} (ValueError: two lines); {advice}"),
        ("b.png", 0, f"b.png: {fault} (ZeroDivisionError); {advice}"),
    ]


@pytest.mark.parametrize("function", ["read_page", "inspect_file"])
def test_an_error_that_affects_every_page_ends_the_batch(
    bench: Bench, state: BatchState, folder: Path, function: str
) -> None:
    bench.faults[function, "a.tif", int(function == "read_page")] = NotInstalledError("no model; install it")
    with pytest.raises(NotInstalledError, match="no model; install it"):
        read(bench, state, find_files([folder]))


def test_files_that_cannot_be_read_are_errors(bench: Bench, state: BatchState, folder: Path) -> None:
    (folder / "c.png").write_bytes(b"no picture")
    refs = (*find_files([folder]), PageRef(folder / "gone.png", "gone.png"))
    read(bench, state, refs)
    assert [(file, page) for file, page, error in keys(state.results()) if error] == [("c.png", 0), ("gone.png", 0)]
    assert [(record.file, bool(record.sha256), record.pages_read) for record in records(state)] == [
        *(("a.tif", True, 2), ("b.png", True, 1), ("c.png", True, 0), ("gone.png", False, 0)),
    ]


def test_a_preview_is_no_result(
    bench: Bench, state: BatchState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.png", 1)
    sha256 = worker.inspect_file(PageRef(tmp_path / "a.png", "a.png"), DEFAULT_LIMITS).sha256
    monkeypatch.setattr("scanner.batch.scheduler.inspect_file", lambda ref, limits: FileInfo(sha256, 1, range(1, 3)))
    bench.workers = replace(bench.workers, submit=bench._real)
    events = read(bench, state, [PageRef(tmp_path / "a.png", "a.png")])
    assert keys(event.result for event in events) == keys(state.results()) == [("a.png", 1, "")]


# Progress


def test_an_event_says_how_many_pages_are_done_and_how_many_there_are(
    bench: Bench, state: BatchState, folder: Path
) -> None:
    events = read(bench, state, find_files([folder]))
    assert [(event.done_pages, event.total_pages) for event in events] == [(1, 3), (2, 3), (3, 3)]
    events = read(bench, state, find_files([folder]), selected_pages=range(2, 3))
    assert [(event.done_pages, event.total_pages) for event in events] == [(1, 1)]


def test_a_file_that_was_not_inspected_counts_as_one_page(bench: Bench, state: BatchState, folder: Path) -> None:
    for name in "cdefgh":
        write(folder / f"{name}.tif", 2)
    events = read(bench, state, find_files([folder]))
    totals = [event.total_pages for event in events]
    assert 9 <= totals[0] < totals[-1] == 15
    assert totals == sorted(totals)


def test_an_event_says_why_a_worker_did_not_finish(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["read_page", "a.tif", 1] = FutureTimeoutError()
    bench.faults["read_page", "a.tif", 2] = ZeroDivisionError()
    (folder / "c.png").write_bytes(b"no picture")
    events = read(bench, state, find_files([folder]))
    assert {(event.result.file, event.result.page_number): event.failure_cause for event in events} == {
        ("a.tif", 1): FailureCause.TIMEOUT,
        ("a.tif", 2): FailureCause.BUG,
        ("b.png", 1): None,
        ("c.png", 0): None,
    }


# Pictures


def test_a_page_that_is_only_to_be_drawn_is_not_read_again(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    read(bench, state, find_files([folder]))
    checked = DrawnPages(annotated_folder=tmp_path / "checked")
    events = read(bench, state, find_files([folder]), checked)
    assert bench.calls == {"inspect_file": 2, "draw_page": 3}
    assert [event.was_known for event in events] == [True] * 3
    assert len(list((tmp_path / "checked").iterdir())) == 3
    read(bench, state, find_files([folder]), checked)
    assert bench.calls == {"inspect_file": 2}
    (tmp_path / "checked" / "b.png.p1.jpg").unlink()
    read(bench, state, find_files([folder]), checked)
    assert bench.calls == {"inspect_file": 2, "draw_page": 1}


def test_a_page_is_read_again_to_draw_its_stages(bench: Bench, state: BatchState, folder: Path, tmp_path: Path) -> None:
    read(bench, state, find_files([folder]))
    stages = DrawnPages(stages_folder=tmp_path / "stages")
    read(bench, state, find_files([folder]), stages)
    assert bench.calls == {"inspect_file": 2, "read_page": 3}
    read(bench, state, find_files([folder]), stages)
    assert bench.calls == {"inspect_file": 2}


def test_a_picture_that_could_not_be_drawn_is_drawn_by_the_next_batch(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "checked" / "b.png.p1.jpg"
    place.mkdir(parents=True)
    checked = DrawnPages(annotated_folder=tmp_path / "checked")
    events = read(bench, state, find_files([folder]), checked)
    assert [event.result.file for event in events if event.drawing_errors] == ["b.png"]
    place.rmdir()
    assert not any(event.drawing_errors for event in read(bench, state, find_files([folder]), checked))
    assert bench.calls == {"inspect_file": 2, "draw_page": 1}
    assert place.is_file()


def test_a_page_that_fails_to_be_drawn_keeps_its_numbers(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    read(bench, state, find_files([folder]))
    before = list(state.results())
    bench.faults["draw_page", "a.tif", 2] = MemoryError()
    events = read(bench, state, find_files([folder]), DrawnPages(annotated_folder=tmp_path / "checked"))
    assert [event.drawing_errors for event in events if event.drawing_errors] == [
        ("a.tif, page 2: could not be drawn: took too much memory",)
    ]
    assert list(state.results()) == before


def test_pictures_drawn_at_the_end_do_not_change_the_stored_results(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    checked = tmp_path / "checked"
    refs = find_files([folder])
    read(bench, state, refs, DrawnPages(annotated_folder=checked))
    before = list(state.results())
    flagged = [replace(result, width=1000) for result in before]
    bench.faults["draw_page", "b.png", 1] = FutureTimeoutError()
    events = list(draw_files(refs, flagged, DrawnPages(checked), RECIPE, bench.workers, state))
    assert sorted(event.drawing_errors for event in events) == [
        (),
        (),
        ("b.png, page 1: could not be drawn: took too long",),
    ]
    assert list(state.results()) == before
    bench.faults.clear()
    # The pictures show the flags of the other batch, so they are drawn again.
    read(bench, state, refs, DrawnPages(annotated_folder=checked))
    assert bench.calls == {"inspect_file": 2, "draw_page": 3}


def test_pictures_of_stages_do_not_depend_on_review_flags(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    refs = find_files([folder])
    both = DrawnPages(annotated_folder=tmp_path / "checked", stages_folder=tmp_path / "stages")
    read(bench, state, refs, both)
    list(draw_files(refs, state.results(), DrawnPages(tmp_path / "checked"), RECIPE, bench.workers, state))
    read(bench, state, refs, DrawnPages(stages_folder=tmp_path / "stages"))
    assert bench.calls == {"inspect_file": 2}
    read(bench, state, refs, both)
    assert bench.calls["read_page"] == 3


def test_pages_of_files_that_were_moved_away_are_not_drawn(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    read(bench, state, find_files([folder]))
    present = [ref for ref in find_files([folder]) if ref.file != "a.tif"]
    events = list(draw_files(present, state.results(), DrawnPages(tmp_path / "checked"), RECIPE, bench.workers, state))
    assert [event.result.file for event in events] == ["b.png"]


def test_pages_that_failed_are_not_drawn(bench: Bench, state: BatchState, folder: Path, tmp_path: Path) -> None:
    bench.faults["read_page", "a.tif", 1] = FutureTimeoutError()
    read(bench, state, find_files([folder]))
    events = list(
        draw_files(
            find_files([folder]), state.results(), DrawnPages(tmp_path / "checked"), RECIPE, bench.workers, state
        )
    )
    assert sorted((event.result.file, event.result.page_number) for event in events) == [("a.tif", 2), ("b.png", 1)]


# Number of pending tasks


class Slow:
    """Workers that finish a task only when no other fits in."""

    def __init__(self, jobs: int) -> None:
        self.open: list[tuple[Future[Any], Any]] = []
        self.most = 0
        self.workers = WorkerPool(jobs, self._submit, lambda error: None)

    def _submit(self, function: Callable[..., Any], ref: PageRef, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        is_inspection = function is worker.inspect_file
        outcome = (
            FileInfo(ref.file, 1, range(1, 1001))
            if is_inspection
            else worker.PageTaskResult(PageResult(ref.file, arguments[0], 9, 9))
        )
        self.open.append((future, outcome))
        self.most = max(self.most, len(self.open))
        return future

    def finish(self) -> None:
        future, outcome = self.open.pop()
        future.set_result(outcome)


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_number_of_pending_tasks_is_bounded_by_the_workers(
    state: BatchState, jobs: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, taken = Slow(jobs), 0

    def refs() -> Iterator[PageRef]:
        nonlocal taken
        for taken in range(1, 1_000_000):
            yield PageRef(Path(f"{taken}.pdf"), f"{taken}.pdf")

    def wait(futures: Iterable[Future[Any]], return_when: str) -> tuple[set[Future[Any]], set[Future[Any]]]:
        slow.finish()
        return {future for future in futures if future.done()}, set()

    monkeypatch.setattr("scanner.batch.scheduler.wait", wait)
    events = read_files(refs(), RECIPE, NO_PICTURES, slow.workers, state)
    for _ in range(50):
        next(events)
    assert slow.most == 2 * jobs
    assert taken <= 2 * jobs
    del events  # ends the run
    assert all(future.cancelled() for future, _ in slow.open)


# The hash of a recipe


def test_everything_that_determines_the_readings_is_in_the_hash() -> None:
    recipes = (
        RECIPE,
        replace(RECIPE, classifier="svm"),
        replace(RECIPE, options=replace(RECIPE.options, charset=Charset.DIGITS)),
        replace(RECIPE, options=replace(RECIPE.options, correct_orientation=False)),
        replace(RECIPE, limits=replace(DEFAULT_LIMITS, pdf_dpi=200)),
    )
    setups = (
        SETUP,
        ReadingSetup((("digitscan", "2"),), SETUP.models),
        ReadingSetup(SETUP.versions, (("digits.onnx", "cd"),)),
    )
    hashes = {recipe_hash(recipe, setup) for recipe in recipes for setup in setups}
    assert len(hashes) == len(recipes) * len(setups)


def test_limits_that_refuse_pages_are_not_in_the_hash() -> None:
    for name in ("file_bytes", "pixels", "pages"):
        limits = replace(DEFAULT_LIMITS, **{name: 7})
        assert recipe_hash(replace(RECIPE, limits=limits), SETUP) == recipe_hash(RECIPE, SETUP)
        assert limits.acceptance_limits != DEFAULT_LIMITS.acceptance_limits


def test_every_limit_is_for_rendering_or_for_acceptance() -> None:
    assert {*DEFAULT_LIMITS.rendering_settings, *DEFAULT_LIMITS.acceptance_limits} == set(
        asdict(DEFAULT_LIMITS).values()
    )


def hash_elsewhere() -> str:
    return recipe_hash(RECIPE, SETUP)


def test_the_hash_is_the_same_in_every_process() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(hash_elsewhere) == recipe_hash(RECIPE, SETUP)
