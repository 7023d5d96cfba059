from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the training extra is not installed")

import torch

from scanner.training import line_reader_training
from scanner.training.line_reader import LineReaderNetwork
from scanner.training.line_reader_training import (
    LineReaderPlan,
    ReaderFolders,
    accuracy,
    line_losses,
    train_line_reader,
)
from scanner.training.line_sets import LabelledLines


def bars(name: str = "synthetic") -> LabelledLines:
    """Lines of one to three vertical bars, with as many ones for a text."""
    images, texts = [], []
    for index in range(30):
        image = np.zeros((32, 64), np.uint8)
        count = index % 3 + 1
        for bar in range(count):
            image[6:27, 10 + 16 * bar : 14 + 16 * bar] = 255
        images.append(image)
        texts.append("1" * count)
    return LabelledLines(name, tuple(images), tuple(texts), separators_omitted=False, source_ids=np.arange(30))


class BarShards:
    """Makes shards of bars."""

    def __init__(self, *_: object) -> None:
        """Take the arguments of ``ShardMaker``."""

    def __call__(self, index: int) -> tuple[LabelledLines, ...]:
        return bars(), bars("pages")


def plan(epochs: int) -> LineReaderPlan:
    return LineReaderPlan(
        first_shards=1, shards_per_epoch=1.0, max_shards=2, epochs=epochs, steps_per_epoch=3, batch_size=8
    )


def test_training_makes_shards_and_resumes_after_the_last_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_reader_training, "ShardMaker", BarShards)
    report: list[str] = []
    # The schedule of a longer run, interrupted after two epochs.
    folders = ReaderFolders(tmp_path / "run" / "state.pt", tmp_path / "shards")
    first = train_line_reader(None, 1, plan(2), folders, report.append)
    assert first.steps_done == 6
    assert first.seconds_done > 0
    assert sorted(path.name for path in (tmp_path / "shards").iterdir()) == ["0000", "0001"]
    resumed = train_line_reader(None, 1, replace(plan(2), epochs=3), folders, report.append)
    assert resumed.steps_done == 9
    assert any("2 of 3 epochs done" in line for line in report)
    assert sum("epoch 1/" in line for line in report) == 1


def test_shares_sum_to_one_and_real_lines_become_more(tmp_path: Path) -> None:
    for name in ("pages", "synthetic", "cheques", "registers"):
        (tmp_path / f"{name}.npy").touch()
    first, last = (
        line_reader_training._set_shares(tmp_path, {}, LineReaderPlan(), progress) for progress in (0.0, 1.0)
    )
    assert sum(first.values()) == pytest.approx(1)
    assert sum(last.values()) == pytest.approx(1)
    assert set(first) == {"pages", "synthetic", "cheques", "registers"}
    assert first["cheques"] + first["registers"] == pytest.approx(LineReaderPlan().first_real_share)
    assert last["cheques"] > first["cheques"]


def test_what_is_left_out_has_no_share_and_real_pages_have_theirs(tmp_path: Path) -> None:
    for name in ("pages", "synthetic", "cheques", "spliced", "clinic"):
        (tmp_path / f"{name}.npy").touch()
    plan = LineReaderPlan(without=("cheques",), first_real_share=0.42)
    shares = line_reader_training._set_shares(tmp_path, {"tally": 100, "logs": 400}, plan, 0.0)
    assert set(shares) == {"pages", "synthetic", "clinic", "tally", "logs"}
    # The weights are 1.1 of the clinic, and 1 of both kinds of page together, by the roots of 100 and of 400.
    assert shares["clinic"] == pytest.approx(0.42 * 1.1 / 2.1)
    assert (shares["tally"], shares["logs"]) == pytest.approx((0.2 / 3, 0.4 / 3))


def test_losses_and_accuracy_are_of_each_line() -> None:
    torch.manual_seed(0)
    network = LineReaderNetwork().eval()
    lines = bars()
    losses = line_losses(network, lines)
    assert losses.shape == (30,)
    # Lines of the same picture have the same loss.
    assert losses[0] == pytest.approx(losses[3], rel=1e-3)
    assert 0 <= accuracy(network, lines) <= 1


def test_suspects_are_the_lines_with_the_highest_loss() -> None:
    torch.manual_seed(0)
    network, lines = LineReaderNetwork().eval(), bars("cheques")
    losses = line_losses(network, lines)
    suspects = line_reader_training._suspects(network, [lines], 0.1)
    assert len(suspects["cheques"]) == 3
    assert min(losses[list(suspects["cheques"])]) >= np.sort(losses)[-3] - 1e-6
