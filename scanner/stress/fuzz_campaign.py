"""Coverage-guided fuzzing of the decoders with libFuzzer, through Atheris.

The fuzzer exits at the first failure, by a signal if a decoder crashes, and so it runs in a process of its own.
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
from scanner.isolated_python import program
from scanner.stress.small_pages import draw_small_page
from scanner.stress.undamaged_files import encode_originals

if TYPE_CHECKING:
    from pathlib import Path

_SUBSAMPLING_STEP = 6
"""Every this many rows and columns of a small page are kept: fuzzing works best on files of some hundred bytes."""
_MAX_INPUT_BYTES = 8192
"""Largest input that the fuzzer may generate, bytes: its largest seed file has 5000."""
_INPUT_TIMEOUT_SECONDS = 20
"""Seconds after which an input counts as hanging: decoding one takes about a millisecond."""
_MEMORY_LIMIT_MIB = 2048
"""Memory limit of the fuzzer, MiB: twenty times what it normally takes."""
_START_AND_END_SECONDS = 60.0
"""Seconds allowed for the fuzzer to start and to exit."""
_INPUT_COUNT_PATTERN = re.compile(r"stat::number_of_executed_units: (\d+)")
_ARTIFACT_PATTERN = re.compile(r"Test unit written to (\S+)")


@dataclass(frozen=True, slots=True)
class FuzzResult:
    """Result of fuzzing the decoders."""

    inputs: int
    """Number of inputs decoded."""
    artifact_path: str = ""
    """File with the input that failed; empty if there is none."""
    log_tail: str = ""
    """End of the output of the fuzzer if it failed; empty if it did not."""

    @property
    def passed(self) -> bool:
        """Whether all inputs were decoded correctly."""
        return not self.log_tail


def fuzz_decoders(scratch: Path, seconds: int, seed: int, artifact_folder: Path) -> FuzzResult:
    """Fuzz the decoders for some time, or until an input fails.

    Args:
        scratch: empty folder to write to.
        seconds: how long to fuzz.
        seed: seed of the page that the fuzzer starts from, and of the fuzzer.
        artifact_folder: existing folder for the input that failed.

    Raises:
        NotInstalledError: if Atheris is not installed.
    """
    if find_spec("atheris") is None:
        raise NotInstalledError("fuzzing needs Atheris: install digitscan[fuzz]")
    corpus = scratch / "corpus"
    page = np.ascontiguousarray(draw_small_page(np.random.default_rng(seed))[::_SUBSAMPLING_STEP, ::_SUBSAMPLING_STEP])
    for name, data in encode_originals(page).items():
        write_bytes(corpus / name, data)
    command = [
        *(*program("scanner.stress.fuzz_target"), str(corpus)),
        *(f"-max_total_time={seconds}", f"-seed={seed}", f"-max_len={_MAX_INPUT_BYTES}", "-print_final_stats=1"),
        *(
            f"-timeout={_INPUT_TIMEOUT_SECONDS}",
            f"-rss_limit_mb={_MEMORY_LIMIT_MIB}",
            f"-artifact_prefix={artifact_folder}/fuzzed-",
        ),
    ]
    log, timeout = scratch / "log", seconds + _INPUT_TIMEOUT_SECONDS + _START_AND_END_SECONDS
    with log.open("wb") as stream:
        try:
            exit_code = subprocess.run(  # noqa: S603 - a module of this package
                command, stdout=stream, stderr=subprocess.STDOUT, timeout=timeout, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            return FuzzResult(0, "", f"the fuzzer did not exit within {timeout:g} s: a decoder hangs")
    return _parse_log(exit_code, log.read_text("utf-8", "replace"))


def _parse_log(exit_code: int, log: str) -> FuzzResult:
    inputs = int(match[1]) if (match := _INPUT_COUNT_PATTERN.search(log)) else 0
    if exit_code == 0 and inputs:
        return FuzzResult(inputs)
    artifact = match[1] if (match := _ARTIFACT_PATTERN.search(log)) else ""
    return FuzzResult(inputs, artifact, f"the fuzzer ended with exit code {exit_code}: {log[-2000:]}")
