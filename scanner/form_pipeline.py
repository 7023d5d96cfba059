"""All stages of a page of which a form is known, from its image to its fields: :func:`read_form_page` is the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from scanner.form_reading.cell_borders import find_cell_borders
from scanner.form_reading.field_regions import find_field_regions
from scanner.form_reading.field_writing import find_field_writing
from scanner.form_reading.known_print import remove_known_print, with_tolerance
from scanner.form_reading.placed_fields import place_fields, structure_of
from scanner.geometry.deskew import warp_ink
from scanner.geometry.rectification import RectifiedPage
from scanner.image.measured_ink import measure_ink
from scanner.layout.cell_assignment import assign_to_cells
from scanner.layout.ink_classes import assume_handwritten_without_print, component_class_shares
from scanner.layout.number_search import search_numbers
from scanner.layout.rules import find_rules, remove_rules
from scanner.numbers.candidates import NumberCandidates
from scanner.numbers.region_ink import region_text_lines
from scanner.options import DEFAULT_OPTIONS, PageOrCrop, ScanOptions
from scanner.pipeline import read_prepared
from scanner.preparation import PreparationOutputs, isolate_page
from scanner.registration.registration import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scanner.form_reading.field_regions import FieldRegions
    from scanner.form_reading.placed_fields import PlacedField
    from scanner.form_reading.reference_page import ReferencePage
    from scanner.pipeline import StageOutputs
    from scanner.preparation import IsolatedPage
    from scanner.reading_models import Models
    from scanner.registration.registration import Registration
    from scanner.types import Image


@dataclass(frozen=True, slots=True, eq=False)
class FormStageOutputs:
    registration: Registration
    placed: tuple[PlacedField, ...]
    writing: tuple[FieldWriting, ...]
    regions: FieldRegions
    stages: StageOutputs


def run_form_stages(image: Image, reference: ReferencePage, models: Models, options: ScanOptions = DEFAULT_OPTIONS):
    isolated = isolate_page(image, options)
    registration = register(isolated.scan.flat, reference.description)
    prepared, placed, writing, regions = prepare_form_page(image, isolated, registration, reference, models)
    return FormStageOutputs(registration, placed, writing, regions, read_prepared(prepared, models, options))


def prepare_form_page(image, isolated, registration, reference, models):
    page_map, scan = registration.page_map, isolated.scan
    rectified = RectifiedPage(page_map.warp(scan.flat), measure_ink(warp_ink(scan.ink, page_map)), page_map)
    scale = page_map.target_size[0] / reference.known_print.shape[1]
    placed = place_fields(reference.form, scale)
    known = cv2.resize(reference.known_print, page_map.target_size, interpolation=cv2.INTER_AREA)
    known = np.asarray(cv2.threshold(known, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    rules = find_rules(rectified.ink)
    without_rules = remove_rules(rectified.ink, rules)
    known = with_tolerance(known, rectified.ink.stroke_width) | find_cell_borders(without_rules, placed)
    ink_without_print = remove_known_print(without_rules, known)
    structure = structure_of(placed)
    inked = assign_to_cells(ink_without_print, structure)
    positive = np.asarray(cv2.bitwise_not(image), np.uint8) if isolated.was_negative else image
    maps, seen = search_numbers(models.page_network, rectified.ink, rectified.flat, positive, page_map)
    classes = assume_handwritten_without_print(maps.ink_classes, rectified.ink)
    shares = component_class_shares(inked.ink, classes)
    writing = find_field_writing(placed, inked)
    regions = find_field_regions(seen, placed, writing, inked)
    lines, region_of = region_text_lines(regions.regions, inked.ink)
    prepared = PreparationOutputs(
        was_negative=isolated.was_negative,
        page_or_crop=PageOrCrop.PAGE,
        scan=scan,
        rectified=rectified,
        ink_class_map=classes,
        number_cores=maps.number_cores,
        number_regions=regions.regions,
        rules=rules,
        ink_without_rules=ink_without_print,
        form_structure=structure,
        cell_assignment=inked,
        class_shares=shares,
        candidates=NumberCandidates(np.flatnonzero(region_of >= 0), lines, region_of),
    )
    return prepared, placed, writing, regions
