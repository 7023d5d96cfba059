from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from scanner.commands.config_file import config_option
from scanner.commands.options import include_option, parse_share, turn_option

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    Run = Callable[..., Result]


@click.command()
@click.option("--out", "-o", type=click.Path(path_type=Path), default="results.csv")
@click.option("--max-pages", type=click.IntRange(min=1), default=9)
@click.option("--max-error", callback=parse_share)
@click.option("--quiet", is_flag=True)
@turn_option
@include_option
@config_option
def show(**values: object) -> None:
    click.echo(" ".join(f"{name}={values[name]}" for name in sorted(values)))


def shown(config: Path, text: str, *arguments: str) -> Result:
    config.write_text(text, "utf-8")
    return CliRunner().invoke(show, ["--config", str(config), *arguments])


def test_options_are_taken_from_the_file(tmp_path: Path) -> None:
    text = """
    out = "all.csv"
    max-pages = 3
    max-error = "1%"
    quiet = true
    turn = false
    include = ["*.png", "*.pdf"]
    """
    result = shown(tmp_path / "c.toml", text)
    assert result.output == (
        "include=('*.png', '*.pdf') max_error=0.01 max_pages=3 out=all.csv quiet=True turn=False\n"
    )


def test_what_is_typed_goes_before_the_file(tmp_path: Path) -> None:
    text = "max-error = 0.02\nturn = false\nmax-pages = 3"
    result = shown(tmp_path / "c.toml", text, "--max-error", "0.5", "--turn", "-o", "mine.csv")
    assert result.output == "include=() max_error=0.5 max_pages=3 out=mine.csv quiet=False turn=True\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("colour = 1", "colour is no option; there are include, max-error, max-pages, out, quiet, turn"),
        ("config = 'other.toml'", "config is no option"),
        ("no-turn = true", "no-turn is no option"),
        ("help = true", "help is no option"),
        ("quiet = 'yes'", "quiet must be true or false"),
        ("include = '*.png'", "include must be a list of texts"),
        ("include = [1]", "include must be a list of texts"),
        ("out = ['a.csv']", "out must be a text or a number"),
        ("max-pages = true", "max-pages must be a text or a number"),
        ("[scan]\nout = 'a.csv'", "scan is no option"),
        ("out =", "is not TOML"),
        ("max-pages = 0", "'--max-pages'"),
        ("max-error = 'many'", "is not a share"),
    ],
)
def test_what_the_file_cannot_say_is_wrong_usage(tmp_path: Path, text: str, message: str) -> None:
    result = shown(tmp_path / "c.toml", text)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_file_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    result = CliRunner().invoke(show, ["--config", str(tmp_path / "none.toml")])
    assert result.exit_code == 2
    assert "cannot be read" in result.output


def test_no_file_is_found_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("digitscan.toml", ".digitscan.toml", "config.toml", "pyproject.toml"):
        (tmp_path / name).write_text("max-pages = 3\n[tool.digitscan]\nmax-pages = 3", "utf-8")
    assert "max_pages=9" in CliRunner().invoke(show, []).output


def test_scan_takes_its_options_from_a_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scan.toml").write_text("reader = 'contours'\njobs = 1\nout = '-'", "utf-8")
    sample = Path(__file__).parents[2] / "samples" / "box_strip.png"
    assert run("scan", sample, "--config", tmp_path / "scan.toml").stdout.startswith("file,page,number")
