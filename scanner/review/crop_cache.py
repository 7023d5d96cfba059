"""A file beside the saved state that keeps the pictures of numbers, so that they are cut once; it may be deleted."""

from __future__ import annotations

import sqlite3
from threading import Lock
from typing import TYPE_CHECKING

from scanner.review.crops import Crop
from scanner.types import Box

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

CropKey = tuple[str, int, Box]
"""SHA-256 of the file, page number, and box of the number."""
_VERSION = 1
"""Version of what is kept, increased when pictures are cut otherwise: those of another version are cut again."""
_TABLE = """
    CREATE TABLE IF NOT EXISTS crops (
        sha256 TEXT, page INTEGER, x INTEGER, y INTEGER, width INTEGER, height INTEGER,
        frame_x INTEGER, frame_y INTEGER, frame_width INTEGER, frame_height INTEGER, jpeg BLOB,
        PRIMARY KEY (sha256, page, x, y, width, height)
    )
"""
_FIND = """
    SELECT frame_x, frame_y, frame_width, frame_height, jpeg FROM crops
    WHERE sha256 = ? AND page = ? AND x = ? AND y = ? AND width = ? AND height = ?
"""
_WAIT_SECONDS = 5.0


class CropCache:
    """Pictures by what they are of; may be used by several threads.  Where no file can be kept, memory serves."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin a new one if it is damaged or of another version."""
        self._lock = Lock()
        try:
            self._database = _open(str(path))
        except sqlite3.DatabaseError:
            path.unlink(missing_ok=True)
            try:
                self._database = _open(str(path))
            except sqlite3.DatabaseError:
                self._database = _open(":memory:")
        except OSError:
            self._database = _open(":memory:")

    def find(self, key: CropKey) -> Crop | None:
        """The picture that is kept; None if there is none."""
        sha256, page, box = key
        with self._lock:
            row = self._database.execute(_FIND, (sha256, page, *box)).fetchone()
        return None if row is None else Crop(Box(*row[:4]), row[4])

    def missing(self, keys: Iterable[CropKey]) -> list[CropKey]:
        """Those of which there is no picture."""
        return [key for key in keys if self.find(key) is None]

    def add(self, crops: Sequence[tuple[CropKey, Crop]]) -> None:
        """Keep pictures."""
        rows = [(key[0], key[1], *key[2], *crop.frame, crop.jpeg) for key, crop in crops]
        with self._lock, self._database:
            self._database.executemany(f"INSERT OR REPLACE INTO crops VALUES ({','.join('?' * 11)})", rows)  # noqa: S608 - only question marks

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._database.close()


def _open(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=_WAIT_SECONDS, check_same_thread=False)
    try:
        # What is lost with the power is cut again.
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = OFF")
        (version,) = database.execute("PRAGMA user_version").fetchone()
        with database:
            if version != _VERSION:
                database.execute("DROP TABLE IF EXISTS crops")
            database.execute(_TABLE)
            database.execute(f"PRAGMA user_version = {_VERSION}")
    except sqlite3.DatabaseError:
        database.close()
        raise
    return database
