from __future__ import annotations

from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any

import pytest

from scanner.pool import Workers

if TYPE_CHECKING:
    from collections.abc import Callable


def _reason(error: BaseException) -> str:
    match error:
        case FutureTimeoutError():
            return "took too long"
        case MemoryError():
            return "took too much memory"
        case _:
            return ""


@pytest.fixture(scope="session")
def at_once() -> Workers:
    """Two workers that do all there is to do in this process, as soon as it is submitted."""

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    return Workers(2, submit, _reason)
