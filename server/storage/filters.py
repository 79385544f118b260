"""Filters of lists and facts as SQL: `(field, operator, value)` triples.

The same meaning on every database: nothing filled in counts as "not equal", LIKE ignores case, values are read by the
field's kind. A field or operator that there is not is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Column, ColumnElement, Select, and_, false, not_, or_, true
from sqlalchemy import Text as SqlText

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text, nearest
from ..metadata.fieldtypes import ValueRefused, field_type
from ..metadata.model import DocType
from . import readings
from .tables import StoredColumn, record_table
from .types import as_text, convert

Filter = tuple[str, str, Any]
MAX_LIST = 10_000

OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "like", "not like", "in", "not in", "between", "is")
_ALIASES = {"==": "=", "<>": "!=", "equals": "=", "not equals": "!="}


def stored_column(doctype: DocType, fieldname: str) -> tuple[StoredColumn, Column[Any]]:
    """The column of a field. Raises ValidationFailed with the nearest right word when there is none."""
    table = record_table(doctype)
    by_field: dict[str, StoredColumn] = table.info.setdefault(
        "by_field", {item.fieldname: item for item in table.info["columns"]}
    )
    if fieldname not in by_field:
        hint = nearest(fieldname, by_field)
        text = Text(
            f"{doctype.label.zh}没有字段“{fieldname}”。{hint.zh}", f'{doctype.label.en} has no field "{fieldname}".{hint.en}'
        )
        raise ValidationFailed(text, [Fault(fieldname, text)])
    return by_field[fieldname], table.c[fieldname]


def where(doctype: DocType, filters: Iterable[Filter] = (), or_filters: Iterable[Filter] = ()) -> list[ColumnElement[bool]]:
    """The conditions: every one of `filters`, and any one of `or_filters`."""
    conditions = [condition(doctype, *item) for item in filters]
    either = [condition(doctype, *item) for item in or_filters]
    if either:
        conditions.append(or_(*either))
    return conditions


def condition(doctype: DocType, fieldname: str, operator: str, value: Any) -> ColumnElement[bool]:
    """One filter as SQL."""
    stored, column = stored_column(doctype, fieldname)
    chosen = _ALIASES.get(operator.strip().lower(), operator.strip().lower())
    if chosen not in OPERATORS:
        hint = nearest(chosen, OPERATORS)
        text = Text(
            f"筛选条件 {fieldname} 的运算符“{operator}”不可用，应为 {'、'.join(OPERATORS)}。{hint.zh}",
            f'Filter {fieldname}: there is no operator "{operator}"; use one of {", ".join(OPERATORS)}.{hint.en}',
        )
        raise ValidationFailed(text, [Fault(fieldname, text)])
    if chosen == "is":
        return _is(stored, column, value)
    if chosen in ("like", "not like"):
        return _like(column, value, negated=chosen == "not like")
    if isinstance(value, Select):
        return column.in_(value) if chosen == "in" else or_(column.not_in(value), column.is_(None))
    if chosen in ("in", "not in"):
        return _in(stored, column, [_value(stored, part) for part in _listed(stored, value)], negated=chosen == "not in")
    if chosen == "between":
        return _between(stored, column, value)
    return _compare(stored, column, chosen, _value(stored, value))


def apart(doctype: DocType, fieldname: str, operator: str, value: Any) -> Any:
    """The value of a filter that may be given to its statement apart, as `bindparam`; None where the condition depends on it."""
    stored, _ = stored_column(doctype, fieldname)
    if operator not in ("=", "!=", *_COMPARE) or stored.is_flag or isinstance(value, Select):
        return None
    return _value(stored, value)


_COMPARE: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
}


def _compare(stored: StoredColumn, column: Column[Any], operator: str, value: Any) -> ColumnElement[bool]:
    if operator == "=":
        return _empty(column) if value is None else _equals(stored, column, value)
    if operator == "!=":
        return _differs(stored, column, value)
    if value is None:  # nothing is greater or smaller than nothing
        return false()
    return _COMPARE[operator](column, value)


def _equals(stored: StoredColumn, column: Column[Any], value: Any) -> ColumnElement[bool]:
    """A check box that was added later is not ticked in older records, whether it holds 0 or nothing."""
    if stored.is_flag and value == 0:
        return or_(column == 0, column.is_(None))
    same: ColumnElement[bool] = column == value
    return same


def _differs(stored: StoredColumn, column: Column[Any], value: Any) -> ColumnElement[bool]:
    if value is None:
        return not_(_empty(column))
    if stored.is_flag and value == 0:
        return and_(column != 0, column.is_not(None))
    return or_(column != value, _empty(column))


def _empty(column: Column[Any]) -> ColumnElement[bool]:
    return column.is_(None)


def _is(stored: StoredColumn, column: Column[Any], value: Any) -> ColumnElement[bool]:
    wanted = str(value or "").strip().lower()
    if wanted not in ("set", "not set"):
        text = Text(
            f"筛选条件 {stored.fieldname}：“is”只能是 set 或 not set。",
            f'Filter {stored.fieldname}: "is" takes "set" or "not set".',
        )
        raise ValidationFailed(text, [Fault(stored.fieldname, text)])
    return _empty(column) if wanted == "not set" else not_(_empty(column))


def _in(stored: StoredColumn, column: Column[Any], values: list[Any], *, negated: bool) -> ColumnElement[bool]:
    filled = [value for value in values if value is not None]
    with_empty = len(filled) < len(values)
    if negated:
        kept = column.not_in(filled) if filled else true()
        return and_(kept, column.is_not(None)) if with_empty else or_(kept, column.is_(None))
    found = column.in_(filled) if filled else false()
    return or_(found, column.is_(None)) if with_empty else found


def _between(stored: StoredColumn, column: Column[Any], value: Any) -> ColumnElement[bool]:
    ends = [_value(stored, part) for part in _listed(stored, value)]
    if len(ends) != 2 or None in ends:
        text = Text(
            f"筛选条件 {stored.fieldname}:between 需要起止两个值。",
            f"Filter {stored.fieldname}: between takes two values, from and to.",
        )
        raise ValidationFailed(text, [Fault(stored.fieldname, text)])
    return column.between(ends[0], ends[1])


def _listed(stored: StoredColumn, value: Any) -> list[Any]:
    parts = (
        value.split(",")
        if isinstance(value, str)
        else list(value)
        if isinstance(value, list | tuple | set | frozenset)
        else [value]
    )
    if len(parts) > MAX_LIST:
        text = Text(
            f"筛选条件 {stored.fieldname} 列出了 {len(parts)} 个值，最多 {MAX_LIST} 个。",
            f"Filter {stored.fieldname} lists {len(parts)} values; at most {MAX_LIST} are allowed.",
        )
        raise ValidationFailed(text, [Fault(stored.fieldname, text)])
    return [part.strip() if isinstance(value, str) else part for part in parts]


def _value(stored: StoredColumn, value: Any) -> Any:
    """The value of a filter by the kind of its field; a naive time is the site's."""
    if isinstance(value, BindParameter):  # see `apart`
        return value
    if value is None or value == "":
        return None
    try:
        if stored.kind == "datetime" and not isinstance(value, datetime):
            return field_type("Datetime").parse(value, None)  # type: ignore[arg-type]
        if stored.kind == "date":
            return field_type("Date").parse(value, None)  # type: ignore[arg-type]
        return convert(stored.kind, value)
    except (ValueRefused, ValueError, TypeError, ArithmeticError):
        text = Text(
            f"筛选条件 {stored.fieldname} 的值“{str(value)[:40]}”不可用，应为 {stored.kind}。",
            f'Filter {stored.fieldname}: "{str(value)[:40]}" is not a value of kind {stored.kind}.',
        )
        raise ValidationFailed(text, [Fault(stored.fieldname, text)]) from None


# Text search


def _like(column: Column[Any], value: Any, *, negated: bool) -> ColumnElement[bool]:
    """`%` and `_` are the asker's wildcards; a backslash takes their meaning away."""
    pattern = str(value or "").replace("\x00", "")
    if (len(pattern) - len(pattern.rstrip("\\"))) % 2:
        pattern += "\\"  # PostgreSQL refuses a pattern that ends in the escape character
    shown = column if isinstance(column.type, SqlText) or column.type.python_type is str else as_text(column)
    matches = shown.ilike(pattern, escape="\\")
    return or_(not_(matches), column.is_(None)) if negated else matches


def literal_pattern(text: str) -> str:
    """A LIKE pattern that finds `text` anywhere, its wildcards taken literally."""
    for character in ("\\", "%", "_"):
        text = text.replace(character, "\\" + character)
    return f"%{text}%"


def search_condition(doctype: DocType, text: str, readable: Container[str]) -> ColumnElement[bool] | None:
    """Every word of `text` in the name, the title or a search field, as far as they are `readable`, or the
    initials of a Chinese title (`dl` for 东岭); None for no words."""
    table = record_table(doctype)
    wanted = dict.fromkeys(["name", doctype.title_field or "", *doctype.search_fields])
    columns = [table.c[name] for name in wanted if name in table.c and name in readable]
    words = text.replace("\x00", "").split()[:8]
    if not words:
        return None
    by_initials = readings.titled_by(doctype) in readable
    return and_(*(or_(*_found(doctype, columns, word, by_initials=by_initials)) for word in words))


def _found(doctype: DocType, columns: Iterable[Column[Any]], word: str, *, by_initials: bool) -> Iterator[ColumnElement[bool]]:
    """A word in one of the columns, or (`by_initials`) as those of the title."""
    for column in columns:
        yield _like(column, literal_pattern(word), negated=False)
    typed = readings.found_by(doctype, word) if by_initials else None
    if typed is not None:
        yield typed
