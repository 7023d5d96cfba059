"""What a run says while it goes on: a bar and the pages that failed, lines of JSON for programs, or only failures."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Protocol

import click

from scanner.commands.exits import INTERRUPTED, interrupted
from scanner.errors import DigitscanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tqdm import tqdm

    from scanner.run import PageEvent


class Progress(Protocol):
    """Told of all that happens."""

    def page(self, event: PageEvent) -> None:
        """Take note of what became of a page."""

    def drawn(self, event: PageEvent) -> None:
        """Take note of what became of the picture of a page that was read."""

    def line(self, text: str) -> None:
        """Say something to a person."""

    def end(self, summary: str, counts: dict[str, int | float]) -> None:
        """Say what all came to, in words and in numbers."""


@contextmanager
def progress(*, quiet: bool, as_json: bool) -> Iterator[Progress]:
    """What a run is told by on standard error, as long as the block lasts.

    Args:
        quiet: only what went wrong.
        as_json: a line of JSON for everything, what ends the run included, and no other line.
    """
    if as_json:
        try:
            yield _Json()
        except DigitscanError as error:
            _say("error", {"text": str(error), "exit_code": error.exit_code})
            raise click.exceptions.Exit(error.exit_code) from error
        except KeyboardInterrupt as interrupt:
            _say("error", {"text": interrupted(interrupt), "exit_code": INTERRUPTED})
            raise click.exceptions.Exit(INTERRUPTED) from interrupt
        return
    if quiet:
        yield _Lines()
        return
    from tqdm import tqdm as bar_of

    # disable=None: no bar where standard error is no terminal.
    with bar_of(unit=" pages", leave=False, disable=None) as bar:
        yield _Bar(bar)


class Once:
    """Tells another of everything once, however many rounds find it again: a page only when it is read anew."""

    def __init__(self, told: Progress) -> None:
        self._told = told
        self._said: set[str | tuple[str, int]] = set()
        self.drawn, self.end = told.drawn, told.end

    def page(self, event: PageEvent) -> None:
        """Take note of what became of a page."""
        if self._is_new((event.result.file, event.result.page)) or not event.known:
            self._told.page(event)

    def line(self, text: str) -> None:
        """Say something to a person."""
        if self._is_new(text):
            self._told.line(text)

    def _is_new(self, thing: str | tuple[str, int]) -> bool:
        new = thing not in self._said
        self._said.add(thing)
        return new


class _Lines:
    """What went wrong, a line each."""

    def page(self, event: PageEvent) -> None:
        for complaint in (event.result.error, *event.undrawn):
            if complaint:
                self.complaint(complaint)

    def drawn(self, event: PageEvent) -> None:
        for complaint in event.undrawn:
            self.complaint(complaint)

    def complaint(self, text: str) -> None:
        click.echo(text, err=True)

    def line(self, text: str) -> None:
        pass

    def end(self, summary: str, counts: dict[str, int | float]) -> None:
        pass


class _Bar(_Lines):
    def __init__(self, bar: tqdm[Never]) -> None:
        self._bar = bar

    def page(self, event: PageEvent) -> None:
        super().page(event)
        self._bar.update()

    def complaint(self, text: str) -> None:
        # Above the bar, which would be written over otherwise.
        with self._bar.external_write_mode():
            click.echo(text, err=True)

    def line(self, text: str) -> None:
        self.complaint(text)

    def end(self, summary: str, counts: dict[str, int | float]) -> None:  # noqa: ARG002 - for programs
        self.complaint(summary)


class _Json:
    def drawn(self, event: PageEvent) -> None:
        for complaint in event.undrawn:
            self.line(complaint)

    def page(self, event: PageEvent) -> None:
        result = event.result
        entry: dict[str, object] = {"file": result.file, "page": result.page, "numbers": len(result.numbers)}
        _say("page", entry | {"error": result.error, "undrawn": list(event.undrawn), "known": event.known})

    def line(self, text: str) -> None:
        _say("note", {"text": text})

    def end(self, summary: str, counts: dict[str, int | float]) -> None:
        _say("end", {"summary": summary, **counts})


def _say(event: str, entry: dict[str, object]) -> None:
    click.echo(json.dumps({"event": event} | entry), err=True)
