import itertools
import math

import numpy as np
import pytest

from scanner.recognition import ctc
from scanner.recognition.ctc import BLANK_CLASS, CLASS_COUNT


def logs_of(*rows: dict[int, float]) -> np.ndarray:
    """Log probabilities of one line, shape (1, T, CLASS_COUNT); classes not given have probability 0."""
    out = np.full((1, len(rows), CLASS_COUNT), -np.inf)
    for t, row in enumerate(rows):
        for label, probability in row.items():
            out[0, t, label] = math.log(probability)
    return out


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(label for label, _ in itertools.groupby(path) if label != BLANK_CLASS)


def test_likelihood_sums_over_all_paths_of_a_text() -> None:
    logs = logs_of({1: 0.6, BLANK_CLASS: 0.4}, {1: 0.5, BLANK_CLASS: 0.5})
    # "1": 11, 1_, _1 ; "": __
    found = np.exp(ctc.log_likelihoods(np.repeat(logs, 3, axis=0), [[1], [], [1, 1]]))
    assert found == pytest.approx([0.6 * 0.5 + 0.6 * 0.5 + 0.4 * 0.5, 0.4 * 0.5, 0.0])


def test_likelihoods_agree_with_counting_every_path() -> None:
    rng = np.random.default_rng(3)
    labels = (0, 1, 11, BLANK_CLASS)
    rows = rng.dirichlet(np.ones(4), 5)
    logs = logs_of(*[dict(zip(labels, row, strict=True)) for row in rows.tolist()])
    sums: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(4), repeat=5):
        text = collapsed(tuple(labels[k] for k in path))
        sums[text] = sums.get(text, 0.0) + math.prod(rows[t, k] for t, k in enumerate(path))
    texts = list(sums)
    found = np.exp(ctc.log_likelihoods(np.repeat(logs, len(texts), axis=0), texts))
    assert found == pytest.approx(np.array([sums[text] for text in texts]))
    assert found.sum() == pytest.approx(1.0)


def test_align_gives_each_character_its_steps() -> None:
    logs = logs_of(
        {BLANK_CLASS: 1},
        {7: 0.9, BLANK_CLASS: 0.1},
        {7: 0.9, BLANK_CLASS: 0.1},
        {BLANK_CLASS: 1},
        {7: 0.8, BLANK_CLASS: 0.2},
        {2: 1},
    )
    assert ctc.align(logs, [[7, 7, 2]]) == (((1, 3), (4, 5), (5, 6)),)


def test_align_takes_empty_texts_and_texts_of_different_length() -> None:
    logs = np.repeat(logs_of({1: 0.5, BLANK_CLASS: 0.5}, {2: 0.5, BLANK_CLASS: 0.5}), 2, axis=0)
    assert ctc.align(logs, [[], [1, 2]]) == ((), ((0, 1), (1, 2)))


def test_align_refuses_a_text_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        ctc.align(logs_of({1: 1}, {1: 1}), [[1, 1]])


def test_best_text_may_differ_from_the_text_of_the_best_path() -> None:
    # Best path "__" has 0.36, but "1" gathers 0.64 over three paths.
    row = {1: 0.4, BLANK_CLASS: 0.6}
    texts, likelihoods = ctc.best_texts(logs_of(row, row).astype(np.float32), ())
    assert texts == [[1]]
    assert math.exp(likelihoods[0]) == pytest.approx(0.64)


def test_ignored_classes_count_as_blanks() -> None:
    comma = ctc.encode(",")[0]
    logits = logs_of({1: 1}, {comma: 0.9, BLANK_CLASS: 0.1}, {1: 1}).clip(min=-50).astype(np.float32)
    assert ctc.decode(ctc.best_texts(logits, (ctc.BREAK_CLASS,))[0][0]) == "1,1"
    texts, likelihoods = ctc.best_texts(logits, ctc.SEPARATOR_CLASSES)
    assert ctc.decode(texts[0]) == "11"
    assert likelihoods[0] == pytest.approx(0.0, abs=1e-6)


def test_encode_and_decode_are_inverse() -> None:
    assert ctc.decode(ctc.encode("-10,5.9 7")) == "-10,5.9 7"


def view_of(*steps: dict[str, float]) -> np.ndarray:
    """Logits of a view with these probabilities at each step; the rest goes to the blank."""
    probabilities = np.full((len(steps), ctc.CLASS_COUNT), 1e-9, np.float32)
    for row, step in zip(probabilities, steps, strict=True):
        for character, probability in step.items():
            row[ctc.CHARACTERS.index(character)] = probability
        row[ctc.BLANK_CLASS] = 1 - sum(step.values()) + 1e-9
    return np.log(probabilities)


def test_several_views_give_the_text_that_is_most_probable_on_average() -> None:
    # "7": (0.6 + 0.1) / 2, "1": (0.3 + 0.9) / 2.
    text, probability = ctc.best_text_over_views(
        [view_of({"7": 0.6, "1": 0.3}), view_of({"1": 0.9, "7": 0.1})], ctc.SEPARATOR_CLASSES
    )
    assert ctc.decode(text) == "1"
    assert probability == pytest.approx(0.6, abs=1e-3)


def test_a_text_that_does_not_fit_into_the_first_view_is_not_chosen() -> None:
    second = view_of({"7": 0.99}, {}, {"7": 0.99})
    text, probability = ctc.best_text_over_views([view_of({"7": 0.2}), second], ctc.SEPARATOR_CLASSES)
    assert text == []
    assert probability == pytest.approx(0.4, abs=1e-2)


def test_the_most_probable_texts_are_among_the_probable_ones() -> None:
    # "17" and "1" have 0.45 each, "7" has 0.1.
    logits = logs_of({1: 0.9, 7: 0.1}, {7: 0.5, BLANK_CLASS: 0.5}).clip(min=-50).astype(np.float32)[0]
    texts = ctc.probable_texts(logits, ())
    assert texts == sorted(texts)
    assert [text for text in texts if text in ([1], [1, 7], [7])] == [[1], [1, 7], [7]]
    assert len(texts) <= 9


def test_no_probable_text_has_an_ignored_class() -> None:
    comma = ctc.encode(",")[0]
    logits = logs_of({1: 1}, {comma: 0.9, BLANK_CLASS: 0.1}, {1: 1}).clip(min=-50).astype(np.float32)[0]
    assert [1, comma, 1] in ctc.probable_texts(logits, ())
    texts = ctc.probable_texts(logits, ctc.SEPARATOR_CLASSES)
    assert [1, 1] in texts
    assert not any(comma in text for text in texts)


def test_the_probability_of_a_text_is_its_mean_over_the_views() -> None:
    first, second = (
        logs_of({1: share, BLANK_CLASS: 1 - share}, {BLANK_CLASS: 1}).clip(min=-50).astype(np.float32)[0]
        for share in (0.8, 0.4)
    )
    found = ctc.mean_probabilities([first, second], (), [[1], [], [7], [1, 1]])
    assert found == pytest.approx([0.6, 0.4, 0.0, 0.0], abs=1e-6)
