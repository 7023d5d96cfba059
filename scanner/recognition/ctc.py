"""Connectionist temporal classification: what a reader's output says of texts.

The network gives for each step along the line the probabilities of the
characters and of "blank"; a text's probability is the sum over all the ways to
spread it over the steps (Graves, Fernandez, Gomez & Schmidhuber, "Connectionist
temporal classification", ICML 2006).  Values are in logarithms; sums are done on
plain probabilities, which takes a tenth of the time.
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
DIGIT_COUNT = 10
"""The first so many of CHARACTERS are digits, ..."""
BREAK_CLASS = CHARACTERS.index(" ")
"""... the last is what stands between two numbers, be it a sign, a slash or nothing, ..."""
SEPARATOR_CLASSES = tuple(range(DIGIT_COUNT, BREAK_CLASS))
"""... and those between are the separators within a number."""
BLANK_CLASS = len(CHARACTERS)
CLASS_COUNT = BLANK_CLASS + 1

_Beam = dict[tuple[int, ...], tuple[float, float]]
"""Texts so far, with the probabilities of being in a blank and in the last character."""
_BEAM_WIDTH = 8
_MIN_CHARACTER_PROBABILITY = 1e-4
"""A character whose probability is less at a step is not tried there."""
_RESCALING_INTERVAL_STEPS = 4
"""Steps after which sums of products of probabilities are brought back to about 1, so that they never vanish."""


def encode(text: str) -> list[int]:
    """The classes of a text's characters.

    Raises:
        ValueError: if a character has no class.
    """
    return [CHARACTERS.index(character) for character in text]


def decode(labels: Iterable[int]) -> str:
    """The text of classes."""
    return "".join(CHARACTERS[label] for label in labels)


def log_probabilities(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> LogProbabilities:
    """Log softmax over the last axis, any leading shape; the classes in ``ignored_classes`` are merged into the blank."""
    logs = logits - logits.max(axis=-1, keepdims=True).astype(np.float64)
    logs -= np.log(np.exp(logs).sum(axis=-1, keepdims=True))
    passed = list(ignored_classes)
    logs[..., BLANK_CLASS] = np.logaddexp.reduce(logs[..., [*passed, BLANK_CLASS]], axis=-1)
    logs[..., passed] = -np.inf
    return np.asarray(logs)


def greedy_labels(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> list[int]:
    """Labels along the single best path, shape (T, CLASSES): repeats collapsed, blanks taken out."""
    return _collapse_path(log_probabilities(logits, ignored_classes).argmax(axis=-1).tolist())


def _collapse_path(path: list[int]) -> list[int]:
    return [label for label, _ in itertools.groupby(path) if label != BLANK_CLASS]


def log_likelihoods(logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> LogProbabilities:
    """Log probability of one text for each line: the forward algorithm.

    Args:
        logs: log probabilities, shape (N, T, CLASSES), T at least 1.
        texts: N texts as classes; they may be empty.

    Returns:
        Shape (N,), 0 or less; -inf where a text does not fit into T steps, or
        is less probable than the text read by a factor of 1e300.
    """
    trellis = _Trellis.of(logs, texts)
    emitted = np.exp(trellis.emission_scores)
    leaps = trellis.skips_blank[:, 2:].astype(np.float64)
    score = np.exp(trellis.initial_scores)
    scale = np.zeros(len(score))
    for t in range(1, logs.shape[1]):
        moved = score.copy()
        moved[:, 1:] += score[:, :-1]
        moved[:, 2:] += leaps * score[:, :-2]
        moved *= emitted[:, t]
        score = moved
        if t % _RESCALING_INTERVAL_STEPS == 0:
            peak = score.max(axis=1, initial=0)
            peak[peak == 0] = 1
            score /= peak[:, None]
            scale += np.log(peak)
    in_blank, in_label = trellis.final_scores(score, 0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(in_blank + in_label) + scale)


def align(logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> tuple[tuple[tuple[int, int], ...], ...]:
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
    spans: list[tuple[tuple[int, int], ...]] = [()] * len(texts)
    unlike: list[int] = []
    for n, (path, text) in enumerate(zip(logs.argmax(axis=-1).tolist(), texts, strict=True)):
        # The best path of all is the best of its own text.
        if _collapse_path(path) == list(text):
            spans[n] = _label_spans(path)
        else:
            unlike.append(n)
    if unlike:
        for n, found in zip(unlike, _viterbi(logs[unlike], [texts[n] for n in unlike]), strict=True):
            spans[n] = found
    return tuple(spans)


def _label_spans(path: list[int]) -> tuple[tuple[int, int], ...]:
    """First and after-last step of each run of one label."""
    ends = [0, *(t for t in range(1, len(path)) if path[t] != path[t - 1]), len(path)]
    return tuple(run for run in itertools.pairwise(ends) if path[run[0]] != BLANK_CLASS)


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


def _state_spans(path: NDArray[np.int64], count: int) -> tuple[tuple[int, int], ...]:
    """First and after-last step in the state of each of ``count`` labels; a path never goes back."""
    odd = 2 * np.arange(count) + 1
    starts, ends = np.searchsorted(path, odd, side="left"), np.searchsorted(path, odd, side="right")
    return tuple(zip(starts.tolist(), ends.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Trellis:
    """The states of a text: its labels with a blank before, between and behind them, padded to the longest text."""

    emission_scores: LogProbabilities
    """Shape (N, T, S): log probability of each state's class at each step; -inf for padding."""
    skips_blank: NDArray[np.bool_]
    """Shape (N, S): whether a state can be reached past the blank before it; not if it repeats the label before."""
    text_lengths: NDArray[np.int64]
    """Shape (N,): labels of each text."""

    @classmethod
    def of(cls, logs: LogProbabilities, texts: Sequence[Sequence[int]]) -> _Trellis:
        lengths = np.array([len(text) for text in texts], np.int64)
        states = np.full((len(texts), 2 * int(lengths.max(initial=0)) + 1), BLANK_CLASS, np.int64)
        for row, text in zip(states, texts, strict=True):
            row[1 : 2 * len(text) : 2] = text
        leaps = np.zeros(states.shape, bool)
        leaps[:, 2:] = (states[:, 2:] != BLANK_CLASS) & (states[:, 2:] != states[:, :-2])
        emitted = np.take_along_axis(logs, np.broadcast_to(states[:, None], (*logs.shape[:2], states.shape[1])), axis=2)
        padding = np.arange(states.shape[1]) > 2 * lengths[:, None]
        return cls(np.where(padding[:, None], -np.inf, emitted), leaps, lengths)

    @property
    def initial_scores(self) -> LogProbabilities:
        """Scores at the first step: in the first blank or the first label."""
        score = self.emission_scores[:, 0].copy()
        score[:, 2:] = -np.inf
        return score

    def final_scores(self, score: LogProbabilities, never: float) -> tuple[LogProbabilities, LogProbabilities]:
        """Scores of ending in the last blank, and in the last label: ``never`` if there is none."""
        rows = np.arange(len(score))
        in_label = np.where(self.text_lengths > 0, score[rows, 2 * self.text_lengths - 1], never)
        return score[rows, 2 * self.text_lengths], in_label


def _shift_states(score: LogProbabilities, by: int) -> LogProbabilities:
    """Scores ``by`` states further on."""
    moved = np.full_like(score, -np.inf)
    moved[:, by:] = score[:, : score.shape[1] - by]
    return moved


def best_texts(logits: NDArray[np.float32], ignored_classes: Sequence[int]) -> tuple[list[list[int]], LogProbabilities]:
    """The most probable text of each line, as classes, and its log probability.

    The text of the best path is the best text if more than half of all
    probability is on it; only for the others beams are searched.

    Args:
        logits: shape (N, T, CLASSES), T at least 1.
        ignored_classes: classes that count as blanks.
    """
    logs = log_probabilities(logits, ignored_classes)
    texts = [_collapse_path(path) for path in logs.argmax(axis=-1).tolist()]
    likelihoods = log_likelihoods(logs, texts)
    for n in np.flatnonzero(likelihoods < np.log(0.5)):
        rivals = [texts[n], *_beam_search(logs[n])]
        # The beam misses the paths that it pruned: the exact sums decide.
        exact = log_likelihoods(np.repeat(logs[n][None], len(rivals), axis=0), rivals)
        best = int(exact.argmax())
        texts[n], likelihoods[n] = rivals[best], exact[best]
    return texts, likelihoods


def best_text_over_views(
    views: Sequence[NDArray[np.float32]], ignored_classes: Sequence[int]
) -> tuple[list[int], float]:
    """The text that several looks at one line find most probable on average, as classes, and that probability.

    Args:
        views: logits of each look, shapes (T, CLASSES); the text fits into the steps of the first.
        ignored_classes: classes that count as blanks.
    """
    logs = [log_probabilities(view, ignored_classes) for view in views]
    # The looks differ enough: beams of the others bring no text that is better in the end.
    rivals = {tuple(_collapse_path(log.argmax(axis=-1).tolist())) for log in logs}
    rivals.update(tuple(text) for text in _beam_search(logs[0]))
    texts = [list(text) for text in sorted(rivals)]
    chances = np.exp([log_likelihoods(np.repeat(log[None], len(texts), axis=0), texts) for log in logs])
    means = np.where(chances[0] > 0, chances.mean(axis=0), 0)
    best = int(means.argmax())
    return texts[best], float(means[best])


_BEAM_RESULT_COUNT = 3


def _beam_search(logs: LogProbabilities) -> list[list[int]]:
    """The most probable texts of a line, shape (T, CLASSES): prefix beam search (Hannun et al., 2014).

    Nothing is rescaled: the best of a line's beams has at least CLASSES ** -T of all probability.
    """
    beam: _Beam = {(): (1.0, 0.0)}
    in_gap = False
    for row in np.exp(logs).tolist():
        tried = [
            (label, chance) for label, chance in enumerate(row[:BLANK_CLASS]) if chance > _MIN_CHARACTER_PROBABILITY
        ]
        if tried:
            beam = _extend_beam(beam, tried, row)
        elif not in_gap:
            # Further steps of a gap take the same part of each beam.
            beam = {prefix: ((in_blank + in_character), 0.0) for prefix, (in_blank, in_character) in beam.items()}
        in_gap = not tried
    return [list(prefix) for prefix in list(beam)[:_BEAM_RESULT_COUNT]]


def _extend_beam(beam: _Beam, tried: list[tuple[int, float]], row: list[float]) -> _Beam:
    """The beam one step on, best first."""
    grown: _Beam = {}

    def add(prefix: tuple[int, ...], in_blank: float, in_character: float) -> None:
        old = grown.get(prefix, (0.0, 0.0))
        grown[prefix] = (old[0] + in_blank, old[1] + in_character)

    for prefix, (in_blank, in_character) in beam.items():
        either, last = in_blank + in_character, prefix[-1] if prefix else BLANK_CLASS
        add(prefix, either * row[BLANK_CLASS], in_character * row[last])
        for label, chance in tried:
            add((*prefix, label), 0.0, (in_blank if label == last else either) * chance)
    kept = sorted(grown.items(), key=lambda item: -sum(item[1]))[:_BEAM_WIDTH]
    return dict(kept)
