"""Where training runs keep what they resume from."""

from __future__ import annotations

import shutil
from pathlib import Path

CHECKPOINTS_FOLDER = Path("checkpoints")
"""Folder of all checkpoints and of what is made for training, below the current one."""


def delete_checkpoints(checkpoint_folder: Path) -> None:
    """Delete the folder of a training run that has ended; nothing if there is none."""
    shutil.rmtree(checkpoint_folder, ignore_errors=True)
