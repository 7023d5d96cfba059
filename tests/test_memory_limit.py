from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scanner.memory_limit import MemoryLimit, current_limit

ROOT = Path(__file__).parents[1]
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="memory is held to a limit on Linux alone")


def printed(code: str, system_limit: int | None = None) -> str:
    """What code prints in a process of its own, to which the system allows so many bytes."""
    limited = "" if system_limit is None else f"resource.setrlimit(resource.RLIMIT_AS, ({system_limit},) * 2)\n"
    done = subprocess.run(
        [sys.executable, "-c", f"import resource\nfrom scanner.memory_limit import *\n{limited}{code}"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"},
        text=True,
    )
    return done.stdout.strip()


def test_the_reason_names_whose_limit_it_is() -> None:
    assert MemoryLimit(3 * 2**29, is_of_system=False).failure_reason() == (
        "needs more than 1.5 GiB of memory; scan it at a lower resolution, or allow more with --memory"
    )
    assert MemoryLimit(2**30, is_of_system=True).failure_reason("split it") == (
        "needs more than 1.0 GiB of memory, which is what the system allows (ulimit -v); split it, or raise that limit"
    )
    assert MemoryLimit(None, is_of_system=False).failure_reason() == (
        "needs more memory than there is; scan it at a lower resolution"
    )


@linux_only
@pytest.mark.parametrize(
    ("system_limit", "asked", "expected"),
    [
        (None, 2**30, MemoryLimit(2**30, is_of_system=False)),
        (None, 2**80, MemoryLimit(sys.maxsize, is_of_system=False)),
        (2**32, 2**30, MemoryLimit(2**30, is_of_system=False)),
        (2**32, 2**80, MemoryLimit(2**32, is_of_system=True)),
        (2**32, 2**32, MemoryLimit(2**32, is_of_system=True)),
    ],
)
def test_a_worker_has_the_lower_of_both_limits(system_limit: int | None, asked: int, expected: MemoryLimit) -> None:
    assert printed(f"print(worker_limit({asked}))", system_limit) == repr(expected)
    # The worker itself knows it too.
    assert printed(f"set_limit({asked}); print(current_limit())", system_limit) == repr(expected)


@linux_only
def test_a_process_without_a_limit_has_none() -> None:
    assert current_limit() == MemoryLimit(None, is_of_system=False)


@linux_only
def test_too_low_a_limit_of_the_system_is_an_error() -> None:
    code = "try:\n    check_system_limit()\nexcept DigitscanError as error:\n    print(error)"
    assert printed(code, 2**30) == printed(code) == ""
    assert printed(code, 2**29) == (
        "the system allows a process 512 MiB of memory (ulimit -v), and reading pages takes 1024 MiB; raise that limit"
    )
