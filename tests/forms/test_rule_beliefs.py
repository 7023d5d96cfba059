from __future__ import annotations

import math
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.forms.check_differences import holds
from scanner.forms.field_readings import WRITER_ERROR_ODDS, Possibilities
from scanner.forms.rule_beliefs import WRONG_RESULTS, Relation, believe

WRONG_SUM = WRITER_ERROR_ODDS / WRONG_RESULTS


def field(right: float, *others: tuple[int, float]) -> Possibilities:
    return Possibilities(right, tuple((Decimal(value), weight) for value, weight in others))


def relation(sign: str, difference: int, *slopes: int) -> Relation:
    return Relation(sign, Decimal(difference), {i: Decimal(slope) for i, slope in enumerate(slopes) if slope})


def by_counting(values: list[int], fields: list[Possibilities], relations: list[Relation]) -> list[float]:
    """The answer by going through all combinations."""
    right, everything = [0.0] * len(fields), 0.0
    choices = [((Decimal(value), each.right), *each.others) for value, each in zip(values, fields, strict=True)]
    for places in product(*(range(len(choice)) for choice in choices)):
        chosen = [choice[place] for choice, place in zip(choices, places, strict=True)]
        weight = math.prod(weight for _, weight in chosen)
        for each in relations:
            change = sum(slope * (chosen[index][0] - values[index]) for index, slope in each.slopes.items())
            if not holds(each.sign, each.difference + change):
                weight *= WRONG_SUM if each.sign == "==" else WRITER_ERROR_ODDS
        everything += weight
        right = [sum_ + weight * (place == 0) for sum_, place in zip(right, places, strict=True)]
    return [sum_ / everything for sum_ in right]


def test_two_misreadings_that_cancel_leave_a_sum_in_doubt() -> None:
    # 3 == 3: both right 0.81, both wrong 0.01, one wrong 0.18 but then the writer is wrong as well.
    fields = [field(0.9, (4, 0.1)), field(0.9, (4, 0.1))]
    right, wrong = 0.81 + 0.09 * WRONG_SUM, 0.01 + 0.09 * WRONG_SUM
    found = believe([Decimal(3), Decimal(3)], fields, [relation("==", 0, 1, -1)])
    assert found == pytest.approx([right / (right + wrong)] * 2)


def test_of_a_sum_that_fails_the_field_is_doubtful_that_would_mend_it() -> None:
    # 5 == 3 + 3 holds with 6, which is the other reading of the first.
    fields = [field(0.9, (6, 0.1)), field(0.95, (8, 0.05)), field(0.95, (8, 0.05))]
    found = believe([Decimal(5), Decimal(3), Decimal(3)], fields, [relation("==", -1, 1, -1, -1)])
    assert found[0] == pytest.approx(by_counting([5, 3, 3], fields, [relation("==", -1, 1, -1, -1)])[0], abs=0.002)
    assert found[0] < 0.05
    assert min(found[1:]) > 0.94


def test_a_sum_that_nothing_mends_is_the_writers() -> None:
    fields = [field(0.9, (7, 0.1)), field(0.8, (3, 0.2))]
    found = believe([Decimal(5), Decimal(9)], fields, [relation("==", -4, 1, -1)])
    assert found == pytest.approx([0.9, 0.8])


def test_what_is_not_compared_is_as_sure_as_it_was() -> None:
    fields = [field(0.6, (7, 0.2)), field(0.9, (4, 0.1)), field(0.9, (4, 0.1))]
    found = believe([Decimal(1), Decimal(3), Decimal(3)], fields, [relation("==", 0, 0, 1, -1)])
    assert found[0] == pytest.approx(0.75)
    assert believe([], [], []) == []


def test_any_number_elsewhere_hardly_ever_fits() -> None:
    # If the first is not right it is one of a thousand: with 0.1 / 1000 the sum holds all the same.
    fields = [Possibilities(0.9, (), 0.1, 1000), field(1.0)]
    found = believe([Decimal(3), Decimal(3)], fields, [relation("==", 0, 1, -1)])
    fits = 0.1 * (1 / 1000 + WRONG_SUM)
    assert found[0] == pytest.approx(0.9 / (0.9 + fits))


def test_a_comparison_takes_away_what_breaks_it() -> None:
    # 3 <= 5: of the other readings 9 breaks it, and 1 does not.
    fields = [field(0.8, (9, 0.1), (1, 0.1)), field(1.0)]
    found = believe([Decimal(3), Decimal(5)], fields, [relation("<=", -2, 1, -1)])
    assert found[0] == pytest.approx(0.8 / (0.9 + 0.1 * WRITER_ERROR_ODDS))


def test_a_sum_of_sums_confirms_through_its_parts() -> None:
    # a == b + c, d == e + f, g == a + d.
    fields = [field(0.9, (value + 1, 0.05), (value + 2, 0.05)) for value in (5, 2, 3, 4, 1, 3, 9)]
    relations = [
        relation("==", 0, 1, -1, -1),
        relation("==", 0, 0, 0, 0, 1, -1, -1),
        relation("==", 0, -1, 0, 0, -1, 0, 0, 1),
    ]
    values = [5, 2, 3, 4, 1, 3, 9]
    found = believe([Decimal(value) for value in values], fields, relations)
    assert found == pytest.approx(by_counting(values, fields, relations), abs=0.003)


def test_sums_in_both_directions_agree_on_the_cell_that_is_wrong() -> None:
    # 2 x 2 cells, the sums of rows and of columns; the first was 6, read as 5.
    values = [5, 2, 3, 4, 8, 7, 9, 6]
    fields = [field(0.9, (value + 1, 0.06), (value + 3, 0.04)) for value in values]
    relations = [
        relation("==", -1, 1, 1, 0, 0, -1),
        relation("==", 0, 0, 0, 1, 1, 0, -1),
        relation("==", -1, 1, 0, 1, 0, 0, 0, -1),
        relation("==", 0, 0, 1, 0, 1, 0, 0, 0, -1),
    ]
    found = believe([Decimal(value) for value in values], fields, relations)
    assert found == pytest.approx(by_counting(values, fields, relations), abs=0.03)
    assert found[0] < 0.02
    assert min(found[1:]) > 0.98


def test_a_sum_of_many_doubtful_fields_says_little() -> None:
    fields = [field(0.5, *((value, 0.05) for value in range(11, 21))) for _ in range(31)]
    found = believe([Decimal(10)] * 30 + [Decimal(300)], fields, [relation("==", 0, *[1] * 30, -1)])
    assert all(0.5 <= each < 0.65 for each in found)


WEIGHTS = st.floats(0.001, 0.05)
FIELDS = st.lists(st.tuples(st.integers(1, 9), WEIGHTS, st.integers(1, 9), WEIGHTS), min_size=2, max_size=4)


@given(FIELDS, st.sampled_from([0, 0, 0, 1, -2, 5]))
def test_it_is_nearly_what_counting_all_combinations_says(
    drawn: list[tuple[int, float, int, float]], difference: int
) -> None:
    fields = [field(1 - p - q, (first, p), (second + 10, q)) for first, p, second, q in drawn]
    relations = [relation("==", difference, -1, *[1] * (len(fields) - 1))]
    values = [0] * len(fields)
    found = believe([Decimal(0)] * len(fields), fields, relations)
    assert found == pytest.approx(by_counting(values, fields, relations), abs=0.02)


@given(FIELDS)
def test_a_sum_that_holds_makes_sure_fields_surer(drawn: list[tuple[int, float, int, float]]) -> None:
    fields = [field(1 - p - q, (first, p), (second + 10, q)) for first, p, second, q in drawn]
    found = believe([Decimal(0)] * len(fields), fields, [relation("==", 0, -1, *[1] * (len(fields) - 1))])
    assert all(after >= before.confidence - 1e-9 for after, before in zip(found, fields, strict=True))
