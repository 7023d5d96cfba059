"""What the measurements of ``digitscan stress`` find, and that they find what is wrong."""

from __future__ import annotations

import json
import math
import os
import random
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scanner.errors import MissingPartError
from scanner.export import ResultRow
from scanner.sources import PageFailure, pages_of_bytes
from scanner.stress import many
from scanner.stress.any_bytes import check
from scanner.stress.damage import DAMAGES, damaged
from scanner.stress.drawn import small_page, write_pages
from scanner.stress.fuzz import fuzzed
from scanner.stress.kills import Kills, counted, killed_runs
from scanner.stress.many import Course, Many, Memory, followed, many_pages, memory_of
from scanner.stress.mutations import Outcome, checked, mutated_run
from scanner.stress.originals import originals
from scanner.stress.program import events, finished, strays
from scanner.types import Box, Page, PageResult

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scanner.stress.program import Event

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say how much memory a process takes")


def test_runs_that_are_killed_are_whole_once_gone_on_with(tmp_path: Path) -> None:
    write_pages(tmp_path / "pages", 6, seed=1)
    *_, total = killed_runs(tmp_path / "pages", tmp_path, 2, seed=1)
    assert total == Kills(runs=2, identical=2)
    assert total.good


def page_event(file: str, *, known: bool = False) -> Event:
    return {"event": "page", "file": file, "page": 1, "known": known}


def written(*files: str) -> dict[str, bytes]:
    pages = [{"file": file, "page": 1, "error": ""} for file in files]
    return {"results.csv": b"", "errors.csv": b"", "results.json": json.dumps({"pages": pages}).encode()}


def test_pages_read_twice_are_counted() -> None:
    both = written("a", "b")
    well = counted(Kills(), [page_event("a")], [page_event("a", known=True), page_event("b")], both, both)
    assert well == Kills(1, 1, 0, 0)
    twice = counted(well, [page_event("a")], [page_event("a"), page_event("b")], both, both)
    assert twice == Kills(2, 2, 1, 0)
    assert not twice.good


def test_pages_lost_and_results_that_differ_are_counted() -> None:
    lost = counted(Kills(), [], [page_event("a")], written("a"), written("a", "b"))
    assert lost == Kills(1, 0, 0, 1)
    assert not lost.good
    other = counted(Kills(), [], [], {**written("a"), "results.csv": b"7"}, written("a"))
    assert other == Kills(1, 0, 0, 0)
    assert not other.good


def test_a_run_that_fails_is_an_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.exit('no such thing')"], stderr=subprocess.PIPE, text=True
    )
    with pytest.raises(RuntimeError, match="ended with 1: no such thing"):
        finished(process)


def test_a_line_cut_short_is_no_event() -> None:
    lines = ['{"event": "page"}', "TIFFReadDirectory: what", '{"event": "pa']
    assert events(lines) == [{"event": "page"}]
    assert strays(lines) == lines[1:]


def test_damaged_files_are_accounted_for(tmp_path: Path) -> None:
    came = mutated_run(tmp_path, 30, seed=1)
    assert came.wrong == ()
    assert came.files == 30
    # One in ten is untouched.
    assert 3 <= came.read < 30
    assert sum(count for _, count in came.reasons) >= 30 - came.read


def test_every_original_is_read() -> None:
    page = small_page(np.random.default_rng(2))
    for name, data in originals(page).items():
        found = list(pages_of_bytes(data, name))
        assert len(found) == (3 if name.startswith(("pages", "faxes")) else 1), name
        for decoded in found:
            assert isinstance(decoded, Page), decoded
        assert isinstance(found[0], Page)
        assert found[0].image.shape == (*page.shape, 3), name
        assert np.abs(found[0].image[..., 0].astype(int) - page).mean() < 8, name


@pytest.mark.parametrize("kind", DAMAGES)
def test_damage_is_done_and_the_same_for_the_same_seed(kind: str) -> None:
    data = bytes(range(256)) * 40
    for seed in range(20):
        out = damaged(data, kind, random.Random(seed))
        assert out != data
        assert out == damaged(data, kind, random.Random(seed))
    damaged(b"1", kind, random.Random(1))


GOOD, BAD = "00000-gray-whole.png", "00001-gray-edited.png"
ERROR = f"{BAD}: is damaged; copy or scan it again"


def row(file: str, text: str = "12") -> ResultRow:
    return ResultRow(file, 1, 1, 0, 1, 1, "", "handwritten", text, 0.9, "", Box(1, 2, 3, 4))


ALONE = {"gray.png": (row("gray.png"),)}
OUTCOME = Outcome(
    3,
    (PageResult(GOOD, 1, 9, 9), PageResult(BAD, 0, 0, 0, error=ERROR)),
    ((BAD, ERROR),),
    {GOOD: (row(GOOD),)},
    (),
)


def test_a_run_as_it_should_be_has_nothing_wrong() -> None:
    came = checked([GOOD, BAD], OUTCOME, ALONE)
    assert came.wrong == ()
    assert (came.files, came.read, came.reasons) == (2, 1, (("is damaged", 1),))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda o: replace(o, pages=o.pages[:1], errors=()), f"{BAD}: is neither read nor among the errors"),
        (lambda o: replace(o, code=0), "the run ended with 0"),
        (lambda o: replace(o, code=1), "the run ended with 1"),
        (lambda o: replace(o, pages=(*o.pages, PageResult("x", 1, 9, 9))), "x: is in the results and was not"),
        (lambda o: replace(o, pages=o.pages[:1] * 2), f"{GOOD}, page 1: is in the results 2 times"),
        (lambda o: replace(o, pages=o.pages[:1]), "not those of the JSON"),
        (lambda o: replace(o, errors=((BAD, ERROR.replace("00001", "00002")),)), "is said to have failed by"),
        (lambda o: replace(o, rows={}), f"{GOOD}: is not read as it is alone"),
        (lambda o: replace(o, rows={GOOD: (row(GOOD, "13"),)}), f"{GOOD}: is not read as it is alone"),
        (lambda o: replace(o, errors=(*o.errors, (GOOD, f"{GOOD}: no"))), f"{GOOD}: is not read as it is alone"),
        (lambda o: replace(o, stray=("Bogus marker",)), "on standard error: 'Bogus marker'"),
    ],
)
def test_what_is_wrong_is_told(change: Callable[[Outcome], Outcome], told: str) -> None:
    assert any(told in line for line in checked([GOOD, BAD], change(OUTCOME), ALONE).wrong)


def test_pages_that_hung_or_crashed_are_counted() -> None:
    hung = f"{BAD}, page 1: took more than 20 s; leave it out, or allow more with --page-timeout"
    crashed = f"{BAD}: crashed the program that read it; save or scan it anew, or leave it out"
    came = checked([GOOD, BAD], replace(OUTCOME, errors=((BAD, hung), (BAD, crashed), (BAD, crashed))), ALONE)
    assert (came.timeouts, came.crashes) == (1, 2)


@linux
def test_many_pages_are_followed(tmp_path: Path) -> None:
    came = many_pages(tmp_path, 40, seed=1)
    assert (came.course.pages, came.course.early_at) == (40, 20)
    for memory in (came.course.early, came.course.late):
        # A Python process with NumPy in it, and workers with the networks.
        assert memory.main > 10 * 2**20
        assert memory.largest_worker > 40 * 2**20
    assert min(came.one, came.two, came.course.rate) > 0


@linux
def test_a_run_that_does_not_read_every_page_is_an_error(tmp_path: Path) -> None:
    write_pages(tmp_path / "pages", 2, seed=1)
    with pytest.raises(RuntimeError, match="ended with 2 after 0"):
        followed(tmp_path / "pages", tmp_path / "run", "--no-such-option")


@linux
def test_a_run_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_pages(tmp_path / "pages", 2, seed=1)
    monkeypatch.setattr(many, "_SILENCE", 0.0)
    with pytest.raises(RuntimeError, match="said nothing"):
        followed(tmp_path / "pages", tmp_path / "run")


@linux
def test_the_memory_of_children_is_that_of_workers() -> None:
    command = [sys.executable, "-c", "input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        assert any(memory_of(os.getpid()).workers)
        process.communicate(b"\n")
    assert memory_of(process.pid) == Memory(0, ())


def test_a_run_too_short_to_be_looked_at_is_not_good() -> None:
    nothing = Memory(0, ())
    came = Many(Course(1, nothing, 1, nothing, 0, 0.0), 0.0, 0.0)
    assert not came.good
    assert came.worth == math.inf


EARLY = Memory(100, (200, 200))


@pytest.mark.parametrize(
    ("late", "writing", "good"),
    [
        (EARLY, 150, True),
        (Memory(104, (210, 205)), 150, True),
        (Memory(130, (200, 200)), 150, False),
        (Memory(100, (260, 180)), 150, False),
        (Memory(100, (228, 200, 200)), 150, False),
        (EARLY, 300, False),
    ],
)
def test_growth_is_not_good(late: Memory, writing: int, good: bool) -> None:
    assert Many(Course(1000, EARLY, 200, late, writing, 1.0), 1.0, 2.0).good == good


@pytest.mark.parametrize("data", [b"", b"7", b"%PDF-1.4", b"II*\0" + bytes(9), b"\x89PNG\r\n\x1a\n"])
def test_any_bytes_decode_as_they_should(data: bytes) -> None:
    check(data)


def test_each_original_decodes_as_it_should() -> None:
    for data in originals(small_page(np.random.default_rng(3))).values():
        check(data)


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        (PageFailure("another", 1, "another: is damaged"), "is called another"),
        (PageFailure("scan.of-7", 1, "another: is damaged"), "blames another"),
        (PageFailure("scan.of-7", 1, "scan.of-7: is\ndamaged"), "more than a line"),
        (PageFailure("scan.of-7", 9, "scan.of-7: is damaged"), "page 9"),
        (Page("scan.of-7", 1, np.zeros((1000, 1000, 3), np.uint8)), "1000 x 1000 pixels"),
    ],
)
def test_a_page_that_is_not_as_it_should_be_is_told(
    monkeypatch: pytest.MonkeyPatch, page: Page | PageFailure, wrong: str
) -> None:
    monkeypatch.setattr("scanner.stress.any_bytes.pages_of_bytes", lambda *_: iter([page]))
    with pytest.raises(AssertionError, match=wrong):
        check(b"7")


def test_pages_that_are_others_one_by_one_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.any_bytes.page_numbers", lambda *_: range(1, 1))
    with pytest.raises(AssertionError, match="one by one"):
        check(b"7")


@pytest.fixture(scope="module")
def atheris() -> None:
    pytest.importorskip("atheris", reason="needs the fuzzer Atheris: install digitscan[fuzz]")


@pytest.mark.usefixtures("atheris")
def test_a_fuzzer_decodes_what_it_makes_up(tmp_path: Path) -> None:
    came = fuzzed(tmp_path / "scratch", 2, 1, tmp_path)
    assert came.good
    assert came.inputs > 100
    assert not list(tmp_path.glob("fuzzed-*"))


@pytest.mark.usefixtures("atheris")
def test_what_a_fuzzer_finds_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pillow in which no PNG can be opened, and an error that no decoder is known to raise.
    broken = tmp_path / "broken" / "sitecustomize.py"
    broken.parent.mkdir()
    broken.write_text(
        "import PIL.PngImagePlugin\n"
        "def fail(*_):\n    raise Exception(42)\n"
        "PIL.PngImagePlugin.PngImageFile._open = fail\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{broken.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    came = fuzzed(tmp_path / "scratch", 30, 1, tmp_path)
    assert not came.good
    (kept,) = tmp_path.glob("fuzzed-*")
    assert came.kept == str(kept)
    assert kept.read_bytes().startswith(b"\x89PNG")


def test_without_the_fuzzer_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.fuzz.find_spec", lambda _: None)
    with pytest.raises(MissingPartError, match=r"digitscan\[fuzz\]"):
        fuzzed(tmp_path, 1, 1, tmp_path)
