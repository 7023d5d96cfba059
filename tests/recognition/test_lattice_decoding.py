import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.recognition.cut_lattice import Hypothesis, Lattice
from scanner.recognition.lattice_decoding import ReadDigit, best_path
from scanner.types import Box, DigitReading, Glyph

NOTHING = 10
"""Place of "no digit" among the scores."""


def piece(start: int, end: int, height: float = 1.0, parts: int = 1) -> Hypothesis:
    box = Box(10 * start, 0, 10 * (end - start), max(round(20 * height), 1))
    glyph = Glyph(box, np.full((box.height, box.width), 255, np.uint8))
    return Hypothesis(start, end, glyph, height, parts)


def read(best: int, probability: float = 0.98) -> DigitReading:
    """``best`` with this probability, the rest spread evenly."""
    rest = (1 - probability) / 10
    return DigitReading(tuple(probability if place == best else rest for place in range(11)))


def decoded(*pairs: tuple[Hypothesis, DigitReading]) -> tuple[ReadDigit, ...]:
    cuts = max(hypothesis.end_cut for hypothesis, _ in pairs) + 1
    lattice = Lattice(cuts, tuple(h for h, _ in pairs))
    return best_path(lattice, [reading for _, reading in pairs])


def digits(pieces: tuple[ReadDigit, ...]) -> list[int | None]:
    return [piece.digit for piece in pieces]


def test_two_sure_digits_beat_a_doubtful_whole() -> None:
    whole, left, right = piece(0, 2), piece(0, 1), piece(1, 2)
    assert digits(decoded((whole, read(8, 0.5)), (left, read(3)), (right, read(7)))) == [3, 7]


def test_one_sure_digit_beats_two_doubtful_halves() -> None:
    whole, left, right = piece(0, 2), piece(0, 1), piece(1, 2)
    assert digits(decoded((left, read(1, 0.5)), (right, read(3, 0.5)), (whole, read(8)))) == [8]


def test_a_whole_has_no_advantage_over_two_halves_for_being_one() -> None:
    whole, left, right = piece(0, 2), piece(0, 1), piece(1, 2)
    halves = ((left, read(1, 0.93)), (right, read(7, 0.93)))
    assert digits(decoded((whole, read(4, 0.9)), *halves)) == [1, 7]
    assert digits(decoded((whole, read(4, 0.96)), *halves)) == [4]


def test_a_whole_digit_and_no_digit_halves() -> None:
    whole, left, right = piece(0, 2), piece(0, 1), piece(1, 2)
    assert digits(decoded((left, read(NOTHING)), (right, read(NOTHING)), (whole, read(4, 0.9)))) == [4]


def test_the_best_way_may_mix_whole_and_cut() -> None:
    pairs = [
        (piece(0, 1), read(5, 0.6)),
        (piece(1, 2), read(1, 0.4)),
        (piece(2, 3), read(2)),
        (piece(0, 2), read(0)),
        (piece(1, 3), read(6, 0.5)),
    ]
    found = decoded(*pairs)
    assert digits(found) == [0, 2]
    assert [p.box.x for p in found] == [0, 20]


def test_what_is_surely_no_digit_is_none() -> None:
    found = decoded((piece(0, 1), read(2)), (piece(1, 2), read(NOTHING, 0.9999)), (piece(2, 3), read(9)))
    assert digits(found) == [2, None, 9]
    assert found[1].confidence > 0.99
    assert not found[1].is_punctuation


def test_ink_that_is_known_to_be_of_digits_is_one_however_badly_it_reads() -> None:
    pairs = [(piece(0, 1), read(2)), (piece(1, 2), read(NOTHING, 0.9999)), (piece(2, 3), read(9))]
    lattice = Lattice(4, tuple(h for h, _ in pairs))
    readings = [reading for _, reading in pairs]
    assert None not in digits(best_path(lattice, readings, [0.0, float("inf"), 0.0]))
    assert digits(best_path(lattice, readings, [0.0, -12.0, 0.0])) == [2, None, 9]


def test_ink_that_is_known_to_be_of_no_digits_is_none() -> None:
    lattice = Lattice(2, (piece(0, 1),))
    assert digits(best_path(lattice, [read(3, 0.9)])) == [3]
    # Its odds of being no digit, one in ten shared by ten, times e^12.
    assert digits(best_path(lattice, [read(3, 0.9)], [-12.0])) == [None]


def test_a_small_piece_stands_for_nothing_whatever_it_looks_like() -> None:
    found = decoded((piece(0, 1), read(2)), (piece(1, 2, height=0.15), read(1, 0.999)), (piece(2, 3), read(9)))
    assert digits(found) == [2, None, 9]
    assert [p.is_punctuation for p in found] == [False, True, False]


def test_confidence_is_that_of_the_reading() -> None:
    (found,) = decoded((piece(0, 1), read(6, 0.8)))
    assert found.confidence == pytest.approx(0.8)


def test_a_gap_without_ink_is_passed_over() -> None:
    assert digits(decoded((piece(0, 1), read(2)), (piece(2, 3), read(9)))) == [2, 9]


def test_a_lattice_without_hypotheses_has_no_pieces() -> None:
    assert best_path(Lattice(2, ()), []) == ()
    assert best_path(Lattice(1, ()), []) == ()


def test_probabilities_of_nothing_are_no_error() -> None:
    certain = DigitReading((0.0,) * 10 + (1.0,))
    assert digits(decoded((piece(0, 1), certain))) == [None]
    other = DigitReading((1.0,) + (0.0,) * 10)
    assert digits(decoded((piece(0, 1), other))) == [0]


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
                pairs.append((piece(start, end, draw(st.floats(0.1, 1.1))), reading))
    return pairs, cuts


@given(lattices())
def test_the_pieces_found_tile_the_run(given_lattice: tuple[list[tuple[Hypothesis, DigitReading]], int]) -> None:
    pairs, cuts = given_lattice
    found = decoded(*pairs)
    edges = [0, *(p.box.right // 10 for p in found)]
    assert edges == [*(p.box.x // 10 for p in found), cuts - 1]
    assert all(0 <= p.confidence <= 1 for p in found)


def test_a_sign_cut_in_three_is_one_sign() -> None:
    # Its thirds look a little like digits, but as a whole it is surely none.
    thirds = [(piece(start, start + 1), read(1, 0.5)) for start in range(3)]
    assert digits(decoded((piece(0, 3), read(NOTHING)), *thirds)) == [None]


def test_two_components_taken_for_none_are_two_signs() -> None:
    # "= 1" as one scribble counts as two signs, "=" by itself as one: the 1 is kept.
    whole = (piece(0, 2, parts=2), read(NOTHING))
    assert digits(decoded(whole, (piece(0, 1), read(NOTHING)), (piece(1, 2), read(1)))) == [None, 1]
