"""The memory that a process may use, and what to do where a page needs more."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from scanner.errors import DigitscanError

_MEBIBYTE, _GIBIBYTE = 2**20, 2**30
MIN_MEMORY_BYTES = _GIBIBYTE
"""Memory below which nothing is read: the libraries, the models and a small page take half of it."""


@dataclass(frozen=True, slots=True)
class MemoryLimit:
    """The most memory that a process may use."""

    size: int | None
    """Bytes; None if there is no limit."""
    is_of_system: bool
    """Whether the system has set it, and not ``--memory``."""

    def failure_reason(self, advice: str = "scan it at a lower resolution") -> str:
        """The end of a sentence that begins with the name of a page which needs more: what happened, and what to do.

        Args:
            advice: what to do about the page itself.
        """
        if self.size is None:
            return f"needs more memory than there is; {advice}"
        needs = f"needs more than {self.size / _GIBIBYTE:.1f} GiB of memory"
        if self.is_of_system:
            return f"{needs}, which is what the system allows (ulimit -v); {advice}, or raise that limit"
        return f"{needs}; {advice}, or allow more with --memory"


def worker_limit(memory_bytes: int) -> MemoryLimit:
    """The limit of a worker that is to use at most so many bytes; it is never above the one of the system."""
    _, system_limit = _address_space_limits()
    if system_limit is None:
        # None is higher than a C long.
        return MemoryLimit(min(memory_bytes, sys.maxsize), is_of_system=False)
    return MemoryLimit(min(memory_bytes, system_limit), is_of_system=system_limit <= memory_bytes)


def current_limit() -> MemoryLimit:
    """The limit of this process, which may be a worker."""
    limit, system_limit = _address_space_limits()
    return MemoryLimit(limit, is_of_system=limit is not None and limit == system_limit)


def _address_space_limits() -> tuple[int | None, int | None]:
    """The limit of this process's memory that is in force, and the highest that it may set; None for no limit.

    The module ``resource`` would say the same, but a program that uses this package may have the current folder on its
    search path, where somebody's scans lie: nothing is imported here that a process can do without.
    """
    if sys.platform != "linux":
        return None, None
    try:
        lines = Path("/proc/self/limits").read_text("ascii").splitlines()
    except OSError:
        return None, None
    soft, hard = next(line.split()[3:5] for line in lines if line.startswith("Max address space"))
    return (None if soft == "unlimited" else int(soft)), (None if hard == "unlimited" else int(hard))


def set_limit(memory_bytes: int) -> None:
    """Have this process use at most so many bytes, or fewer if the system allows no more; only on Linux."""
    if sys.platform == "linux":
        import resource

        _, system_limit = resource.getrlimit(resource.RLIMIT_AS)
        # The system's stays as it is, so that ``current_limit`` can tell whose is in force.
        resource.setrlimit(resource.RLIMIT_AS, (worker_limit(memory_bytes).size or system_limit, system_limit))


def check_system_limit() -> None:
    """Check that the system allows a process the memory to read anything at all.

    Raises:
        DigitscanError: if it does not.
    """
    limit = current_limit()
    if limit.size is not None and limit.size < MIN_MEMORY_BYTES:
        raise DigitscanError(
            f"the system allows a process {limit.size // _MEBIBYTE} MiB of memory (ulimit -v), and reading pages takes "
            f"{MIN_MEMORY_BYTES // _MEBIBYTE} MiB; raise that limit"
        )
