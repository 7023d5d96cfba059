import numpy as np
import pytest

from scanner.kinds import CELL, GRID, InkKind
from scanner.synthesis import fonts
from scanner.synthesis.ink import Label
from scanner.training import pages
from scanner.training.pages import Crops, Drawn, PageSample, confusion, page_samples, scores_of, votes_of


def test_every_kind_of_ink_has_the_label_of_its_name() -> None:
    assert {kind.name: label.name for kind, label in pages.LABELS.items()} == {kind.name: kind.name for kind in InkKind}
    assert set(pages.LABELS.values()) == set(Label) - {Label.PAPER}


def test_votes_are_the_share_of_a_cell_that_is_ink_of_a_kind() -> None:
    labels = np.zeros((16, 16), np.uint8)
    labels[:8, :4] = Label.DIGIT
    labels[8:, 8:] = Label.RULE
    mask = np.full((16, 16), 255, np.uint8)
    mask[12:] = 0
    votes = votes_of(labels, mask, (2, 2))
    assert votes.shape == (2, 2, len(InkKind))
    assert votes[..., InkKind.DIGIT].tolist() == [[128, 0], [0, 0]]
    assert votes[..., InkKind.RULE].tolist() == [[0, 0], [0, 128]]
    assert not votes[..., [InkKind.PRINT, InkKind.WRITING, InkKind.MARK, InkKind.PRINTED_DIGIT]].any()


def test_samples_are_the_same_for_the_same_seed_in_one_process_and_in_two(
    families: tuple[fonts.Family, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_PAGES_AT_ONCE", 1)
    alone, together = (page_samples(families[:2], Drawn(), 3, 2, processes) for processes in (1, 2))
    assert len(alone) == len(together) == 2
    for one, other in zip(alone, together, strict=True):
        assert one.shown.dtype == one.votes.dtype == np.uint8
        assert one.shown.shape[0] % GRID == one.shown.shape[1] % GRID == 0
        assert one.votes.shape == (one.shown.shape[0] // CELL, one.shown.shape[1] // CELL, len(InkKind))
        assert one.votes.any()
        assert np.array_equal(one.shown, other.shown)
        assert np.array_equal(one.votes, other.votes)


def test_what_is_ink_is_seen(families: tuple[fonts.Family, ...]) -> None:
    (sample,) = page_samples(families, Drawn(), 5, 1, 1)
    full = sample.votes.max(axis=2) > 200
    means = sample.shown.reshape(full.shape[0], CELL, full.shape[1], CELL).mean(axis=(1, 3))
    assert full.any()
    assert means[full].mean() > 3 * means[sample.votes.max(axis=2) == 0].mean()


def page(rows: int, columns: int, kind: InkKind) -> PageSample:
    votes = np.zeros((rows // CELL, columns // CELL, len(InkKind)), np.uint8)
    votes[..., kind] = 255
    return PageSample(np.full((rows, columns), 255, np.uint8), votes)


def test_cuts_of_a_small_page_are_filled_up_with_paper() -> None:
    shown, votes = Crops([page(16, 24, InkKind.DIGIT)], 3, (32, 32)).make(np.random.default_rng(1))
    assert shown.shape == (3, 32, 32, 1)
    assert votes.shape == (3, 8, 8, len(InkKind))
    assert shown.min() >= 0
    assert shown.max() <= 1
    assert shown[:, :16, :24].mean() > 0.5
    assert shown[:, 16:].mean() < 0.1
    assert votes[:, :4, :6, InkKind.DIGIT].min() == 1
    assert votes.sum() == 3 * 4 * 6


def test_cuts_are_the_same_for_the_same_seed_and_lie_on_their_votes() -> None:
    large = page(64, 64, InkKind.PRINT)
    large.shown[:32], large.votes[:8] = 0, 0
    crops = Crops([large], 8, (16, 16))
    shown, votes = crops.make(np.random.default_rng(2))
    again, _ = crops.make(np.random.default_rng(2))
    assert np.array_equal(shown, again)
    inked = shown.reshape(8, 4, CELL, 4, CELL).mean(axis=(2, 4)) > 0.4
    assert np.array_equal(inked, votes[..., InkKind.PRINT] > 0)
    assert inked.any()


def test_cuts_with_handwritten_digits_come_more_often() -> None:
    # A third of the cuts taken blindly would have some.
    empty = PageSample(np.zeros((128, 128), np.uint8), np.zeros((32, 32, len(InkKind)), np.uint8))
    _, votes = Crops([empty, empty, page(128, 128, InkKind.DIGIT)], 60, (64, 64)).make(np.random.default_rng(3))
    assert (votes[..., InkKind.DIGIT].max(axis=(1, 2)) > 0).mean() > 0.8


def test_ink_is_counted_by_what_it_is_and_what_it_was_taken_for() -> None:
    sample = page(8, 8, InkKind.DIGIT)
    sample.votes[0, 0] = 0
    sample.votes[0, 0, InkKind.PRINT] = 255
    sample.votes[1, 1] = 0

    def look(shown: np.ndarray) -> np.ndarray:
        logits = np.zeros((2, 2, len(InkKind)), np.float32)
        logits[..., InkKind.DIGIT] = 1
        logits[0, 1, InkKind.RULE] = 2
        return logits

    amounts = confusion(look, [sample])
    assert amounts.sum() == 3
    assert amounts[InkKind.DIGIT, InkKind.DIGIT] == 1
    assert amounts[InkKind.DIGIT, InkKind.RULE] == 1
    assert amounts[InkKind.PRINT, InkKind.DIGIT] == 1
    scores = scores_of(amounts)
    assert scores["digit recall"] == 0.5
    assert scores["digit precision"] == 0.5
    assert scores["print recall"] == 0
    assert "printed digit recall" in scores


def test_fonts_held_aside_are_not_trained_with(families: tuple[fonts.Family, ...]) -> None:
    aside = {family.name for family in pages.fonts_aside()}
    assert aside
    assert aside <= pages.FONTS_ASIDE
    assert not pages.FONTS_ASIDE & {family.name for family in families}
    assert {"font-roboto", "matplotlib"} <= set(pages.font_packages())
