"""What a path in a rule means: a field, a column, a field of a linked record, a fact, the user.

A `Frame` is the place a path is read in: the record, or a row of one of its child tables. Resolving says the kind of value
and the label for people; values are read by `operands`, what a rule depends on stands in `reads`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..core.text import EMPTY, Text, nearest
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from .model import PAIRS, Fact
from .periods import period_text

Source = Literal["field", "link", "fact", "user"]

STANDARD_LABELS: Mapping[str, Text] = {
    "name": Text("编号", "Number"),
    "owner": Text("创建人", "Created by"),
    "creation": Text("创建时间", "Created at"),
    "modified": Text("修改时间", "Modified at"),
    "modified_by": Text("修改人", "Modified by"),
    "docstatus": Text("提交状态", "Document status"),
    "version": Text("版本", "Version"),
    "idx": Text("行号", "Row number"),
    "parent": Text("所属单据", "Parent"),
    "parenttype": Text("所属单据类型", "Parent record type"),
    "parentfield": Text("所属子表", "Parent table"),
}
_STANDARD_KINDS = {"creation": "datetime", "modified": "datetime", "docstatus": "number", "version": "number", "idx": "number"}
_USER = {
    "name": ("text", Text("当前用户", "the user")),
    "full_name": ("text", Text("当前用户姓名", "the user's name")),
    "roles": ("list", Text("当前用户的角色", "the user's roles")),
    "department": ("text", Text("当前用户的部门", "the user's department")),
}

USER_PATHS = tuple(f"user.{name}" for name in _USER)


class PathRefused(ValueError):
    """A path that names nothing here; `text` says what, with the nearest right word."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Frame:
    """Where a path is read: `table` is the child table whose rows are judged, None for the record itself."""

    model: Model
    doctype: DocType
    facts: Mapping[str, Fact] = field(default_factory=dict)
    table: DocField | None = None

    @property
    def here(self) -> DocType:
        return self.model.child(self.table) if self.table else self.doctype

    def record(self) -> Frame:
        return replace(self, table=None) if self.table else self

    def rows(self, fieldname: str) -> Frame:
        """The frame of that child table's rows; PathRefused when it is none."""
        item = self.doctype.by_name.get(fieldname)
        tables = [one.fieldname for one in self.doctype.table_fields]
        if item is None or not item.type.holds_rows:
            raise unknown(fieldname, self.doctype, tables, Text("子表", "child table"))
        if (item.options or "") not in self.model:
            raise PathRefused(
                Text(
                    f"子表 {fieldname} 的单据类型 {item.options!r} 不存在",
                    f"{item.options!r}, the record type of the rows of {fieldname}, is not there",
                )
            )
        return replace(self, table=item)


@dataclass(frozen=True)
class Resolved:
    """What a path means. `level` is 1 when a row condition looks up to the record (`parent.x`)."""

    path: str
    source: Source
    kind: str
    label: Text
    item: DocField | None = None
    level: int = 0
    name: str = ""  # the field, column, fact or property of the user
    link: DocField | None = None
    standard: str = ""
    is_of_row: bool = False  # a fact that each row has for itself


def shown_kind(found: Resolved) -> str:
    """The kind of value for showing it: document status reads as a word, not as a number."""
    return found.standard if found.standard == "docstatus" else found.kind


def kind_of(item: DocField) -> str:
    """The kind of value a field holds, in the words of `operators`."""
    if item.type.holds_rows:
        return "rows"
    if item.fieldtype == "Check":
        return "check"
    if item.type.kind in ("integer", "decimal"):
        return "number"
    return item.type.kind or "none"


def unknown(word: str, doctype: DocType, words: Iterable[str], what: Text | None = None) -> PathRefused:
    noun = what or Text("字段", "field")
    near = nearest(word, words)
    return PathRefused(
        Text(f"{doctype.name} 没有{noun.zh} {word!r}。{near.zh}", f"{word!r} is not a {noun.en} of {doctype.name}.{near.en}")
    )


def resolve(path: str, frame: Frame) -> Resolved:
    """What `path` means in `frame`. Raises PathRefused."""
    if path.startswith("@"):
        return _fact(path, frame)
    head, _, rest = path.partition(".")
    if head == "user" and rest in _USER:
        kind, label = _USER[rest]
        return Resolved(path, "user", kind, label, name=rest)
    if frame.table is not None:
        if head == "parent" and rest:
            up = resolve(rest, frame.record())
            return replace(up, path=path, level=1) if up.source in ("field", "link") else up
        if head == "row" and rest:
            return replace(resolve(rest, frame), path=path)
    found = _field(head, frame)
    if not rest:
        return replace(found, path=path)
    item = found.item
    if item is None or item.fieldtype != "Link":
        raise PathRefused(
            Text(
                f"{path!r}：{head} 不是链接字段，不能取其 {rest}", f"{path!r}: {head} is not a Link field, so it has no {rest}"
            )
        )
    return _linked(path, item, rest, found.label, frame)


def column(path: str, frame: Frame) -> tuple[DocField, DocField | None]:
    """The table and column of `items.rate`; the column is None for `items` alone or a plain field. Raises PathRefused."""
    head, _, rest = path.partition(".")
    item = frame.doctype.by_name.get(head)
    if item is None:
        raise unknown(head, frame.doctype, frame.doctype.by_name)
    if not rest:
        return item, None
    child = frame.rows(head).here
    if rest not in child.by_name:
        raise unknown(rest, child, child.by_name)
    return item, child.by_name[rest]


def _field(name: str, frame: Frame) -> Resolved:
    here = frame.here
    item = here.by_name.get(name)
    if item is not None and not item.type.is_layout:
        return Resolved(name, "field", kind_of(item), item.label or Text.of(name), item, name=name)
    standard = CHILD_FIELDS if frame.table or here.istable else STANDARD_FIELDS
    if name in standard:
        return Resolved(name, "field", _STANDARD_KINDS.get(name, "text"), STANDARD_LABELS[name], name=name, standard=name)
    known = [one.fieldname for one in here.fields if not one.type.is_layout]
    raise unknown(name, here, [*known, *standard])


def _linked(path: str, link: DocField, name: str, label_of: Text, frame: Frame) -> Resolved:
    target = frame.model.get(link.options or "")
    if target is None:
        raise PathRefused(Text(f"{path!r}：没有单据类型 {link.options!r}", f"{path!r}: {link.options!r} is not a record type"))
    item = target.by_name.get(name)
    if item is not None and item.type.kind is not None:
        label = Text(f"{label_of.zh}的{item.label.zh}", f"{item.label.en} of {label_of.en}")
        return Resolved(path, "link", kind_of(item), label, item, name=name, link=link)
    if name in STANDARD_FIELDS:
        standard = STANDARD_LABELS[name]
        label = Text(f"{label_of.zh}的{standard.zh}", f"{standard.en} of {label_of.en}")
        return Resolved(path, "link", _STANDARD_KINDS.get(name, "text"), label, name=name, link=link, standard=name)
    raise unknown(name, target, [one.fieldname for one in target.stored_fields])


def _fact(path: str, frame: Frame) -> Resolved:
    name = path[1:]
    fact = frame.facts.get(name)
    if fact is None:
        near = nearest(name, frame.facts)
        raise PathRefused(
            Text(f"没有事实 {path!r}（facts 中未定义）。{near.zh}", f"{path!r} is not defined in facts.{near.en}")
        )
    if fact.each and (frame.table is None or frame.table.fieldname != fact.each):
        raise PathRefused(
            Text(
                f"事实 {path!r} 逐行属于子表 {fact.each}，只能在该子表的行内使用（any_row、each_row 等）",
                f"{path!r} is a fact of each row of {fact.each}; it is read inside these rows only (any_row, each_row, ...)",
            )
        )
    item = fact_field(fact, frame)
    kind = {"count": "number", "exists": "check", "list": "list", **PAIRS}.get(fact.function) or (
        kind_of(item) if item else "text"
    )
    return Resolved(path, "fact", kind, fact_label(fact, frame), item, name=name, is_of_row=bool(fact.each))


def fact_field(fact: Fact, frame: Frame) -> DocField | None:
    """The field whose values a fact gathers; None for counts and where it is not a field."""
    if fact.function in ("count", "exists", *PAIRS) or not fact.field:
        return None
    if fact.table is not None:
        table = frame.doctype.by_name.get(fact.table)
        child = frame.model.get(table.options or "") if table else None
        return child.by_name.get(fact.field) if child else None
    of = frame.model.get(fact.of or "")
    return of.by_name.get(fact.field) if of else None


_FACT_LABELS = {
    "count": Text("{of}的数量", "number of {of}"),
    "exists": Text("存在{of}", "a {of} exists"),
    "sum": Text("{of}的{field}合计", "total {field} of {of}"),
    "min": Text("{of}的最小{field}", "smallest {field} of {of}"),
    "max": Text("{of}的最大{field}", "largest {field} of {of}"),
    "avg": Text("{of}的平均{field}", "average {field} of {of}"),
    "first": Text("{of}的{field}", "{field} of {of}"),
    "list": Text("各{of}的{field}", "every {field} of {of}"),
}


_PAIR_LABELS = {
    "hours_between": Text("从{first}到{second}的小时数", "hours from {first} to {second}"),
    "working_hours_after": Text("{first}起{second}个工作小时之后", "{second} working hours after {first}"),
}


def fact_label(fact: Fact, frame: Frame) -> Text:
    """A fact in words: `total amount of Items`."""
    rows = frame.doctype.by_name.get(fact.each or "")
    frame = replace(frame, table=rows if rows is not None and (rows.options or "") in frame.model else None)
    if fact.function in PAIRS:
        labels = [_safe_label(path, frame) for path in fact.between]
        if len(labels) != 2:
            return EMPTY
        return _PAIR_LABELS[fact.function].format(first=labels[0], second=labels[1])
    if fact.table is not None:
        table = frame.doctype.by_name.get(fact.table)
        of = table.label if table and table.label else Text.of(fact.table)
    else:
        doctype = frame.model.get(fact.of or "")
        of = doctype.label if doctype else Text.of(fact.of or "")
    item = fact_field(fact, frame)
    label = _FACT_LABELS[fact.function].format(
        of=of, field=item.label if item else STANDARD_LABELS.get(fact.field or "", Text.of(fact.field or ""))
    )
    if fact.period is None:
        return label
    span = period_text(fact.period, {path: _safe_label(path, frame) for path in fact.period.paths})
    return Text(f"{span.zh}{label.zh}", f"{label.en} {span.en}")


def _safe_label(path: str, frame: Frame) -> Text:
    try:
        return resolve(path, frame).label
    except PathRefused:
        return Text.of(path)
