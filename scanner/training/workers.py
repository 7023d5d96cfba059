"""The same work for many items, in several processes."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, TypeVar

from scanner.isolation import isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    _T = TypeVar("_T")
    _Made = TypeVar("_Made")


def mapped(make: Callable[[_T], _Made], items: Sequence[_T], processes: int, at_once: int) -> Iterator[_Made]:
    """``map`` in several processes, ``at_once`` items handed to each; in this one if there is to be one."""
    if processes == 1:
        yield from map(make, items)
    else:
        # Not forked: TensorFlow, which may be running in this process, does not survive that.
        with isolated():
            pool = ProcessPoolExecutor(processes, get_context("spawn"))
            # Hands out everything at once, for which all the processes are started.
            made = pool.map(make, items, chunksize=at_once)
        with pool:
            yield from made


def lots(count: int, size: int) -> list[range]:
    """The numbers from 0 to ``count`` in lots of ``size``; the last may be smaller."""
    return [range(start, min(start + size, count)) for start in range(0, count, size)]
