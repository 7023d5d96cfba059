from types import ModuleType

import numpy as np
import pytest

from scanner.recognition import ctc
from scanner.training.number_line_samples import MAX_LABELS, ctc_target

keras = pytest.importorskip("keras", reason="the training extra is not installed")


@pytest.fixture(scope="module")
def numbers() -> ModuleType:
    module: ModuleType = pytest.importorskip(
        "scanner.training.line_reader", reason="the training extra is not installed"
    )
    return module


def test_the_network_gives_a_step_for_every_four_columns(numbers: ModuleType) -> None:
    model = numbers.build_network()
    for width in (64, 96):
        assert model(np.zeros((2, 32, width, 1), np.float32)).shape == (2, width // 4, ctc.CLASS_COUNT)
    assert 300_000 < model.count_params() < 1_000_000


def test_the_loss_is_the_negative_log_likelihood(numbers: ModuleType) -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (2, 6, ctc.CLASS_COUNT)).astype(np.float32)
    texts = [ctc.encode("1,1"), ctc.encode("30")]
    targets = np.stack([ctc_target(text, separators_omitted=False) for text in texts])
    found = keras.ops.convert_to_numpy(numbers.ctc_loss(keras.ops.convert_to_tensor(targets), logits))
    expected = -ctc.log_likelihoods(ctc.log_probabilities(logits, ()), texts)
    assert found == pytest.approx(expected, rel=1e-4)


def test_where_separators_are_unknown_they_cost_nothing(numbers: ModuleType) -> None:
    logits = np.full((1, 3, ctc.CLASS_COUNT), -20, np.float32)
    logits[0, [0, 1, 2], [1, ctc.encode(".")[0], 1]] = 20
    targets = ctc_target(ctc.encode("11"), separators_omitted=True)[None]
    found = keras.ops.convert_to_numpy(numbers.ctc_loss(keras.ops.convert_to_tensor(targets), logits))
    assert found == pytest.approx([0.0], abs=1e-3)
    assert targets[0, MAX_LABELS] == 2


def test_the_network_trains_on_lines_of_one_width_after_another(numbers: ModuleType) -> None:
    model = numbers._compile_network(numbers.LineReaderPlan())
    targets = np.stack([ctc_target(ctc.encode("12"), separators_omitted=False)] * 2)
    for width in (64, 88):
        assert np.isfinite(model.train_on_batch(np.zeros((2, 32, width, 1), np.float32), targets))
