"""Connectionist temporal classification: what a reader's output says of texts.

The network gives for each step along the line the probabilities of the
characters and of "blank"; a text's probability is the sum over all the ways to
spread it over the steps (Graves, Fernandez, Gomez & Schmidhuber, "Connectionist
temporal classification", ICML 2006).  All here is in logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Logs = NDArray[np.float64]

CHARACTERS = "0123456789,.-"
DIGITS = 10
"""The first so many of CHARACTERS are digits, the others separators."""
BLANK = len(CHARACTERS)
CLASSES = BLANK + 1

_Beam = dict[tuple[int, ...], tuple[float, float]]
"""Texts so far, with the log probabilities of being in a blank and in the last character."""
_BEAM = 8
_HOPELESS = -9.0
"""A character whose log probability is less at a step is not tried there."""


def encode(text: str) -> list[int]:
    """The classes of a text's characters.

    Raises:
        ValueError: if a character has no class.
    """
    return [CHARACTERS.index(character) for character in text]


def decode(labels: Iterable[int]) -> str:
    """The text of classes."""
    return "".join(CHARACTERS[label] for label in labels)


def log_probabilities(logits: NDArray[np.float32], *, digits_only: bool) -> Logs:
    """Log softmax over the last axis, any leading shape; separators are merged into the blank if ``digits_only``."""
    wide = logits.astype(np.float64)
    logs = np.asarray(wide - np.logaddexp.reduce(wide, axis=-1, keepdims=True))
    if digits_only:
        logs[..., BLANK] = np.logaddexp.reduce(logs[..., DIGITS:], axis=-1)
        logs[..., DIGITS:BLANK] = -np.inf
    return logs


def best_labels(logits: NDArray[np.float32], *, digits_only: bool) -> list[int]:
    """Labels along the single best path, shape (T, CLASSES): repeats collapsed, blanks taken out."""
    path = log_probabilities(logits, digits_only=digits_only).argmax(axis=-1)
    changed = np.concatenate([[True], path[1:] != path[:-1]]) if len(path) else np.empty(0, bool)
    return [int(label) for label in path[changed] if label != BLANK]


def log_likelihoods(logs: Logs, texts: Sequence[Sequence[int]]) -> Logs:
    """Log probability of one text for each line: the forward algorithm.

    Args:
        logs: log probabilities, shape (N, T, CLASSES), T at least 1.
        texts: N texts as classes; they may be empty.

    Returns:
        Shape (N,), 0 or less; -inf where a text does not fit into T steps.
    """
    trellis = _Trellis.of(logs, texts)
    score = trellis.first
    for t in range(1, logs.shape[1]):
        stay_or_step = np.logaddexp(score, _moved(score, 1))
        score = np.logaddexp(stay_or_step, np.where(trellis.leaps, _moved(score, 2), -np.inf)) + trellis.emitted[:, t]
    return np.asarray(np.logaddexp(*trellis.ends(score)))


def align(logs: Logs, texts: Sequence[Sequence[int]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Where each character lies on the most probable path of its text: the Viterbi algorithm.

    Args:
        logs: log probabilities, shape (N, T, CLASSES), T at least 1.
        texts: N texts as classes; they may be empty.

    Returns:
        For each text and label the first step, and the one after the last, that
        the path spends on it.

    Raises:
        ValueError: if a text does not fit into T steps.
    """
    trellis = _Trellis.of(logs, texts)
    score = trellis.first
    moves = np.zeros((logs.shape[1], *score.shape), np.int8)
    for t in range(1, logs.shape[1]):
        choices = np.stack([score, _moved(score, 1), np.where(trellis.leaps, _moved(score, 2), -np.inf)])
        moves[t] = choices.argmax(axis=0)
        score = choices.max(axis=0) + trellis.emitted[:, t]
    in_blank, in_label = trellis.ends(score)
    if not np.isfinite(np.maximum(in_blank, in_label)).all():
        raise ValueError(f"a text does not fit into {logs.shape[1]} steps")
    rows = np.arange(len(texts))
    state = np.where(in_blank > in_label, 2 * trellis.lengths, 2 * trellis.lengths - 1)
    path = np.zeros((len(texts), logs.shape[1]), np.int64)
    for t in range(logs.shape[1] - 1, -1, -1):
        path[:, t] = state
        state = state - moves[t, rows, state]
    return tuple(_spans(path[n], len(text)) for n, text in enumerate(texts))


def _spans(path: NDArray[np.int64], count: int) -> tuple[tuple[int, int], ...]:
    """First and after-last step in the state of each of ``count`` labels; a path never goes back."""
    odd = 2 * np.arange(count) + 1
    starts, ends = np.searchsorted(path, odd, side="left"), np.searchsorted(path, odd, side="right")
    return tuple(zip(starts.tolist(), ends.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Trellis:
    """The states of a text: its labels with a blank before, between and behind them, padded to the longest text."""

    emitted: Logs
    """Shape (N, T, S): log probability of each state's class at each step; -inf for padding."""
    leaps: NDArray[np.bool_]
    """Shape (N, S): whether a state can be reached past the blank before it; not if it repeats the label before."""
    lengths: NDArray[np.int64]
    """Shape (N,): labels of each text."""

    @classmethod
    def of(cls, logs: Logs, texts: Sequence[Sequence[int]]) -> _Trellis:
        lengths = np.array([len(text) for text in texts], np.int64)
        states = np.full((len(texts), 2 * int(lengths.max(initial=0)) + 1), BLANK, np.int64)
        for row, text in zip(states, texts, strict=True):
            row[1 : 2 * len(text) : 2] = text
        leaps = np.zeros(states.shape, bool)
        leaps[:, 2:] = (states[:, 2:] != BLANK) & (states[:, 2:] != states[:, :-2])
        emitted = np.take_along_axis(logs, np.broadcast_to(states[:, None], (*logs.shape[:2], states.shape[1])), axis=2)
        padding = np.arange(states.shape[1]) > 2 * lengths[:, None]
        return cls(np.where(padding[:, None], -np.inf, emitted), leaps, lengths)

    @property
    def first(self) -> Logs:
        """Scores at the first step: in the first blank or the first label."""
        score = self.emitted[:, 0].copy()
        score[:, 2:] = -np.inf
        return score

    def ends(self, score: Logs) -> tuple[Logs, Logs]:
        """Scores of ending in the last blank, and in the last label."""
        rows = np.arange(len(score))
        in_label = np.where(self.lengths > 0, score[rows, 2 * self.lengths - 1], -np.inf)
        return score[rows, 2 * self.lengths], in_label


def _moved(score: Logs, by: int) -> Logs:
    """Scores ``by`` states further on."""
    moved = np.full_like(score, -np.inf)
    moved[:, by:] = score[:, : score.shape[1] - by]
    return moved


def best_texts(logits: NDArray[np.float32], *, digits_only: bool) -> tuple[list[list[int]], Logs]:
    """The most probable text of each line, as classes, and its log probability.

    The text of the best path is the best text if more than half of all
    probability is on it; only for the others beams are searched.

    Args:
        logits: shape (N, T, CLASSES), T at least 1.
        digits_only: separators count as blanks.
    """
    logs = log_probabilities(logits, digits_only=digits_only)
    texts = [best_labels(line, digits_only=digits_only) for line in logits]
    likelihoods = log_likelihoods(logs, texts)
    for n in np.flatnonzero(likelihoods < np.log(0.5)):
        rivals = [texts[n], *_beam_search(logs[n])]
        # The beam misses the paths that it pruned: the exact sums decide.
        exact = log_likelihoods(np.repeat(logs[n][None], len(rivals), axis=0), rivals)
        best = int(exact.argmax())
        texts[n], likelihoods[n] = rivals[best], exact[best]
    return texts, likelihoods


_FINALISTS = 3


def _beam_search(logs: Logs) -> list[list[int]]:
    """The most probable texts of a line, shape (T, CLASSES): prefix beam search (Hannun et al., 2014)."""
    beam: _Beam = {(): (0.0, -np.inf)}
    for row in logs:
        beam = _extended(beam, row)
    return [list(prefix) for prefix in list(beam)[:_FINALISTS]]


def _extended(beam: _Beam, row: Logs) -> _Beam:
    """The beam one step on, best first."""
    grown: _Beam = {}
    blank = float(row[BLANK])
    tried = np.flatnonzero(row[:BLANK] > _HOPELESS).tolist()

    def add(prefix: tuple[int, ...], in_blank: float, in_character: float) -> None:
        old = grown.get(prefix, (-np.inf, -np.inf))
        grown[prefix] = (float(np.logaddexp(old[0], in_blank)), float(np.logaddexp(old[1], in_character)))

    for prefix, (in_blank, in_character) in beam.items():
        either = float(np.logaddexp(in_blank, in_character))
        add(prefix, either + blank, in_character + float(row[prefix[-1]]) if prefix else -np.inf)
        for label in tried:
            before = in_blank if prefix and prefix[-1] == label else either
            if before > -np.inf:
                add((*prefix, label), -np.inf, before + float(row[label]))
    kept = sorted(grown, key=lambda prefix: -np.logaddexp(*grown[prefix]))[:_BEAM]
    return {prefix: grown[prefix] for prefix in kept}
