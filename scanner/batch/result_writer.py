"""The result files of a batch, written when all pages are read, and of a watched folder after each round.

What a file of the batch adds to each of them is made once and kept on the disk, so that what a page that arrives costs
hardly depends on how many were read before: with the texts of the others nothing is done but copying.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from scanner import __version__
from scanner.batch.kept_texts import open_kept_texts
from scanner.batch.manifest import input_text, manifest_json
from scanner.batch.outputs import write_output
from scanner.decision.review import flag_below_threshold
from scanner.results.csv_tables import digits_table, errors_table, numbers_table
from scanner.results.json_results import json_document
from scanner.results.summary import Summary, add_page, add_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from scanner.batch.corrected_results import CorrectedResults
    from scanner.batch.kept_texts import KeptTexts
    from scanner.batch.manifest import BatchRecord
    from scanner.batch.settings import OutputPaths
    from scanner.results.result_format import ResultFormat
    from scanner.types import PageResult


class ResultWriter:
    """Writes the result files of a batch, again and again; open one with ``open_result_writer``."""

    def __init__(self, outputs: OutputPaths, results: CorrectedResults, open_texts: Callable[[], KeptTexts]) -> None:
        style = outputs.csv_style
        formats = (
            (outputs.numbers_csv, numbers_table(style)),
            (outputs.results_json, json_document(__version__)),
            (outputs.digits_csv, digits_table(style)),
            (outputs.errors_csv, errors_table(style)),
        )
        self._corrected, self._state, self._manifest = results, results.state, outputs.manifest_json
        self._results: list[tuple[Path, ResultFormat, KeptTexts]] = [
            (path, result_format, open_texts()) for path, result_format in formats if path is not None
        ]
        self._inputs = open_texts()
        self._all_texts = (self._inputs, *(texts for _, _, texts in self._results))
        self._summaries: dict[str, Summary] = {}

    def forget(self, files: Iterable[str]) -> None:
        """Have what files add be made anew, because they were read or corrected again."""
        for file in files:
            self._summaries.pop(file, None)

    def write(
        self, batch_record: Callable[[Summary], BatchRecord] | None = None, threshold: float | None = None
    ) -> Summary:
        """Write all result files, each whole or not at all.

        Args:
            batch_record: makes the record for the manifest of the counts; None to leave the manifest as it is.
            threshold: minimum confidence of numbers that need no review, if they are to be flagged by another than when
                they were read.

        Returns:
            The counts.

        Raises:
            OutputError: if a file cannot be written.
        """
        files = self._state.files()
        names = [file for _, file in files]
        # The threshold depends on all pages, so that each may have other flags than the last time.
        if threshold is not None or any(texts.is_mostly_waste(names) for texts in self._all_texts):
            self._summaries.clear()
            for texts in self._all_texts:
                texts.clear()
        for index, file in files:
            if file not in self._summaries:
                self._summaries[file] = self._keep(index, file, threshold)
        summary = add_up(self._summaries[file] for file in names)
        for path, result_format, texts in self._results:
            write_output(path, result_format.whole_text(texts.read(names)), self._state.written_files)
        if self._manifest is not None and batch_record is not None:
            chunks = manifest_json(batch_record(summary), self._inputs.read(names))
            write_output(self._manifest, chunks, self._state.written_files)
        return summary

    def _keep(self, index: int, file: str, threshold: float | None) -> Summary:
        """Make what a file adds to each result file; return its counts."""
        summary = Summary()
        results: Iterable[PageResult] = self._corrected.of_files(index, index)
        if threshold is not None:
            results = flag_below_threshold(results, threshold)
        for _, _, texts in self._results:
            texts.begin(file)
        for result in results:
            summary = add_page(summary, result)
            for _, result_format, texts in self._results:
                texts.add(result_format.page_text(result))
        self._inputs.begin(file)
        self._inputs.add(input_text(self._state.input_record(index)))
        return summary


@contextmanager
def open_result_writer(outputs: OutputPaths, results: CorrectedResults) -> Iterator[ResultWriter]:
    """Open what writes the result files of a batch.

    Args:
        outputs: the files to write.
        results: the results of the batch.

    Raises:
        OutputError: if a temporary file cannot be created.
    """
    # Beside the state there is room for the results.
    folder = None if outputs.state is None else outputs.state.parent
    with ExitStack() as stack:
        yield ResultWriter(outputs, results, lambda: stack.enter_context(open_kept_texts(folder)))
