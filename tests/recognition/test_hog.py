import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from scanner.recognition.hog import hog_features

ORIENTATIONS = 9


def test_no_frames_no_features() -> None:
    assert hog_features(np.empty((0, 28, 28), np.uint8)).shape == (0, 1296)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_even_frame_has_no_gradients(value: int) -> None:
    assert not hog_features(np.full((1, 28, 28), value, np.uint8)).any()


def by_orientation(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Sum of all features of a frame, by orientation."""
    return np.asarray(hog_features(frame[None]).reshape(-1, ORIENTATIONS).sum(axis=0))


def test_a_vertical_edge_has_a_level_gradient() -> None:
    edge = np.zeros((28, 28), np.uint8)
    edge[:, 14:] = 255
    sums = by_orientation(edge)
    assert sums.argmax() == 0
    assert sums[1:].sum() == pytest.approx(0.0, abs=1e-5)


def test_a_level_edge_has_a_vertical_gradient_shared_by_the_two_nearest_bins() -> None:
    edge = np.zeros((28, 28), np.uint8)
    edge[14:] = 255
    sums = by_orientation(edge)
    # 90 degrees lie half-way between the bins at 80 and at 100.
    assert sums[4] == pytest.approx(sums[5])
    assert sums[[0, 1, 2, 3, 6, 7, 8]].sum() == pytest.approx(0.0, abs=1e-5)


def test_an_edge_is_the_same_from_either_side() -> None:
    edge = np.zeros((28, 28), np.uint8)
    edge[:, 14:] = 255
    assert by_orientation(edge) == pytest.approx(by_orientation(255 - edge), abs=1e-5)


def test_features_are_local() -> None:
    corner = np.zeros((28, 28), np.uint8)
    corner[1:5, 1:5] = 200
    blocks = hog_features(corner[None]).reshape(6, 6, 4 * ORIENTATIONS)
    assert blocks[0, 0].any()
    assert not blocks[3:].any()
    assert not blocks[:, 3:].any()


@given(arrays(np.uint8, (3, 28, 28)))
def test_every_block_is_at_most_a_unit_vector_and_frames_do_not_mix(frames: NDArray[np.uint8]) -> None:
    features = hog_features(frames)
    assert features.dtype == np.float32
    assert features.shape == (3, 1296)
    assert np.isfinite(features).all()
    assert (features >= 0).all()
    assert (np.linalg.norm(features.reshape(3, 36, 36), axis=2) <= 1.0001).all()
    assert np.allclose(hog_features(frames[1:2])[0], features[1], atol=1e-5)
