"""The pad: a small window in which to draw a digit and see it read.

Constants are choices unless their docstrings say what they were measured on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.errors import NotInstalledError

if TYPE_CHECKING:
    from pathlib import Path


def run_pad(classifier_name: str, save_to: Path, models: Path | None = None) -> None:
    """Open the pad and wait until its window is closed.

    Args:
        classifier_name: ``"cnn"`` or ``"svm"``.
        save_to: folder for labelled drawings, created when the first is saved; see
            :func:`scanner.pad.labelled_drawings.save_drawing` for its layout.
        models: folder of weights to read with; None for those that come with the program.

    Raises:
        NotInstalledError: if Tkinter or the model is not installed.
        NoDisplayError: if there is no display.
    """
    try:
        from scanner.pad.window import open_pad
    except ModuleNotFoundError as error:
        if error.name not in {"tkinter", "_tkinter"}:
            raise
        raise NotInstalledError("the pad needs Tkinter: install the package python3-tk") from error
    open_pad(classifier_name, save_to, models)
