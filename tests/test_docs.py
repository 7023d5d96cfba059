"""The manual: its commands are valid, its links lead somewhere, and it leaves out no option, column or exit code."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from scanner.commands import main
from scanner.commands.exit_codes import EXIT_CODES
from scanner.results.csv_tables import DIGIT_COLUMNS, ERROR_COLUMNS, RESULT_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
MANUAL = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *MANUAL]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_COMMAND = re.compile(r"^(?:    |\$ )?(digitscan(?: [^#\n]*)?)", re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*")


def page_name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose_of(path: Path) -> str:
    return _FENCE.sub("", path.read_text("utf-8"))


def commands_of(path: Path) -> list[str]:
    """The program's command lines in blocks: fenced ones, and those indented by four."""
    text = path.read_text("utf-8")
    blocks = [body for language, body in _FENCE.findall(text) if language in {"console", "sh"}]
    blocks += [line for line in prose_of(path).splitlines() if line.startswith("    ")]
    return [found.strip() for block in blocks for found in _COMMAND.findall(block)]


def anchors_of(path: Path) -> set[str]:
    """What GitHub calls the headings of a page."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()) for title in _HEADING.findall(prose_of(path)))
    return {title.strip().replace(" ", "-") for title in titles}


def parse_command(line: str) -> None:
    """Parse a command line of the program without running it; raises click's errors."""
    arguments = shlex.split(re.split(r" (?:\||>|2>|;|&&) ?", line)[0])[1:]
    command: click.Command = main
    context = click.Context(command, info_name="digitscan")
    while isinstance(command, click.Group) and arguments and not arguments[0].startswith("-"):
        name, found, arguments = command.resolve_command(context, arguments)
        assert name is not None
        assert found is not None
        command, context = found, click.Context(found, parent=context, info_name=name)
    # An ellipsis, alone or behind a name, stands for what a reader puts there.
    arguments = [argument.removesuffix("...") for argument in arguments if argument != "..."]
    command.make_parser(context).parse_args(arguments)


def all_commands(group: click.Group) -> Iterator[click.Command]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield command
        if isinstance(command, click.Group):
            yield from all_commands(command)


def option_names(command: click.Command) -> set[str]:
    options = (option for option in command.params if isinstance(option, click.Option))
    return {name for option in options for name in (*option.opts, *option.secondary_opts) if name.startswith("--")}


def scan_command() -> click.Command:
    scan = main.get_command(click.Context(main), "scan")
    assert scan is not None
    return scan


@pytest.mark.parametrize("path", PAGES, ids=page_name)
def test_commands_are_valid(path: Path) -> None:
    for line in commands_of(path):
        try:
            parse_command(line)
        except click.ClickException as error:
            pytest.fail(f"{line}: {error.format_message()}")


@pytest.mark.parametrize("path", PAGES, ids=page_name)
def test_no_example_failed(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "Traceback" not in text
    assert "bug in this program" not in text


def test_commands_are_found() -> None:
    assert sum(len(commands_of(path)) for path in PAGES) > 20


def test_wrong_option_is_found() -> None:
    with pytest.raises(click.NoSuchOption):
        parse_command("digitscan scan pages --anotate checked | head")


@pytest.mark.parametrize("path", PAGES, ids=page_name)
def test_options_named_in_prose_exist(path: Path) -> None:
    known = {name for command in all_commands(main) for name in option_names(command)} | {"--help", "--version"}
    named = {name for code in re.findall(r"`([^`\n]+)`", prose_of(path)) for name in _OPTION.findall(code)}
    assert named - known == set()


@pytest.mark.parametrize("path", PAGES, ids=page_name)
def test_links_lead_somewhere(path: Path) -> None:
    for link in _LINK.findall(prose_of(path)):
        if re.match(r"[a-z]+:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        if anchor:
            assert anchor in anchors_of(target), link


def test_index_names_every_page() -> None:
    links = set(_LINK.findall((ROOT / "docs" / "index.md").read_text("utf-8")))
    assert {path.name for path in MANUAL} - {"index.md"} <= links


def test_every_picture_is_shown() -> None:
    shown = {(path.parent / link).resolve() for path in PAGES for link in _LINK.findall(path.read_text("utf-8"))}
    sample_form = ROOT / "docs" / "sample-form"
    assert {path for path in (ROOT / "docs").rglob("*.png") if not path.is_relative_to(sample_form)} <= shown


def test_every_option_of_scan_is_explained() -> None:
    explained = set(_OPTION.findall((ROOT / "docs" / "options.md").read_text("utf-8")))
    assert option_names(scan_command()) - {"--help"} <= explained


def test_every_column_is_explained() -> None:
    explained = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "results.md").read_text("utf-8")))
    # "digit" stands for itself.
    assert {*RESULT_COLUMNS, *DIGIT_COLUMNS, *ERROR_COLUMNS} - {"digit"} <= explained


def test_exit_codes_are_those_of_the_program() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", (ROOT / "docs" / "results.md").read_text("utf-8"), re.MULTILINE)
    assert {int(code): meaning for code, meaning in rows} == EXIT_CODES
