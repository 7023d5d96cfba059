from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.batch.manifest import InputRecord
from scanner.batch.resumable_state import StoredPage, open_state
from scanner.errors import OutputError
from scanner.types import Box, Digit, Number, PageResult

if TYPE_CHECKING:
    from pathlib import Path

    from scanner.batch.resumable_state import BatchState

SEVEN = Number("7", 0.9, "", 1, 1, Box(1, 2, 3, 4), (Digit("7", 0.9, Box(1, 2, 3, 4)),))
RECIPE = "with these models"


def page(file: str, number: int, error: str = "") -> PageResult:
    return PageResult(file, number, 0 if error else 60, 0 if error else 40, () if error else (SEVEN,), error=error)


def records(state: BatchState) -> list[InputRecord]:
    return [state.input_record(place) for place, _ in state.files()]


def put(state: BatchState, place: int, result: PageResult, sha256: str = "ab") -> None:
    if (result.file, sha256) not in {(record.file, record.sha256) for record in records(state)}:
        state.add_input(place, result.file, sha256, 10)
    state.select_pages(place, (result.page_number,))
    state.add_result(place, result.page_number, sha256, result, "there")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "results.csv.state"


def test_results_are_known_when_the_state_is_opened_again(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
        assert state.find_stored("a.png", "ab", 1) == StoredPage(page("a.png", 1), "there")
    with open_state(path, RECIPE) as state:
        assert state.find_stored("a.png", "ab", 1) == StoredPage(page("a.png", 1), "there")
        assert list(state.results()) == [page("a.png", 1)]


def test_other_bytes_names_pages_and_recipes_are_not_known(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
        assert state.find_stored("a.png", "cd", 1) is None
        assert state.find_stored("b.png", "ab", 1) is None
        assert state.find_stored("a.png", "ab", 2) is None
    with open_state(path, "with others") as state:
        assert state.find_stored("a.png", "ab", 1) is None
        state.begin_batch()
        assert list(state.results()) == []
    with open_state(path, RECIPE) as state:
        assert state.find_stored("a.png", "ab", 1) is not None


def test_a_fresh_state_knows_nothing(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
    with open_state(path, RECIPE, forget_earlier=True) as state:
        assert state.find_stored("a.png", "ab", 1) is None
        state.begin_batch()
        assert records(state) == []


@pytest.mark.parametrize(
    ("refusals", "known"), [((5, 5), True), ((5, 9), True), ((9, 9), True), ((4, 5), False), ((9, 4), False)]
)
def test_results_are_forgotten_when_a_limit_is_lowered(path: Path, refusals: tuple[int, int], known: bool) -> None:
    with open_state(path, RECIPE, (5, 5)) as state:
        put(state, 0, page("a.png", 1))
    with open_state(path, RECIPE, refusals) as state:
        assert (state.find_stored("a.png", "ab", 1) is not None) is known
        put(state, 0, page("a.png", 1))
    # The known results were read with these limits.
    with open_state(path, RECIPE, (5, 5)) as state:
        assert (state.find_stored("a.png", "ab", 1) is not None) is (max(refusals) <= 5)


def test_a_state_with_damaged_limits_is_started_over(path: Path) -> None:
    with open_state(path, RECIPE, (5, 5)) as state:
        put(state, 0, page("a.png", 1))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE refusals SET most = 'many' WHERE place = 0")
    with open_state(path, RECIPE, (5, 5)) as state:
        assert state.find_stored("a.png", "ab", 1) is None


def test_an_error_is_forgotten_by_the_next_batch(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1, "a.png: is torn"))
        assert state.find_stored("a.png", "ab", 1) is None
        assert list(state.results()) == [page("a.png", 1, "a.png: is torn")]
    with open_state(path, RECIPE) as state:
        state.begin_batch()
        assert list(state.results()) == []


def test_a_page_that_failed_before_can_be_read_later(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1, "a.png: took long"))
        state.begin_batch()
        put(state, 0, page("a.png", 1))
        assert list(state.results()) == [page("a.png", 1)]


def test_the_error_of_a_whole_file_can_be_stored_as_that_of_page_1(path: Path) -> None:
    failed = page("a.png", 0, "a.png: is no picture")
    with open_state(path, RECIPE) as state:
        state.add_input(0, "a.png", "", 0)
        state.select_pages(0, (1,))
        state.add_result(0, 1, "", failed, "")
        assert list(state.results()) == [failed]
        assert state.file_keys() == {"a.png": (0, "")}
        assert records(state) == [InputRecord("a.png", "", 0, 0, ((0, "a.png: is no picture"),))]


def test_results_are_in_the_order_of_files_and_pages(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        for place, result in ((1, page("b", 10)), (0, page("z", 2)), (1, page("b", 9)), (0, page("z", 1, "torn"))):
            put(state, place, result, sha256=f"{place}")
        expected = [page("z", 1, "torn"), page("z", 2), page("b", 9), page("b", 10)]
        assert list(state.results()) == expected
        assert list(state.results()) == expected
        assert state.file_keys() == {"z": (0, "0"), "b": (1, "1")}
        assert list(state.results_of_files(1, 1)) == expected[2:]
        of_some_files = state.results({"b", "other"})
        assert list(of_some_files) == expected[2:]
        assert list(of_some_files) == expected[2:]
        assert records(state) == [
            InputRecord("z", "0", 10, 1, ((1, "torn"),)),
            InputRecord("b", "1", 10, 2),
        ]


def test_results_are_those_of_this_batch(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
        put(state, 1, page("b.pdf", 1))
        put(state, 1, page("b.pdf", 2))
        state.begin_batch()
        state.add_input(0, "b.pdf", "ab", 10)
        state.select_pages(0, (2, 3))
        assert list(state.results()) == [page("b.pdf", 2)]
        assert state.find_stored("a.png", "ab", 1) is not None


def test_a_page_that_does_not_exist_is_dropped(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.tif", 1))
        put(state, 0, page("a.tif", 2))
        state.deselect_page(0, 2)
        assert list(state.results()) == [page("a.tif", 1)]


def test_recording_a_picture_changes_nothing_else(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.tif", 1))
        put(state, 0, page("a.tif", 2))
        state.set_drawn_pages(0, 2, "elsewhere")
        assert state.find_stored("a.tif", "ab", 1) == StoredPage(page("a.tif", 1), "there")
        assert state.find_stored("a.tif", "ab", 2) == StoredPage(page("a.tif", 2), "elsewhere")


def test_pruning_deletes_results_of_other_files_and_recipes(path: Path) -> None:
    with open_state(path, "with others") as state:
        put(state, 0, page("a.png", 1))
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
        put(state, 1, page("gone.png", 1))
        state.begin_batch()
        state.add_input(0, "a.png", "ab", 10)
        state.end_batch()
        assert state.find_stored("a.png", "ab", 1) is not None
        assert state.find_stored("gone.png", "ab", 1) is None
    with open_state(path, "with others") as state:
        assert state.find_stored("a.png", "ab", 1) is None


def test_a_batch_goes_on_with_other_files_in_another_order(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        for place, name in enumerate("acde"):
            put(state, place, page(name, 1, "torn" if name == "e" else ""))
        state.continue_batch(["e", "b", "c", "a"])
        state.add_input(1, "b", "ab", 10)
        assert list(state.results()) == [page("e", 1, "torn"), page("c", 1), page("a", 1)]
        assert [record.file for record in records(state)] == ["e", "b", "c", "a"]
        put(state, 1, page("b", 1))
        state.end_batch()
        assert list(state.results()) == [page("e", 1, "torn"), page("b", 1), page("c", 1), page("a", 1)]
    with open_state(path, RECIPE) as state:
        assert state.inspected_files() == {"a", "b", "c", "e"}
        assert len(list(state.results())) == 4


def test_a_file_that_could_not_be_opened_is_not_inspected(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 0, "a.png: is gone"), sha256="")
        put(state, 1, page("b.png", 1))
        assert state.inspected_files() == {"b.png"}


@pytest.mark.parametrize("change", ["recipe", "fresh", "limit"])
def test_a_file_that_is_gone_keeps_its_results_when_others_are_read_anew(path: Path, change: str) -> None:
    with open_state(path, RECIPE, (5, 5)) as state:
        put(state, 0, page("gone.png", 1))
        put(state, 1, page("here.png", 1))
    for attempt in (1, 2):
        with open_state(
            path,
            "with others" if change == "recipe" else RECIPE,
            (4, 5) if change == "limit" else (5, 5),
            forget_earlier=change == "fresh",
        ) as state:
            if attempt == 1:
                assert state.find_stored("here.png", "ab", 1) is None
            state.continue_batch(["gone.png", "here.png"])
            put(state, 1, page("here.png", 1))
            state.end_batch()
            assert list(state.results()) == [page("gone.png", 1), page("here.png", 1)]


def test_two_batches_cannot_share_a_state(path: Path) -> None:
    with (
        open_state(path, RECIPE) as state,
        pytest.raises(OutputError, match=r"\.state: is in use by another batch; wait for it"),
        open_state(path, RECIPE),
    ):
        pass
    with pytest.raises(sqlite3.ProgrammingError):
        state._database.execute("SELECT 1")
    with open_state(path, RECIPE):
        pass


def test_a_state_without_a_path_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_state(None, RECIPE) as state:
        put(state, 0, page("a.png", 1))
        assert list(state.results()) == [page("a.png", 1)]
    assert list(tmp_path.iterdir()) == []


def refused(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(OutputError) as error, open_state(path, RECIPE) as state:
        list(state.results())
    assert path.read_bytes() == before
    assert str(error.value).startswith(f"{path}: ")
    return str(error.value)


def test_a_file_that_is_not_a_database_is_not_changed(path: Path) -> None:
    path.write_text("my notes\n" * 1000)
    assert "is damaged or not the state of a batch" in refused(path)


@pytest.mark.parametrize("application", [0, 7])
def test_a_database_of_another_program_is_not_changed(path: Path, application: int) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE pages (recipes TEXT)")
        database.execute(f"PRAGMA application_id = {application}")
    assert "is a database of another program" in refused(path)


def test_a_damaged_state_is_not_changed(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\xff" * (len(data) - 100))
    assert "is damaged" in refused(path)


@pytest.mark.parametrize("result", ["no JSON", "{}", "x'c3'"])
def test_a_result_that_cannot_be_parsed_counts_as_damage(path: Path, result: str) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
    value = f"CAST({result} AS TEXT)" if result.startswith("x") else f"'{result}'"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"UPDATE pages SET result = {value}")
    assert "remove it and start over" in refused(path)


def test_a_state_of_another_version_is_started_over(path: Path) -> None:
    with open_state(path, RECIPE) as state:
        put(state, 0, page("a.png", 1))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA user_version = 999")
    with open_state(path, RECIPE) as state:
        assert state.find_stored("a.png", "ab", 1) is None


def test_a_path_that_cannot_be_created_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="choose another folder"), open_state(tmp_path / "file" / "s", RECIPE):
        pass
    with pytest.raises(OutputError, match="choose another folder"), open_state(tmp_path, RECIPE):
        pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_state_that_may_not_be_written_is_named_in_the_error(path: Path) -> None:
    with open_state(path, RECIPE):
        pass
    path.chmod(0o400)
    with pytest.raises(OutputError, match="may not be written"), open_state(path, RECIPE):
        pass


KILLED = """
import os, sys
from pathlib import Path
from scanner.batch.resumable_state import open_state
from scanner.types import PageResult

with open_state(Path(sys.argv[1]), sys.argv[2]) as state:
    state.add_input(0, "a.pdf", "ab", 10)
    state.select_pages(0, (1, 2))
    state.add_result(0, 1, "ab", PageResult("a.pdf", 1, 60, 40), "")
    with state._transaction() as database:
        database.execute("DELETE FROM pages")
        database.execute("DELETE FROM wanted")
        os._exit(9)
"""


def test_a_process_killed_while_writing_keeps_earlier_results(path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, path, RECIPE], check=False)
    assert killed.returncode == 9
    with open_state(path, RECIPE) as state:
        assert list(state.results()) == [PageResult("a.pdf", 1, 60, 40)]


texts = st.text(st.characters(codec="utf-8"), max_size=5)
added = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 5)),
    st.builds(
        PageResult,
        file=st.just(""),
        page_number=st.integers(0, 9),
        width=st.integers(0, 99),
        height=st.integers(0, 99),
        numbers=st.sampled_from([(), (SEVEN,), (SEVEN, SEVEN)]),
        error=texts,
    ),
)


@given(added)
def test_all_results_come_back_in_order(results: dict[tuple[int, int], PageResult]) -> None:
    named = {
        (place, number): PageResult(f"{place}", *(result.page_number, result.width, result.height, result.numbers))
        if not result.error
        else PageResult(f"{place}", result.page_number, 0, 0, error=result.error)
        for (place, number), result in results.items()
    }
    with open_state(None, RECIPE) as state:
        for place in {place for place, _ in named}:
            state.add_input(place, f"{place}", f"{place}", 1)
        for (place, number), result in named.items():
            state.select_pages(place, (number,))
            state.add_result(place, number, f"{place}", result, "")
        assert list(state.results()) == [named[key] for key in sorted(named)]
        assert state.file_keys() == {f"{place}": (place, f"{place}") for place, _ in named}
