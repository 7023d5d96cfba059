from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from scanner.errors import NotInstalledError
from scanner.stress.fuzz_campaign import fuzz_decoders

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def atheris() -> None:
    pytest.importorskip("atheris", reason="needs the fuzzer Atheris: install digitscan[fuzz]")


@pytest.mark.usefixtures("atheris")
def test_the_decoders_pass_a_short_fuzzing(tmp_path: Path) -> None:
    result = fuzz_decoders(tmp_path / "scratch", 2, 1, tmp_path)
    assert result.passed
    assert result.inputs > 100
    assert not list(tmp_path.glob("fuzzed-*"))


@pytest.mark.usefixtures("atheris")
def test_the_input_that_failed_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Pillow that opens no PNG and raises an error that no decoder is known to raise.
    broken = tmp_path / "broken" / "sitecustomize.py"
    broken.parent.mkdir()
    broken.write_text(
        "import PIL.PngImagePlugin\n"
        "def fail(*_):\n    raise Exception(42)\n"
        "PIL.PngImagePlugin.PngImageFile._open = fail\n"
    )
    monkeypatch.setenv("PYTHONPATH", f"{broken.parent}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    result = fuzz_decoders(tmp_path / "scratch", 30, 1, tmp_path)
    assert not result.passed
    (artifact,) = tmp_path.glob("fuzzed-*")
    assert result.artifact_path == str(artifact)
    assert artifact.read_bytes().startswith(b"\x89PNG")


def test_without_atheris_the_error_names_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scanner.stress.fuzz_campaign.find_spec", lambda _: None)
    with pytest.raises(NotInstalledError, match=r"digitscan\[fuzz\]"):
        fuzz_decoders(tmp_path, 1, 1, tmp_path)


def test_a_fuzzer_that_does_not_exit_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(*_: object, timeout: float, **__: object) -> None:
        raise subprocess.TimeoutExpired("fuzzer", timeout)

    monkeypatch.setattr("scanner.stress.fuzz_campaign.find_spec", lambda _: object())
    monkeypatch.setattr(subprocess, "run", run)
    result = fuzz_decoders(tmp_path / "scratch", 1, 1, tmp_path)
    assert not result.passed
    assert result.log_tail.startswith("the fuzzer did not exit within 81 s")
