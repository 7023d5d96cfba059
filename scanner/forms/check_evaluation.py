"""Checks evaluated on the values of a page, exactly: they hold, fail, or cannot be told."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from decimal import MAX_EMAX, MAX_PREC, MIN_EMIN, Context, Decimal, Inexact, InvalidOperation
from enum import Enum
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING

from scanner.forms.check_expressions import Addition, Constant, Name, Negation, Product, SumOf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from scanner.forms.check_expressions import Check, Expression

MAX_EXPONENT = 1000
"""Most digits of a value before or after the point: no field has as many.  The exact sum of 1e999999999 and 1 would
fill the memory."""
_COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
EXACT = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact, InvalidOperation])
"""Arithmetic that takes as many digits as it needs."""


class Outcome(Enum):
    """What a check says of the values on a page."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    """A value is missing on which the answer depends."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says, and of which values."""

    outcome: Outcome
    names: tuple[str, ...]
    """Every name in the check once, in the order of its text."""
    missing: tuple[str, ...] = ()
    """Those of ``names`` without which the outcome is unknown."""


def evaluate(check: Check, values: Mapping[str, Decimal | None]) -> Verdict:
    """Evaluate a check on the values of a page.

    A field that is empty has no value: no comparison with it holds or fails.  ``sum()`` is the sum of what is written:
    in it an empty field counts 0.  One comparison of a chain that fails settles it, whatever is missing elsewhere.

    Args:
        check: the check.
        values: value of each name, None for a field that is empty; names whose value is not known are left out.

    Raises:
        ValueError: if a value is not finite, or has more digits than ``MAX_EXPONENT``.
    """
    operands = [_value(operand, values) for operand in check.operands]
    parts = [
        None if left is None or right is None else _COMPARISONS[sign](left, right)
        for sign, (left, right) in zip(check.operators, pairwise(operands), strict=True)
    ]
    if False in parts:
        return Verdict(Outcome.FAILS, check.names)
    if None not in parts:
        return Verdict(Outcome.HOLDS, check.names)
    missing: dict[str, None] = {}
    for operand in check.operands:
        missing.update((name, None) for name in _missing_in(operand, values))
    return Verdict(Outcome.UNKNOWN, check.names, tuple(missing))


def _missing_in(expression: Expression, values: Mapping[str, Decimal | None]) -> Iterator[str]:
    match expression:
        case SumOf(names):
            yield from (each.name for each in names if each.name not in values)
        case Name(name) if values.get(name) is None:
            yield name
        case Addition(parts) | Product(parts):
            for part in parts:
                yield from _missing_in(part, values)
        case Negation(operand):
            yield from _missing_in(operand, values)


def _value(expression: Expression, values: Mapping[str, Decimal | None]) -> Decimal | None:
    """Value of an expression; None if it is unknown.  Its depth is that of its parentheses, which is limited."""
    match expression:
        case Constant(number):
            return number
        case Name(name):
            return known_value(name, values)
        case SumOf(names):
            if any(each.name not in values for each in names):
                return None
            return _total(known_value(each.name, values) or Decimal(0) for each in names)
        case Negation(operand):
            value = _value(operand, values)
            return None if value is None else value.copy_negate()
        case Addition(terms):
            addends = _values(terms, values)
            return None if addends is None else _total(addends)
        case Product(factors):
            multipliers = _values(factors, values)
            return None if multipliers is None else reduce(EXACT.multiply, multipliers)


def _values(parts: Sequence[Expression], values: Mapping[str, Decimal | None]) -> list[Decimal] | None:
    """Values of expressions; None if one of them is unknown."""
    known = [value for part in parts if (value := _value(part, values)) is not None]
    return known if len(known) == len(parts) else None


def _total(values: Iterable[Decimal]) -> Decimal:
    return reduce(EXACT.add, values, Decimal(0))


def known_value(name: str, values: Mapping[str, Decimal | None]) -> Decimal | None:
    """Return the value of a name; None if it has none.

    Raises:
        ValueError: if it is not finite, or has more digits than ``MAX_EXPONENT``.
    """
    value = values.get(name)
    if value is None:
        return None
    if not value.is_finite() or abs(value.adjusted()) > MAX_EXPONENT or len(value.as_tuple().digits) > MAX_EXPONENT:
        raise ValueError(f"the value of {name} is not a number that a field can have")
    return value
