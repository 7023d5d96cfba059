from __future__ import annotations

import hashlib
import json
import signal
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st

from scanner.batch.worker_pool import FailureCause, TaskFailure, WorkerPool
from scanner.types import Box, Digit, Number
from scanner.weights import DIGIT_CNN_WEIGHTS, card_path, load_weights, models_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


# A busy or slow machine is no reason to fail; with fewer examples the suite is done there, too, before anybody leaves.
settings.register_profile("suite", deadline=None, max_examples=40)
settings.load_profile("suite")

# Any text UTF-8 can hold.
_TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
# As they come back from what was written: four decimals.
_CONFIDENCES = st.integers(0, 10_000).map(lambda n: n / 10_000)
_COUNTS = st.integers(1, 10_000)

# What ``st.from_type`` draws: numbers such as a result has.
st.register_type_strategy(
    Box,
    st.builds(
        Box, st.integers(-9, 9999), st.integers(-9, 9999), width=st.integers(1, 9999), height=st.integers(1, 9999)
    ),
)
st.register_type_strategy(Digit, st.builds(Digit, st.sampled_from("0123456789"), _CONFIDENCES, st.from_type(Box)))
st.register_type_strategy(
    Number,
    st.builds(
        Number,
        text=st.text("0123456789", min_size=1, max_size=6),
        confidence=_CONFIDENCES,
        review_reason=_TEXTS,
        row=_COUNTS,
        column=_COUNTS,
        box=st.from_type(Box),
        digits=st.lists(st.from_type(Digit), max_size=3).map(tuple),
        field=_TEXTS,
        kind=st.sampled_from(["", "handwritten", "printed"]),
        table=st.integers(0, 9),
        crossed_out=st.booleans(),
        is_empty=st.booleans(),
        suggested=st.text("0123456789", max_size=6),
    ),
)


def _explain(error: BaseException) -> TaskFailure | None:
    match error:
        case FutureTimeoutError():
            return TaskFailure(FailureCause.TIMEOUT, "took too long")
        case MemoryError():
            return TaskFailure(FailureCause.MEMORY, "took too much memory")
        case _:
            return None


@pytest.fixture(scope="session", autouse=True)
def _heed_interrupts() -> Iterator[None]:
    """Heed Ctrl-C, also in the programs that tests start: a job in the background of a script inherits ignoring it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def at_once() -> WorkerPool:
    """A pool of two workers that runs every task in this process, as soon as it is submitted."""

    def submit(function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future

    return WorkerPool(2, submit, _explain)


@pytest.fixture
def own_models(tmp_path: Path) -> Path:
    """A folder with one file of weights: the digit CNN, which is never surer than 0.2."""
    weights, card = load_weights(models_folder(), DIGIT_CNN_WEIGHTS)
    # A description (field 6 of an ONNX file), so that it is another file of the same network.
    weights += b"\x32\x03own"
    folder = tmp_path / "own models"
    folder.mkdir()
    (folder / DIGIT_CNN_WEIGHTS).write_bytes(weights)
    card |= {"temperature": 1000.0, "sha256": hashlib.sha256(weights).hexdigest()}
    card_path(folder / DIGIT_CNN_WEIGHTS).write_text(json.dumps(card), "utf-8")
    return folder


@pytest.fixture
def make_batch(tmp_path: Path) -> Callable[..., Path]:
    """Write pages with these numbers on them, and the saved state of their batch; returns the path of its results."""
    import cv2
    import numpy as np

    from scanner.batch.resumable_state import open_state
    from scanner.types import PageResult

    def make(pages: dict[str, list[Number]]) -> Path:
        scans = tmp_path / "scans"
        scans.mkdir(exist_ok=True)
        with open_state(tmp_path / "results.csv.state", "read so") as state:
            state.begin_batch()
            for place, (name, numbers) in enumerate(pages.items()):
                image = np.full((600, 800, 3), 255, np.uint8)
                for number in numbers:
                    corner = number.box.x, number.box.bottom
                    cv2.putText(image, number.text or "?", corner, cv2.FONT_HERSHEY_SIMPLEX, 1, (90, 30, 20), 2)
                path = scans / f"page{place}.png"
                cv2.imwrite(str(path), image)
                sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                state.add_input(place, name, sha256, path.stat().st_size, path)
                state.select_pages(place, (1,))
                state.add_result(place, 1, sha256, PageResult(name, 1, 800, 600, tuple(numbers)), "")
            state.end_batch()
        return tmp_path / "results.csv"

    return make
