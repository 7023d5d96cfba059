from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from scanner.errors import NotInstalledError
from scanner.stress.fuzz import fuzz_decoders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def atheris() -> None:
    pytest.importorskip("atheris", reason="needs the fuzzer Atheris: install digitscan[fuzz]")


@pytest.mark.usefixtures("atheris")
def test_a_fuzzer_decodes_what_it_makes_up(tmp_path: Path) -> None:
    came = fuzz_decoders(tmp_path / "scratch", 2, 1, tmp_path)
    assert came.passed
    assert came.inputs > 100
    assert not list(tmp_path.glob("fuzzed-*"))


@pytest.mark.usefixtures("atheris")
def test_what_a_fuzzer_finds_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pillow in which no PNG can be opened, and an error that no decoder is known to raise.
    broken = tmp_path / "broken" / "sitecustomize.py"
    broken.parent.mkdir()
    broken.write_text(
        "import PIL.PngImagePlugin\n"
        "def fail(*_):\n    raise Exception(42)\n"
        "PIL.PngImagePlugin.PngImageFile._open = fail\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{broken.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    came = fuzz_decoders(tmp_path / "scratch", 30, 1, tmp_path)
    assert not came.passed
    (kept,) = tmp_path.glob("fuzzed-*")
    assert came.artifact_path == str(kept)
    assert kept.read_bytes().startswith(b"\x89PNG")


def test_without_the_fuzzer_what_to_install_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.fuzz.find_spec", lambda _: None)
    with pytest.raises(NotInstalledError, match=r"digitscan\[fuzz\]"):
        fuzz_decoders(tmp_path, 1, 1, tmp_path)


def test_a_fuzzer_that_does_not_end_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("fuzzer", timeout)

    monkeypatch.setattr("scanner.stress.fuzz.find_spec", lambda _: object())
    monkeypatch.setattr(subprocess, "run", run)
    came = fuzz_decoders(tmp_path / "scratch", 1, 1, tmp_path)
    assert not came.passed
    assert came.log_tail.startswith("the fuzzer took more than 81 s")
