"""All stages of a page of a known form, from its image to its fields: :func:`run_form_stages` is the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.form_reading.blank_cells import read_cells
from scanner.form_reading.cell_borders import find_cell_borders
from scanner.form_reading.column_endings import flag_column_endings
from scanner.form_reading.cut_off_fields import flag_cut_off
from scanner.form_reading.field_numbers import FieldPage, comb_number, empty_number, picture, single_number, tick
from scanner.form_reading.field_readers import rank_combs, rank_lines
from scanner.form_reading.field_regions import find_field_regions
from scanner.form_reading.field_writing import find_field_writing
from scanner.form_reading.known_print import remove_known_print, scale_print
from scanner.form_reading.placed_fields import place_fields, place_rules, structure_of
from scanner.form_reading.poor_footing import flag_poor_footing
from scanner.form_reading.seen_fields import see_fields
from scanner.forms.applied_rules import apply_rules, checked_fields
from scanner.forms.form import FieldKind
from scanner.geometry.deskew import warp_ink
from scanner.geometry.rectification import RectifiedPage
from scanner.image.measured_ink import measure_ink
from scanner.layout.cell_assignment import assign_to_cells
from scanner.layout.ink_classes import component_class_shares
from scanner.layout.rules import Rules
from scanner.options import DEFAULT_OPTIONS, PageOrCrop, ScanOptions
from scanner.pipeline import read_prepared
from scanner.preparation import PreparationOutputs, isolate_page
from scanner.registration.registration import best_registration
from scanner.sources.decoding import page_label
from scanner.types import PageResult, Step

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from scanner.decision.decisions import Decision
    from scanner.form_reading.blank_cells import WrittenCell
    from scanner.form_reading.field_numbers import FieldNumber
    from scanner.form_reading.field_regions import FieldRegions
    from scanner.form_reading.field_writing import FieldWriting
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.form_reading.reference_page import ReferencePage
    from scanner.pipeline import StageOutputs
    from scanner.preparation import IsolatedPage
    from scanner.reading_models import Models
    from scanner.registration.registration import Registration
    from scanner.types import BrokenRule, Image, Number, PageImage


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FormPreparation:
    """Output of each stage up to the first reading of numbers."""

    registration: Registration
    placed: tuple[PlacedField, ...]
    """The fields, in the order of the form."""
    writing: tuple[FieldWriting, ...]
    """One for each field."""
    contents: tuple[tuple[WrittenCell | None, ...], ...]
    """For each field, what is written in its cells."""
    regions: FieldRegions
    prepared: PreparationOutputs
    """What the stages of any page need."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class FormStageOutputs:
    """Output of each stage, in the order in which they run."""

    reference: ReferencePage
    """The form that the page is."""
    preparation: FormPreparation
    stages: StageOutputs
    """Of the stages of any page."""
    fields: tuple[FieldNumber, ...]
    """One for each field, without what the rules say."""
    numbers: tuple[Number, ...]
    """One for each field, as the rules leave it."""
    broken_rules: tuple[BrokenRule, ...]


def scan_form_page(
    page: PageImage, references: Sequence[ReferencePage], models: Models, options: ScanOptions = DEFAULT_OPTIONS
) -> PageResult:
    """Read the fields of a page.

    Args:
        page: the decoded page.
        references: the forms that it may be, at least one.
        models: models to read with, all of them.
        options: how to read; that it is a page, and upright, is for the form to say.

    Returns:
        A number for each field of the form, empty ones too; or an error if the page is none of the forms.
    """
    return build_form_result(page, run_form_stages(page.image, references, models, options), references)


def run_form_stages(
    image: Image, references: Sequence[ReferencePage], models: Models, options: ScanOptions = DEFAULT_OPTIONS
) -> FormStageOutputs | None:
    """Run all stages on a page, and keep the output of each.

    Args:
        image: shape (height, width, 3), uint8, BGR.
        references: the forms that it may be.
        models: models to read with, all of them.
        options: how to read.

    Returns:
        None if the page is none of the forms.
    """
    isolated = isolate_page(image, options)
    found = best_registration(isolated.scan.flat, [reference.description for reference in references])
    if found is None:
        return None
    reference = references[found[0]]
    preparation = _prepare(image, isolated, found[1], reference, models)
    stages = read_prepared(preparation.prepared, models, options)
    fields = _read_fields(preparation, stages, checked_fields(reference.form), models, options)
    numbers, broken_rules = apply_rules(
        reference.form,
        tuple(field.number for field in fields),
        {field.number.field: field.alternatives for field in fields},
    )
    return FormStageOutputs(
        reference=reference,
        preparation=preparation,
        stages=stages,
        fields=fields,
        numbers=flag_poor_footing(
            flag_column_endings(numbers), reference.form, preparation.registration, reference.description.size
        ),
        broken_rules=broken_rules,
    )


def build_form_result(
    page: PageImage, outputs: FormStageOutputs | None, references: Sequence[ReferencePage]
) -> PageResult:
    """Build the result of :func:`scan_form_page` from the outputs of the stages; None for a page that is no form."""
    height, width = page.image.shape[:2]
    if outputs is None:
        return PageResult(page.file, page.page_number, width, height, error=_not_a_form(page, references))
    name, fit = outputs.reference.form.name, outputs.preparation.registration.fit
    return PageResult(
        page.file,
        page.page_number,
        width,
        height,
        outputs.numbers,
        steps=(
            Step(
                "registration",
                (
                    ("form", name),
                    ("print_found", round(fit.found_share, 3)),
                    ("residual_strokes", round(fit.residual_strokes, 2)),
                ),
            ),
        ),
        scan_quality=outputs.stages.scan_quality,
        form=name,
        broken_rules=outputs.broken_rules,
    )


def _prepare(
    image: Image, isolated: IsolatedPage, registration: Registration, reference: ReferencePage, models: Models
) -> FormPreparation:
    """Find what is written in each field."""
    if models.page_network is None or models.blank_mark_model is None:
        raise ValueError("forms are read with all models, and one is not loaded")
    page_map, scan = registration.page_map, isolated.scan
    rectified = RectifiedPage(page_map.warp(scan.flat), measure_ink(warp_ink(scan.ink, page_map)), page_map)
    scale = page_map.target_size[0] / reference.description.size[0]
    placed = place_fields(reference.form, scale)
    known = scale_print(reference.known_print, page_map.target_size, rectified.ink.stroke_width)
    known |= find_cell_borders(rectified.ink, placed)
    ink = remove_known_print(rectified.ink, known)
    structure = structure_of(placed)
    inked = assign_to_cells(ink, structure)
    writing = find_field_writing(placed, inked)
    contents = read_cells(placed, writing, inked.ink, models.digit_classifier, models.blank_mark_model)
    positive = np.asarray(cv2.bitwise_not(image), np.uint8) if isolated.was_negative else image
    seen = see_fields(models.page_network, rectified, positive, placed)
    regions = find_field_regions(seen.regions, placed, contents, inked)
    prepared = PreparationOutputs(
        was_negative=isolated.was_negative,
        page_or_crop=PageOrCrop.PAGE,
        scan=scan,
        rectified=rectified,
        ink_class_map=seen.ink_class_map,
        number_cores=seen.number_cores,
        number_regions=regions.regions,
        rules=Rules(place_rules(reference.rules, scale), np.asarray(cv2.min(known, rectified.ink.mask), np.uint8)),
        ink_without_rules=ink,
        form_structure=structure,
        cell_assignment=inked,
        class_shares=None if seen.ink_class_map is None else component_class_shares(inked.ink, seen.ink_class_map),
        candidates=regions.numbers,
    )
    return FormPreparation(
        registration=registration,
        placed=placed,
        writing=writing,
        contents=contents,
        regions=regions,
        prepared=prepared,
    )


def _read_fields(
    page: FormPreparation, stages: StageOutputs, checked: Collection[str], models: Models, options: ScanOptions
) -> tuple[FieldNumber, ...]:
    """Decide what each field says."""
    reader = models.text_line_reader
    if reader is None:
        raise ValueError("forms are read with all models, and one is not loaded")
    field_page = FieldPage(page.prepared.cell_assignment.ink, page.prepared.rectified.page_map)
    crops = dict(zip(page.regions.fields, stages.located.crops, strict=False))
    ranked = rank_combs(page.regions, page.contents, page.prepared, reader)
    to_rank = {index: crop for index, crop in crops.items() if page.placed[index].field.name in checked}
    lines = rank_lines(to_rank, reader, options.charset)
    decisions: dict[int, list[Decision]] = {}
    for decision in stages.decisions:
        decisions.setdefault(page.regions.fields[decision.located.crop_index], []).append(decision)
    found = []
    for index, (place, cells) in enumerate(zip(page.placed, page.contents, strict=True)):
        row = index + 1
        if place.field.kind is FieldKind.TICK:
            found.append(tick(place, row, field_page))
        elif place.field.kind is FieldKind.TEXT_IMAGE:
            found.append(picture(place, row, field_page, is_blank=page.writing[index].is_blank))
        elif index in ranked:
            found.append(comb_number(place, row, cells, ranked[index], field_page))
        elif index in crops:
            found.append(single_number(place, row, decisions.get(index, ()), lines.get(index, {}), field_page))
        else:
            found.append(empty_number(place, row, cells, field_page))
    return flag_cut_off(found, page.placed, field_page.page_map)


def _not_a_form(page: PageImage, references: Sequence[ReferencePage]) -> str:
    names = ", ".join(f'"{reference.form.name}"' for reference in references)
    which = f"is not the form {names}" if len(references) == 1 else f"is none of the forms {names}"
    return f"{page_label(page.file, page.page_number)}: {which}; read it without --form, or with that of its own"
