import numpy as np
import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch

from scanner.recognition import ctc
from scanner.recognition.line_reader import LineReader
from scanner.training.line_batches import line_targets
from scanner.training.line_reader import LineReaderNetwork, ctc_loss, export_network
from scanner.training.torch_training import count_parameters


def trained_a_little() -> LineReaderNetwork:
    """A network whose batch normalization is no longer the identity."""
    torch.manual_seed(0)
    network = LineReaderNetwork()
    for _ in range(3):
        network(torch.rand(4, 32, 64, 1) * 3)
    return network.eval()


def test_the_network_gives_a_step_for_every_four_columns() -> None:
    network = LineReaderNetwork().eval()
    for width in (64, 96):
        assert network(torch.zeros(2, 32, width, 1)).shape == (2, width // 4, ctc.CLASS_COUNT)
    assert 600_000 < count_parameters(network) < 2_500_000


def test_opencv_reads_the_network_as_pytorch_does() -> None:
    network = trained_a_little()
    reader = LineReader(export_network(network))
    for count, width in ((1, 64), (5, 184)):
        images = np.random.default_rng(0).integers(0, 256, (count, 32, width)).astype(np.uint8)
        with torch.no_grad():
            expected = network(torch.from_numpy(images)[..., None].float() / 255).numpy()
        np.testing.assert_allclose(reader.logits(images), expected, atol=1e-4)


def test_the_loss_is_the_negative_log_likelihood() -> None:
    logits = np.random.default_rng(0).normal(0, 1, (2, 6, ctc.CLASS_COUNT)).astype(np.float32)
    texts = ["1,1", "30"]
    found = ctc_loss(torch.from_numpy(logits), line_targets(texts, [False, False])).numpy()
    expected = -ctc.log_likelihoods(ctc.log_probabilities(logits, ()), [ctc.encode(text) for text in texts])
    assert found == pytest.approx(expected, rel=1e-4)


def test_where_separators_are_unknown_they_cost_nothing() -> None:
    logits = np.full((1, 3, ctc.CLASS_COUNT), -20, np.float32)
    logits[0, [0, 1, 2], [1, ctc.encode(".")[0], 1]] = 20
    unknown, known = (ctc_loss(torch.from_numpy(logits), line_targets(["11"], [omitted])) for omitted in (True, False))
    assert unknown.numpy() == pytest.approx([0.0], abs=1e-3)
    assert float(known[0]) > 10


def test_a_text_longer_than_its_line_costs_nothing() -> None:
    logits = torch.zeros(1, 2, ctc.CLASS_COUNT)
    assert float(ctc_loss(logits, line_targets(["123"], [False]))[0]) == 0
