from __future__ import annotations

import csv
import io
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from scanner.commands import main
from scanner.commands.standard_input import STDIN, with_standard_input

STRIP = Path(__file__).parents[2] / "samples" / "box_strip.png"


def test_other_inputs_are_left_as_they_are() -> None:
    with with_standard_input((Path("a.png"), Path("b")), 10) as inputs:
        assert inputs == (Path("a.png"), Path("b"))


def test_standard_input_is_read_by_itself() -> None:
    with (
        pytest.raises(click.UsageError, match="only be read by itself"),
        with_standard_input((STDIN, Path("a.png")), 10),
    ):
        pass


def test_an_image_on_standard_input_is_read() -> None:
    arguments = ["scan", "-", "--reader", "contours", "-o", "-", "--jobs", "1"]
    result = CliRunner().invoke(main, arguments, input=STRIP.read_bytes())
    assert result.exit_code == 0
    (row,) = csv.DictReader(io.StringIO(result.stdout))
    assert (row["file"], row["page"], row["text"]) == ("stdin", "1", "029165734")


@pytest.mark.parametrize(
    ("data", "limit", "message"),
    [(b"", "1", "stdin: is empty"), (b"text", "1", "stdin: "), (bytes(2**20 + 1), "1", "stdin: is larger than 1 MiB")],
)
def test_what_is_no_page_is_an_error(data: bytes, limit: str, message: str) -> None:
    arguments = ["scan", "-", "-o", "-", "--jobs", "1", "--max-file-size", limit]
    result = CliRunner().invoke(main, arguments, input=data)
    assert result.exit_code == 3
    assert message in result.stderr


@pytest.mark.parametrize("option", [["--watch"], ["--cluster", "local"]])
def test_standard_input_ends_and_is_on_this_machine(option: list[str]) -> None:
    result = CliRunner().invoke(main, ["scan", "-", *option], input=b"")
    assert result.exit_code == 2
    assert "standard input cannot be read with" in result.stderr
