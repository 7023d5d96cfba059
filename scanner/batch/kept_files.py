"""Files that were moved away after a watched folder read them: their rows cannot be read again, and are not dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.batch.state_database import is_started_over, open_earlier_database, translated_errors
from scanner.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Collection

    from scanner.batch.settings import OutputPaths


def check_kept_files(outputs: OutputPaths, files: Collection[str], *, goes_on: bool) -> None:
    """Check that the results have nothing that only the last batch with the same state could read.

    Args:
        outputs: the files to write.
        files: names of the files to read.
        goes_on: whether the batch keeps what the last one read, as that of a watched folder does.

    Raises:
        OutputError: if they have, or the state cannot be used.
    """
    tables = (outputs.numbers_csv, outputs.results_json, outputs.digits_csv)
    written = [path for path in tables if path is not None and path.is_file() and path.stat().st_size]
    with open_earlier_database(outputs.state) as database:
        if outputs.state is None or database is None or not written:
            return
        with translated_errors(outputs.state):
            started_over = is_started_over(database)
            kept = [file for (file,) in database.execute("SELECT file FROM kept_files ORDER BY file")]
    lost = [file for file in kept if file not in files]
    if not lost or (goes_on and not started_over):
        return
    what = f"{len(lost):,} files that are" if len(lost) > 1 else "1 file that is"
    reader, advice = ("another version", "keep") if started_over else ("--watch", "go on with --watch, keep")
    raise OutputError(
        f"{written[0]}: has what {reader} read of {what} gone or left out now, such as {lost[0]}; {advice} it under"
        " another name, or overwrite it with --force"
    )
