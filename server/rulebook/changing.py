"""`change` compiled: values for fields of a record that is there already, which a link of this one or a fact leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.text import Text
from ..metadata.model import DocType, Model
from .creating import value_readers
from .display import join, show
from .drawing import Draw, Drawn, Making, row_places
from .effects import ChangeRecord
from .model import Change, Rule
from .operands import reader
from .paths import Frame, PathRefused, Resolved, resolve
from .place import Place


def compile_change(item: Change, making: Making) -> Draw:
    """Draws one `ChangeRecord` for the record that is led to, or for each of a list. Raises PathRefused."""
    rows = row_places(item.each, making)
    target = changed_type(item, rows.frame)
    lead = reader(resolve(item.record, rows.frame), making.facts)
    values = value_readers(item.values, target, rows.frame, making)
    for name in values:
        if target.field(name).type.is_secret:
            raise PathRefused(Text(f"{name} 是密码，规则不能填写", f"{name} is a secret, which no rule puts in"))
    rule = making.rule

    def draw(place: Place, drawn: Drawn) -> None:
        for one, where, _ in rows.places(place):
            found = lead(one)
            for name in dict.fromkeys(found if isinstance(found, list | tuple) else (found,)):
                if name:
                    made = {field: read(one) for field, read in values.items()}
                    said = _said(target, str(name), made)
                    drawn.effects.append(
                        ChangeRecord(rule.name, target.name, str(name), made, said, rule.source, item.take_back, where)
                    )

    return draw


def _said(target: DocType, name: str, values: Mapping[str, Any]) -> Text:
    """`Lot L-7: status = blocked`."""
    shown = [(target.field(field).label, show(value, target.field(field))) for field, value in values.items()]
    said = join([Text(f"{label.zh} = {value.zh}", f"{label.en} = {value.en}") for label, value in shown])
    return Text(f"{target.label.zh} {name}：{said.zh}", f"{target.label.en} {name}: {said.en}")


def changed_type(item: Change, frame: Frame) -> DocType:
    """The DocType of the records that a consequence changes, read in the frame of its rows. Raises PathRefused."""
    led = _led_to(resolve(item.record, frame), frame)
    if led is None:
        text = f"{item.record!r} 不指向任何单据：应为链接字段，或取 name（或链接字段）的事实"
        raise PathRefused(
            Text(text, f"{item.record!r} leads to no record: it should be a Link field, or a fact of names or of a Link field")
        )
    target = frame.model.get(led)
    if target is None or target.istable:
        text = f"{item.record!r}：{led!r} 不是有单据的单据类型"
        raise PathRefused(Text(text, f"{item.record!r}: {led!r} is not a record type that has records"))
    return target


def changed_fields(rule: Rule, model: Model) -> Iterator[tuple[str, str]]:
    """(DocType, field) that a rule changes in other records; what does not fit is told by the check."""
    if rule.applies_to not in model:
        return
    frame = Frame(model, model[rule.applies_to], rule.facts)
    for item in rule.then:
        if isinstance(item, Change):
            try:
                target = changed_type(item, frame.rows(item.each.table) if item.each else frame)
            except PathRefused:
                continue
            yield from ((target.name, name) for name, _ in item.values)


def _led_to(found: Resolved, frame: Frame) -> str | None:
    if found.item is not None:
        return found.item.options if found.item.fieldtype == "Link" else None
    fact = frame.facts.get(found.name) if found.source == "fact" else None
    if fact is not None and fact.function in ("first", "list") and fact.field == "name":
        return fact.of
    return None
