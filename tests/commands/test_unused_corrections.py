from __future__ import annotations

from scanner.commands.unused_corrections import unused_corrections_line
from scanner.corrections.correction import Correction, Verdict
from scanner.types import Box


def said_of(file: str, page: int) -> Correction:
    place = Box(1, 2, 3, 4)
    return Correction(
        id="a", at="", by="", file=file, sha256="", page=page, box=place, read="", verdict=Verdict.ADDED, text="7"
    )


def test_the_line_names_a_page() -> None:
    assert unused_corrections_line([said_of("a\n.png", 2)]) == (
        "1 correction kept but not used: 'a\\n.png', page 2, is not in these results, or in a file that has changed"
    )
    assert unused_corrections_line([said_of("a.png", 2), said_of("a.png", 2), said_of("b.png", 1)]) == (
        "3 corrections kept but not used: 'a.png', page 2, and 1 more are not in these results, or in a file that has "
        "changed"
    )
