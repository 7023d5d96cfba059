import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.recognition.cut_lattice import Hypothesis, Lattice
from scanner.recognition.lattice_decoding import ReadDigit, best_path
from scanner.types import DIGIT_CLASS_COUNT, NO_DIGIT_LABEL, Box, DigitReading, Glyph


def hypothesis(start: int, end: int, height: float = 1.0, component_count: int = 1) -> Hypothesis:
    box = Box(10 * start, 0, 10 * (end - start), max(round(20 * height), 1))
    glyph = Glyph(box, np.full((box.height, box.width), 255, np.uint8))
    return Hypothesis(start, end, glyph, height, component_count)


def read(best: int, probability: float = 0.98) -> DigitReading:
    """``best`` with this probability, the rest spread evenly."""
    rest = (1 - probability) / 10
    return DigitReading(tuple(probability if label == best else rest for label in range(DIGIT_CLASS_COUNT)))


def decoded(*pairs: tuple[Hypothesis, DigitReading]) -> tuple[ReadDigit, ...]:
    cuts = max(h.end_cut for h, _ in pairs) + 1
    lattice = Lattice(cuts, tuple(h for h, _ in pairs))
    return best_path(lattice, [reading for _, reading in pairs])


def digits(path: tuple[ReadDigit, ...]) -> list[int | None]:
    return [read_digit.digit for read_digit in path]


def test_two_sure_digits_beat_a_doubtful_whole() -> None:
    whole, left, right = hypothesis(0, 2), hypothesis(0, 1), hypothesis(1, 2)
    assert digits(decoded((whole, read(8, 0.5)), (left, read(3)), (right, read(7)))) == [3, 7]


def test_one_sure_digit_beats_two_doubtful_halves() -> None:
    whole, left, right = hypothesis(0, 2), hypothesis(0, 1), hypothesis(1, 2)
    assert digits(decoded((left, read(1, 0.5)), (right, read(3, 0.5)), (whole, read(8)))) == [8]


def test_a_whole_digit_has_no_advantage_over_two_halves() -> None:
    whole, left, right = hypothesis(0, 2), hypothesis(0, 1), hypothesis(1, 2)
    halves = ((left, read(1, 0.93)), (right, read(7, 0.93)))
    assert digits(decoded((whole, read(4, 0.9)), *halves)) == [1, 7]
    assert digits(decoded((whole, read(4, 0.96)), *halves)) == [4]


def test_a_whole_digit_beats_halves_that_are_no_digits() -> None:
    whole, left, right = hypothesis(0, 2), hypothesis(0, 1), hypothesis(1, 2)
    assert digits(decoded((left, read(NO_DIGIT_LABEL)), (right, read(NO_DIGIT_LABEL)), (whole, read(4, 0.9)))) == [4]


def test_the_best_path_may_mix_whole_and_cut_digits() -> None:
    pairs = [
        (hypothesis(0, 1), read(5, 0.6)),
        (hypothesis(1, 2), read(1, 0.4)),
        (hypothesis(2, 3), read(2)),
        (hypothesis(0, 2), read(0)),
        (hypothesis(1, 3), read(6, 0.5)),
    ]
    found = decoded(*pairs)
    assert digits(found) == [0, 2]
    assert [p.box.x for p in found] == [0, 20]


def test_a_hypothesis_that_is_surely_no_digit_has_none() -> None:
    found = decoded(
        (hypothesis(0, 1), read(2)), (hypothesis(1, 2), read(NO_DIGIT_LABEL, 0.9999)), (hypothesis(2, 3), read(9))
    )
    assert digits(found) == [2, None, 9]
    assert found[1].confidence > 0.99
    assert not found[1].is_punctuation


def test_ink_classified_as_digits_is_read_as_one_however_improbable() -> None:
    pairs = [(hypothesis(0, 1), read(2)), (hypothesis(1, 2), read(NO_DIGIT_LABEL, 0.9999)), (hypothesis(2, 3), read(9))]
    lattice = Lattice(4, tuple(h for h, _ in pairs))
    readings = [reading for _, reading in pairs]
    assert None not in digits(best_path(lattice, readings, [0.0, float("inf"), 0.0]))
    assert digits(best_path(lattice, readings, [0.0, -12.0, 0.0])) == [2, None, 9]


def test_ink_classified_as_no_digits_is_not_read_as_one() -> None:
    lattice = Lattice(2, (hypothesis(0, 1),))
    assert digits(best_path(lattice, [read(3, 0.9)])) == [3]
    # The classifier gives "no digit" a probability of 0.01; the ink class multiplies its odds by e^12.
    assert digits(best_path(lattice, [read(3, 0.9)], [-12.0])) == [None]


def test_a_low_hypothesis_is_punctuation_whatever_it_reads_as() -> None:
    found = decoded(
        (hypothesis(0, 1), read(2)), (hypothesis(1, 2, height=0.15), read(1, 0.999)), (hypothesis(2, 3), read(9))
    )
    assert digits(found) == [2, None, 9]
    assert [p.is_punctuation for p in found] == [False, True, False]


def test_the_confidence_is_that_of_the_reading() -> None:
    (found,) = decoded((hypothesis(0, 1), read(6, 0.8)))
    assert found.confidence == pytest.approx(0.8)


def test_a_gap_without_ink_is_passed_over() -> None:
    assert digits(decoded((hypothesis(0, 1), read(2)), (hypothesis(2, 3), read(9)))) == [2, 9]


def test_a_lattice_without_hypotheses_has_no_digits() -> None:
    assert best_path(Lattice(2, ()), []) == ()
    assert best_path(Lattice(1, ()), []) == ()


def test_probabilities_of_zero_are_no_error() -> None:
    certain = DigitReading((0.0,) * 10 + (1.0,))
    assert digits(decoded((hypothesis(0, 1), certain))) == [None]
    other = DigitReading((1.0,) + (0.0,) * 10)
    assert digits(decoded((hypothesis(0, 1), other))) == [0]


PROBABILITIES = st.lists(st.floats(0.0, 1.0), min_size=11, max_size=11).filter(lambda p: sum(p) > 0.1)


@st.composite
def lattices(draw: st.DrawFn) -> tuple[list[tuple[Hypothesis, DigitReading]], int]:
    cuts = draw(st.integers(2, 6))
    pairs = []
    for start in range(cuts - 1):
        for end in range(start + 1, min(start + 3, cuts - 1) + 1):
            # Steps from one cut to the next are always there, longer ones now and then.
            if end == start + 1 or draw(st.booleans()):
                scores = draw(PROBABILITIES)
                reading = DigitReading(tuple(score / sum(scores) for score in scores))
                pairs.append((hypothesis(start, end, draw(st.floats(0.1, 1.1))), reading))
    return pairs, cuts


@given(lattices())
def test_the_best_path_covers_the_text_line(given_lattice: tuple[list[tuple[Hypothesis, DigitReading]], int]) -> None:
    pairs, cuts = given_lattice
    found = decoded(*pairs)
    edges = [0, *(p.box.right // 10 for p in found)]
    assert edges == [*(p.box.x // 10 for p in found), cuts - 1]
    assert all(0 <= p.confidence <= 1 for p in found)


def test_a_sign_cut_in_three_is_one_sign() -> None:
    # Its thirds look a little like digits, but as a whole it is surely none.
    thirds = [(hypothesis(start, start + 1), read(1, 0.5)) for start in range(3)]
    assert digits(decoded((hypothesis(0, 3), read(NO_DIGIT_LABEL)), *thirds)) == [None]


def test_two_components_taken_for_no_digit_are_two_signs() -> None:
    # "= 1" as one scribble counts as two signs, "=" by itself as one: the 1 is kept.
    whole = (hypothesis(0, 2, component_count=2), read(NO_DIGIT_LABEL))
    assert digits(decoded(whole, (hypothesis(0, 1), read(NO_DIGIT_LABEL)), (hypothesis(1, 2), read(1)))) == [None, 1]
