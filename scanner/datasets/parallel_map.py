"""Map a function over many items in several processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from scanner.isolated_python import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    _Item = TypeVar("_Item")
    _Result = TypeVar("_Result")


def parallel_map(
    function: Callable[[_Item], _Result], items: Sequence[_Item], processes: int, items_per_task: int
) -> Iterator[_Result]:
    """``map`` in several processes; in this one if ``processes`` is 1.

    Args:
        function: must be picklable, as must its items and results.
        items: its arguments.
        processes: at least 1.
        items_per_task: items sent to a process at a time.
    """
    if processes == 1:
        yield from map(function, items)
    else:
        # Not forked: TensorFlow, which may be running in this process, does not survive a fork.
        with isolated():
            pool = ProcessPoolExecutor(processes, get_context("spawn"))
            # Submits all items at once, which starts all processes while ``isolated`` holds.
            made = pool.map(function, items, chunksize=items_per_task)
        with pool:
            yield from made


def split_into_ranges(count: int, range_size: int) -> list[range]:
    """Split the numbers from 0 up to ``count`` into ranges of ``range_size``; the last may be shorter."""
    return [range(start, min(start + range_size, count)) for start in range(0, count, range_size)]
