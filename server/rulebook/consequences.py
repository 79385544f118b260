"""Consequences compiled to functions that draw them: faults, warnings and effects, written into a `Drawn`.

One small function per kind, registered in `COMPILERS`. `set` and `conclude` are not here: they take part in judging itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..core.errors import Fault
from ..core.ids import digest
from ..core.text import Text, in_row
from ..core.values import canonical, to_json
from ..metadata.model import DocField
from .assigning import compile_assign, compile_tags
from .changing import compile_change
from .creating import compile_create
from .display import show, with_clauses
from .drawing import Draw, Drawn, Making, field_here, joined, row_places
from .effects import (
    ApprovalNeeded,
    FieldsHidden,
    FieldsLocked,
    Fulfilled,
    Notify,
    SignatureNeeded,
    Withdrawn,
)
from .messages import PLACE, compile_message, compile_title, compile_told
from .model import (
    Assign,
    Block,
    Change,
    Consequence,
    Create,
    EachRow,
    Fulfil,
    Hide,
    Lock,
    NotifyPeople,
    Oblige,
    Require,
    RequireApproval,
    RequireSignature,
    SetTags,
    Warn,
    Withdraw,
)
from .obliging import compile_oblige
from .operands import Read, reader
from .operators import is_absent
from .paths import PathRefused, column, resolve
from .place import Place


def compile_consequence(item: Consequence, making: Making) -> Draw | None:
    """The function that draws `item`; None for those that take part in judging. Raises PathRefused."""
    build = COMPILERS.get(type(item))
    return build(item, making) if build else None


def _said(item: Block | Warn, making: Making) -> Callable[[Place], Iterator[Fault]]:
    rows, clauses, name = row_places(item.each, making), making.rule.source, making.rule.name
    message = compile_message(item.message, rows.frame, making.facts)
    if item.field is not None:
        field_here(item.field, rows.frame)

    if item.each is None and not PLACE.search(item.message.zh + item.message.en):
        always = (Fault(item.field or "", with_clauses(item.message, clauses), clauses, name),)
        return lambda place: iter(always)

    def faults(place: Place) -> Iterator[Fault]:
        for one, prefix, _ in rows.places(place):
            yield Fault(joined(prefix, item.field), with_clauses(message(one), clauses), clauses, name)

    return faults


def _block(item: Any, making: Making) -> Draw:
    faults = _said(item, making)
    return lambda place, drawn: drawn.faults.extend(faults(place))


def _warn(item: Any, making: Making) -> Draw:
    faults = _said(item, making)
    return lambda place, drawn: drawn.warnings.extend(faults(place))


def _require(item: Require, making: Making) -> Draw:
    rows, rule = row_places(item.each, making), making.rule
    fields = [field_here(name, rows.frame) for name in item.fields]
    message = compile_message(item.message, rows.frame, making.facts) if item.message else None
    table = rows.frame.table

    def missing(found: DocField, place: Place) -> bool:
        value = place.doc.get(found.fieldname)
        return not value if found.fieldtype == "Check" else is_absent(value)

    def draw(place: Place, drawn: Drawn) -> None:
        for one, prefix, _ in rows.places(place):
            for found in fields:
                if not missing(found, one):
                    continue
                text = (
                    message(one)
                    if message
                    else Text(
                        f"{found.label.zh}必填，依据规则“{rule.title.zh}”。",
                        f'{found.label.en} is required by the rule "{rule.title.en}".',
                    )
                )
                if table is not None and message is None:
                    text = in_row(table.label, one.index, text)
                drawn.faults.append(
                    Fault(joined(prefix, found.fieldname), with_clauses(text, rule.source), rule.source, rule.name)
                )

    return draw


def _approval(item: RequireApproval, making: Making) -> Draw:
    rows, rule = row_places(item.each, making), making.rule
    title = compile_title(item.title or rule.title, rows.frame, making.facts)
    content = _content(item, making)
    shown = [(path, *_shown(path, making)) for path in item.show]

    def draw(place: Place, drawn: Drawn) -> None:
        for one, prefix, key in rows.places(place):
            bound = {path: read(one) for path, read in content}
            drawn.effects.append(
                ApprovalNeeded(
                    rule=rule.name,
                    title=title(one),
                    role=item.role,
                    content_hash=digest(canonical(bound)),
                    content=to_json(bound),
                    shown={path: to_json(read(one)) for path, read, _ in shown},
                    allow_self=item.allow_self,
                    clauses=rule.source,
                    row_key=key,
                    where=prefix,
                )
            )

    return draw


def _shown(path: str, making: Making) -> tuple[Read, Text]:
    found = resolve(path, making.frame)
    read = reader(found, making.facts)
    return (lambda place: read(place.root)), found.label


def _content(item: RequireApproval, making: Making) -> list[tuple[str, Read]]:
    """What the approval is bound to: the paths of `again_when`, or everything that holds a value."""
    each = item.each
    paths = item.again_when
    if not paths and each is not None:
        paths = (each.table,)
    elif not paths:
        paths = tuple(one.fieldname for one in making.frame.doctype.data_fields)
    return [(path, _bound(path, each, making)) for path in paths]


def _bound(path: str, each: EachRow | None, making: Making) -> Read:
    table, found = column(path, making.frame)
    name = table.fieldname
    if not table.type.holds_rows:
        return lambda place: place.root.doc.get(name)
    child = making.frame.rows(name).here
    columns = [found.fieldname] if found else [one.fieldname for one in child.data_fields]
    single = found is not None

    def content(row: Mapping[str, Any]) -> Any:
        return row.get(columns[0]) if single else {part: row.get(part) for part in columns}

    if each is not None and each.table == name:
        return lambda place: content(place.doc)
    return lambda place: [content(row) for row in place.root.doc.get(name) or ()]


def _signature(item: RequireSignature, making: Making) -> Draw:
    rule, frame = making.rule, making.frame
    title = compile_title(item.title or rule.title, frame, making.facts)
    person = reader(resolve(item.user_field, frame), making.facts) if item.user_field else None
    covers = tuple(field_here(name, frame).fieldname for name in item.covers)

    def draw(place: Place, drawn: Drawn) -> None:
        # An empty user field would leave nobody to sign: then the person who made the record does.
        user = (person(place) or place.doc.get("owner") or place.judgement.user["name"]) if person else None
        drawn.effects.append(
            SignatureNeeded(
                rule.name, title(place), item.meaning, item.role, user, covers, item.allow_self, item.distinct, item.before,
                rule.source,
            )
        )  # fmt: skip

    return draw


def _oblige(item: Oblige, making: Making) -> Draw:
    return compile_oblige(item, making, row_places(item.each, making))


def _assign(item: Assign, making: Making) -> Draw:
    return compile_assign(item, making, row_places(item.each, making))


def _target(record: str | None, making: Making) -> Callable[[Place], tuple[str, str] | None]:
    if record is None:
        return lambda place: (place.judgement.situation.doctype, str(place.doc.get("name") or ""))
    item = field_here(record, making.frame)
    if item.fieldtype != "Link":
        raise PathRefused(Text(f"{record} 不是链接字段", f"{record} is not a Link field"))
    target = item.options or ""
    return lambda place: (target, place.doc[record]) if place.doc.get(record) else None


def _fulfil(item: Fulfil, making: Making) -> Draw:
    target, name = _target(item.record, making), making.rule.name

    def draw(place: Place, drawn: Drawn) -> None:
        found = target(place)
        if found is not None:
            drawn.effects.append(Fulfilled(name, item.rule, *found))

    return draw


def _withdraw(item: Withdraw, making: Making) -> Draw:
    target, rule = _target(item.record, making), making.rule

    def draw(place: Place, drawn: Drawn) -> None:
        found = target(place)
        if found is not None:
            drawn.effects.append(Withdrawn(rule.name, item.rule, *found, reason=rule.title))

    return draw


def _notify(item: NotifyPeople, making: Making) -> Draw:
    message = compile_told(item.message, making.frame, making.facts)
    person = _link_reader(item.user_field, "User", making)
    department = _link_reader(item.department_head, "Department", making)
    rule = making.rule

    def draw(place: Place, drawn: Drawn) -> None:
        named = (person(place) if person else None, *item.users)
        users = tuple(dict.fromkeys(str(name) for name in named if name))
        head = department(place) if department else None
        if item.role or users or head or item.group or item.via:
            text, guarded = message(place)
            text = with_clauses(text, rule.source)
            drawn.effects.append(
                Notify(
                    rule.name,
                    text,
                    item.role,
                    users,
                    head,
                    item.group,
                    item.via,
                    item.urgent,
                    rule.source,
                    guarded,
                    item.attach,
                )
            )

    return draw


def _link_reader(path: str | None, target: str, making: Making) -> Read | None:
    """What a field holds that leads to a record of `target`; a field that leads elsewhere is refused."""
    if path is None:
        return None
    found = resolve(path, making.frame)
    if found.item is not None and found.item.fieldtype == "Link" and found.item.options != target:
        text = f"{path!r} 链接到 {found.item.options}，应链接到 {target}"
        raise PathRefused(Text(text, f"{path!r} leads to {found.item.options}, not to {target}"))
    return reader(found, making.facts)


def _hide(item: Hide, making: Making) -> Draw:
    effect = FieldsHidden(making.rule.name, tuple(field_here(name, making.frame).fieldname for name in item.fields))
    return lambda place, drawn: drawn.effects.append(effect)


def _lock(item: Lock, making: Making) -> Draw:
    rule, fields = making.rule, [field_here(name, making.frame) for name in item.fields]
    effect = FieldsLocked(rule.name, item.fields)

    def draw(place: Place, drawn: Drawn) -> None:
        drawn.effects.append(effect)
        if place.old is None:
            return
        for found in fields:
            before, after = place.old.get(found.fieldname), place.doc.get(found.fieldname)
            if before != after and not (is_absent(before) and is_absent(after)):
                was = show(before, found)
                text = Text(
                    f"{found.label.zh}已锁定，不能更改（原值 {was.zh}）：{rule.title.zh}。",
                    f"{found.label.en} is locked and cannot be changed (it was {was.en}): {rule.title.en}.",
                )
                drawn.faults.append(Fault(found.fieldname, with_clauses(text, rule.source), rule.source, rule.name))

    return draw


COMPILERS: Mapping[type[Any], Callable[[Any, Making], Draw]] = {
    Block: _block,
    Warn: _warn,
    Require: _require,
    RequireApproval: _approval,
    RequireSignature: _signature,
    Oblige: _oblige,
    Fulfil: _fulfil,
    Withdraw: _withdraw,
    Create: compile_create,
    Change: compile_change,
    NotifyPeople: _notify,
    Assign: _assign,
    SetTags: compile_tags,
    Hide: _hide,
    Lock: _lock,
}
