"""The interface of every pool of workers, whether they run on this machine or on a cluster."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future


class FailureCause(Enum):
    """Why a worker did not finish a task."""

    TIMEOUT = "timeout"
    """The task took longer than it may."""
    CRASH = "crash"
    """The task ended its worker."""
    LOST = "lost"
    """The worker was ended from outside."""
    MEMORY = "memory"
    """The task needed more memory than it may use."""
    BUG = "bug"
    """The task raised an exception that nobody expected."""


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """Why a worker did not finish a task, for programs and for the user."""

    cause: FailureCause
    reason: str
    """The end of a sentence that begins with the name of the page: what happened, and what to do."""


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """Limits on the time and memory of one page."""

    timeout_seconds: float = 120.0
    """Time for one page.  A page of ten megapixels takes about one second, so anything near the limit hangs."""
    memory_bytes: int = 6 * 2**30
    """Memory of one worker.  The largest pages that are read, of 150 million pixels, need five gibibytes."""


DEFAULT_TASK_LIMITS = TaskLimits()


@dataclass(frozen=True, slots=True)
class WorkerPool:
    """Workers that run functions."""

    jobs: int
    """Number of functions that run at the same time."""
    submit: Callable[..., Future[Any]]
    """Call a function with the arguments that follow it, in some worker."""
    explain_failure: Callable[[BaseException], TaskFailure | None]
    """Explain the exception of a future; None if the worker did not cause it.

    Raises DigitscanError for a failure that would affect every task alike.
    """
