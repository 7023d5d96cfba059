"""Connectionist temporal classification (CTC): which text the network of a line reader most probably saw.

The network moves along a line in steps of a few columns.  For each step it gives the probability of every character,
and of the "blank", which means "no new character here".  A *path* picks one class per step; its text is found by
merging repeats and then dropping blanks, so that the path ``1 1 _ 1`` reads "11".  Many paths have the same text, and
the probability of a text is the sum over all of its paths (Graves, Fernandez, Gomez & Schmidhuber, "Connectionist
temporal classification", ICML 2006).

Paths need not be counted one by one.  A path through a given text moves along a chain of states: the text's characters,
with a blank before, between and after them.  From one step to the next it stays in its state, moves to the next one, or
skips a blank between two different characters.  Two algorithms work on these states:

* the forward algorithm, :func:`log_likelihoods`: the probability of being in each state, step by step, which adds up
  all paths and gives the probability of the text;
* the Viterbi algorithm, :func:`align`: the same with the maximum instead of the sum, which gives the most probable path
  and so the steps of each character.

The most probable text itself, :func:`best_texts`, is found by prefix beam search (Hannun, Maas, Jurafsky & Ng,
"First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs", 2014).  It keeps the
most probable beginnings of a text, and for each of them two probabilities: of having ended in a blank, and in the last
character.  They differ in what comes next: the same character counts as a new one only after a blank.

Probabilities are passed around as logarithms.  Sums are done on plain probabilities, which takes a tenth of the time.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    LogProbabilities = NDArray[np.float64]

CHARACTERS = "0123456789,.- "
"""The characters a network can read, in the order of its classes: digits, separators, and the break."""
DIGIT_COUNT = 10
"""Number of digits, which come first in ``CHARACTERS``."""
BREAK_CLASS = CHARACTERS.index(" ")
"""Class of the break, which is what stands between two numbers: a sign, a slash or nothing."""
SEPARATOR_CLASSES = tuple(range(DIGIT_COUNT, BREAK_CLASS))
"""Classes of the separators within a number."""
BLANK_CLASS = len(CHARACTERS)
"""Class of the blank, the last one."""
CLASS_COUNT = BLANK_CLASS + 1
"""Number of classes of a network's output."""

_RESCALING_INTERVAL_STEPS = 4
"""Number of steps after which the forward algorithm rescales its probabilities to about 1, before they underflow."""
_BEAM_WIDTH = 8
"""Number of beginnings of a text that beam search keeps at each step."""
_BEAM_RESULT_COUNT = 3
"""Number of texts that beam search returns."""
_MIN_CHARACTER_PROBABILITY = 1e-4
"""Minimum probability of a character at a step for beam search to try it there."""

_Beam = dict[tuple[int, ...], tuple[float, float]]
"""Beginnings of a text, each with the probabilities that it ended in a blank and in its last character."""


def encode(text: str) -> list[int]:
    """Convert a text to classes.

    Raises:
        ValueError: if a character has no class.
    """
    return [CHARACTERS.index(character) for character in text]


def decode(labels: Iterable[int]) -> str:
    """Convert classes to a text."""
    return "".join(CHARACTERS[label] for label in labels)


def log_probabilities(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> LogProbabilities:
    """Convert logits to log probabilities.

    Args:
        logits: shape (..., CLASS_COUNT).
        ignored_classes: classes that count as blanks.

    Returns:
        Log softmax of the same shape; ``ignored_classes`` have -inf, and the blank has their probability.
    """
    logs = logits - logits.max(axis=-1, keepdims=True).astype(np.float64)
    logs -= np.log(np.exp(logs).sum(axis=-1, keepdims=True))
    ignored = list(ignored_classes)
    logs[..., BLANK_CLASS] = np.logaddexp.reduce(logs[..., [*ignored, BLANK_CLASS]], axis=-1)
    logs[..., ignored] = -np.inf
    return np.asarray(logs)


def greedy_labels(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> list[int]:
    """Text of the most probable path, as classes; logits of shape (T, CLASS_COUNT)."""
    return _text_of_path(log_probabilities(logits, ignored_classes).argmax(axis=-1).tolist())


def _text_of_path(path: list[int]) -> list[int]:
    return [label for label, _ in itertools.groupby(path) if label != BLANK_CLASS]


def log_likelihoods(logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> LogProbabilities:
    """Compute the log probability of one text per line by the forward algorithm.

    Args:
        logs: log probabilities, shape (N, T, CLASS_COUNT), T at least 1.
        texts: N texts as classes; they may be empty.

    Returns:
        Shape (N,), at most 0; -inf where a text does not fit into T steps, or is less probable than the best one by a
        factor of 1e300.
    """
    trellis = _Trellis.of(logs, texts)
    emissions = np.exp(trellis.emission_scores)
    skips = trellis.skips_blank[:, 2:].astype(np.float64)
    score = np.exp(trellis.initial_scores)
    log_scale = np.zeros(len(score))
    for t in range(1, logs.shape[1]):
        moved = score.copy()
        moved[:, 1:] += score[:, :-1]
        moved[:, 2:] += skips * score[:, :-2]
        moved *= emissions[:, t]
        score = moved
        if t % _RESCALING_INTERVAL_STEPS == 0:
            peak = score.max(axis=1, initial=0)
            peak[peak == 0] = 1
            score /= peak[:, None]
            log_scale += np.log(peak)
    in_blank, in_label = trellis.final_scores(score, 0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(in_blank + in_label) + log_scale)


def align(logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Find the steps of each character on the most probable path of its text by the Viterbi algorithm.

    Args:
        logs: log probabilities, shape (N, T, CLASS_COUNT), T at least 1.
        texts: N texts as classes; they may be empty.

    Returns:
        For each character of each text the first step that the path spends on it, and the step after the last.

    Raises:
        ValueError: if a text does not fit into T steps.
    """
    spans: list[tuple[tuple[int, int], ...]] = [()] * len(texts)
    others: list[int] = []
    for n, (path, text) in enumerate(zip(logs.argmax(axis=-1).tolist(), texts, strict=True)):
        # The best path of all is also the best path of its own text.
        if _text_of_path(path) == list(text):
            spans[n] = _label_spans(path)
        else:
            others.append(n)
    if others:
        for n, found in zip(others, _viterbi(logs[others], [texts[n] for n in others]), strict=True):
            spans[n] = found
    return tuple(spans)


def _label_spans(path: list[int]) -> tuple[tuple[int, int], ...]:
    """First step of each sequence of equal labels in a path, and the step after its last; blanks left out."""
    bounds = [0, *(t for t in range(1, len(path)) if path[t] != path[t - 1]), len(path)]
    return tuple(span for span in itertools.pairwise(bounds) if path[span[0]] != BLANK_CLASS)


def _viterbi(logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """See :func:`align`."""
    trellis = _Trellis.of(logs, texts)
    score = trellis.initial_scores
    moves = np.zeros((logs.shape[1], *score.shape), np.int8)
    for t in range(1, logs.shape[1]):
        choices = np.stack(
            [score, _shift_states(score, 1), np.where(trellis.skips_blank, _shift_states(score, 2), -np.inf)]
        )
        moves[t] = choices.argmax(axis=0)
        score = choices.max(axis=0) + trellis.emission_scores[:, t]
    in_blank, in_label = trellis.final_scores(score, -np.inf)
    if not np.isfinite(np.maximum(in_blank, in_label)).all():
        raise ValueError(f"a text does not fit into {logs.shape[1]} steps")
    rows = np.arange(len(texts))
    state = np.where(in_blank > in_label, 2 * trellis.text_lengths, 2 * trellis.text_lengths - 1)
    path = np.zeros((len(texts), logs.shape[1]), np.int64)
    for t in range(logs.shape[1] - 1, -1, -1):
        path[:, t] = state
        state = state - moves[t, rows, state]
    return tuple(_state_spans(path[n], len(text)) for n, text in enumerate(texts))


def _state_spans(states: NDArray[np.int64], length: int) -> tuple[tuple[int, int], ...]:
    """First step in the state of each of ``length`` characters, and the step after its last; states never decrease."""
    character_states = 2 * np.arange(length) + 1
    starts = np.searchsorted(states, character_states, side="left")
    ends = np.searchsorted(states, character_states, side="right")
    return tuple(zip(starts.tolist(), ends.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Trellis:
    """The states of N texts: their characters with a blank before, between and after them.

    Even states are blanks and odd ones characters; texts are padded to S states, those of the longest.
    """

    emission_scores: LogProbabilities
    """Shape (N, T, S): log probability of each state's class at each step; -inf for padding."""
    skips_blank: NDArray[np.bool_]
    """Shape (N, S): whether a path may enter a state without the blank before it; not if the character repeats."""
    text_lengths: NDArray[np.int64]
    """Shape (N,): number of characters of each text."""

    @classmethod
    def of(cls, logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> _Trellis:
        lengths = np.array([len(text) for text in texts], np.int64)
        states = np.full((len(texts), 2 * int(lengths.max(initial=0)) + 1), BLANK_CLASS, np.int64)
        for row, text in zip(states, texts, strict=True):
            row[1 : 2 * len(text) : 2] = text
        skips = np.zeros(states.shape, bool)
        skips[:, 2:] = (states[:, 2:] != BLANK_CLASS) & (states[:, 2:] != states[:, :-2])
        emissions = np.take_along_axis(
            logs, np.broadcast_to(states[:, None], (*logs.shape[:2], states.shape[1])), axis=2
        )
        padding = np.arange(states.shape[1]) > 2 * lengths[:, None]
        return cls(np.where(padding[:, None], -np.inf, emissions), skips, lengths)

    @property
    def initial_scores(self) -> LogProbabilities:
        """Log probabilities at the first step, shape (N, S): in the first blank or the first character."""
        score = self.emission_scores[:, 0].copy()
        score[:, 2:] = -np.inf
        return score

    def final_scores(self, score: LogProbabilities, impossible: float) -> tuple[LogProbabilities, LogProbabilities]:
        """Scores of ending in the last blank and in the last character, which is ``impossible`` for an empty text."""
        rows = np.arange(len(score))
        in_label = np.where(self.text_lengths > 0, score[rows, 2 * self.text_lengths - 1], impossible)
        return score[rows, 2 * self.text_lengths], in_label


def _shift_states(score: LogProbabilities, count: int) -> LogProbabilities:
    """Scores moved on by ``count`` states."""
    moved = np.full_like(score, -np.inf)
    moved[:, count:] = score[:, : score.shape[1] - count]
    return moved


def best_texts(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> tuple[list[list[int]], LogProbabilities]:
    """Find the most probable text of each line.

    The text of the most probable path is the best one if its probability is at least one half; beam search is needed
    only for the other lines.

    Args:
        logits: shape (N, T, CLASS_COUNT), T at least 1.
        ignored_classes: classes that count as blanks.

    Returns:
        The texts, as classes, and their log probabilities, shape (N,).
    """
    logs = log_probabilities(logits, ignored_classes)
    texts = [_text_of_path(path) for path in logs.argmax(axis=-1).tolist()]
    likelihoods = log_likelihoods(logs, texts)
    for n in np.flatnonzero(likelihoods < np.log(0.5)):
        rivals = [texts[n], *_beam_search(logs[n])]
        # The beam leaves out the paths that it pruned, so the exact sums decide.
        exact = log_likelihoods(np.repeat(logs[n][None], len(rivals), axis=0), rivals)
        best = int(exact.argmax())
        texts[n], likelihoods[n] = rivals[best], exact[best]
    return texts, likelihoods


def best_text_over_views(
    views: Sequence[NDArray[np.float32]], ignored_classes: Sequence[int]
) -> tuple[list[int], float]:
    """Find the text that is most probable on average over several views of one line.

    Args:
        views: logits of each view, shapes (T, CLASS_COUNT); the text must fit into the steps of the first.
        ignored_classes: classes that count as blanks.

    Returns:
        The text, as classes, and its mean probability, 0-1.
    """
    logs = [log_probabilities(view, ignored_classes) for view in views]
    # Beam search on the other views as well found no text that was better in the end.
    rivals = {tuple(_text_of_path(log.argmax(axis=-1).tolist())) for log in logs}
    rivals.update(tuple(text) for text in _beam_search(logs[0]))
    texts = [list(text) for text in sorted(rivals)]
    probabilities = np.exp([log_likelihoods(np.repeat(log[None], len(texts), axis=0), texts) for log in logs])
    means = np.where(probabilities[0] > 0, probabilities.mean(axis=0), 0)
    best = int(means.argmax())
    return texts[best], float(means[best])


def probable_texts(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> list[list[int]]:
    """Find a few of the most probable texts of a line, as classes, in no particular order.

    Args:
        logits: shape (T, CLASS_COUNT), T at least 1.
        ignored_classes: classes that count as blanks.
    """
    logs = log_probabilities(logits, ignored_classes)
    texts = {tuple(_text_of_path(logs.argmax(axis=-1).tolist())), *map(tuple, _beam_search(logs, _BEAM_WIDTH))}
    return [list(text) for text in sorted(texts)]


def mean_probabilities(
    views: Sequence[NDArray[np.float32]], ignored_classes: Sequence[int], texts: Sequence[Sequence[int]]
) -> NDArray[np.float64]:
    """Mean probability of each text over several views of one line.

    Args:
        views: logits of each view, shapes (T, CLASS_COUNT).
        ignored_classes: classes that count as blanks.
        texts: texts as classes, at least one.

    Returns:
        Shape (texts,), 0-1.
    """
    logs = [log_probabilities(view, ignored_classes) for view in views]
    likelihoods = [log_likelihoods(np.repeat(log[None], len(texts), axis=0), texts) for log in logs]
    return np.asarray(np.exp(likelihoods).mean(axis=0))


def _beam_search(logs: LogProbabilities, count: int = _BEAM_RESULT_COUNT) -> list[list[int]]:
    """Find probable texts of a line by prefix beam search, best first; log probabilities of shape (T, CLASS_COUNT).

    Nothing is rescaled: the best beginning has at least CLASS_COUNT ** -T of all probability.
    """
    beam: _Beam = {(): (1.0, 0.0)}
    in_gap = False
    for row in np.exp(logs).tolist():
        tried = [
            (label, probability)
            for label, probability in enumerate(row[:BLANK_CLASS])
            if probability > _MIN_CHARACTER_PROBABILITY
        ]
        if tried:
            beam = _extend_beam(beam, tried, row)
        elif not in_gap:
            # Further steps of the gap would multiply all beginnings by the same factor.
            beam = {prefix: ((in_blank + in_character), 0.0) for prefix, (in_blank, in_character) in beam.items()}
        in_gap = not tried
    return [list(prefix) for prefix in list(beam)[:count]]


def _extend_beam(beam: _Beam, tried: list[tuple[int, float]], row: list[float]) -> _Beam:
    """Extend the beam by one step, best beginning first."""
    extended: _Beam = {}

    def add(prefix: tuple[int, ...], in_blank: float, in_character: float) -> None:
        old = extended.get(prefix, (0.0, 0.0))
        extended[prefix] = (old[0] + in_blank, old[1] + in_character)

    for prefix, (in_blank, in_character) in beam.items():
        either, last = in_blank + in_character, prefix[-1] if prefix else BLANK_CLASS
        add(prefix, either * row[BLANK_CLASS], in_character * row[last])
        for label, probability in tried:
            add((*prefix, label), 0.0, (in_blank if label == last else either) * probability)
    kept = sorted(extended.items(), key=lambda item: -sum(item[1]))[:_BEAM_WIDTH]
    return dict(kept)
