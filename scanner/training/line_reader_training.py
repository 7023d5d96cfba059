"""Training of the line reader: epochs, what each learns from, and how far it has come."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import torch

from scanner.datasets.data_folder import DataSplit
from scanner.evaluation.ground_truth import keep_digits
from scanner.recognition.ctc import BREAK_CLASS, CLASS_COUNT, SEPARATOR_CLASSES, decode, greedy_labels
from scanner.recognition.line_image import BUCKET_WIDTHS, LINE_HEIGHT
from scanner.training.batch_prefetching import prefetched_batches
from scanner.training.folded_weights import load_folded_weights
from scanner.training.known_pages import kind_of_name
from scanner.training.line_batches import LineBatches, bucket_indices, line_targets
from scanner.training.line_reader import LineReaderNetwork, ctc_loss
from scanner.training.line_sets import LabelledLines, map_lines, write_lines
from scanner.training.line_shards import ShardMaker, ShardPlan, load_real_sources
from scanner.training.torch_training import NetworkTraining, TrainingSchedule, count_parameters, run_network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from scanner.training.line_batches import LineBatch

    ReportLine = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LineReaderPlan:
    """Hyperparameters of a training run; the defaults took an hour and a half on two busy cores."""

    shard: ShardPlan = field(default_factory=ShardPlan)
    first_shards: int = 10
    """Shards of lines to begin with."""
    shards_per_epoch: float = 0.25
    """Shards that are added with each epoch, while the network is trained."""
    max_shards: int = 31
    """Shards after which no more are made; they take 15 MB each on the disk."""
    epochs: int = 86
    steps_per_epoch: int = 400
    """Batches in an epoch."""
    batch_size: int = 32
    peak_learning_rate: float = 1.5e-3
    """Learning rate of AdamW after the warm-up; it falls to 0 along a cosine."""
    weight_decay: float = 1e-2
    warm_up_share: float = 0.03
    """Share of the steps in which the learning rate rises."""
    average_momentum: float = 0.999
    """Momentum of the moving average of the weights, which is what is exported."""
    page_share: float = 0.28
    """Share of windows of synthetic pages among the lines."""
    first_real_share: float = 0.3
    """Share of real lines among all lines in the first epoch; rises linearly to ``last_real_share``."""
    last_real_share: float = 0.54
    """Share of real lines among all lines in the last epoch."""
    suspect_share: float = 0.035
    """Share of the real numbers of each source left out as probably mislabelled: those with the highest loss."""
    suspects_from: float = 0.35
    """Share of the epochs after which suspects are left out: the network can read by then but has not memorized
    them."""
    suspects_interval_epochs: int = 4
    """Epochs after which suspects are determined again, and the validation split is read."""
    processes: int = 1
    """Processes that make shards; one more makes batches."""
    without: tuple[str, ...] = ()
    """Sources left out: ``cheques``, ``clinic``, ``registers``, and kinds of pages."""

    def shard_count(self, epoch: int) -> int:
        """Shards that an epoch draws lines from."""
        return min(self.first_shards + int(self.shards_per_epoch * epoch), self.max_shards)

    def schedule(self) -> TrainingSchedule:
        """The schedule of all steps."""
        return TrainingSchedule(
            self.epochs * self.steps_per_epoch,
            self.peak_learning_rate,
            self.warm_up_share,
            self.weight_decay,
            self.average_momentum,
            _MAX_GRADIENT_NORM,
        )


_MAX_GRADIENT_NORM = 5.0
"""Norm to which the gradient of all weights is clipped."""
_REAL_WEIGHTS = {"cheques": 1.3, "clinic": 1.1, "registers": 0.8, "spliced": 0.8}
"""Relative frequency of the lines of each real source."""
_KNOWN_PAGES_WEIGHT = 1.0
"""Relative frequency of the lines of all other real pages together, those of a kind by the root of their number."""
_SPLICED_SOURCE = "cheques"
"""What lines named ``spliced`` are made of."""
_EXAMPLE_LINES = 256
"""Lines whose mean and variance in each channel batch normalization begins with, where weights are taken up."""
_LINES_PER_FORWARD_PASS = 128
"""Lines read at a time while nothing is learnt."""


@dataclass(frozen=True, slots=True)
class ReaderFolders:
    """Where a training run finds and leaves what it learns from, and how far it has come."""

    state: Path
    """File of the state after each epoch."""
    shards: Path
    """Folder of the shards, which all runs of a seed share."""
    known_pages: tuple[Path, ...] = ()
    """Folders of lines of real pages, see :class:`scanner.training.known_pages.KnownPages`."""


def train_line_reader(
    folder: Path | None,
    seed: int,
    plan: LineReaderPlan,
    folders: ReaderFolders,
    report_line: ReportLine,
    start: Path | None = None,
) -> NetworkTraining:
    """Train the network, resuming after the last epoch that was finished if there is one.

    Args:
        folder: data folder; None to learn from MNIST and the synthetic pen alone.
        seed: of the initial weights, the lines and the batches.
        plan: hyperparameters.
        folders: where it finds and leaves what it learns from, and how far it has come.
        report_line: called with each line of progress.
        start: weights of an earlier training run that this one begins with; None for random ones.

    Raises:
        DataError: if a source is missing, or the weights to begin with cannot be read or are of another network.
        RuntimeError: if a process that makes lines fails.
    """
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    real: tuple[LabelledLines, ...] = ()
    held_out: tuple[LabelledLines, ...] = ()
    if folder is not None:
        real = load_real_sources(folder, DataSplit.TRAIN).unvaried()
        # Sources that are left out are measured all the same.
        held_out = load_real_sources(folder, DataSplit.VALIDATION).unvaried()
    maker = ShardMaker(folder, seed, plan.shard)
    shards = _existing_shards(folders.shards)
    known_counts = _count_known_lines(folders.known_pages)
    network = LineReaderNetwork()
    if start is not None and not folders.state.exists():
        if not shards:
            shards.append(_write_shard(folders.shards, 0, maker(0)))
        load_folded_weights(network, start, _example_lines(shards[0], seed))
    training = NetworkTraining(network, plan.schedule())
    training.resume(folders.state)
    done = training.steps_done // plan.steps_per_epoch
    report_line(f"{count_parameters(training.network):,} parameters, {done} of {plan.epochs} epochs done")
    left_out: dict[str, frozenset[int]] = {}
    started = time.monotonic()
    with prefetched_batches(maker, range(len(shards), plan.max_shards), plan.processes) as new_shards:
        for epoch in range(done, plan.epochs):
            epoch_started = time.monotonic()
            while len(shards) < plan.shard_count(epoch):
                shards.append(_write_shard(folders.shards, len(shards), next(new_shards)))
            progress = epoch / max(plan.epochs - 1, 1)
            interval = epoch % plan.suspects_interval_epochs == 0
            if progress >= plan.suspects_from and (interval or not left_out):
                left_out = _suspects(training.averaged_network, real, plan.suspect_share)
            shares = _set_shares(shards[0], known_counts, plan, progress)
            lines = (*shards[: plan.shard_count(epoch)], *folders.known_pages)
            batches = LineBatches(lines, shares, left_out, plan.batch_size, seed)
            loss = _train_epoch(training, batches, plan)
            training.seconds_done += time.monotonic() - epoch_started
            training.save(folders.state)
            line = f"epoch {epoch + 1}/{plan.epochs}  loss {loss:.4f}  {time.monotonic() - started:.0f} s"
            if interval or epoch + 1 == plan.epochs:
                line += "".join(
                    f"  {lines.name} {accuracy(training.averaged_network, lines):.2%}" for lines in held_out
                )
            report_line(line + "".join(f"  {len(ids)} {name} left out" for name, ids in left_out.items()))
    return training


def _example_lines(shard: Path, seed: int) -> torch.Tensor:
    """Lines of all sources of a shard, as the network takes them."""
    names = [path.stem for path in shard.glob("*.npy")]
    batches = LineBatches([shard], dict.fromkeys(names, 1 / len(names)), {}, _EXAMPLE_LINES, seed)
    return torch.from_numpy(batches(0).images)[..., None].float() / 255


def _existing_shards(folder: Path) -> list[Path]:
    """Whole shards, in order: what is written last is renamed to its name."""
    shards = sorted(folder.glob("[0-9]*")) if folder.is_dir() else []
    return [shard for index, shard in enumerate(shards) if shard.name == f"{index:04}"]


def _write_shard(folder: Path, index: int, sets: Sequence[LabelledLines]) -> Path:
    partial = folder / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    for lines in sets:
        write_lines(partial, lines)
    return partial.rename(folder / f"{index:04}")


def _count_known_lines(folders: Sequence[Path]) -> dict[str, int]:
    """Number of lines of each kind of page."""
    counts: dict[str, int] = {}
    for folder in folders:
        kind = kind_of_name(folder.name)
        counts[kind] = counts.get(kind, 0) + len(map_lines(folder, kind).texts)
    return counts


def _set_shares(
    shard: Path, known_counts: Mapping[str, int], plan: LineReaderPlan, progress: float
) -> dict[str, float]:
    """Probability that a line is from each set, by name."""
    names = {path.stem for path in shard.glob("*.npy")} - set(plan.without)
    if _SPLICED_SOURCE in plan.without:
        names.discard("spliced")
    weights = {name: weight for name, weight in _REAL_WEIGHTS.items() if name in names}
    roots = {kind: count**0.5 for kind, count in known_counts.items()}
    weights |= {kind: _KNOWN_PAGES_WEIGHT * root / sum(roots.values()) for kind, root in roots.items()}
    real_share = plan.first_real_share + (plan.last_real_share - plan.first_real_share) * progress if weights else 0.0
    shares = {name: real_share * weight / sum(weights.values()) for name, weight in sorted(weights.items())}
    return {"pages": plan.page_share, "synthetic": 1 - plan.page_share - real_share, **shares}


def _train_epoch(training: NetworkTraining, batches: LineBatches, plan: LineReaderPlan) -> float:
    """Train for the rest of an epoch; the mean loss of a line."""
    first = training.steps_done
    total = 0.0
    with prefetched_batches(batches, range(first, first + plan.steps_per_epoch), 1) as made:
        for batch in made:
            total += _train_step(training, batch)
    return total / plan.steps_per_epoch


def _train_step(training: NetworkTraining, batch: LineBatch) -> float:
    inputs = torch.from_numpy(batch.images)[..., None].float() / 255
    return training.train_step(inputs, lambda logits: ctc_loss(logits, batch.targets).mean())


def predict_lines(
    network: torch.nn.Module, lines: LabelledLines
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Predict the logits of all lines, by width bucket: yields indices of lines, and logits (N, T, CLASS_COUNT)."""
    buckets = bucket_indices([image.shape[1] for image in lines.images])
    for bucket in np.unique(buckets):
        members = np.flatnonzero(buckets == bucket)
        for start in range(0, len(members), _LINES_PER_FORWARD_PASS):
            chosen = members[start : start + _LINES_PER_FORWARD_PASS]
            images = np.zeros((len(chosen), LINE_HEIGHT, BUCKET_WIDTHS[bucket], 1), np.float32)
            for row, index in zip(images, chosen, strict=True):
                line = lines.images[index]
                row[:, : line.shape[1], 0] = line / np.float32(255)
            yield chosen, run_network(network, images).reshape(len(chosen), -1, CLASS_COUNT)


def accuracy(network: torch.nn.Module, lines: LabelledLines) -> float:
    """Share of lines that greedy decoding reads exactly; without separators if the texts leave them out."""
    correct = 0
    excluded = (*SEPARATOR_CLASSES, BREAK_CLASS) if lines.separators_omitted else (BREAK_CLASS,)
    for chosen, logits in predict_lines(network, lines):
        for index, line_logits in zip(chosen, logits, strict=True):
            truth = lines.texts[index]
            expected = keep_digits(truth) if lines.separators_omitted else truth
            correct += decode(greedy_labels(line_logits, excluded)) == expected
    return correct / max(len(lines.texts), 1)


def line_losses(network: torch.nn.Module, lines: LabelledLines) -> NDArray[np.float64]:
    """Compute the loss of each line, shape (N,)."""
    losses = np.zeros(len(lines.texts))
    for chosen, logits in predict_lines(network, lines):
        targets = line_targets([lines.texts[index] for index in chosen], [lines.separators_omitted] * len(chosen))
        losses[chosen] = ctc_loss(torch.from_numpy(logits), targets).numpy()
    return losses


def _suspects(network: torch.nn.Module, real: Sequence[LabelledLines], share: float) -> dict[str, frozenset[int]]:
    """The real numbers of each source whose text has the highest loss, by source."""
    suspects = {}
    for lines in real:
        worst = np.argsort(line_losses(network, lines))[::-1][: round(share * len(lines.texts))]
        suspects[lines.name] = frozenset(lines.source_ids[worst].tolist())
    return suspects
