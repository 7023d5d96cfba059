from __future__ import annotations

import os

import pytest

from scanner.training.batch_prefetching import prefetched_batches


def square(step: int) -> int:
    return step * step


def fail_at_three(step: int) -> int:
    if step == 3:
        raise ValueError("three")
    return step


def end_at_two(step: int) -> int:
    if step == 2:
        os._exit(1)
    return step


@pytest.mark.parametrize("processes", [1, 2])
def test_batches_come_in_order_whatever_the_number_of_processes(processes: int) -> None:
    with prefetched_batches(square, range(5, 12), processes) as batches:
        assert list(batches) == [25, 36, 49, 64, 81, 100, 121]


def test_the_processes_end_when_not_all_batches_are_taken() -> None:
    with prefetched_batches(square, range(1_000_000), 1) as batches:
        assert next(batches) == 0


def test_an_error_is_reported_with_the_number_of_its_batch() -> None:
    with (
        prefetched_batches(fail_at_three, range(6), 1) as batches,
        pytest.raises(RuntimeError, match=r"batch 3: ValueError"),
    ):
        list(batches)


def test_a_process_that_ends_is_noticed() -> None:
    with prefetched_batches(end_at_two, range(6), 1) as batches, pytest.raises(RuntimeError, match="has ended"):
        list(batches)
