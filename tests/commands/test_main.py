"""What all commands have in common."""

from __future__ import annotations

import importlib
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from scanner import __version__, errors
from scanner.commands import main
from scanner.commands.exit_codes import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from click.testing import Result

    Run = Callable[..., Result]
    Start = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parent.parent.parent


def commands_of(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_of(command, (*path, name))
        else:
            yield (*path, name)


def all_errors() -> list[type[errors.DigitscanError]]:
    return [errors.DigitscanError, *errors.DigitscanError.__subclasses__()]


COMMANDS = list(commands_of(main))


def test_the_commands_are_those_documented() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        *("", "scan", "evaluate", "export", "classify", "pad", "web", "samples", "synthesize", "benchmark"),
        *("form", "form blank", "form edit", "form new", "form sample", "form show"),
        *("train", "train average", "train crops", "train digits", "train marks", "train numbers"),
        *("train orientation", "train pages", "train rows", "train svm"),
        *("stress", "stress cluster", "stress fuzz", "stress kills", "stress mutations"),
        *("stress pages", "stress readings"),
    }


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_help_has_an_example(succeed: Run, path: tuple[str, ...]) -> None:
    text = succeed(*path, "--help").stdout
    name = " ".join(("digitscan", *path))
    assert re.search(rf"^  Example:\n(    .*\n)*?    {name}\b", text, re.MULTILINE), text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_example_names_options_that_exist(path: tuple[str, ...]) -> None:
    command: click.Command = main
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    for line in re.findall(r"^  digitscan (.*)$", command.epilog or "", re.MULTILINE):
        words = line.split(">")[0].split()
        called: click.Command = main
        while isinstance(called, click.Group):
            called = called.commands[words.pop(0)]
        try:
            called.make_context("digitscan", words)
        except click.BadParameter as error:
            # Of all that can be wrong, an example may name a folder that the reader has.
            assert "does not exist" in str(error)  # noqa: PT017 - any other error is raised


def test_the_help_names_every_exit_code(succeed: Run) -> None:
    for path in ((), ("scan",)):
        text = succeed(*path, "--help").stdout
        for code, meaning in EXIT_CODES.items():
            assert f"{code}  {meaning}" in text


def test_every_error_of_the_library_has_an_exit_code_of_its_own() -> None:
    kinds = all_errors()
    assert {kind.exit_code for kind in kinds} | {0, 2, 130} == set(EXIT_CODES)
    assert len({kind.exit_code for kind in kinds}) == len(kinds)


def test_the_version(start: Start) -> None:
    assert start("--version").stdout == f"digitscan, version {__version__}\n"


def test_the_installed_script_is_the_same_program() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    module, function = project["scripts"]["digitscan"].split(":")
    assert getattr(importlib.import_module(module), function) is main


def test_the_help_loads_nothing_heavy() -> None:
    # Seconds are the benchmark's to measure; what costs them is looked for here.
    code = "import sys, scanner.commands; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    heavy = {"cv2", "numpy", "PIL", "sklearn", "scipy", "tqdm", "flask", "tkinter", "tensorflow", "pypdfium2"}
    assert not heavy & set(loaded.split())


@pytest.mark.parametrize(
    "arguments", [[], ["scan"], ["scan", "--wrong", "x"], ["scan", "x", "--classifier", "z"], ["no"]]
)
def test_wrong_usage_is_2(run: Run, arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


@pytest.mark.parametrize("kind", all_errors())
def test_an_error_is_one_line_and_its_exit_code(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, kind: type[errors.DigitscanError]
) -> None:
    def fail(directory: Path) -> None:
        raise kind("it broke; mend it")

    monkeypatch.setattr("scanner.synthesis.sample_pages.write_sample_pages", fail)
    result = run("samples", tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (kind.exit_code, "", "Error: it broke; mend it\n")


def test_an_interrupt_is_130(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(directory: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("scanner.synthesis.sample_pages.write_sample_pages", interrupted)
    result = run("samples", tmp_path)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "interrupted\n")


def test_a_library_that_cannot_be_loaded_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unloadable(directory: Path) -> None:
        raise ImportError("libGL.so.1: cannot open shared object file", name="cv2")

    monkeypatch.setattr("scanner.synthesis.sample_pages.write_sample_pages", unloadable)
    result = run("samples", tmp_path)
    assert result.exit_code == 6
    assert re.fullmatch(r"Error: .*libGL\.so\.1.*\n", result.stderr)


def test_a_closed_pipe_gives_no_traceback() -> None:
    command = [sys.executable, str(ROOT / "cli.py"), "scan", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to one process")
def test_ctrl_c_ends_a_scan_with_130_and_no_results(tmp_path: Path) -> None:
    pages = tmp_path / "pages"
    pages.mkdir()
    for place in range(200):
        (pages / f"{place}.png").write_bytes((ROOT / "samples" / "ruled_log.png").read_bytes())
    checked = tmp_path / "checked"
    command = [sys.executable, ROOT / "cli.py", "scan", pages, "--out", tmp_path / "out.csv", "--annotate", checked]
    with subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while process.poll() is None and not any(checked.glob("*.jpg")):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        stderr = process.stderr.read()
    assert (process.returncode, stderr) == (130, "interrupted; the same command resumes where it stopped\n")
    assert not (tmp_path / "out.csv").exists()
    assert not list(tmp_path.rglob("*.tmp"))
