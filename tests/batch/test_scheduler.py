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
from scanner.batch.manifest import InputRecord
from scanner.batch.process_pool import WorkerPool
from scanner.batch.run_state import open_state
from scanner.batch.scheduler import draw_files, read_files, recipe_hash
from scanner.batch.watch import FileCache, collect_file_stats
from scanner.batch.worker import DrawnPages, FileInfo, ReadingRecipe, ReadingSetup
from scanner.errors import NotInstalledError
from scanner.options import Charset, Readers, ScanOptions
from scanner.sources.decoding import ALL_PAGES
from scanner.sources.discovery import find_files
from scanner.sources.limits import DEFAULT_LIMITS
from scanner.types import PageRef, PageResult

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from scanner.batch.run_state import BatchState
    from scanner.batch.scheduler import PageEvent

RECIPE = ReadingRecipe(ScanOptions(readers=Readers.CONTOURS))
ABOUT = ReadingSetup((("digitscan", "1"),), (("digits.onnx", "ab"),))
NO_PICTURES = DrawnPages()


class Bench:
    """Workers that do as they are told in this process, and count what they were asked."""

    def __init__(self, at_once: WorkerPool) -> None:
        self.asked: Counter[str] = Counter()
        self.faults: dict[tuple[str, str, int], BaseException] = {}
        """What a function meets on a page: by its name, the file and the page, 0 for a look."""
        self.workers = WorkerPool(2, self._submit, at_once.failure_reason)
        self._real = at_once.submit

    def _submit(self, function: Callable[..., Any], ref: PageRef, *arguments: Any) -> Future[Any]:
        self.asked[function.__name__] += 1
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
    with open_state(tmp_path / "state", recipe_hash(RECIPE, ABOUT)) as state:
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


def go(
    bench: Bench,
    state: BatchState,
    refs: Iterable[PageRef],
    pictures: DrawnPages = NO_PICTURES,
    wanted: Container[int] = ALL_PAGES,
) -> list[PageEvent]:
    """Read, and keep count of what was asked for this time."""
    bench.asked.clear()
    return list(read_files(refs, RECIPE, pictures, bench.workers, state, wanted))


def said(results: Iterable[PageResult]) -> list[tuple[str, int, str]]:
    return [(result.file, result.page_number, result.error) for result in results]


def test_results_come_in_the_order_of_files_and_pages(bench: Bench, state: BatchState, folder: Path) -> None:
    events = go(bench, state, find_files([folder]))
    assert said(state.results()) == [("a.tif", 1, ""), ("a.tif", 2, ""), ("b.png", 1, "")]
    assert [result.width for result in state.results()] == [40, 41, 40]
    assert sorted(said(event.result for event in events)) == said(state.results())
    assert not any(event.was_known for event in events)
    assert [(record.file, record.pages_read) for record in state.input_records()] == [("a.tif", 2), ("b.png", 1)]
    assert bench.asked == {"inspect_file": 2, "read_page": 3}


def test_a_page_that_is_known_is_told_and_not_read_again(bench: Bench, state: BatchState, folder: Path) -> None:
    go(bench, state, find_files([folder]))
    before = list(state.results())
    events = go(bench, state, find_files([folder]))
    assert [event.was_known for event in events] == [True] * 3
    assert list(state.results()) == before
    assert bench.asked == {"inspect_file": 2}


def test_a_file_that_was_changed_is_read_again(bench: Bench, state: BatchState, folder: Path) -> None:
    go(bench, state, find_files([folder]))
    write(folder / "b.png", 1, level=250)
    events = go(bench, state, find_files([folder]))
    assert [event.result.file for event in events if not event.was_known] == ["b.png"]


def test_a_run_that_is_ended_goes_on_where_it_was(bench: Bench, state: BatchState, folder: Path) -> None:
    events = read_files(find_files([folder]), RECIPE, NO_PICTURES, bench.workers, state)
    first = next(events)
    del events
    again = go(bench, state, find_files([folder]))
    assert [event.result for event in again if event.was_known] == [first.result]
    assert len(list(state.results())) == 3


def test_errors_are_tried_again(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["read_page", "a.tif", 2] = MemoryError()
    go(bench, state, find_files([folder]))
    assert said(state.results())[1] == ("a.tif", 2, "a.tif, page 2: took too much memory")
    bench.faults.clear()
    events = go(bench, state, find_files([folder]))
    assert [(event.result.file, event.result.page_number) for event in events if not event.was_known] == [("a.tif", 2)]
    assert said(state.results())[1] == ("a.tif", 2, "")


def test_what_earlier_rounds_know_is_neither_opened_nor_tried_again(
    bench: Bench, state: BatchState, folder: Path
) -> None:
    bench.faults["read_page", "a.tif", 2] = MemoryError()
    bench.faults["inspect_file", "c.png", 0] = FutureTimeoutError()
    write(folder / "c.png", 1)
    refs, memory = find_files([folder]), FileCache()

    def round_of(refs: Sequence[PageRef]) -> list[PageEvent]:
        memory.keep_unchanged(collect_file_stats(refs))
        bench.asked.clear()
        return list(read_files(refs, RECIPE, NO_PICTURES, bench.workers, state, file_cache=memory))

    round_of(refs)
    assert bench.asked == {"inspect_file": 3, "read_page": 3}
    wanted = said(state.results())
    assert [error for _, _, error in wanted] == ["", "a.tif, page 2: took too much memory", "", "c.png: took too long"]
    bench.faults.clear()
    events = round_of(refs)
    assert bench.asked == {}
    assert len(events) == 4
    assert all(event.was_known for event in events)
    assert said(state.results()) == wanted
    write(folder / "a.tif", 3)
    events = round_of(refs)
    assert bench.asked == {"inspect_file": 1, "read_page": 3}
    assert said(state.results()) == [*(("a.tif", page, "") for page in (1, 2, 3)), *wanted[2:]]


def test_pages_that_are_not_wanted_are_not_read(bench: Bench, state: BatchState, folder: Path) -> None:
    go(bench, state, find_files([folder]), wanted=range(2, 4))
    assert said(state.results()) == [("a.tif", 2, "")]
    assert bench.asked["read_page"] == 1
    go(bench, state, find_files([folder]))
    assert bench.asked["read_page"] == 2
    go(bench, state, find_files([folder]), wanted=(1,))
    assert said(state.results()) == [("a.tif", 1, ""), ("b.png", 1, "")]
    assert bench.asked["read_page"] == 0


def test_a_page_that_crashes_or_hangs_is_a_row_of_errors_and_nothing_else(
    bench: Bench, state: BatchState, folder: Path
) -> None:
    bench.faults["read_page", "a.tif", 1] = FutureTimeoutError()
    go(bench, state, find_files([folder]))
    assert said(state.results()) == [("a.tif", 1, "a.tif, page 1: took too long"), ("a.tif", 2, ""), ("b.png", 1, "")]


def test_a_file_that_is_lost_while_it_is_looked_into_is_one_row_of_page_0(
    bench: Bench, state: BatchState, folder: Path
) -> None:
    bench.faults["inspect_file", "a.tif", 0] = FutureTimeoutError()
    events = go(bench, state, find_files([folder]))
    error = "a.tif: took too long"
    assert said(state.results()) == [("a.tif", 0, error), ("b.png", 1, "")]
    assert len(events) == 2
    assert next(iter(state.input_records())) == InputRecord("a.tif", "", 0, 0, ((0, error),))
    bench.faults.clear()
    go(bench, state, find_files([folder]))
    assert said(state.results()) == [("a.tif", 1, ""), ("a.tif", 2, ""), ("b.png", 1, "")]


def test_what_nobody_expected_is_the_error_of_its_page(bench: Bench, state: BatchState, folder: Path) -> None:
    bench.faults["read_page", "a.tif", 2] = ValueError("two\n lines")
    bench.faults["inspect_file", "b.png", 0] = ZeroDivisionError()
    go(bench, state, find_files([folder]))
    fault = "met a fault of this program"
    advice = "leave it out, and report it"
    assert said(state.results()) == [
        ("a.tif", 1, ""),
        ("a.tif", 2, f"a.tif, page 2: {fault} (ValueError: two lines); {advice}"),
        ("b.png", 0, f"b.png: {fault} (ZeroDivisionError); {advice}"),
    ]


@pytest.mark.parametrize("function", ["read_page", "inspect_file"])
def test_what_would_befall_every_page_ends_the_run(
    bench: Bench, state: BatchState, folder: Path, function: str
) -> None:
    bench.faults[function, "a.tif", int(function == "read_page")] = NotInstalledError("no model; install it")
    with pytest.raises(NotInstalledError, match="no model; install it"):
        go(bench, state, find_files([folder]))


def test_files_that_cannot_be_read_are_rows_of_errors(bench: Bench, state: BatchState, folder: Path) -> None:
    (folder / "c.png").write_bytes(b"no picture")
    refs = (*find_files([folder]), PageRef(folder / "gone.png", "gone.png"))
    go(bench, state, refs)
    assert [(file, page) for file, page, error in said(state.results()) if error] == [("c.png", 0), ("gone.png", 0)]
    assert [(record.file, bool(record.sha256), record.pages_read) for record in state.input_records()] == [
        *(("a.tif", True, 2), ("b.png", True, 1), ("c.png", True, 0), ("gone.png", False, 0)),
    ]


def test_a_preview_is_no_result(
    bench: Bench, state: BatchState, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.png", 1)
    sha256 = worker.inspect_file(PageRef(tmp_path / "a.png", "a.png"), DEFAULT_LIMITS).sha256
    monkeypatch.setattr("scanner.batch.scheduler.inspect_file", lambda ref, limits: FileInfo(sha256, 1, range(1, 3)))
    bench.workers = replace(bench.workers, submit=bench._real)
    events = go(bench, state, [PageRef(tmp_path / "a.png", "a.png")])
    assert said(event.result for event in events) == said(state.results()) == [("a.png", 1, "")]


# Pictures


def test_a_page_that_is_only_to_be_drawn_is_not_read_again(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    go(bench, state, find_files([folder]))
    checked = DrawnPages(annotated_folder=tmp_path / "checked")
    events = go(bench, state, find_files([folder]), checked)
    assert bench.asked == {"inspect_file": 2, "draw_page": 3}
    assert [event.was_known for event in events] == [True] * 3
    assert len(list((tmp_path / "checked").iterdir())) == 3
    go(bench, state, find_files([folder]), checked)
    assert bench.asked == {"inspect_file": 2}
    (tmp_path / "checked" / "b.png.p1.png").unlink()
    go(bench, state, find_files([folder]), checked)
    assert bench.asked == {"inspect_file": 2, "draw_page": 1}


def test_stages_are_not_kept_and_to_draw_them_is_to_read_again(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    go(bench, state, find_files([folder]))
    stages = DrawnPages(stages_folder=tmp_path / "stages")
    go(bench, state, find_files([folder]), stages)
    assert bench.asked == {"inspect_file": 2, "read_page": 3}
    go(bench, state, find_files([folder]), stages)
    assert bench.asked == {"inspect_file": 2}


def test_a_picture_that_could_not_be_drawn_is_drawn_the_next_time(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "checked" / "b.png.p1.png"
    place.mkdir(parents=True)
    checked = DrawnPages(annotated_folder=tmp_path / "checked")
    events = go(bench, state, find_files([folder]), checked)
    assert [event.result.file for event in events if event.drawing_errors] == ["b.png"]
    place.rmdir()
    assert not any(event.drawing_errors for event in go(bench, state, find_files([folder]), checked))
    assert bench.asked == {"inspect_file": 2, "draw_page": 1}
    assert place.is_file()


def test_a_page_that_is_lost_while_it_is_drawn_keeps_what_was_read(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    go(bench, state, find_files([folder]))
    before = list(state.results())
    bench.faults["draw_page", "a.tif", 2] = MemoryError()
    events = go(bench, state, find_files([folder]), DrawnPages(annotated_folder=tmp_path / "checked"))
    assert [event.drawing_errors for event in events if event.drawing_errors] == [
        ("a.tif, page 2: could not be drawn: took too much memory",)
    ]
    assert list(state.results()) == before


def test_what_is_drawn_in_the_end_is_not_what_is_kept(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    checked = tmp_path / "checked"
    refs = find_files([folder])
    go(bench, state, refs, DrawnPages(annotated_folder=checked))
    before = list(state.results())
    flagged = [replace(result, width=1000) for result in before]
    bench.faults["draw_page", "b.png", 1] = FutureTimeoutError()
    events = list(draw_files(refs, flagged, checked, RECIPE, bench.workers, state))
    assert sorted(event.drawing_errors for event in events) == [
        (),
        (),
        ("b.png, page 1: could not be drawn: took too long",),
    ]
    assert list(state.results()) == before
    bench.faults.clear()
    # They show flags of the other run: drawn anew.
    go(bench, state, refs, DrawnPages(annotated_folder=checked))
    assert bench.asked == {"inspect_file": 2, "draw_page": 3}


def test_stages_stay_drawn_whatever_is_flagged_in_the_end(
    bench: Bench, state: BatchState, folder: Path, tmp_path: Path
) -> None:
    refs = find_files([folder])
    both = DrawnPages(annotated_folder=tmp_path / "checked", stages_folder=tmp_path / "stages")
    go(bench, state, refs, both)
    list(draw_files(refs, state.results(), tmp_path / "checked", RECIPE, bench.workers, state))
    go(bench, state, refs, DrawnPages(stages_folder=tmp_path / "stages"))
    assert bench.asked == {"inspect_file": 2}
    go(bench, state, refs, both)
    assert bench.asked["read_page"] == 3


def test_pages_that_failed_are_not_drawn(bench: Bench, state: BatchState, folder: Path, tmp_path: Path) -> None:
    bench.faults["read_page", "a.tif", 1] = FutureTimeoutError()
    go(bench, state, find_files([folder]))
    events = list(draw_files(find_files([folder]), state.results(), tmp_path / "checked", RECIPE, bench.workers, state))
    assert sorted((event.result.file, event.result.page_number) for event in events) == [("a.tif", 2), ("b.png", 1)]


# How much at a time


class Slow:
    """Workers that finish a thing only when there is no room for another."""

    def __init__(self, jobs: int) -> None:
        self.open: list[tuple[Future[Any], Any]] = []
        self.most = 0
        self.workers = WorkerPool(jobs, self._submit, lambda error: "")

    def _submit(self, function: Callable[..., Any], ref: PageRef, *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        looked = function is worker.inspect_file
        outcome = (
            FileInfo(ref.file, 1, range(1, 1001))
            if looked
            else worker.PageTaskResult(PageResult(ref.file, arguments[0], 9, 9))
        )
        self.open.append((future, outcome))
        self.most = max(self.most, len(self.open))
        return future

    def finish(self) -> None:
        future, outcome = self.open.pop()
        future.set_result(outcome)


@pytest.mark.parametrize("jobs", [1, 3])
def test_no_more_is_under_way_than_the_workers_do(
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


# The name of a recipe


def test_whatever_decides_what_is_read_is_in_the_name() -> None:
    recipes = (
        RECIPE,
        replace(RECIPE, classifier="svm"),
        replace(RECIPE, options=replace(RECIPE.options, charset=Charset.DECIMAL)),
        replace(RECIPE, options=replace(RECIPE.options, correct_orientation=False)),
        replace(RECIPE, limits=replace(DEFAULT_LIMITS, pdf_dpi=200)),
    )
    abouts = (
        ABOUT,
        ReadingSetup((("digitscan", "2"),), ABOUT.models),
        ReadingSetup(ABOUT.versions, (("digits.onnx", "cd"),)),
    )
    names = {recipe_hash(recipe, about) for recipe in recipes for about in abouts}
    assert len(names) == len(recipes) * len(abouts)


def test_what_refuses_pages_is_not_in_the_name() -> None:
    for name in ("file_bytes", "pixels", "pages"):
        limits = replace(DEFAULT_LIMITS, **{name: 7})
        assert recipe_hash(replace(RECIPE, limits=limits), ABOUT) == recipe_hash(RECIPE, ABOUT)
        assert limits.acceptance_limits != DEFAULT_LIMITS.acceptance_limits


def test_every_limit_draws_or_refuses() -> None:
    assert {*DEFAULT_LIMITS.rendering_settings, *DEFAULT_LIMITS.acceptance_limits} == set(
        asdict(DEFAULT_LIMITS).values()
    )


def name_elsewhere() -> str:
    return recipe_hash(RECIPE, ABOUT)


def test_the_name_is_the_same_in_every_process() -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(name_elsewhere) == recipe_hash(RECIPE, ABOUT)
