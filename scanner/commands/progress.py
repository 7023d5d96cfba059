"""What a batch prints on standard error: a progress bar and errors, lines of JSON for programs, or errors only."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Never, Protocol

import click

from scanner.commands.exit_codes import INTERRUPTED_CODE, interrupt_message
from scanner.errors import DigitscanError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tqdm import tqdm

    from scanner.batch.job import BatchOutcome
    from scanner.batch.scheduler import PageEvent
    from scanner.types import PageResult


class ProgressReporter(Protocol):
    """Prints the events of a batch."""

    def page_done(self, event: PageEvent) -> None:
        """Report a page that was read or could not be."""

    def picture_done(self, event: PageEvent) -> None:
        """Report a picture that was drawn, or could not be, after all pages were read."""

    def note(self, text: str) -> None:
        """Print a line for a person."""

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:
        """Report the end, as text and as numbers."""


@contextmanager
def progress_reporter(*, quiet: bool, as_json: bool) -> Iterator[ProgressReporter]:
    """Create the reporter of a batch, to be used inside the block.

    Args:
        quiet: whether to print errors only.
        as_json: whether to print everything as lines of JSON, and nothing else.  Also an exception that leaves the
            block is printed as JSON and becomes click's ``Exit``.
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
        yield _ErrorReporter()
        return
    from tqdm import tqdm

    # disable=None: no bar unless standard error is a terminal.
    with tqdm(unit="page", leave=False, disable=None) as bar:
        yield _ProgressBarReporter(bar)


class BatchPrinter:
    """Passes the events of a batch to a reporter and adds what it says when the results are written."""

    def __init__(self, reporter: ProgressReporter, *, watch: bool) -> None:
        self._reporter, self._watch = reporter, watch
        # A watched folder is read in rounds, each of which finds the same errors again.
        self._once = OnceOnlyReporter(reporter) if watch else reporter

    def page_done(self, event: PageEvent) -> None:
        """Report a page that was read or could not be."""
        self._once.page_done(event)

    def picture_done(self, event: PageEvent) -> None:
        """Report a picture that was drawn or could not be."""
        self._once.picture_done(event)

    def results_written(self, outcome: BatchOutcome, results: Iterable[PageResult]) -> None:
        """Report bad scans; for a watched folder also how many pages were read so far."""
        from scanner.commands.quality_lines import scan_quality_lines
        from scanner.commands.unused_corrections import unused_corrections_line

        for line in scan_quality_lines(results):
            self._once.note(line)
        if outcome.unused_corrections:
            self._once.note(unused_corrections_line(outcome.unused_corrections))
        if self._watch:
            self._reporter.note(f"{outcome.summary.pages} read so far; waiting for more, Ctrl-C ends")


class OnceOnlyReporter:
    """Reports everything once, however many rounds find it again; a page is reported again when it is read again."""

    def __init__(self, reporter: ProgressReporter) -> None:
        self._reporter = reporter
        self._seen: set[str | tuple[str, int]] = set()
        self.picture_done, self.finish = reporter.picture_done, reporter.finish

    def page_done(self, event: PageEvent) -> None:
        """Report a page that was read or could not be."""
        if self._is_new((event.result.file, event.result.page_number)) or not event.was_known:
            self._reporter.page_done(event)

    def note(self, text: str) -> None:
        """Print a line for a person."""
        if self._is_new(text):
            self._reporter.note(text)

    def _is_new(self, thing: str | tuple[str, int]) -> bool:
        is_new = thing not in self._seen
        self._seen.add(thing)
        return is_new


class _ErrorReporter:
    """Prints errors, a line each."""

    def page_done(self, event: PageEvent) -> None:
        for error in (event.result.error, *event.drawing_errors):
            if error:
                self.print_line(error)

    def picture_done(self, event: PageEvent) -> None:
        for error in event.drawing_errors:
            self.print_line(error)

    def print_line(self, text: str) -> None:
        click.echo(text, err=True)

    def note(self, text: str) -> None:
        pass

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:
        pass


class _ProgressBarReporter(_ErrorReporter):
    def __init__(self, bar: tqdm[Never]) -> None:
        self._bar = bar

    def page_done(self, event: PageEvent) -> None:
        super().page_done(event)
        if self._bar.disable:
            return
        self._bar.total = self._bar.n + 1 + event.total_pages - event.done_pages
        if event.was_known:
            # Nothing was read: how long the others take is not told by it.
            self._bar.initial += 1
            self._bar.last_print_n += 1
            self._bar.n += 1
        else:
            self._bar.update()

    def print_line(self, text: str) -> None:
        # Above the bar, so that neither overwrites the other.
        with self._bar.external_write_mode():
            click.echo(text, err=True)

    def note(self, text: str) -> None:
        self.print_line(text)

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:  # noqa: ARG002 - for programs
        self.print_line(summary)


class _JsonReporter:
    def picture_done(self, event: PageEvent) -> None:
        for error in event.drawing_errors:
            self.note(error)

    def page_done(self, event: PageEvent) -> None:
        result = event.result
        entry: dict[str, object] = {
            "file": result.file,
            "page": result.page_number,
            "numbers": len(result.numbers),
            "error": result.error,
            "cause": event.failure_cause.value if event.failure_cause else "",
            "undrawn": list(event.drawing_errors),
            "known": event.was_known,
            "done": event.done_pages,
            "total": event.total_pages,
        }
        _print_event("page", entry)

    def note(self, text: str) -> None:
        _print_event("note", {"text": text})

    def finish(self, summary: str, counts: dict[str, int | float]) -> None:
        _print_event("end", {"summary": summary, **counts})


def _print_event(event: str, entry: dict[str, object]) -> None:
    click.echo(json.dumps({"event": event} | entry), err=True)
