import numpy as np
import pytest

from scanner.datasets import page_sources
from scanner.datasets.page_sources import HandwritingSources
from scanner.layout.ink_classes import INPUT_SIDE_MULTIPLE, OUTPUT_STRIDE, InkClass
from scanner.synthesis import fonts
from scanner.synthesis.page_content import PixelClass
from scanner.training import page_samples
from scanner.training.page_samples import (
    PageNetworkSample,
    PagePatchBatches,
    ink_class_confusion,
    ink_class_scores,
    make_page_samples,
    measure_class_amounts,
)


def test_every_kind_of_ink_has_the_label_of_its_name() -> None:
    assert {
        ink_class.name: pixel_class.name for ink_class, pixel_class in page_samples.PIXEL_CLASS_OF_INK_CLASS.items()
    } == {ink_class.name: ink_class.name for ink_class in InkClass}
    assert set(page_samples.PIXEL_CLASS_OF_INK_CLASS.values()) == set(PixelClass) - {PixelClass.PAPER}


def test_votes_are_the_share_of_a_cell_that_is_ink_of_a_kind() -> None:
    labels = np.zeros((16, 16), np.uint8)
    labels[:8, :4] = PixelClass.DIGIT
    labels[8:, 8:] = PixelClass.RULE
    mask = np.full((16, 16), 255, np.uint8)
    mask[12:] = 0
    votes = measure_class_amounts(labels, mask, (2, 2))
    assert votes.shape == (2, 2, len(InkClass))
    assert votes[..., InkClass.DIGIT].tolist() == [[128, 0], [0, 0]]
    assert votes[..., InkClass.RULE].tolist() == [[0, 0], [0, 128]]
    assert not votes[..., [InkClass.PRINT, InkClass.WRITING, InkClass.MARK, InkClass.PRINTED_DIGIT]].any()


def test_samples_are_the_same_for_the_same_seed_in_one_process_and_in_two(
    families: tuple[fonts.FontFamily, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_samples, "_PAGES_PER_TASK", 1)
    alone, together = (make_page_samples(families[:2], HandwritingSources(), 3, 2, processes) for processes in (1, 2))
    assert len(alone) == len(together) == 2
    for one, other in zip(alone, together, strict=True):
        assert one.network_image.dtype == one.class_amounts.dtype == np.uint8
        assert one.network_image.shape[0] % INPUT_SIDE_MULTIPLE == one.network_image.shape[1] % INPUT_SIDE_MULTIPLE == 0
        assert one.class_amounts.shape == (
            one.network_image.shape[0] // OUTPUT_STRIDE,
            one.network_image.shape[1] // OUTPUT_STRIDE,
            len(InkClass),
        )
        assert one.class_amounts.any()
        assert np.array_equal(one.network_image, other.network_image)
        assert np.array_equal(one.class_amounts, other.class_amounts)


def test_what_is_ink_is_seen(families: tuple[fonts.FontFamily, ...]) -> None:
    (sample,) = make_page_samples(families, HandwritingSources(), 5, 1, 1)
    full = sample.class_amounts.max(axis=2) > 200
    means = sample.network_image.reshape(full.shape[0], OUTPUT_STRIDE, full.shape[1], OUTPUT_STRIDE).mean(axis=(1, 3))
    assert full.any()
    assert means[full].mean() > 3 * means[sample.class_amounts.max(axis=2) == 0].mean()


def page(rows: int, columns: int, ink_class: InkClass) -> PageNetworkSample:
    votes = np.zeros((rows // OUTPUT_STRIDE, columns // OUTPUT_STRIDE, len(InkClass)), np.uint8)
    votes[..., ink_class] = 255
    return PageNetworkSample(np.full((rows, columns), 255, np.uint8), votes)


def test_cuts_of_a_small_page_are_filled_up_with_paper() -> None:
    shown, votes = PagePatchBatches([page(16, 24, InkClass.DIGIT)], 3, (32, 32)).make_batch(np.random.default_rng(1))
    assert shown.shape == (3, 32, 32, 1)
    assert votes.shape == (3, 8, 8, len(InkClass))
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert shown[:, :16, :24].mean() > 0.5
    assert shown[:, 16:].mean() < 0.1
    assert votes[:, :4, :6, InkClass.DIGIT].min() == 1
    assert votes.sum() == 3 * 4 * 6


def test_cuts_are_the_same_for_the_same_seed_and_lie_on_their_votes() -> None:
    large = page(64, 64, InkClass.PRINT)
    large.network_image[:32], large.class_amounts[:8] = 0, 0
    crops = PagePatchBatches([large], 8, (16, 16))
    shown, votes = crops.make_batch(np.random.default_rng(2))
    again, _ = crops.make_batch(np.random.default_rng(2))
    assert np.array_equal(shown, again)
    inked = shown.reshape(8, 4, OUTPUT_STRIDE, 4, OUTPUT_STRIDE).mean(axis=(2, 4)) > 0.4
    assert np.array_equal(inked, votes[..., InkClass.PRINT] > 0)
    assert inked.any()


def test_cuts_with_handwritten_digits_come_more_often() -> None:
    # A third of the cuts taken blindly would have some.
    empty = PageNetworkSample(np.zeros((128, 128), np.uint8), np.zeros((32, 32, len(InkClass)), np.uint8))
    _, votes = PagePatchBatches([empty, empty, page(128, 128, InkClass.DIGIT)], 60, (64, 64)).make_batch(
        np.random.default_rng(3)
    )
    assert (votes[..., InkClass.DIGIT].max(axis=(1, 2)) > 0).mean() > 0.8


def test_ink_is_counted_by_what_it_is_and_what_it_was_taken_for() -> None:
    sample = page(8, 8, InkClass.DIGIT)
    sample.class_amounts[0, 0] = 0
    sample.class_amounts[0, 0, InkClass.PRINT] = 255
    sample.class_amounts[1, 1] = 0

    def look(shown: np.ndarray) -> np.ndarray:
        logits = np.zeros((2, 2, len(InkClass)), np.float32)
        logits[..., InkClass.DIGIT] = 1
        logits[0, 1, InkClass.RULE] = 2
        return logits

    amounts = ink_class_confusion(look, [sample])
    assert amounts.sum() == 3
    assert amounts[InkClass.DIGIT, InkClass.DIGIT] == 1
    assert amounts[InkClass.DIGIT, InkClass.RULE] == 1
    assert amounts[InkClass.PRINT, InkClass.DIGIT] == 1
    scores = ink_class_scores(amounts)
    assert scores["digit recall"] == 0.5
    assert scores["digit precision"] == 0.5
    assert scores["print recall"] == 0
    assert "printed digit recall" in scores


def test_fonts_held_aside_are_not_trained_with(families: tuple[fonts.FontFamily, ...]) -> None:
    held_out = {family.name for family in page_sources.find_held_out_fonts()}
    assert held_out
    assert held_out <= page_sources.HELD_OUT_FAMILIES
    assert not page_sources.HELD_OUT_FAMILIES & {family.name for family in families}
    assert {"font-roboto", "matplotlib"} <= set(page_sources.font_packages())
