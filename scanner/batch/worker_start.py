"""Start the workers of a batch, and have one of them load the models before the first page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.batch.worker import load_reading_setup
from scanner.batch.worker_pool import FailureCause
from scanner.errors import DigitscanError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from scanner.batch.recipe import ReadingRecipe, ReadingSetup
    from scanner.batch.settings import BatchSettings
    from scanner.batch.worker_pool import WorkerPool

_LOADING_ADVICE = {
    FailureCause.TIMEOUT: "they take more than the time of a page; allow more with --page-timeout",
    FailureCause.MEMORY: "they take more than the memory of a page; allow more with --memory",
    FailureCause.LOST: "the process that loads them was ended from outside; run the command again",
    FailureCause.CRASH: "the process that loads them crashed; install digitscan again",
}
"""What to do about models that cannot be loaded, by the cause."""


def open_worker_pool(settings: BatchSettings) -> AbstractContextManager[WorkerPool]:
    """Start the processes of this machine, or connect to those of a cluster.

    Raises:
        DigitscanError: if the cluster is not available.
    """
    if settings.cluster is None:
        from scanner.batch.local_processes import local_worker_pool

        return local_worker_pool(settings.jobs, settings.task_limits)
    from scanner.batch.dask_cluster import cluster_worker_pool

    return cluster_worker_pool(settings.cluster, settings.jobs, settings.task_limits)


def load_setup(recipe: ReadingRecipe, workers: WorkerPool) -> ReadingSetup:
    """Have a worker load the models; return the programs and models that pages are read with.

    Raises:
        DigitscanError: if the models cannot be loaded.
    """
    try:
        setup: ReadingSetup = workers.submit(load_reading_setup, recipe).result()
    except Exception as error:
        failure = None if isinstance(error, DigitscanError) else workers.explain_failure(error)
        if failure is None:
            raise
        raise DigitscanError(f"the models could not be loaded: {_LOADING_ADVICE[failure.cause]}") from error
    return setup
