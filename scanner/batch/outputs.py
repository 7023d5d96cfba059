"""The result files of a batch, checked before the work starts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from scanner.atomic_write import encode_chunks
from scanner.batch.settings import STDOUT
from scanner.errors import OutputError
from scanner.results.table_files import TableFormat, check_holds, check_installed, table_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from scanner.batch.settings import OutputPaths
    from scanner.batch.written_files import WrittenFiles
    from scanner.forms.form import Form
    from scanner.types import PageRef, PageResult


def check_outputs(
    outputs: OutputPaths, inputs: Iterable[Path], refs: Sequence[PageRef], forms: Sequence[Form] = ()
) -> None:
    """Check that all files and pictures of a batch can be written, and create their folders.

    Args:
        outputs: the files and the folders for pictures.
        inputs: the files and folders that were given to the batch.
        refs: the files that were found in them.
        forms: the forms that pages are read with.

    Raises:
        OutputError: if a file is a page to read, is named twice or is a folder; if pictures would be taken for pages
            later; or if a folder cannot be created or written to.
        NotInstalledError: if a package that the format of a file needs is not installed.
    """
    if outputs.page_tables is not None:
        table_format = TableFormat.of_path(outputs.page_tables)
        check_installed(table_format)
        check_holds(table_format, forms)
    _check_files(outputs.files, refs)
    inputs = tuple(inputs)
    for folder in outputs.picture_folders:
        _check_picture_folder(folder, inputs, refs)


def write_page_tables(
    results: Iterable[PageResult], outputs: OutputPaths, written_files: WrittenFiles, forms: Sequence[Form] = ()
) -> None:
    """Write the ruled tables of the pages as they are on paper, or the fields of forms, if they are wanted.

    Args:
        results: all pages, in order.  They are iterated twice.
        outputs: the files to write.
        written_files: the record of what batches have written.
        forms: the forms that the pages were read with.

    Raises:
        OutputError: if the file cannot be written.
    """
    path = outputs.page_tables
    if path is not None:
        chunks = table_file(results, TableFormat.of_path(path), outputs.csv_style, outputs.decimal_point, forms)
        _write_bytes(path, chunks, written_files)


def write_output(path: Path, chunks: Iterable[str], written_files: WrittenFiles) -> None:
    """Write text to a file, whole or not at all, or to standard output.

    Args:
        path: path of the file, or ``STDOUT``.
        chunks: the text in chunks, each requested after the one before it is written.
        written_files: the record of what batches have written.

    Raises:
        OutputError: if the file cannot be written.
    """
    # Bytes, because text would get other line ends and another encoding on some machines.
    _write_bytes(path, encode_chunks(chunks), written_files)


def _write_bytes(path: Path, chunks: Iterable[bytes], written_files: WrittenFiles) -> None:
    if path != STDOUT:
        written_files.write(path, chunks)
        return
    sys.stdout.flush()
    for chunk in chunks:
        sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def _check_files(outputs: Sequence[Path], refs: Iterable[PageRef]) -> None:
    pages = {_real_path(ref.path) for ref in refs}
    real_paths = [STDOUT if path == STDOUT else _real_path(path) for path in outputs]
    for path, real_path in zip(outputs, real_paths, strict=True):
        if real_paths.count(real_path) > 1:
            raise OutputError(f"{path}: is named for two results; give each a name of its own")
        if real_path in pages:
            raise OutputError(f"{path}: is one of the pages to read; choose another name")
        if path.is_dir():
            raise OutputError(f"{path}: is a folder; give the name of a file")
        # Pipes and devices are written to directly, whatever their folder.
        if path != STDOUT and not (path.exists() and not path.is_file()):
            _make_folder(real_path.parent)


def _check_picture_folder(folder: Path, inputs: Iterable[Path], refs: Iterable[PageRef]) -> None:
    real_folder = _real_path(folder)
    scanned = [_real_path(path) for path in inputs if path.is_dir()]
    # The folder of a file given by name is no input now, but once it is, the pictures would be taken for pages.
    scanned += [parent for ref in refs if (parent := _real_path(ref.path).parent) == real_folder]
    for source in scanned:
        if real_folder.is_relative_to(source):
            raise OutputError(
                f"{folder}: is in {source}, and its pictures would be read as pages next time; choose another folder"
            )
    _make_folder(real_folder)


def _real_path(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"{folder}: a part of this path is a file; choose another folder") from error
    except OSError as error:
        raise OutputError(f"{folder}: cannot be created ({error.strerror}); choose another folder") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"{folder}: may not be written to; choose another folder or change its permissions")
