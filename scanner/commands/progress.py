"""What a run says while it goes on: a bar and the pages that failed, lines of JSON for programs, or only failures."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Protocol

import click

from scanner.commands.exit_codes import INTERRUPTED_CODE, interrupt_message
from scanner.errors import DigitscanError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tqdm import tqdm

    from scanner.batch.scheduler import PageEvent


class ProgressReporter(Protocol):
    """Told of all that happens."""

    def page_done(self, event: PageEvent) -> None:
        """Take note of what became of a page."""

    def picture_done(self, event: PageEvent) -> None:
        """Take note of what became of the picture of a page that was read."""

    def note(self, text: str) -> None:
        """Say something to a person."""

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:
        """Say what all came to, in words and in numbers."""


@contextmanager
def progress_reporter(*, quiet: bool, as_json: bool) -> Iterator[ProgressReporter]:
    """What a run is told by on standard error, as long as the block lasts.

    Args:
        quiet: only what went wrong.
        as_json: a line of JSON for everything, what ends the run included, and no other line.
    """
    if as_json:
        try:
            yield _JsonReporter()
        except DigitscanError as error:
            _print_event("error", {"text": str(error), "exit_code": error.exit_code})
            raise click.exceptions.Exit(error.exit_code) from error
        except KeyboardInterrupt as interrupt:
            _print_event("error", {"text": interrupt_message(interrupt), "exit_code": INTERRUPTED_CODE})
            raise click.exceptions.Exit(INTERRUPTED_CODE) from interrupt
        return
    if quiet:
        yield _FailureReporter()
        return
    from tqdm import tqdm as bar_of

    # disable=None: no bar where standard error is no terminal.
    with bar_of(unit=" pages", leave=False, disable=None) as bar:
        yield _ProgressBarReporter(bar)


class OnceOnlyReporter:
    """Tells another of everything once, however many rounds find it again: a page only when it is read anew."""

    def __init__(self, reporter: ProgressReporter) -> None:
        self._reporter = reporter
        self._seen: set[str | tuple[str, int]] = set()
        self.picture_done, self.finish = reporter.picture_done, reporter.finish

    def page_done(self, event: PageEvent) -> None:
        """Take note of what became of a page."""
        if self._is_new((event.result.file, event.result.page_number)) or not event.was_known:
            self._reporter.page_done(event)

    def note(self, text: str) -> None:
        """Say something to a person."""
        if self._is_new(text):
            self._reporter.note(text)

    def _is_new(self, thing: str | tuple[str, int]) -> bool:
        new = thing not in self._seen
        self._seen.add(thing)
        return new


class _FailureReporter:
    """What went wrong, a line each."""

    def page_done(self, event: PageEvent) -> None:
        for complaint in (event.result.error, *event.drawing_errors):
            if complaint:
                self.print_failure(complaint)

    def picture_done(self, event: PageEvent) -> None:
        for complaint in event.drawing_errors:
            self.print_failure(complaint)

    def print_failure(self, text: str) -> None:
        click.echo(text, err=True)

    def note(self, text: str) -> None:
        pass

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:
        pass


class _ProgressBarReporter(_FailureReporter):
    def __init__(self, bar: tqdm[Never]) -> None:
        self._bar = bar

    def page_done(self, event: PageEvent) -> None:
        super().page_done(event)
        self._bar.update()

    def print_failure(self, text: str) -> None:
        # Above the bar, which would be written over otherwise.
        with self._bar.external_write_mode():
            click.echo(text, err=True)

    def note(self, text: str) -> None:
        self.print_failure(text)

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:  # noqa: ARG002 - for programs
        self.print_failure(summary)


class _JsonReporter:
    def picture_done(self, event: PageEvent) -> None:
        for complaint in event.drawing_errors:
            self.note(complaint)

    def page_done(self, event: PageEvent) -> None:
        result = event.result
        entry: dict[str, object] = {"file": result.file, "page": result.page_number, "numbers": len(result.numbers)}
        _print_event(
            "page", entry | {"error": result.error, "undrawn": list(event.drawing_errors), "known": event.was_known}
        )

    def note(self, text: str) -> None:
        _print_event("note", {"text": text})

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:
        _print_event("end", {"summary": summary, **counts})


def _print_event(event: str, entry: dict[str, object]) -> None:
    click.echo(json.dumps({"event": event} | entry), err=True)
