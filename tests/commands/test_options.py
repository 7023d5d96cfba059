from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from scanner.commands.options import exclude_option, include_option, pages_option

if TYPE_CHECKING:
    from click.testing import Result

    from scanner.sources.page_ranges import PageRanges


@click.command()
@pages_option
def choose(pages: PageRanges | None) -> None:
    click.echo(f"pages {pages}")


def chosen(*arguments: str) -> Result:
    return CliRunner().invoke(choose, arguments)


def test_pages_are_parsed() -> None:
    assert chosen("--pages", "9-, 3,1-2").output == "pages 1-3,9-\n"


def test_without_pages_there_is_no_choice() -> None:
    assert chosen().output == "pages None\n"


@pytest.mark.parametrize("text", ["", "0", "3-1", "all", "-1"])
def test_pages_that_are_none_are_wrong_usage(text: str) -> None:
    result = chosen(f"--pages={text}")
    assert result.exit_code == 2
    assert "--pages" in result.output


@click.command()
@include_option
@exclude_option
def sift(include: tuple[str, ...], exclude: tuple[str, ...]) -> None:
    click.echo(f"{include} {exclude}")


@pytest.mark.parametrize(
    ("arguments", "patterns"),
    [
        ((), "() ()"),
        (("--include", "a*", "--exclude", "*b", "--include", "c"), "('a*', 'c') ('*b',)"),
    ],
)
def test_patterns_are_kept_in_order(arguments: tuple[str, ...], patterns: str) -> None:
    assert CliRunner().invoke(sift, arguments).output == f"{patterns}\n"
