"""The same work for many items, in several processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from scanner.isolation import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    _Item = TypeVar("_Item")
    _Result = TypeVar("_Result")


def parallel_map(
    function: Callable[[_Item], _Result], items: Sequence[_Item], processes: int, items_per_task: int
) -> Iterator[_Result]:
    """``map`` in several processes, ``items_per_task`` items handed to each; in this one if there is to be one."""
    if processes == 1:
        yield from map(function, items)
    else:
        # Not forked: TensorFlow, which may be running in this process, does not survive that.
        with isolated():
            pool = ProcessPoolExecutor(processes, get_context("spawn"))
            # Hands out everything at once, for which all the processes are started.
            made = pool.map(function, items, chunksize=items_per_task)
        with pool:
            yield from made


def split_into_ranges(count: int, range_size: int) -> list[range]:
    """The numbers from 0 to ``count`` in lots of ``range_size``; the last may be smaller."""
    return [range(start, min(start + range_size, count)) for start in range(0, count, range_size)]
