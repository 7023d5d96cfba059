"""Bytes that a fuzzer makes up, decoded: libFuzzer by Atheris, led by which lines of the decoders they reach.

The fuzzer ends when it has found something, by a signal if a decoder crashes,
and so it is a process of its own.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from scanner.atomic_write import write_bytes
from scanner.errors import NotInstalledError
from scanner.isolation import program
from scanner.stress.drawn import draw_small_page
from scanner.stress.originals import encode_originals

if TYPE_CHECKING:
    from pathlib import Path

_SUBSAMPLING_STEP = 6
"""One in so many pixels of a small page, each way: a fuzzer wants files of some hundred bytes."""
_MAX_INPUT_BYTES = 8192
"""Bytes the fuzzer may make of one: the largest that it starts from have five thousand."""
_INPUT_TIMEOUT_SECONDS = 20
"""Seconds for a file that takes a thousandth of one."""
_MEMORY_LIMIT_MIB = 2048
"""Mebibytes: twenty times what the fuzzer takes."""
_START_AND_END_SECONDS = 60.0
"""Seconds for the fuzzer to start, and to end."""
_INPUT_COUNT_PATTERN = re.compile(r"stat::number_of_executed_units: (\d+)")
_ARTIFACT_PATTERN = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """What came of the bytes that a fuzzer made up."""

    inputs: int
    """Decoded."""
    artifact_path: str = ""
    """Where the bytes are that something is wrong with; empty if there are none."""
    log_tail: str = ""
    """The end of what the fuzzer said, where something is wrong."""

    @property
    def passed(self) -> bool:
        """Whether all of them were decoded as they should be."""
        return not self.log_tail


def fuzz_decoders(scratch: Path, seconds: int, seed: int, artifact_folder: Path) -> FuzzResult:
    """Make up files and decode them for some time, or until something is wrong with one.

    Args:
        scratch: an empty folder to write to.
        seconds: how long.
        seed: of the page to start from, and of the fuzzer.
        artifact_folder: folder for the bytes that something is wrong with; it exists.

    Raises:
        MissingPartError: if Atheris is not installed.
    """
    if find_spec("atheris") is None:
        raise NotInstalledError("this needs the package atheris; install digitscan[fuzz]")
    corpus = scratch / "corpus"
    page = np.ascontiguousarray(draw_small_page(np.random.default_rng(seed))[::_SUBSAMPLING_STEP, ::_SUBSAMPLING_STEP])
    for name, data in encode_originals(page).items():
        write_bytes(corpus / name, data)
    command = [
        *(*program("scanner.stress.fuzzer"), str(corpus)),
        *(f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={_MAX_INPUT_BYTES}", "-print_final_stats=1"),
        *(
            f"-timeout={_INPUT_TIMEOUT_SECONDS}",
            f"-rss_limit_mb={_MEMORY_LIMIT_MIB}",
            f"-artifact_prefix={artifact_folder}/fuzzed-",
        ),
    ]
    log, patience = scratch / "log", seconds + _INPUT_TIMEOUT_SECONDS + _START_AND_END_SECONDS
    with log.open("wb") as stream:
        try:
            code = subprocess.run(  # noqa: S603 - the module beside this one
                command, stdout=stream, stderr=subprocess.STDOUT, timeout=patience, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return FuzzResult(0, "", f"the fuzzer took more than {patience:g} s: it hangs where it cannot be told")
    return _parse_log(code, log.read_text("utf-8", "replace"))


def _parse_log(code: int, said: str) -> FuzzResult:
    inputs = int(found[1]) if (found := _INPUT_COUNT_PATTERN.search(said)) else 0
    if code == 0 and inputs:
        return FuzzResult(inputs)
    kept = found[1] if (found := _ARTIFACT_PATTERN.search(said)) else ""
    return FuzzResult(inputs, kept, f"the fuzzer ended with {code}: {said[-2000:]}")
