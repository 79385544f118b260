"""Readers: small functions that take a `Place` and give the value a path, a literal or an expression has there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from ..core.text import Text
from ..core.values import to_decimal
from ..expressions import ExpressionRefused, parse
from ..metadata.fieldtypes import ValueRefused, field_type
from ..metadata.model import DocField
from .durations import EXPECTED, parse_duration
from .model import Operand
from .operators import OPERATORS, Expects, Operator
from .paths import Frame, PathRefused, Resolved, resolve
from .place import Place
from .situation import FactQuery
from .spoken import spoken

Read = Callable[[Place], Any]
FactReaders = Mapping[str, Read]  # by fact name; each is given the record's place

_TYPED = {"date": "Date", "datetime": "Datetime", "time": "Time"}


@dataclass(frozen=True, slots=True)
class Value:
    """The right side of a comparison, ready to be read; `constant` when it does not depend on the record."""

    read: Read
    constant: bool
    value: Any = None
    label: Text | None = None
    _said: list[Text | None] = field(default_factory=list, compare=False, repr=False)

    def said(self, say: Callable[[], Text | None]) -> Text | None:
        """What it is called for people: a literal is put into words once."""
        if not self.constant:
            return say()
        if not self._said:
            self._said.append(say())
        return self._said[0]


def reader(found: Resolved, facts: FactReaders) -> Read:
    """Reads what `found` means; empty text reads as None, an absent check as 0."""
    name = found.name
    if found.source == "user":
        return lambda place: place.judgement.user[name]
    if found.source == "fact":
        gather = facts[name]
        return gather if found.is_of_row else lambda place: gather(place.root)
    own = _link(found) if found.source == "link" else _own(name, found.kind)
    if found.level:
        return lambda place: own(place.root)
    return own


def _own(name: str, kind: str) -> Read:
    if kind == "check":
        return lambda place: place.doc.get(name) or 0
    if kind in ("text", "rows", "json"):
        return lambda place: place.doc.get(name) or None
    if name == "idx":
        return lambda place: place.doc.get("idx") or place.index + 1
    return lambda place: place.doc.get(name)


def link_question(found: Resolved) -> Callable[[Place], FactQuery | None]:
    """What reading a field of a linked record asks; None where nothing is linked."""
    assert found.link is not None
    link, target = found.link.fieldname, found.link.options or ""
    name, path = found.name, found.path

    def question(place: Place) -> FactQuery | None:
        linked = place.doc.get(link)
        return FactQuery(path, "first", target, name, (("name", "=", linked),)) if linked else None

    return question


def _link(found: Resolved) -> Read:
    question, is_check = link_question(found), found.kind == "check"

    def read(place: Place) -> Any:
        asked = question(place)
        value = None if asked is None else place.judgement.ask(asked)
        return (value or 0) if is_check else (None if value == "" else value)

    return read


def old_reader(found: Resolved) -> Read:
    """Reads the value before; None where there was none. Only fields of the record or the row have one."""
    if found.source != "field":
        raise PathRefused(
            Text(
                f"{found.path!r} 没有旧值：只有本单的字段才有",
                f"{found.path!r} has no old value; only fields of the record have one",
            )
        )
    name, is_check, up = found.name, found.kind == "check", bool(found.level)

    def read(place: Place) -> Any:
        old = place.root.old if up else place.old
        value = None if old is None else old.get(name)
        if is_check and old is not None:
            return value or 0
        return None if value == "" or value == [] else value

    return read


def value_of(operand: Operand, left: Resolved, expects: Expects, frame: Frame, facts: FactReaders) -> Value:
    """The right side of a comparison with `left`, its literals read as values of that kind. Raises PathRefused."""
    if operand.kind == "path":
        found = resolve(operand.value, frame)
        return Value(reader(found, facts), False, label=found.label)
    if operand.kind == "expr":
        return Value(_expression(operand.value), False, label=spoken(operand.value, frame))
    if expects in ("list", "pair"):
        return _several(operand, left, expects, frame, facts)
    try:
        constant = literal(operand.value, left, expects)
    except PathRefused as refused:
        text = refused.text
        raise PathRefused(Text(f"{text.zh}（字段“{left.label.zh}”）", f'{text.en} (the field "{left.label.en}")')) from None
    return Value(lambda place: constant, True, constant)


def not_compared(path: str, left: Resolved, operator: Operator) -> PathRefused:
    """What says that a field is not compared in this way, and in which it is."""
    words = ", ".join(one.name for one in OPERATORS.values() if left.kind in one.kinds)
    return PathRefused(
        Text(
            f"{path!r}({left.label.zh})不能用 {operator.name!r} 比较，可用：{words}",
            f"{operator.name!r} is not possible for {path!r} ({left.label.en}); use one of {words}",
        )
    )


def _several(operand: Operand, left: Resolved, expects: Expects, frame: Frame, facts: FactReaders) -> Value:
    parts = operand.value
    if not isinstance(parts, tuple) or (expects == "pair" and len(parts) != 2):
        wanted = Text("两个值的列表", "a list of two values") if expects == "pair" else Text("值的列表", "a list of values")
        given = [part.value for part in parts] if isinstance(parts, tuple) else parts
        raise PathRefused(Text(f"{given!r} 应为{wanted.zh}", f"{given!r} should be {wanted.en}"))
    values = [value_of(part, left, "value", frame, facts) for part in parts]
    if all(value.constant for value in values):
        constant = tuple(value.value for value in values)
        return Value(lambda place: constant, True, constant)
    return Value(lambda place: tuple(value.read(place) for value in values), False)


def operand_reader(operand: Operand, frame: Frame, facts: FactReaders, item: DocField | None = None) -> Read:
    """Reads an operand that is not compared: a value to set. Literals are read by the field `item`. Raises PathRefused."""
    if operand.kind == "path":
        return reader(resolve(operand.value, frame), facts)
    if operand.kind == "expr":
        return _expression(operand.value)
    if isinstance(operand.value, tuple):
        raise PathRefused(Text("此处不能是列表", "a list is not possible here"))
    try:
        constant = item.type.parse(operand.value, item) if item is not None else operand.value
    except ValueRefused as refused:
        raise PathRefused(Text(f"{operand.value!r}：{refused.text.zh}", f"{operand.value!r}: {refused.text.en}")) from None
    return lambda place: constant


def _expression(source: str) -> Read:
    try:
        expression = parse(source)
    except ExpressionRefused as refused:
        raise PathRefused(Text(f"表达式 {source!r}：{refused.text.zh}", f"expression {source!r}: {refused.text.en}")) from None
    return lambda place: expression.compute(place.scope)


def literal(value: Any, left: Resolved, expects: Expects) -> Any:
    """A literal as the plain value it is compared as. Raises PathRefused when it does not fit."""
    if expects == "setness":
        if value not in ("set", "not set"):
            raise _unfit(value, Text("set 或 not set", '"set" or "not set"'))
        return value
    if expects == "nothing":
        if value not in (None, True, False):
            raise _unfit(value, Text("不写值，或 true/false", "no value, or true/false"))
        return value
    if expects == "duration":
        return _duration(value, left)
    if expects == "moment" and value in ("now", "today"):
        return value
    if value is None:
        return None
    if expects == "percent" or left.kind == "number":
        return _number(value)
    return _scalar(value, left)


def _number(value: Any) -> int | Decimal:
    number = None if isinstance(value, str) else to_decimal(value)
    if number is None:
        raise _unfit(value, Text("数字", "a number"))
    return value if isinstance(value, int) else number


def _scalar(value: Any, left: Resolved) -> Any:
    if left.kind == "check":
        if value not in (0, 1, True, False):
            raise _unfit(value, Text("0 或 1", "0 or 1"))
        return int(value)
    if left.kind in _TYPED:
        kind = field_type(_TYPED[left.kind])
        try:
            if isinstance(value, str) and value.strip():
                return kind.parse(value, DocField("value", kind.name))
        except ValueRefused as refused:
            raise PathRefused(Text(f"{value!r}：{refused.text.zh}", f"{value!r}: {refused.text.en}")) from None
        raise _unfit(value, Text("日期或时间文字", "a date or time as text"))
    if not isinstance(value, str):
        raise _unfit(value, Text("文字", "a text"))
    choices = left.item.choices if left.item is not None and left.item.fieldtype == "Select" else ()
    if choices and value not in choices:
        raise _unfit(value, Text(f"可选值之一：{'、'.join(choices)}", f"one of the choices: {', '.join(choices)}"))
    return value


def _duration(value: Any, left: Resolved) -> timedelta:
    try:
        length = parse_duration(value)
    except ValueError:
        raise PathRefused(Text(f"{value!r}：{EXPECTED.zh}", f"{value!r}: {EXPECTED.en}")) from None
    if left.kind == "date" and length % timedelta(days=1):
        raise _unfit(value, Text("整天数（该字段是日期）", "whole days (the field is a date)"))
    return length


def _unfit(value: Any, wanted: Text) -> PathRefused:
    return PathRefused(Text(f"值 {value!r} 不合适，应为{wanted.zh}", f"the value {value!r} does not fit; expected {wanted.en}"))
