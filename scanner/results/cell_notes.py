"""What a person is told of a doubtful cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scanner.results.wide_tables import WideCell, WideRow


def cell_notes(cell: WideCell) -> tuple[str, ...]:
    """Say why a cell is doubtful, how sure its text is, what else may be meant, and what was crossed out in it.

    Returns:
        A few words each; nothing of a cell that nobody needs to look at.
    """
    # Imported here because it loads NumPy.
    from scanner.decision.review import percent_text

    if not cell.review_reason:
        return ()
    notes = [f"{cell.review_reason}: {cell.crossed_out}" if cell.crossed_out else cell.review_reason]
    if cell.text and cell.confidence is not None:
        notes.append(f"{percent_text(cell.confidence)} sure")
    if cell.suggestion:
        notes.append(f"perhaps {cell.suggestion}")
    return tuple(notes)


def checked_notes(cell: WideCell) -> tuple[str, ...]:
    """Say what a person says of a cell, where that is not what was read.

    Returns:
        A few words each; nothing of a cell that nobody has looked at, or in which the reading was confirmed.
    """
    if not cell.checked or cell.read == cell.text:
        return ()
    return (f"{cell.checked} by a person", f"{cell.read} was read" if cell.read else "nothing was read")


def row_review(row: WideRow, columns: tuple[str, ...]) -> str:
    """Say which cells of a row are doubtful, and why; empty if none is.

    Args:
        row: the row.
        columns: names of the columns of its cells.
    """
    noted = ((column, cell_notes(cell)) for column, cell in zip(columns, row.cells, strict=False))
    return "; ".join(f"{column}: {', '.join(notes)}" for column, notes in noted if notes)
