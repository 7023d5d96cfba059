"""The little language of checks: ``total == q1 + q2 + q3``.

A check compares two or more sums of products by ``==`` ``!=`` ``<`` ``<=`` ``>`` or ``>=``, in a chain if need be
(``0 <= part <= whole``).  There are numbers, names, ``+`` ``-`` ``*``, parentheses, and ``sum(NAME, ...)``.  Nothing
else can be written, and no code runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scanner.forms.check_tokens import COMPARISON_SIGNS, Token, is_name, position_error, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHECK_LENGTH = 1000
"""Most characters of a check: room for the sum of 50 long names."""
MAX_DEPTH = 20
"""Most parentheses in each other: nobody reads so many, and Python's own stack allows some hundreds."""
SUM_NAME = "sum"
"""The one function.  A field may be called so as well: a function has a parenthesis behind it."""

_WORD_HINTS = {
    "and": "write a rule for each of the two checks",
    "or": "there is no either-or in a check",
    "not": "write the opposite comparison",
}
"""Words of other languages, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A number in a check."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a field, or of a column in the row at hand."""

    name: str
    """Names joined by points, in Unicode's form NFKC: ``total``, ``marks.total``, ``marks.3.total``."""


@dataclass(frozen=True, slots=True)
class SumOf:
    """``sum(NAME, ...)``: the sum of the values that are written, empty ones left out."""

    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class Negation:
    """``-OPERAND``."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Addition:
    """Two or more terms; those after a minus sign are negations."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Two or more factors."""

    factors: tuple[Expression, ...]


Expression = Constant | Name | SumOf | Negation | Addition | Product


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison, made by :func:`parse_check`."""

    text: str
    """As the user wrote it."""
    operands: tuple[Expression, ...]
    """What is compared, two or more."""
    operators: tuple[str, ...]
    """The sign between each two operands."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name once, in the order of the text."""
        found: dict[str, None] = {}
        for operand in self.operands:
            found.update((name, None) for name in _names_in(operand))
        return tuple(found)


def parse_check(text: str) -> Check:
    """Parse a check once, to evaluate it often.

    Args:
        text: as the user wrote it.

    Returns:
        Its syntax tree, with names as they stand: whether there are such fields is for others to say.

    Raises:
        ValueError: if it is no check, or too long.  The message is for the user: at which character, counted from 1,
            what is wrong, and what to write.
    """
    if len(text) > MAX_CHECK_LENGTH:
        raise position_error(
            MAX_CHECK_LENGTH + 1,
            f"{len(text)} characters are too many, {MAX_CHECK_LENGTH} are the most; write two rules",
        )
    return _Parser(text).parse()


def _names_in(expression: Expression) -> Iterator[str]:
    match expression:
        case Constant():
            return
        case Name(name):
            yield name
        case SumOf(parts) | Addition(parts) | Product(parts):
            for part in parts:
                yield from _names_in(part)
        case Negation(operand):
            yield from _names_in(operand)


class _Parser:
    """A parser by recursive descent; only parentheses recurse."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(tokenize(text))
        self._next = 0
        self._depth = 0

    def parse(self) -> Check:
        if not self._token.text:
            raise position_error(1, "there is nothing; write a comparison such as total == q1 + q2")
        operands, operators = [self._sum()], []
        while self._token.text in COMPARISON_SIGNS:
            operators.append(self._take().text)
            operands.append(self._sum())
        if self._token.text:
            raise self._unexpected()
        if not operators:
            signs = ", ".join(COMPARISON_SIGNS)
            raise position_error(self._token.position, f"nothing is compared; write one of {signs} and a value here")
        return Check(self._text, tuple(operands), tuple(operators))

    @property
    def _token(self) -> Token:
        return self._tokens[self._next]

    def _take(self) -> Token:
        token = self._token
        self._next += 1
        return token

    def _sum(self) -> Expression:
        terms = [self._product()]
        while self._token.text in {"+", "-"}:
            sign = self._take().text
            term = self._product()
            terms.append(Negation(term) if sign == "-" else term)
        return terms[0] if len(terms) == 1 else Addition(tuple(terms))

    def _product(self) -> Expression:
        factors = [self._factor()]
        while self._token.text == "*":
            self._take()
            factors.append(self._factor())
        return factors[0] if len(factors) == 1 else Product(tuple(factors))

    def _factor(self) -> Expression:
        negative = False
        while self._token.text == "-":
            self._take()
            negative = not negative
        operand = self._operand()
        return Negation(operand) if negative else operand

    def _operand(self) -> Expression:
        token = self._token
        if token.is_number:
            return Constant(Decimal(self._take().text))
        if token.is_name:
            self._take()
            if self._token.text == "(":
                return self._call(token)
            return _name(token)
        if token.text == "(":
            return self._parentheses()
        if token.text == "+":
            raise position_error(token.position, 'a value is missing before "+"; leave a leading + out')
        raise position_error(token.position, f"a number or a name is missing before {token.shown()}")

    def _parentheses(self) -> Expression:
        opening = self._take()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise position_error(
                opening.position, f"more than {MAX_DEPTH} parentheses in each other; write it more simply"
            )
        inner = self._sum()
        if self._token.text in COMPARISON_SIGNS:
            raise position_error(self._token.position, "a comparison stands in parentheses; leave them out")
        self._close(opening)
        self._depth -= 1
        return inner

    def _call(self, function: Token) -> Expression:
        if function.text != SUM_NAME:
            raise position_error(
                function.position, f"there is no function {function.shown()}; there is {SUM_NAME}(NAME, ...)"
            )
        opening = self._take()
        names = []
        while True:
            token = self._token
            if not token.is_name:
                raise position_error(
                    token.position, f"{SUM_NAME}() takes names with commas between them; write one here"
                )
            names.append(_name(self._take()))
            if self._token.text != ",":
                break
            self._take()
        if self._token.text and self._token.text not in {")", *COMPARISON_SIGNS}:
            raise position_error(
                self._token.position, f"{SUM_NAME}() takes names with commas between them, nothing else"
            )
        self._close(opening)
        return SumOf(tuple(names))

    def _close(self, opening: Token) -> None:
        if self._token.text != ")":
            if self._token.text and self._token.text not in COMPARISON_SIGNS:
                raise self._unexpected()
            raise position_error(opening.position, 'this "(" is never closed; write the missing ")"')
        self._take()

    def _unexpected(self) -> ValueError:
        """Make the error that a value is complete, but goes on."""
        token, before = self._token, self._tokens[self._next - 1]
        if token.text == ")":
            return position_error(token.position, 'this ")" closes nothing; leave it out')
        if token.text == ",":
            return position_error(token.position, 'a "," stands outside of sum(); write decimals with a point, 1.5')
        hint = _WORD_HINTS.get(token.text.lower(), f"to multiply, write * behind {before.shown()}")
        return position_error(token.position, f"a sign is missing before {token.shown()}; {hint}")


def _name(token: Token) -> Name:
    first, *rest = token.text.split(".")
    # The row of a table stands between the names of table and column.
    if not is_name(first) or not all(is_name(part) or (part.isascii() and part.isdigit()) for part in rest):
        raise position_error(token.position, f"{token.shown()} is no name; names begin with a letter")
    return Name(token.text)
