"""How sure each field of a page is, given which rules hold: belief propagation on fields and comparisons.

A field says what it may be, and a comparison what it thinks of each possibility, given what the others may be (Pearl,
"Probabilistic reasoning in intelligent systems", 1988, chapter 4).  Where rules share fields without going round in a
circle this is exact but for what is said below; in tables with sums in both directions it is an approximation.

What a comparison thinks of a possibility depends on the sum of what all its other fields may be off by.  Sums of up to
two of them are taken as they are, so that two misreadings that cancel count.  The chance of three and more is taken to
be that of two.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from scanner.forms.check_differences import holds
from scanner.forms.check_evaluation import EXACT
from scanner.forms.field_readings import WRITER_ERROR_ODDS
from scanner.number_values import decimal_count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from scanner.forms.field_readings import Possibilities

WRONG_RESULTS = 20
"""How many wrong results of a sum are as probable as each other: one digit off, or a carry forgotten.  A choice."""
_EQUAL_ODDS = WRITER_ERROR_ODDS / WRONG_RESULTS
"""How much less probable a given wrong result on paper is than the right one."""
_MAX_ROUNDS, _FREE_ROUNDS = 16, 5
"""Most times that fields and rules are asked in turn.  A sum of sums needs four.  After the free rounds all go half of
the way only: where sums run in both directions they may swing to and fro."""
_SETTLED = 1e-3
"""Change of every message below which nothing changes any more."""
_MIN_WEIGHT = 1e-12
"""Least weight of a reading, so that one that is impossible has neighbours all the same."""
_MAX_LOG = 600.0
"""Largest logarithm of a number of combinations; beyond it a float overflows."""
_OPEN_CHANCES = {"==": 0.0, "!=": 1.0}
"""Chance that a comparison holds of any two numbers; a half for the others."""

_Message = list[float]
"""A weight for the reading of a field, one for each other possibility, and one for any other number."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A comparison of a rule, as the fields were read."""

    sign: str
    difference: Decimal
    """Left side minus right side."""
    slopes: Mapping[int, Decimal]
    """By how much it grows when a field grows by 1, for the index of each field."""


def believe(values: Sequence[Decimal], fields: Sequence[Possibilities], relations: Sequence[Relation]) -> list[float]:
    """Find how probable it is that each field was read rightly.

    Args:
        values: what the fields were read as.
        fields: what each of them may be, as many.
        relations: the comparisons, those that hold and those that do not; they name fields by their index.

    Returns:
        A probability (0-1) for each field.
    """
    priors = [_normalized([field.right, *(weight for _, weight in field.others), field.elsewhere]) for field in fields]
    factors = [_Factor(relation, values, fields) for relation in relations]
    messages = [{index: [1.0] * len(priors[index]) for index in factor.indices} for factor in factors]
    beliefs = priors
    is_shared = sum(len(factor.indices) for factor in factors) > len({i for factor in factors for i in factor.indices})
    for count in range(_MAX_ROUNDS if is_shared else 1):
        change = 0.0
        for factor, kept in zip(factors, messages, strict=True):
            heard = {index: _divided(beliefs[index], kept[index]) for index in factor.indices}
            for index, message in factor.messages(heard).items():
                share = 1.0 if count < _FREE_ROUNDS else 0.5
                moved = [old + share * (new - old) for old, new in zip(kept[index], message, strict=True)]
                change = max(change, *(abs(new - old) for old, new in zip(kept[index], moved, strict=True)))
                kept[index] = moved
        beliefs = _beliefs(priors, messages)
        if change < _SETTLED:
            break
    return [belief[0] / sum(belief) for belief in beliefs]


def _beliefs(priors: Sequence[_Message], messages: Sequence[Mapping[int, _Message]]) -> list[_Message]:
    """What each field believes of itself, given what all comparisons say."""
    beliefs = list(priors)
    for said in messages:
        for index, message in said.items():
            beliefs[index] = _normalized([a * b for a, b in zip(beliefs[index], message, strict=True)])
    return beliefs


class _Factor:
    """A comparison that fields ask.  It counts in units of the last decimal that occurs, so in whole numbers."""

    def __init__(self, relation: Relation, values: Sequence[Decimal], fields: Sequence[Possibilities]) -> None:
        self.indices = tuple(relation.slopes)
        self._sign = relation.sign
        shifts = {
            index: [EXACT.multiply(slope, EXACT.subtract(value, values[index])) for value, _ in fields[index].others]
            for index, slope in relation.slopes.items()
        }
        decimals = max(map(decimal_count, chain((relation.difference,), *shifts.values())))
        self._difference = _units(relation.difference, decimals)
        self._shifts = {index: [_units(shift, decimals) for shift in each] for index, each in shifts.items()}
        self._counts = {index: fields[index].elsewhere_count for index in self.indices}

    def messages(self, heard: Mapping[int, _Message]) -> dict[int, _Message]:
        """Say what is thought of the possibilities of each field.

        Args:
            heard: what each field says of itself, and what it has heard from other rules.
        """
        spreads = {
            index: _Spread.of(self._shifts[index], weights, self._counts[index]) for index, weights in heard.items()
        }
        together = _Together.of(tuple(spreads.values()))
        answer = self._equal if self._sign == "==" else self._unequal
        return {index: _normalized(answer(index, spread, together)) for index, spread in spreads.items()}

    def _equal(self, index: int, own: _Spread, together: _Together) -> _Message:
        everything = together.everything_without(own)
        message = []
        for shift in (0, *self._shifts[index]):
            fitting = min(together.chance(-self._difference - shift, own), everything)
            message.append(fitting + _EQUAL_ODDS * (everything - fitting))
        return [*message, everything * (1 / self._counts[index] + _EQUAL_ODDS)]

    def _unequal(self, index: int, own: _Spread, together: _Together) -> _Message:
        everything = together.everything_without(own)
        chance = _OPEN_CHANCES.get(self._sign, 0.5)
        open_odds = chance + (1 - chance) * WRITER_ERROR_ODDS
        others = [(shift, weight - own.shifts.get(shift, 0.0)) for shift, weight in together.singles.items()]
        known = 1 + sum(weight for _, weight in others)
        message = []
        for shift in (0, *self._shifts[index]):
            difference = self._difference + shift
            fitting = self._odds(difference) + sum(weight * self._odds(difference + other) for other, weight in others)
            message.append(fitting + max(0.0, everything - known) * open_odds)
        return [*message, everything * open_odds]

    def _odds(self, difference: int) -> float:
        return 1.0 if holds(self._sign, difference) else WRITER_ERROR_ODDS


@dataclass(frozen=True, slots=True)
class _Spread:
    """By how much a field may be off, in a comparison; all weights relative to that of not being off."""

    shifts: Mapping[int, float]
    total: float
    """Weight of all that it may be off by."""
    density: float
    """Weight of each difference that is not among ``shifts``."""

    @classmethod
    def of(cls, shifts: Sequence[int], weights: _Message, elsewhere_count: float) -> _Spread:
        changed: defaultdict[int, float] = defaultdict(float)
        unchanged = weights[0]
        for shift, weight in zip(shifts, weights[1:-1], strict=True):
            if shift:
                changed[shift] += weight
            else:
                unchanged += weight
        unchanged = max(unchanged, _MIN_WEIGHT)
        elsewhere = weights[-1] / unchanged
        relative = {shift: weight / unchanged for shift, weight in changed.items()}
        return cls(relative, sum(relative.values()) + elsewhere, elsewhere / elsewhere_count)

    def pair(self, difference: int, others: Mapping[int, float]) -> float:
        """Weight of the combinations of this field with others that make a difference."""
        return sum(weight * others.get(difference - shift, 0.0) for shift, weight in self.shifts.items())


@dataclass(frozen=True, slots=True)
class _Together:
    """By how much all fields of a comparison may be off together, relative to none of them being off."""

    spreads: tuple[_Spread, ...]
    singles: Mapping[int, float]
    """Weight of each difference that one field alone may make."""
    total: float
    """Sum of what each field may be off by."""
    squares: float
    log_everything: float
    """Logarithm of the weight of all combinations."""
    density: float
    pairs: dict[int, float]
    """Weight of differences that two fields make, as far as somebody asked."""

    @classmethod
    def of(cls, spreads: tuple[_Spread, ...]) -> _Together:
        singles: defaultdict[int, float] = defaultdict(float)
        for spread in spreads:
            for shift, weight in spread.shifts.items():
                singles[shift] += weight
        return cls(
            spreads=spreads,
            singles=dict(singles),
            total=sum(spread.total for spread in spreads),
            squares=sum(spread.total**2 for spread in spreads),
            log_everything=sum(math.log1p(spread.total) for spread in spreads),
            density=sum(spread.density for spread in spreads),
            pairs={},
        )

    def everything_without(self, own: _Spread) -> float:
        """Weight of all combinations of the other fields."""
        return math.exp(min(self.log_everything - math.log1p(own.total), _MAX_LOG))

    def chance(self, difference: int, own: _Spread) -> float:
        """Weight of the combinations of the other fields that make a difference."""
        one = self.singles.get(difference, 0.0) - own.shifts.get(difference, 0.0) + self.density - own.density
        with_own = own.pair(difference, self.singles) - own.pair(difference, own.shifts)
        two = max(0.0, self._pair(difference) - with_own)
        total = self.total - own.total
        all_two = max(0.0, (total**2 - (self.squares - own.total**2)) / 2)
        more = max(0.0, self.everything_without(own) - 1 - total - all_two)
        # Of three and more, the last two have to cancel what the others make.
        all_pairs = (self.total**2 - self.squares) / 2
        cancelling = more * self._pair(0) / all_pairs if all_pairs > 0 else 0.0
        return (1.0 if difference == 0 else 0.0) + max(0.0, one) + two + cancelling

    def _pair(self, difference: int) -> float:
        if difference not in self.pairs:
            both = sum(
                weight * self.singles.get(difference - shift, 0.0) for shift, weight in self.singles.items()
            ) - sum(spread.pair(difference, spread.shifts) for spread in self.spreads)
            # Each two fields in both orders.
            self.pairs[difference] = max(0.0, both / 2)
        return self.pairs[difference]


def _units(value: Decimal, decimals: int) -> int:
    return int(value.scaleb(decimals, EXACT))


def _normalized(weights: _Message) -> _Message:
    largest = max(weights)
    return [weight / largest for weight in weights] if largest > 0 else [1.0] * len(weights)


def _divided(belief: _Message, message: _Message) -> _Message:
    """What a field believes without what it has heard from one rule."""
    return _normalized([a / b if b > 0 else 0.0 for a, b in zip(belief, message, strict=True)])
