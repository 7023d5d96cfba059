"""The rules of a form bound to its fields: which field each name in a rule stands for.

A name is that of a field, or of a column of a table.  A rule that names columns holds of each row of their table; names
of fields elsewhere stand for the same field in each row.  ``TABLE.COLUMN`` tells columns of one name apart, and
``TABLE.ROW.COLUMN`` is a single field.  A column alone in ``sum()`` stands for all its rows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scanner.forms.check_expressions import Addition, Constant, Name, Negation, Product, SumOf
from scanner.forms.did_you_mean import suggestion
from scanner.forms.form import CheckDigitRule, CheckRule, FieldKind, FormTable, cell_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scanner.forms.check_expressions import Expression
    from scanner.forms.form import FieldContent, Form, FormRule

_MAX_CHOICES = 3
"""Most choices that an error lists for a name that may mean several things."""


@dataclass(frozen=True, slots=True)
class BoundRule:
    """A rule of a form whose names are those of single fields."""

    number: int
    """Which rule of the form it is, from 1."""
    row: int | None
    """Row of the table, from 1; None if the rule names no column."""
    rule: FormRule
    """The rule, each name in it one of ``Form.all_fields()``."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What a name in a rule stands for."""

    name: str
    """Of the field, or of the column in its table."""
    content: FieldContent
    table: FormTable | None = None
    """None for a field outside of tables."""
    row: int | None = None
    """Row of a single field of a table, from 1."""

    @property
    def column_table(self) -> FormTable | None:
        """Table of a whole column; None for a single field."""
        return self.table if self.row is None else None

    def field_name(self, row: int | None) -> str:
        """Name of the field, that of the column in a row for a column."""
        if self.table is None:
            return self.name
        own_row = row if self.row is None else self.row
        assert own_row is not None, "a rule with a column has rows"
        return cell_name(self.table.name, own_row, self.name)


class RuleBinder:
    """Finds what the names in the rules of a form stand for.

    Args:
        form: the form.  Of names that occur twice the last one counts.
    """

    def __init__(self, form: Form) -> None:
        self._fields = {each.name: each for each in form.fields}
        self._tables = {each.name: each for each in form.tables}
        self._columns_of = {table.name: {column.name: column for column in table.columns} for table in form.tables}
        self._columns: defaultdict[str, list[FormTable]] = defaultdict(list)
        for table in self._tables.values():
            for name in self._columns_of[table.name]:
                self._columns[name].append(table)

    def unknown_names(self, rule: FormRule) -> Iterator[str]:
        """Say which names of a rule stand for nothing, or for several things, as sentences for the user."""
        for name in names_of(rule):
            try:
                self._find(name)
            except ValueError as error:
                yield str(error)

    def misuses(self, rule: FormRule) -> Iterator[str]:
        """Say what a rule asks of fields that they cannot give, as sentences for the user.

        Raises:
            ValueError: if there are ``unknown_names``.
        """
        if isinstance(rule, CheckDigitRule):
            yield from _check_digit_misuses(rule, self._find(rule.field).content)
            return
        names = names_of(rule)
        if not names:
            yield "names no field, so it is always the same; write the name of one"
        for name in names:
            if self._find(name).content.kind is FieldKind.TEXT_IMAGE:
                yield f'"{name}" is a text_image, which is not read; name fields with numbers, or ticks'
        tables = self._row_tables(rule)
        if len(tables) > 1:
            quoted = " and ".join(f'"{table}"' for table in tables)
            yield f"names columns of {quoted}; a check is of the rows of one table; sum(COLUMN) is of all rows"

    def lookups(self, rule: FormRule) -> int:
        """Count the values that a rule looks at on a page, in all rows together.

        Raises:
            ValueError: if there are ``unknown_names``.
        """
        each_time = 0
        for name, is_whole in _occurrences(rule):
            table = self._find(name).column_table
            each_time += table.rows if is_whole and table else 1
        return max((table.rows for table in self._row_tables(rule).values()), default=1) * each_time

    def bind(self, number: int, rule: FormRule) -> Iterator[BoundRule]:
        """Bind a rule: once, or once per row of the table whose columns it names.

        Args:
            number: number of the rule in the form, from 1.
            rule: the rule, without ``unknown_names`` and ``misuses``.

        Yields:
            The bound rules, row by row.

        Raises:
            ValueError: if there are ``unknown_names``.
        """
        targets = {name: self._find(name) for name in names_of(rule)}
        table = next(iter(self._row_tables(rule).values()), None)
        totals: dict[str, SumOf] = {}
        for row in [None] if table is None else range(1, table.rows + 1):
            if isinstance(rule, CheckDigitRule):
                yield BoundRule(number, row, replace(rule, field=targets[rule.field].field_name(row)))
            else:
                operands = tuple(_bound(operand, targets, row, totals) for operand in rule.check.operands)
                yield BoundRule(number, row, CheckRule(replace(rule.check, operands=operands)))

    def _row_tables(self, rule: FormRule) -> dict[str, FormTable]:
        """Tables by name of which a rule names columns, other than to sum all of one."""
        found = (self._find(name).column_table for name, is_whole in _occurrences(rule) if not is_whole)
        return {table.name: table for table in found if table is not None}

    def _find(self, name: str) -> _Target:
        """Find what a name stands for.

        Raises:
            ValueError: if it stands for nothing, or for several things.
        """
        first, *rest = name.split(".")
        if not rest:
            return self._find_single(name)
        if first not in self._tables:
            raise ValueError(f'there is no table "{first}"{suggestion(first, self._tables)}')
        table = self._tables[first]
        if len(rest) > 2:
            raise ValueError(f'there is no "{name}"; fields of a table are called TABLE.ROW.COLUMN')
        target = self._find_column(table, rest[-1])
        if len(rest) == 1:
            return target
        row = rest[0]
        # A row of a thousand digits is not converted to a number.
        if not (
            row.isascii()
            and row.isdigit()
            and len(row) <= len(str(table.rows))
            and row[0] != "0"
            and int(row) <= table.rows
        ):
            raise ValueError(f'there is no row "{row}" of "{first}"; it has the rows 1 to {table.rows}')
        return replace(target, row=int(row))

    def _find_single(self, name: str) -> _Target:
        tables = self._columns.get(name, [])
        if name in self._fields:
            if tables:
                raise ValueError(
                    f'"{name}" is a field, and a column of "{tables[0].name}"; write {tables[0].name}.{name} for the '
                    "column, or rename the field"
                )
            return _Target(name, self._fields[name])
        if len(tables) > 1:
            choices = " or ".join(f"{table.name}.{name}" for table in tables[:_MAX_CHOICES])
            raise ValueError(f'"{name}" is a column of {len(tables)} tables; write {choices}')
        if tables:
            return self._find_column(tables[0], name)
        if name in self._tables:
            raise ValueError(f'"{name}" is a table; write {name}.COLUMN for one of its columns')
        raise ValueError(
            f'there is no field or column "{name}"{suggestion(name, (*self._fields, *self._columns, *self._tables))}'
        )

    def _find_column(self, table: FormTable, name: str) -> _Target:
        columns = self._columns_of[table.name]
        if name not in columns:
            raise ValueError(f'there is no column "{name}" in "{table.name}"{suggestion(name, columns)}')
        return _Target(name, columns[name], table)


def bind_rules(form: Form) -> tuple[BoundRule, ...]:
    """Bind all rules of a form, in order, those of rows row by row.

    Args:
        form: a form as ``form_file`` reads it.

    Raises:
        ValueError: if a rule names what the form does not have.
    """
    binder = RuleBinder(form)
    return tuple(bound for number, rule in enumerate(form.rules, start=1) for bound in binder.bind(number, rule))


def names_of(rule: FormRule) -> tuple[str, ...]:
    """Names of the fields that a rule is about."""
    return (rule.field,) if isinstance(rule, CheckDigitRule) else rule.check.names


def _check_digit_misuses(rule: CheckDigitRule, content: FieldContent) -> Iterator[str]:
    scheme = rule.scheme
    if not content.kind.is_whole:
        yield f'"{rule.field}" is of the kind {content.kind.value}; check digits are of a comb or a number'
    elif content.cells is not None and content.cells < scheme.min_digits:
        yield f'"{rule.field}" has too few cells; numbers with {scheme.value} have {scheme.min_digits} digits or more'
    elif content.cells is not None and scheme.max_digits is not None and content.cells > scheme.max_digits:
        yield f'"{rule.field}" has too many cells; numbers with {scheme.value} have at most {scheme.max_digits} digits'


def _occurrences(rule: FormRule) -> Iterator[tuple[str, bool]]:
    """Every name in a rule as often as it occurs, and whether it stands alone in ``sum()``."""
    if isinstance(rule, CheckDigitRule):
        yield rule.field, False
        return
    for operand in rule.check.operands:
        yield from _occurrences_in(operand)


def _occurrences_in(expression: Expression) -> Iterator[tuple[str, bool]]:
    match expression:
        case Constant():
            return
        case Name(name):
            yield name, False
        case SumOf(names):
            yield from ((each.name, len(names) == 1) for each in names)
        case Negation(operand):
            yield from _occurrences_in(operand)
        case Addition(parts) | Product(parts):
            for part in parts:
                yield from _occurrences_in(part)


def _bound(
    expression: Expression, targets: Mapping[str, _Target], row: int | None, totals: dict[str, SumOf]
) -> Expression:
    """Put the names of fields in the place of those in an expression.

    Args:
        expression: what the user wrote.
        targets: what each of its names stands for.
        row: row of the table whose columns it names, if it names any.
        totals: sums of whole columns, kept here from row to row.
    """
    match expression:
        case Constant():
            return expression
        case Name(name):
            return Name(targets[name].field_name(row))
        case SumOf((Name(name),)) if (table := targets[name].column_table) is not None:
            if name not in totals:
                totals[name] = SumOf(tuple(Name(targets[name].field_name(each)) for each in range(1, table.rows + 1)))
            return totals[name]
        case SumOf(names):
            return SumOf(tuple(Name(targets[each.name].field_name(row)) for each in names))
        case Negation(operand):
            return Negation(_bound(operand, targets, row, totals))
        case Addition(terms):
            return Addition(tuple(_bound(term, targets, row, totals) for term in terms))
        case Product(factors):
            return Product(tuple(_bound(factor, targets, row, totals) for factor in factors))
