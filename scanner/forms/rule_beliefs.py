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
from decimal import Decimal
from typing import TYPE_CHECKING

from scanner.forms.check_differences import holds
from scanner.forms.check_evaluation import EXACT
from scanner.forms.field_readings import WRITER_ERROR_ODDS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scanner.forms.field_readings import Possibilities

WRONG_RESULTS = 20
"""How many wrong results of a sum are as probable as each other: one digit off, or a carry forgotten.  A choice."""
_EQUAL_ODDS = WRITER_ERROR_ODDS / WRONG_RESULTS
"""How much less probable a given wrong result on paper is than the right one."""
_MAX_ROUNDS, _FREE_ROUNDS = 16, 5
"""Most times that fields and rules are asked in turn.  A sum of sums needs four.  After the free rounds all go half of
the way only: where sums run in both directions they may swing to and fro."""
_SETTLED = 1e-4
"""Change of every message below which nothing changes any more."""
_MIN_WEIGHT = 1e-12
"""Least weight of a reading, so that one that is impossible has neighbours all the same."""
_MAX_LOG = 600.0
"""Largest logarithm of a number of combinations; beyond it a float overflows."""
_OPEN_CHANCES = {"==": 0.0, "!=": 1.0}
"""Chance that a comparison holds of any two numbers; a half for the others."""

_ZERO = Decimal(0)
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
    """A comparison that fields ask."""

    def __init__(self, relation: Relation, values: Sequence[Decimal], fields: Sequence[Possibilities]) -> None:
        self.indices = tuple(relation.slopes)
        self._sign, self._difference = relation.sign, relation.difference
        self._shifts = {
            index: [EXACT.multiply(slope, EXACT.subtract(value, values[index])) for value, _ in fields[index].others]
            for index, slope in relation.slopes.items()
        }
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
        for shift in (_ZERO, *self._shifts[index]):
            fitting = min(together.chance(EXACT.minus(EXACT.add(self._difference, shift)), own), everything)
            message.append(fitting + _EQUAL_ODDS * (everything - fitting))
        return [*message, everything * (1 / self._counts[index] + _EQUAL_ODDS)]

    def _unequal(self, index: int, own: _Spread, together: _Together) -> _Message:
        everything = together.everything_without(own)
        chance = _OPEN_CHANCES.get(self._sign, 0.5)
        open_odds = chance + (1 - chance) * WRITER_ERROR_ODDS
        message = []
        for shift in (_ZERO, *self._shifts[index]):
            difference = EXACT.add(self._difference, shift)
            known, fitting = 1.0, self._odds(difference)
            for other, weight in together.singles.items():
                without = weight - own.shifts.get(other, 0.0)
                known += without
                fitting += without * self._odds(EXACT.add(difference, other))
            message.append(fitting + max(0.0, everything - known) * open_odds)
        return [*message, everything * open_odds]

    def _odds(self, difference: Decimal) -> float:
        return 1.0 if holds(self._sign, difference) else WRITER_ERROR_ODDS


@dataclass(frozen=True, slots=True)
class _Spread:
    """By how much a field may be off, in a comparison; all weights relative to that of not being off."""

    shifts: Mapping[Decimal, float]
    total: float
    """Weight of all that it may be off by."""
    density: float
    """Weight of each difference that is not among ``shifts``."""

    @classmethod
    def of(cls, shifts: Sequence[Decimal], weights: _Message, elsewhere_count: float) -> _Spread:
        changed: defaultdict[Decimal, float] = defaultdict(float)
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


@dataclass(frozen=True, slots=True)
class _Together:
    """By how much all fields of a comparison may be off together, relative to none of them being off."""

    singles: Mapping[Decimal, float]
    """Weight of each difference that one field alone may make."""
    total: float
    """Sum of what each field may be off by."""
    squares: float
    log_everything: float
    """Logarithm of the weight of all combinations."""
    density: float
    pairs: dict[Decimal, float]
    """Weight of differences that two fields make, as far as somebody asked."""

    @classmethod
    def of(cls, spreads: Sequence[_Spread]) -> _Together:
        singles: defaultdict[Decimal, float] = defaultdict(float)
        for spread in spreads:
            for shift, weight in spread.shifts.items():
                singles[shift] += weight
        return cls(
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

    def chance(self, difference: Decimal, own: _Spread) -> float:
        """Weight of the combinations of the other fields that make a difference."""
        weight = self.singles.get(difference, 0.0) - own.shifts.get(difference, 0.0) + self.density - own.density
        total = self.total - own.total
        two = max(0.0, (total**2 - (self.squares - own.total**2)) / 2)
        more = max(0.0, self.everything_without(own) - 1 - total - two)
        if self.total > 0:
            # Of both orders of each two fields, one that is not the field itself with another.
            weight += (two * self._pair(difference) + more * self._pair(_ZERO)) / self.total**2
        return max(0.0, weight) + (1.0 if difference == 0 else 0.0)

    def _pair(self, difference: Decimal) -> float:
        if difference not in self.pairs:
            self.pairs[difference] = sum(
                weight * self.singles.get(EXACT.subtract(difference, shift), 0.0)
                for shift, weight in self.singles.items()
            )
        return self.pairs[difference]


def _normalized(weights: _Message) -> _Message:
    largest = max(weights)
    return [weight / largest for weight in weights] if largest > 0 else [1.0] * len(weights)


def _divided(belief: _Message, message: _Message) -> _Message:
    """What a field believes without what it has heard from one rule."""
    return _normalized([a / b if b > 0 else 0.0 for a, b in zip(belief, message, strict=True)])
