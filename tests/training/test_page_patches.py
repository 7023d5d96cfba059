from pathlib import Path

import numpy as np
import pytest

from scanner.layout.ink_classes import InkClass
from scanner.layout.page_network import INPUT_CHANNELS, NEUTRAL_COLOUR
from scanner.training.page_patches import PagePatchBatches, cut_patch
from scanner.training.page_samples import NO_INK_LABEL, PageNetworkSample, save_page_sample


def sample_with_block() -> PageNetworkSample:
    """A page of 320 x 240 pixels with a number: a block of full ink at (120, 100), 40 x 20 pixels."""
    strength = np.zeros((240, 320), np.uint8)
    strength[100:120, 120:160] = 255
    tone = np.full((120, 160, 3), NEUTRAL_COLOUR, np.uint8)
    tone[..., 0] = strength[::2, ::2]
    labels = np.where(strength > 0, np.uint8(InkClass.DIGIT), np.uint8(NO_INK_LABEL))
    quad = [[(120, 100), (160, 100), (160, 120), (120, 120)]]
    digits = np.array([[120, 100, 140, 120], [140, 100, 160, 120]], np.float32)
    return PageNetworkSample(
        strength, tone, labels, np.array(quad, np.float32), np.ones(1, np.bool_), np.ones(1, np.bool_), digits
    )


@pytest.mark.parametrize("seed", range(12))
def test_boxes_stay_on_the_ink_of_a_patch(seed: int) -> None:
    patch = cut_patch(sample_with_block(), (192, 256), np.random.default_rng(seed))
    assert patch.strength.shape == patch.labels.shape == (192, 256)
    assert patch.tone.shape == (96, 128, 3)
    if not len(patch.quads):
        assert (patch.strength > 127).sum() < 40
        return
    y, x = np.nonzero(patch.labels == InkClass.DIGIT)
    low = np.clip(patch.quads[0].min(axis=0), 0, (256, 192))
    high = np.clip(patch.quads[0].max(axis=0), 0, (256, 192))
    assert [x.min(), y.min()] == pytest.approx(low, abs=1.6)
    assert [x.max() + 1, y.max() + 1] == pytest.approx(high, abs=1.6)
    dark = np.nonzero(patch.tone[..., 0] > 127)
    assert 2 * dark[0].min() == pytest.approx(y.min(), abs=2.1)
    assert 2 * dark[1].max() == pytest.approx(x.max(), abs=2.1)
    middle = patch.digit_boxes.reshape(-1, 2, 2).mean(axis=1).mean(axis=0)
    assert middle == pytest.approx(patch.quads[0].mean(axis=0), abs=0.5)


def test_a_patch_beyond_the_page_is_paper() -> None:
    patch = cut_patch(sample_with_block(), (480, 640), np.random.default_rng(1))
    corners = patch.labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    assert (corners == NO_INK_LABEL).sum() >= 3
    assert (patch.tone[0, 0] == (0, NEUTRAL_COLOUR, NEUTRAL_COLOUR)).all()


def test_batches_are_the_same_for_the_same_seed_and_have_all_answers(tmp_path: Path) -> None:
    path = tmp_path / "page.npz"
    save_page_sample(path, sample_with_block())
    batches = PagePatchBatches([(1.0, [path]), (5.0, [])], 3, (64, 96))
    one, again = (batches.make_batch(np.random.default_rng(4)) for _ in range(2))
    assert one.inputs.shape == (3, INPUT_CHANNELS, 32, 48)
    assert np.array_equal(one.inputs, again.inputs)
    assert one.targets.class_amounts.shape == (3, len(InkClass), 16, 24)
    assert one.targets.cores.shape == one.targets.digits.shape == (3, 4, 16, 24)
    assert one.targets.core_weights.shape == one.targets.digit_weights.shape == (3, 4, 16, 24)
    assert one.targets.distances.shape == (3, 2, 16, 24)
    assert one.targets.distance_weights.shape == (3, 16, 24)
    assert np.array_equal(one.targets.cores, again.targets.cores)
    assert one.targets.cores.any()
