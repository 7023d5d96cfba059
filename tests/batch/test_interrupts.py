from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from scanner.batch.interrupts import interrupts_deferred

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def as_a_shell_starts_it() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_takes_effect_at_the_end() -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), interrupts_deferred():  # noqa: PT012 - that all of it is done is what is asked
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        done.append("all")
    assert done == ["all"]
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_an_interrupt_does_not_hide_an_error() -> None:
    with pytest.raises(ValueError, match="wrong"), interrupts_deferred():  # noqa: PT012 - as above
        signal.raise_signal(signal.SIGINT)
        raise ValueError("wrong")


def test_ignored_interrupts_stay_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts_deferred():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
