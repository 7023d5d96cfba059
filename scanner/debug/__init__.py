"""What each stage made of a page, as pictures: a wrong reading can be traced to the stage that made it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.debug import on_page, sheets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.pipeline import Stages
    from scanner.types import Image

PICTURES: tuple[tuple[str, Callable[[Stages], Image | None]], ...] = (
    ("01_gray", on_page.gray),
    ("02_flat", on_page.flat),
    ("03_ink", on_page.ink),
    ("04_upright", on_page.upright),
    ("05_rules", on_page.rules),
    ("06_clear", on_page.clear),
    ("07_structure", on_page.structure),
    ("08_kinds", on_page.kinds),
    ("09_components", on_page.components),
    ("10_runs", on_page.runs),
    ("11_cuts", sheets.cuts),
    ("12_glyphs", sheets.glyphs),
    ("13_lines", sheets.lines),
    ("14_numbers", on_page.numbers),
)
"""Name and maker of each picture, in the order of the stages; None from a maker if its stage did not run, or had
nothing to work on."""


def debug_pictures(stages: Stages) -> Iterator[tuple[str, Image]]:
    """One picture for each stage that ran, each made when it is asked for.

    Args:
        stages: of one page, from :func:`scanner.pipeline.run_stages`.

    Yields:
        The picture's name, which sorts in the order of the stages, and the picture: shape
        (height, width, 3), uint8, BGR.
    """
    for name, make in PICTURES:
        picture = make(stages)
        if picture is not None:
            yield name, picture
