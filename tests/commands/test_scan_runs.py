"""Runs that are ended, go on, and are told how to be done."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from scanner.commands.batch_options import build_batch_settings
from scanner.results.csv_tables import read_results_csv

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from scanner.commands.batch_options import BatchSettings

    Run = Callable[..., Result]

ROOT = Path(__file__).parent.parent.parent
STRIP = ROOT / "samples" / "box_strip.png"
CONTOURS = ("--reader", "contours")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two pages that are read and one that cannot be."""
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(STRIP, folder / "a.png")
    shutil.copy(STRIP, folder / "b.png")
    (folder / "torn.png").write_bytes(b"")
    return folder


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "pages")


def test_beside_the_results_is_what_could_not_be_read_and_what_was_read_with_what(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    run("scan", pages, *CONTOURS, "--out", tmp_path / "results.csv")
    assert beside(tmp_path) == ["errors.csv", "results.csv", "results.csv.state", "results.manifest.json"]
    error = "torn.png: is empty; copy or scan it again"
    assert error in (tmp_path / "errors.csv").read_text("utf-8")
    manifest = json.loads((tmp_path / "results.manifest.json").read_text("utf-8"))
    assert [(entry["file"], entry["pages"], entry["failed"]) for entry in manifest["inputs"]] == [
        *(("a.png", 1, []), ("b.png", 1, [])),
        ("torn.png", 0, [{"page": 0, "error": error}]),
    ]
    assert manifest["options"]["readers"] == "contours"
    assert (manifest["counts"]["pages"], manifest["counts"]["failed"]) == (2, 1)


def test_beside_standard_output_nothing_is_written(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("scan", pages, *CONTOURS, "--out", "-")
    assert beside(tmp_path) == []
    run("scan", pages, *CONTOURS, "--out", "-", "--errors", "e.csv", "--manifest", "m.json")
    assert beside(tmp_path) == ["e.csv", "m.json"]


def test_the_same_command_again_reads_what_failed_alone_and_writes_the_same(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    command = ("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--json", tmp_path / "r.json", "--log-json")

    def again(*more: str) -> tuple[list[tuple[str, bool]], bytes]:
        events = [json.loads(line) for line in run(*command, *more).stderr.splitlines()]
        known = [(event["file"], event["known"]) for event in events if event["event"] == "page"]
        return sorted(known), (tmp_path / "r.csv").read_bytes() + (tmp_path / "r.json").read_bytes()

    first, written = again()
    assert first == [("a.png", False), ("b.png", False), ("torn.png", False)]
    assert again() == ([("a.png", True), ("b.png", True), ("torn.png", False)], written)
    assert again("--fresh") == (first, written)
    # Other options are another run.
    assert again("--no-turn")[0] == first


def test_flags_asked_for_once_are_not_there_the_next_time(run: Run, pages: Path, tmp_path: Path) -> None:
    command = ("scan", pages / "a.png", *CONTOURS, "--out", tmp_path / "r.csv", "--annotate", tmp_path / "checked")
    drawn = tmp_path / "checked" / "a.png.p1.png"
    run(*command)
    before = ((tmp_path / "r.csv").read_bytes(), drawn.read_bytes())
    run(*command, "--max-error", "0")
    assert ((tmp_path / "r.csv").read_bytes(), drawn.read_bytes()) != before
    run(*command)
    assert ((tmp_path / "r.csv").read_bytes(), drawn.read_bytes()) == before


def test_quiet_says_what_could_not_be_read_alone(run: Run, pages: Path, tmp_path: Path) -> None:
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--quiet")
    assert (result.exit_code, result.stderr) == (3, "torn.png: is empty; copy or scan it again\n")


def test_log_json_says_nothing_but_json(run: Run, pages: Path, tmp_path: Path) -> None:
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--log-json")
    entries = [json.loads(line) for line in result.stderr.splitlines()]
    assert [entry["event"] for entry in entries] == ["page", "page", "page", "end"]
    assert (entries[-1]["pages"], entries[-1]["failed"]) == (2, 1)


def test_log_json_says_in_json_what_ended_the_run(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last(code: int, folder: Path = pages, out: str = "r.csv") -> str:
        result = run("scan", folder, *CONTOURS, "--out", tmp_path / out, "--log-json")
        entry: dict[str, Any] = json.loads(result.stderr.splitlines()[-1])
        assert result.exit_code == code
        assert (entry["event"], entry["exit_code"]) == ("error", code)
        return str(entry["text"])

    (tmp_path / "s.csv.state").write_text("notes " * 1000)
    assert last(5, out="s.csv").endswith("is damaged or no state of a run; remove it and start over")
    assert last(5, out="pages").endswith("is a folder; give the name of a file")
    assert last(4, folder=tmp_path / "none").endswith("does not exist; check the spelling")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.batch.scheduler.read_files", interrupted)
    assert last(130) == "interrupted; the same command goes on where it was"


def test_a_state_that_is_none_is_left_alone(run: Run, pages: Path, tmp_path: Path) -> None:
    state = tmp_path / "r.csv.state"
    state.write_text("notes " * 1000)
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv")
    assert result.exit_code == 5
    assert result.stderr == f"Error: {state}: is damaged or no state of a run; remove it and start over\n"
    assert state.read_text() == "notes " * 1000
    assert not (tmp_path / "r.csv").exists()


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "scanner", *map(str, arguments)]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def test_it_is_run_as_a_module_too() -> None:
    shown = subprocess.run(command("--version"), capture_output=True, check=True, text=True, cwd=ROOT, env=ENVIRONMENT)
    assert shown.stdout.startswith("digitscan, version ")


def workers_of(process: int) -> list[int]:
    """The processes below it."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, check=False, text=True)
    return [int(word) for word in found.stdout.split()]


@pytest.mark.skipif(not Path("/proc/self/stat").exists() or not shutil.which("ps"), reason="needs ps and /proc")
@pytest.mark.parametrize("end", ["interrupt", "kill"])
@pytest.mark.parametrize("where", [(), ("--cluster", "local")])
def test_a_run_that_is_ended_leaves_no_worker_and_goes_on(tmp_path: Path, end: str, where: tuple[str, ...]) -> None:
    if where:
        pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    folder = tmp_path / "pages"
    folder.mkdir()
    for place in range(12):
        shutil.copy(STRIP, folder / f"{place}.png")
    checked = tmp_path / "checked"
    scan = command("scan", folder, *CONTOURS, "--out", tmp_path / "r.csv", "--annotate", checked, "--jobs", "2", *where)
    with subprocess.Popen(
        scan, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=ENVIRONMENT, start_new_session=True
    ) as process:
        assert process.stderr is not None
        while process.poll() is None and not any(checked.glob("*.png")):
            time.sleep(0.01)
        workers = workers_of(process.pid)
        assert len(workers) >= 2
        if end == "interrupt":
            # As a terminal does: to all of them.
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.kill()
        said = process.stderr.read()
    if end == "interrupt":
        assert (process.returncode, said) == (130, "interrupted; the same command goes on where it was\n")
    until = time.monotonic() + 20
    while any(Path(f"/proc/{worker}/cmdline").exists() and lives(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert not (tmp_path / "r.csv").exists()
    went_on = subprocess.run(
        [*scan, "--log-json"], capture_output=True, check=True, text=True, cwd=ROOT, env=ENVIRONMENT
    )
    events = [json.loads(line) for line in went_on.stderr.splitlines()]
    # The page that was drawn first may not have counted as read yet.
    assert events[-1]["pages"] == 12
    assert {row.file for row in read_results_csv(tmp_path / "r.csv")} == {f"{place}.png" for place in range(12)}


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_interrupt_promises_nothing_where_nothing_is_kept(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.batch.scheduler.read_files", interrupted)
    result = run("scan", pages, *CONTOURS, "--out", "-")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv")
    assert (result.exit_code, result.stderr) == (130, "interrupted; the same command goes on where it was\n")


def test_models_that_do_not_load_in_time_are_told(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def about(*_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr("scanner.batch.worker.load_reading_setup", about)
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the models could not be loaded within ")


def test_a_limit_that_is_raised_has_only_what_it_refused_read(run: Run, pages: Path, tmp_path: Path) -> None:
    Image.new("L", (1500, 1000), 255).save(pages / "large.png")

    def read_with(millions: str) -> dict[str, str]:
        command = ("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--max-pixels", millions, "--log-json")
        events = [json.loads(line) for line in run(*command).stderr.splitlines()]
        told = [event for event in events if event["event"] == "page"]
        return {event["file"]: "known" if event["known"] else event["error"] or "read" for event in told}

    torn = {"torn.png": "torn.png: is empty; copy or scan it again"}
    refused = "large.png: has 1500 x 1000 pixels, more than the 1 million that are read; scan it at a lower resolution"
    assert read_with("1") == {"a.png": "read", "b.png": "read", "large.png": refused, **torn}
    assert read_with("2") == {"a.png": "known", "b.png": "known", "large.png": "read", **torn}
    assert read_with("1") == {"a.png": "read", "b.png": "read", "large.png": refused, **torn}


# What the options come to


DEFAULTS: dict[str, Any] = {
    "jobs": 2,
    "page_timeout": 120.0,
    "memory": 6144,
    "max_pixels": 150.0,
    "max_file_size": 1024,
    "max_pages": 10_000,
    "errors": None,
    "manifest": None,
    "fresh": False,
    "quiet": False,
    "log_json": False,
    "cluster": None,
    "watch": False,
}


def work(out: Path, **options: Any) -> BatchSettings:
    return build_batch_settings(out, None, **{**DEFAULTS, **options})


def test_the_defaults_are_those_of_the_library(tmp_path: Path) -> None:
    from scanner.batch.process_pool import TaskLimits
    from scanner.sources.limits import DEFAULT_LIMITS

    found = work(tmp_path / "r.csv")
    assert (found.limits, found.task_limits) == (DEFAULT_LIMITS, TaskLimits())


def test_limits_are_in_the_units_of_the_options(tmp_path: Path) -> None:
    found = work(tmp_path / "r.csv", memory=1024, max_pixels=0.5, max_file_size=2, max_pages=3, page_timeout=1.5)
    assert (found.limits.pixels, found.limits.file_bytes, found.limits.pages) == (500_000, 2 * 2**20, 3)
    assert (found.task_limits.timeout_seconds, found.task_limits.memory_bytes) == (1.5, 2**30)


def test_what_is_kept_lies_beside_the_results_unless_told_otherwise(tmp_path: Path) -> None:
    found = work(tmp_path / "r.csv")
    assert (found.state_path, found.errors_path, found.manifest_path) == (
        *(tmp_path / "r.csv.state", tmp_path / "errors.csv", tmp_path / "r.manifest.json"),
    )
    found = work(tmp_path / "r.csv", errors=Path("e"), manifest=Path("m"))
    assert (found.errors_path, found.manifest_path) == (Path("e"), Path("m"))


@pytest.mark.parametrize("out", ["-", os.devnull])
def test_nothing_is_kept_beside_what_is_no_file(out: str) -> None:
    found = work(Path(out))
    assert (found.state_path, found.errors_path, found.manifest_path) == (None, None, None)


@pytest.mark.parametrize(
    "options",
    [("--jobs", "0"), ("--page-timeout", "0"), ("--memory", "1023"), ("--max-pixels", "0"), ("--max-pages", "0")],
)
def test_limits_that_let_nothing_through_are_wrong_usage(run: Run, tmp_path: Path, options: tuple[str, str]) -> None:
    assert run("scan", STRIP, "--out", tmp_path / "r.csv", *options).exit_code == 2
