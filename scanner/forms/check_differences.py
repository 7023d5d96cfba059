"""How far a check is from holding, and how that changes with each field: what a misread digit does to a sum.

Each comparison of a check is the difference of its two sides, and a slope for each field: by how much the difference
grows when the field grows by 1.  With them, thousands of other readings are tried without evaluating the check again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.forms.check_evaluation import EXACT, known_value
from scanner.forms.check_expressions import Addition, Constant, Name, Negation, Product, SumOf

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scanner.forms.check_expressions import Check, Expression

_ZERO, _ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two sides of a comparison."""

    sign: str
    """The sign between them: ``==``, ``<`` ..."""
    left: Decimal
    right: Decimal
    slopes: Mapping[str, Decimal]
    """By how much ``left - right`` grows when a field grows by 1, for each field that changes it.  Of a field that
    occurs in both factors of a product, for small changes alone."""

    @property
    def value(self) -> Decimal:
        """``left - right``."""
        return EXACT.subtract(self.left, self.right)


def check_differences(check: Check, values: Mapping[str, Decimal | None]) -> tuple[Difference | None, ...]:
    """Find the differences of a check.

    Args:
        check: the check, its names those of fields.
        values: as for ``check_evaluation.evaluate``.

    Returns:
        One for each comparison of the chain; None where it cannot be told.

    Raises:
        ValueError: as ``evaluate``.
    """
    sides = [_side(operand, values) for operand in check.operands]
    return tuple(
        None
        if left is None or right is None
        else Difference(sign, left.value, right.value, _difference_slopes(left, right))
        for sign, (left, right) in zip(check.operators, pairwise(sides), strict=True)
    )


def holds(sign: str, difference: Decimal | int) -> bool:
    """Whether two sides compare as a sign says, given their difference."""
    match sign:
        case "==":
            return difference == 0
        case "!=":
            return difference != 0
        case "<":
            return difference < 0
        case "<=":
            return difference <= 0
        case ">":
            return difference > 0
        case _:
            return difference >= 0


@dataclass(frozen=True, slots=True)
class _Side:
    """Value of an expression and its slopes; those of 0 may be among them."""

    value: Decimal
    slopes: Mapping[str, Decimal]


def _side(expression: Expression, values: Mapping[str, Decimal | None]) -> _Side | None:
    match expression:
        case Constant(number):
            return _Side(number, {})
        case Name(name):
            value = known_value(name, values)
            return None if value is None else _Side(value, {name: _ONE})
        case SumOf(names):
            if any(each.name not in values for each in names):
                return None
            total = reduce(EXACT.add, (known_value(each.name, values) or _ZERO for each in names), _ZERO)
            return _Side(total, {name: Decimal(count) for name, count in Counter(each.name for each in names).items()})
        case Negation(operand):
            side = _side(operand, values)
            return None if side is None else _scaled(side, -_ONE)
        case Addition(terms):
            sides = _sides(terms, values)
            return None if sides is None else _total(sides)
        case Product(factors):
            sides = _sides(factors, values)
            return None if sides is None else reduce(_product, sides)


def _sides(parts: Iterable[Expression], values: Mapping[str, Decimal | None]) -> list[_Side] | None:
    sides = []
    for part in parts:
        side = _side(part, values)
        if side is None:
            return None
        sides.append(side)
    return sides


def _total(sides: Iterable[_Side]) -> _Side:
    value, slopes = _ZERO, dict[str, Decimal]()
    for side in sides:
        value = EXACT.add(value, side.value)
        for name, slope in side.slopes.items():
            slopes[name] = EXACT.add(slopes.get(name, _ZERO), slope)
    return _Side(value, slopes)


def _scaled(side: _Side, factor: Decimal) -> _Side:
    slopes = {name: EXACT.multiply(slope, factor) for name, slope in side.slopes.items()}
    return _Side(EXACT.multiply(side.value, factor), slopes)


def _product(first: _Side, second: _Side) -> _Side:
    by_first, by_second = _scaled(first, second.value), _scaled(second, first.value)
    return _Side(by_first.value, _total((by_first, by_second)).slopes)


def _difference_slopes(left: _Side, right: _Side) -> dict[str, Decimal]:
    both = _total((left, _scaled(right, -_ONE)))
    return {name: slope for name, slope in both.slopes.items() if slope}
