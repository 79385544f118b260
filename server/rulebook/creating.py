"""`create` compiled: records of another DocType by a mapping from this one, its rows or the values of a path."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical, to_json
from ..metadata.model import DocField, DocType
from .drawing import Draw, Drawn, Making, row_places
from .effects import CreateRecord
from .model import Create, Operand
from .operands import Read, operand_reader, reader
from .paths import Frame, PathRefused, kind_of, resolve, unknown
from .place import Place

Values = Mapping[str, Read]
MAX_KEY = 150


def compile_create(item: Create, making: Making) -> Draw:
    """Draws one `CreateRecord` for the record or each of its rows. Raises PathRefused."""
    target = _target(item, making.frame)
    rows = row_places(item.each, making)
    listed = listed_path(item, rows.frame)
    values = value_readers(item.values, target, rows.frame, making, listed)
    tables = [(one.table, *_rows(one.table, one.values, one.each, target, rows.frame, making)) for one in item.rows]
    per = reader(resolve(item.per, rows.frame), making.facts) if item.per else None
    rule, which = making.rule, _which(item, making)

    def draw(place: Place, drawn: Drawn) -> None:
        for one, where, row_key in rows.places(place):
            asked = per(one) if per else None
            for value in (asked or ()) if listed else (asked,):
                made: dict[str, Any] = {name: value if read is _this else read(one) for name, read in values.items()}
                for table, chosen, columns in tables:
                    places = (found for found, _, _ in chosen.places(place)) if chosen is not None else (one,)
                    made.setdefault(table, []).extend({name: read(found) for name, read in columns.items()} for found in places)
                key = _key(which, row_key, value)
                drawn.effects.append(
                    CreateRecord(rule.name, item.doctype, made, rule.source, key, item.submit, item.on_cancel, where)
                )

    return draw


def listed_path(item: Create, frame: Frame) -> str:
    """The list that `per` names: one record is made for each of its values, which the path then means. Empty for a single value."""
    return item.per if item.per and resolve(item.per, frame).kind == "list" else ""


def _this(place: Place) -> Any:
    """Stands for the value of the list that a record is made for."""
    raise NotImplementedError


def _target(item: Create, frame: Frame) -> DocType:
    target = frame.model.get(item.doctype)
    if target is None:
        raise PathRefused(Text(f"没有单据类型 {item.doctype!r}", f"{item.doctype!r} is not a record type"))
    if target.istable or target.issingle:
        raise PathRefused(
            Text(
                f"{item.doctype!r} 没有可新建的单据（子表或单条设置）",
                f"{item.doctype!r} has no records to make: a child table or a single one",
            )
        )
    if not target.is_submittable and (item.submit or item.on_cancel == "cancel"):
        word = "submit" if item.submit else "on_cancel"
        raise PathRefused(Text(f"{word}：{target.name} 不可提交", f"{word}: {target.name} is not submittable"))
    return target


def _rows(table: str, values: Iterable[tuple[str, Operand]], each: Any, target: DocType, here: Frame, making: Making) -> Any:
    """The rows that fill a child table of the record made, None for one row alone, and the readers of its columns."""
    child = Frame(making.frame.model, target).rows(table).here
    if each is None:
        return None, value_readers(values, child, here, making)
    chosen = row_places(each, making)
    return chosen, value_readers(values, child, chosen.frame, making)


def value_readers(
    values: Iterable[tuple[str, Operand]], target: DocType, frame: Frame, making: Making, listed: str = ""
) -> Values:
    """By the fields of `target` how their values are read in `frame`; `listed` is the list of which each value makes a record.

    Raises PathRefused for what cannot be filled in or does not fit.
    """
    found: dict[str, Read] = {}
    for name, operand in values:
        item = target.by_name.get(name)
        if item is None or item.type.kind is None:
            raise unknown(name, target, [one.fieldname for one in target.stored_fields])
        if item.is_computed:
            raise PathRefused(
                Text(f"{name} 由公式计算，不能填写", f"{name} is computed by a formula; nothing can be put into it")
            )
        if listed and operand.kind == "path" and operand.value == listed:
            found[name] = _this
            continue
        if operand.kind == "path":
            _refuse_unfit(operand.value, item, frame)
        found[name] = operand_reader(operand, frame, making.facts, item)
    return found


def _refuse_unfit(path: str, item: DocField, frame: Frame) -> None:
    """A path whose values can never stand in the field: rows, a list, a link to something else."""
    found = resolve(path, frame)
    if found.kind in ("rows", "list"):
        raise PathRefused(Text(f"{item.fieldname}：{path!r} 不是单个值", f"{item.fieldname}: {path!r} is not a single value"))
    ours, theirs = kind_of(item), found.item
    if theirs is not None and item.fieldtype == theirs.fieldtype == "Link" and item.options != theirs.options:
        text = f"{item.fieldname} 链接到 {item.options}，{path!r} 链接到 {theirs.options}"
        raise PathRefused(Text(text, f"{item.fieldname} leads to {item.options}, {path!r} to {theirs.options}"))
    numeric, timely = ("number", "check"), ("date", "datetime")
    for kinds in (numeric, timely):
        if ours in kinds and found.kind not in (*kinds, "text"):
            text = f"{item.fieldname} 不能取 {path!r} 的值：类型不合"
            raise PathRefused(Text(text, f"{item.fieldname} cannot take the value of {path!r}: it is of another kind"))


def _which(item: Create, making: Making) -> str:
    """What tells this from other consequences of the rule that make records of the same DocType."""
    before = 0
    for other in making.rule.then:
        if other is item:
            break
        before += isinstance(other, Create) and other.doctype == item.doctype
    return item.doctype if not before else f"{item.doctype}#{before + 1}"


def _key(which: str, row: str, per: Any) -> str:
    key = "|".join((which, row, "" if per is None else canonical(to_json(per))))
    return key if len(key) <= MAX_KEY else digest(key)
