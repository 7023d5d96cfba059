from __future__ import annotations

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from scanner.commands import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from scanner.batch.worker_pool import TaskLimits, WorkerPool

    Run = Callable[..., Result]
    Start = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(autouse=True)
def _read_in_this_process(monkeypatch: pytest.MonkeyPatch, at_once: WorkerPool) -> None:
    """Have commands that are run in this process read in this process, so that monkeypatches take effect."""

    def local_workers(jobs: int, limits: TaskLimits) -> nullcontext[WorkerPool]:
        return nullcontext(at_once)

    monkeypatch.setattr("scanner.batch.local_processes.local_worker_pool", local_workers)


@pytest.fixture(scope="session")
def run() -> Run:
    """Run a command in this process; any outcome but a traceback is returned."""

    def run(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return run


@pytest.fixture(scope="session")
def succeed(run: Run) -> Run:
    """Run a command in this process and expect exit code 0."""

    def succeed(*arguments: str | Path) -> Result:
        result = run(*arguments)
        assert result.exit_code == 0, result.output
        return result

    return succeed


@pytest.fixture(scope="session")
def start() -> Start:
    """Run a command in a new process, as a user does."""

    def start(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env={**os.environ, "PYTHONWARNINGS": "error"},
            timeout=120,
        )

    return start


@pytest.fixture(scope="session")
def scanned_samples(tmp_path_factory: pytest.TempPathFactory, succeed: Run) -> Path:
    """The sample pages of the repository, scanned once, with every kind of output in one folder.

    ``results.csv``, ``results.json``, ``digits.csv``, ``checked/``, and standard error in ``stderr.txt``.
    """
    out = tmp_path_factory.mktemp("samples") / "new"
    files = ("--out", out / "results.csv", "--json", out / "results.json", "--digits", out / "digits.csv")
    result = succeed("scan", ROOT / "samples", *files, "--annotate", out / "checked")
    (out / "stderr.txt").write_text(result.stderr, "utf-8")
    return out
