"""Batches that are interrupted and resumed, and the options that control how a batch is run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from scanner.batch.job import Batch, BatchOutcome
from scanner.batch.recipe import ReadingRecipe
from scanner.batch.settings import BatchSettings
from scanner.batch.worker_pool import DEFAULT_TASK_LIMITS, TaskLimits
from scanner.results.csv_tables import read_results_csv
from scanner.results.summary import Summary
from scanner.sources.discovery import ALL_FILES
from scanner.sources.limits import DEFAULT_LIMITS
from scanner.weights import open_weights_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]

ROOT = Path(__file__).parent.parent.parent
STRIP = ROOT / "samples" / "box_strip.png"
CONTOURS = ("--reader", "contours")


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two pages that can be read and one that cannot."""
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(STRIP, folder / "a.png")
    shutil.copy(STRIP, folder / "b.png")
    (folder / "torn.png").write_bytes(b"")
    return folder


def beside(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name != "pages")


def test_errors_state_and_manifest_are_beside_the_results(run: Run, pages: Path, tmp_path: Path) -> None:
    run("scan", pages, *CONTOURS, "--out", tmp_path / "results.csv")
    assert beside(tmp_path) == ["results.csv", "results.csv.state", "results.errors.csv", "results.manifest.json"]
    error = "torn.png: is empty; copy or scan it again"
    assert error in (tmp_path / "results.errors.csv").read_text("utf-8")
    manifest = json.loads((tmp_path / "results.manifest.json").read_text("utf-8"))
    assert [(entry["file"], entry["pages"], entry["failed"]) for entry in manifest["inputs"]] == [
        *(("a.png", 1, []), ("b.png", 1, [])),
        ("torn.png", 0, [{"page": 0, "error": error}]),
    ]
    assert manifest["options"]["readers"] == "contours"
    assert (manifest["counts"]["pages"], manifest["counts"]["failed"]) == (2, 1)


def test_results_in_one_folder_have_errors_of_their_own(run: Run, pages: Path, tmp_path: Path) -> None:
    run("scan", pages, *CONTOURS, "--out", tmp_path / "first.csv")
    run("scan", pages / "a.png", *CONTOURS, "--out", tmp_path / "second.csv")
    assert "torn.png: is empty" in (tmp_path / "first.errors.csv").read_text("utf-8")
    assert (tmp_path / "second.errors.csv").read_text("utf-8") == "file,page,error\n"


def test_with_standard_output_no_file_is_written_unless_named(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("scan", pages, *CONTOURS, "--out", "-")
    assert beside(tmp_path) == []
    run("scan", pages, *CONTOURS, "--out", "-", "--errors", "e.csv", "--manifest", "m.json")
    assert beside(tmp_path) == ["e.csv", "m.json"]


def test_the_same_command_again_reads_only_failed_pages_and_writes_the_same(
    run: Run, pages: Path, tmp_path: Path
) -> None:
    out, as_json, table = tmp_path / "r.csv", tmp_path / "r.json", tmp_path / "t.xlsx"
    command = ("scan", pages, *CONTOURS, "--out", out, "--json", as_json, "--table", table, "--log-json")

    def again(*more: str) -> tuple[list[tuple[str, bool]], bytes]:
        events = [json.loads(line) for line in run(*command, *more).stderr.splitlines()]
        known = [(event["file"], event["known"]) for event in events if event["event"] == "page"]
        return sorted(known), out.read_bytes() + as_json.read_bytes() + table.read_bytes()

    first, written = again()
    assert first == [("a.png", False), ("b.png", False), ("torn.png", False)]
    assert again() == ([("a.png", True), ("b.png", True), ("torn.png", False)], written)
    assert again("--fresh") == (first, written)
    # With other options everything is read again.
    assert again("--no-turn")[0] == first


def test_pages_that_no_file_has_are_nothing_to_read(run: Run, tmp_path: Path) -> None:
    command = ("scan", STRIP, *CONTOURS, "--out", tmp_path / "r.csv")
    assert run(*command).exit_code == 0
    written = {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")}
    result = run(*command, "--pages", "5")
    assert (result.exit_code, result.stderr) == (
        4,
        "Error: no file that was found has a page that --pages names; choose other pages\n",
    )
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.csv")} == written


def test_a_file_that_cannot_be_opened_is_reported_whichever_pages_are_selected(run: Run, pages: Path) -> None:
    result = run("scan", pages, *CONTOURS, "--out", "-", "--pages", "5")
    assert result.exit_code == 3
    assert "torn.png: is empty" in result.stderr


def test_other_models_read_the_pages_again(run: Run, pages: Path, tmp_path: Path, own_models: Path) -> None:
    command = ("scan", pages, *CONTOURS, "--out", tmp_path / "results.csv")
    run(*command)
    assert run(*command, "--models", own_models).exit_code == 3
    confidences = {row.confidence for row in read_results_csv(tmp_path / "results.csv")}
    assert max(confidences) < 0.2
    manifest = json.loads((tmp_path / "results.manifest.json").read_text("utf-8"))
    assert manifest["options"]["own_weights"] == str(own_models)
    assert manifest["models"]["digits.onnx"] == dict(open_weights_folder(own_models).checksums)["digits.onnx"]


def test_models_that_do_not_match_their_card_are_6(run: Run, pages: Path, tmp_path: Path, own_models: Path) -> None:
    (own_models / "digits.json").unlink()
    result = run("scan", pages, "--out", tmp_path / "results.csv", "--models", own_models)
    assert result.exit_code == 6
    assert "digits.onnx: cannot read the weights or their card" in result.stderr
    assert beside(tmp_path) == ["own models"]


def test_review_flags_are_not_kept_for_the_next_batch(run: Run, tmp_path: Path) -> None:
    command = ("scan", STRIP, "--out", tmp_path / "r.csv", "--annotate", tmp_path / "checked")
    drawn = tmp_path / "checked" / "box_strip.png.p1.jpg"
    run(*command)
    before = ((tmp_path / "r.csv").read_bytes(), drawn.read_bytes())
    run(*command, "--max-error", "0")
    assert ((tmp_path / "r.csv").read_bytes(), drawn.read_bytes()) != before
    run(*command)
    assert ((tmp_path / "r.csv").read_bytes(), drawn.read_bytes()) == before


def test_quiet_prints_errors_only(run: Run, pages: Path, tmp_path: Path) -> None:
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--quiet")
    assert (result.exit_code, result.stderr) == (3, "torn.png: is empty; copy or scan it again\n")


def test_log_json_prints_nothing_but_json(run: Run, pages: Path, tmp_path: Path) -> None:
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--log-json")
    entries = [json.loads(line) for line in result.stderr.splitlines()]
    assert [entry["event"] for entry in entries] == ["page", "page", "page", "end"]
    assert (entries[-1]["pages"], entries[-1]["failed"]) == (2, 1)


def test_log_json_prints_as_json_what_ended_the_batch(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last(code: int, folder: Path = pages, out: str = "r.csv") -> str:
        result = run("scan", folder, *CONTOURS, "--out", tmp_path / out, "--log-json")
        entry: dict[str, Any] = json.loads(result.stderr.splitlines()[-1])
        assert result.exit_code == code
        assert (entry["event"], entry["exit_code"]) == ("error", code)
        return str(entry["text"])

    (tmp_path / "s.csv.state").write_text("notes " * 1000)
    assert last(5, out="s.csv").endswith("is damaged or not the state of a batch; remove it and start over")
    assert last(5, out="pages").endswith("is a folder; give the name of a file")
    assert last(4, folder=tmp_path / "none").endswith("does not exist; check the spelling")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.batch.job.read_files", interrupted)
    assert last(130) == "interrupted; the same command resumes where it stopped"


def test_a_file_that_is_not_a_state_is_not_changed(run: Run, pages: Path, tmp_path: Path) -> None:
    state = tmp_path / "r.csv.state"
    state.write_text("notes " * 1000)
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv")
    assert result.exit_code == 5
    assert result.stderr == f"Error: {state}: is damaged or not the state of a batch; remove it and start over\n"
    assert state.read_text() == "notes " * 1000
    assert not (tmp_path / "r.csv").exists()


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "scanner", *map(str, arguments)]


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def test_the_package_can_be_run_as_a_module() -> None:
    shown = subprocess.run(command("--version"), capture_output=True, check=True, text=True, cwd=ROOT, env=ENVIRONMENT)
    assert shown.stdout.startswith("digitscan, version ")


def workers_of(process: int) -> list[int]:
    """The child processes of a process."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, check=False, text=True)
    return [int(word) for word in found.stdout.split()]


@pytest.mark.skipif(not Path("/proc/self/stat").exists() or not shutil.which("ps"), reason="needs ps and /proc")
@pytest.mark.parametrize("end", ["interrupt", "kill"])
@pytest.mark.parametrize("where", [(), ("--cluster", "local")])
def test_an_interrupted_batch_leaves_no_worker_and_can_be_resumed(
    tmp_path: Path, end: str, where: tuple[str, ...]
) -> None:
    if where:
        pytest.importorskip("distributed", reason="needs Dask distributed: install digitscan[cluster]")
    folder = tmp_path / "pages"
    folder.mkdir()
    for place in range(8):
        shutil.copy(STRIP, folder / f"{place}.png")
    checked = tmp_path / "checked"
    scan = command("scan", folder, *CONTOURS, "--out", tmp_path / "r.csv", "--annotate", checked)
    with subprocess.Popen(
        [*scan, "--jobs", "2", *where],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        start_new_session=True,
    ) as process:
        assert process.stderr is not None
        while process.poll() is None and not any(checked.glob("*.jpg")):
            time.sleep(0.01)
        workers = workers_of(process.pid)
        assert len(workers) >= 2
        if end == "interrupt":
            # To the whole group, as a terminal does.
            os.killpg(process.pid, signal.SIGINT)
        else:
            process.kill()
        said = process.stderr.read()
    if end == "interrupt":
        assert (process.returncode, said) == (130, "interrupted; the same command resumes where it stopped\n")
    until = time.monotonic() + 20
    while any(Path(f"/proc/{worker}/cmdline").exists() and lives(worker) for worker in workers):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert not (tmp_path / "r.csv").exists()
    resumed = subprocess.run(
        [*scan, "--jobs", "1", "--log-json"], capture_output=True, check=True, text=True, cwd=ROOT, env=ENVIRONMENT
    )
    events = [json.loads(line) for line in resumed.stderr.splitlines()]
    # The page that was drawn first may not have been stored yet.
    assert events[-1]["pages"] == 8
    assert {row.file for row in read_results_csv(tmp_path / "r.csv")} == {f"{place}.png" for place in range(8)}


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_an_interrupt_does_not_promise_to_resume_without_a_state(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.batch.job.read_files", interrupted)
    result = run("scan", pages, *CONTOURS, "--out", "-")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv")
    assert (result.exit_code, result.stderr) == (130, "interrupted; the same command resumes where it stopped\n")


def test_models_that_do_not_load_in_time_are_an_error(
    run: Run, pages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def time_out(*_: Any) -> None:
        raise TimeoutError

    monkeypatch.setattr("scanner.batch.worker_start.load_reading_setup", time_out)
    result = run("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv")
    expected = "the models could not be loaded: they take more than the time of a page; allow more with --page-timeout"
    assert (result.exit_code, result.stderr) == (1, f"Error: {expected}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="memory is held to a limit on Linux alone")
@pytest.mark.parametrize(
    ("mebibytes", "arguments"),
    [(400, ("scan", STRIP, "--out", "-")), (1000, ("scan", STRIP, "--out", "-")), (300, ("classify", STRIP))],
)
def test_a_limit_of_the_system_below_what_reading_takes_is_named(
    mebibytes: int, arguments: tuple[str | Path, ...]
) -> None:
    limited = f'ulimit -v {mebibytes * 1024} && exec "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "bash", *command(*arguments)],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        timeout=120,
    )
    expected = (
        f"Error: the system allows a process {mebibytes} MiB of memory (ulimit -v), and reading pages takes 1024 MiB; "
        "raise that limit"
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, expected)
    assert "Traceback" not in done.stderr


def test_after_a_limit_is_raised_only_the_refused_pages_are_read(run: Run, pages: Path, tmp_path: Path) -> None:
    Image.new("L", (1500, 1000), 255).save(pages / "large.png")

    def read_with(millions: str) -> dict[str, str]:
        command = ("scan", pages, *CONTOURS, "--out", tmp_path / "r.csv", "--max-pixels", millions, "--log-json")
        events = [json.loads(line) for line in run(*command).stderr.splitlines()]
        page_events = [event for event in events if event["event"] == "page"]
        return {event["file"]: "known" if event["known"] else event["error"] or "read" for event in page_events}

    torn = {"torn.png": "torn.png: is empty; copy or scan it again"}
    refused = "large.png: has 1500 x 1000 pixels, more than the 1 million that are read; scan it at a lower resolution"
    assert read_with("1") == {"a.png": "read", "b.png": "read", "large.png": refused, **torn}
    assert read_with("2") == {"a.png": "known", "b.png": "known", "large.png": "read", **torn}
    assert read_with("1") == {"a.png": "read", "b.png": "read", "large.png": refused, **torn}


# The options


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[Batch]:
    """The batches that commands start, none of which is run."""
    started: list[Batch] = []

    def run_batch(batch: Batch, reporter: object) -> BatchOutcome:
        started.append(batch)
        return BatchOutcome(Summary())

    monkeypatch.setattr("scanner.batch.job.run_batch", run_batch)
    return started


def test_the_defaults_are_those_of_the_library(run: Run, batches: list[Batch]) -> None:
    run("scan", STRIP, "--out", "-")
    (batch,) = batches
    assert (batch.recipe, batch.settings.task_limits) == (ReadingRecipe(), DEFAULT_TASK_LIMITS)
    assert batch.settings == BatchSettings(jobs=batch.settings.jobs)
    assert batch.patterns == ALL_FILES


def test_limits_are_converted_from_the_units_of_the_options(run: Run, batches: list[Batch]) -> None:
    limits = ("--max-pixels", "0.5", "--max-file-size", "2", "--max-pages", "3")
    run("scan", STRIP, "--out", "-", *limits, "--memory", "1024", "--page-timeout", "1.5")
    (batch,) = batches
    assert batch.recipe.limits == replace(DEFAULT_LIMITS, pixels=500_000, file_bytes=2 * 2**20, pages=3)
    assert batch.settings.task_limits == TaskLimits(1.5, 2**30)


@pytest.mark.parametrize(
    "options",
    [
        *(("--cluster", ""), ("--cluster", "localhost"), ("--cluster", "127.0.0.1"), ("--cluster", "bogus")),
        *(("--jobs", "0"), ("--page-timeout", "0"), ("--memory", "1023"), ("--max-pixels", "0"), ("--max-pages", "0")),
        *(("--page-timeout", "nan"), ("--max-pixels", "nan"), ("--max-pixels", "inf")),
    ],
)
def test_values_that_mean_nothing_are_wrong_usage(run: Run, tmp_path: Path, options: tuple[str, str]) -> None:
    assert run("scan", STRIP, "--out", tmp_path / "r.csv", *options).exit_code == 2
