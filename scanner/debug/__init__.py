"""Draw the output of each stage, so that a wrong reading can be traced to the stage at fault.

Constants are choices unless their docstrings say what they were measured on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanner.debug import contact_sheets, page_network_picture, page_pictures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scanner.pipeline import StageOutputs
    from scanner.types import Image

STAGE_PICTURES: tuple[tuple[str, Callable[[StageOutputs], Image | None]], ...] = (
    ("01_gray", page_pictures.draw_gray),
    ("02_flattened", page_pictures.draw_flat),
    ("03_ink", page_pictures.draw_ink),
    ("04_rectified", page_pictures.draw_rectified),
    ("05_page_network", page_network_picture.draw_page_network),
    ("06_rules", page_pictures.draw_rules),
    ("07_ink_without_rules", page_pictures.draw_ink_without_rules),
    ("08_form_structure", page_pictures.draw_form_structure),
    ("09_components", page_pictures.draw_components),
    ("10_text_lines", page_pictures.draw_text_lines),
    ("11_cuts", contact_sheets.draw_cuts),
    ("12_glyphs", contact_sheets.draw_glyphs),
    ("13_line_images", contact_sheets.draw_line_images),
    ("14_numbers", page_pictures.draw_numbers),
)
"""Name of each picture and the function that draws it, in the order of the stages.  The function returns None if its
stage did not run, or had nothing to work on."""


def draw_stage_pictures(outputs: StageOutputs) -> Iterator[tuple[str, Image]]:
    """Draw one picture for each stage that ran, each when it is asked for.

    Args:
        outputs: stages of one page, from :func:`scanner.pipeline.run_stages`.

    Yields:
        The picture's name, which sorts in the order of the stages, and the picture: shape
        (height, width, 3), uint8, BGR.
    """
    for name, draw in STAGE_PICTURES:
        picture = draw(outputs)
        if picture is not None:
            yield name, picture
