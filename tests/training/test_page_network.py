import os

import numpy as np
import pytest

from scanner.layout.ink_classes import InkClass, PageNetwork

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
pytest.importorskip("tensorflow", reason="the training extra is not installed")

import keras

from scanner.training import page_network
from scanner.training.onnx_export import convert_input_to_space_to_depth, export_onnx

pytestmark = [
    # TensorFlow's arrays do not know NumPy 2's copy keyword yet.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    # Keras looks whether NumPy still has the names that tf2onnx uses.
    pytest.mark.filterwarnings("ignore:In the future `np.object` will be defined:FutureWarning"),
]


def test_the_network_answers_for_each_cell_of_a_page_of_any_size() -> None:
    model = page_network.build_network()
    for rows, columns in ((8, 8), (64, 40)):
        shape = model(np.zeros((1, rows, columns, 1), np.float32)).shape
        assert shape == (1, rows // 4, columns // 4, len(InkClass))
    assert 200_000 < model.count_params() < 250_000


def test_every_kind_of_ink_counts_in_the_loss() -> None:
    assert set(page_network.LOSS_WEIGHTS) == set(InkClass)
    assert min(page_network.LOSS_WEIGHTS.values()) > 0


def test_the_loss_is_the_mean_surprise_over_the_ink() -> None:
    votes, logits = np.zeros((2, 1, 2, len(InkClass)), np.float32), np.zeros((2, 1, 2, len(InkClass)), np.float32)
    votes[0, 0, 0, InkClass.DIGIT], votes[1, 0, 0, InkClass.RULE] = 1, 0.5
    logits[0, 0, 0, InkClass.DIGIT] = np.log(5)  # probability 5 in 10
    logits[0, 0, 1, InkClass.MARK] = 50  # on paper: costs nothing
    digit, rule = 1 * page_network.LOSS_WEIGHTS[InkClass.DIGIT], 0.5 * page_network.LOSS_WEIGHTS[InkClass.RULE]
    expected = (digit * np.log(2) + rule * np.log(6)) / (digit + rule)
    found = keras.ops.convert_to_numpy(page_network.ink_class_loss(keras.ops.convert_to_tensor(votes), logits))
    assert found == pytest.approx(expected, rel=1e-5)


def test_signs_and_digits_beside_each_other_count_more() -> None:
    votes = np.zeros((1, 1, 40, len(InkClass)), np.float32)
    votes[0, 0, [3, 30], InkClass.DIGIT] = 1
    votes[0, 0, [5, 15], InkClass.WRITING] = 1
    votes[0, 0, 35, InkClass.MARK] = 1
    harder = keras.ops.convert_to_numpy(page_network._neighbour_weights(keras.ops.convert_to_tensor(votes)))[0, 0]
    # Two cells from a digit, and twelve; a digit by a sign, and one with none near; a mark five cells from a digit.
    assert harder[[5, 15], InkClass.WRITING].tolist() == [2.5, 1]
    assert harder[[3, 30], InkClass.DIGIT].tolist() == [2, 1]
    assert harder[35, InkClass.MARK] == 2.5
    assert (harder[:, [InkClass.PRINT, InkClass.RULE, InkClass.PRINTED_DIGIT]] == 1).all()


def test_an_empty_cut_costs_nothing() -> None:
    empty = keras.ops.zeros((1, 2, 2, len(InkClass)))
    assert keras.ops.convert_to_numpy(page_network.ink_class_loss(empty, empty)) == 0


def test_the_network_learns_and_trains_on_cuts_of_one_size_after_another() -> None:
    keras.utils.set_random_seed(1)
    model = page_network._compile_network(page_network.PageNetworkPlan(epochs=1, steps_per_epoch=20, warm_up_share=0.1))
    rng = np.random.default_rng(0)
    losses = []
    for step in range(12):
        rows, columns = ((32, 64), (64, 32))[step % 2]
        votes = np.zeros((2, rows // 4, columns // 4, len(InkClass)), np.float32)
        votes[0, ..., InkClass.DIGIT], votes[1, ..., InkClass.RULE] = 1, 1
        shown = np.zeros((2, rows, columns, 1), np.float32)
        shown[0] = rng.random((rows, columns, 1)) > 0.5
        shown[1, ::8] = 1
        losses.append(float(model.train_on_batch(shown, votes)))
        model.reset_metrics()
    assert np.isfinite(losses).all()
    assert np.mean(losses[-2:]) < 0.7 * np.mean(losses[:2])


def test_what_is_exported_computes_the_same_on_pages_of_several_sizes() -> None:
    keras.utils.set_random_seed(3)
    model, rng = page_network.build_network(), np.random.default_rng(3)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            # As far from their start as training takes them.
            count = layer.get_weights()[0].shape
            ranges = ((0.5, 1.5), (-0.3, 0.3), (-0.3, 0.3), (0.5, 2.0))
            layer.set_weights([rng.uniform(low, high, count) for low, high in ranges])
    network = PageNetwork(convert_input_to_space_to_depth(export_onnx(model)))
    for shape in ((64, 64), (8, 8), (128, 40), (48, 200), (64, 64)):
        shown = rng.integers(0, 256, shape).astype(np.uint8)
        expected = np.asarray(page_network._page_logits(model, shown))
        assert np.ptp(expected) > 0.5
        assert network.logits(shown) == pytest.approx(expected, abs=1e-4)
