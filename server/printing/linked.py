"""Records that a print shows beside its own: those whose field leads to it, or the one that a field of it leads to.

    "linked": {"copies": {"doctype": "Document Copy", "by": "document", "fields": ["copy_number", "holder"], "order_by": "copy_number asc"},
               "earlier": {"link": "replaces", "fields": ["revision"]}}

A template goes through them, `{% for row in linked.copies %}`. Who reads them, with whose rights, is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import Fault
from ..core.text import Text, nearest
from ..metadata.model import DocType, Model
from .page import Add

_ASIDE = ("doctype", "by", "link", "fields", "where", "order_by")


@dataclass(frozen=True, slots=True)
class Linked:
    """Rows under `key`: records of `doctype` whose field `by` leads to the record, or the record to which its field `link` leads."""

    key: str
    fields: tuple[str, ...]
    doctype: str = ""
    by: str = ""
    link: str = ""
    order_by: str = "name asc"
    where: tuple[tuple[str, str, Any], ...] = ()  # conditions that the rows meet, as those of lists

    def target(self, printed: DocType) -> str:
        """The record type of the rows."""
        return self.doctype or (printed.by_name[self.link].options or "" if self.link in printed.by_name else "")

    def to_json(self) -> dict[str, Any]:
        asked = {"doctype": self.doctype, "by": self.by} if self.by else {"link": self.link}
        where = [[name, operator, list(value) if isinstance(value, tuple) else value] for name, operator, value in self.where]
        return {**asked, "fields": list(self.fields), **({"where": where} if where else {}), "order_by": self.order_by}


def read_linked(raw: Mapping[str, Mapping[str, Any]]) -> tuple[Linked, ...]:
    """What `check_linked` has found right."""
    return tuple(
        Linked(
            key, tuple(one["fields"]), str(one.get("doctype") or ""), str(one.get("by") or ""), str(one.get("link") or ""),
            str(one.get("order_by") or "name asc"),
            tuple((name, operator, tuple(value) if isinstance(value, list) else value) for name, operator, value in one.get("where") or ()),
        )
        for key, one in raw.items()
    )  # fmt: skip


def check_linked(raw: Any, add: Add) -> None:
    """The shape alone; whether the fields are there is `unknown_linked`'s."""
    if raw is None:
        return
    if not isinstance(raw, Mapping):
        add("linked", "应为对象：名称 → 要读取的单据", "expected an object: a name for each kind of records that is read")
        return
    for key, one in raw.items():
        place = f"linked.{key}"
        is_one = isinstance(one, Mapping) and bool(one.get("link")) != bool(one.get("by") and one.get("doctype"))
        if not str(key).isidentifier() or not is_one:
            add(
                place,
                '应写 {"doctype", "by"}（链接到本单据的记录）或 {"link"}（本单据链接到的记录）',
                'expected {"doctype", "by"} for records that lead here, or {"link"} for the one that a field leads to',
            )
            continue
        fields = one.get("fields")
        if not isinstance(fields, list) or not fields or not all(isinstance(name, str) for name in fields):
            add(f"{place}.fields", "应为字段的列表", "expected a list of fields")
        where = one.get("where", [])
        if not isinstance(where, list) or not all(
            isinstance(row, list) and len(row) == 3 and isinstance(row[0], str) and isinstance(row[1], str) for row in where
        ):
            add(f"{place}.where", "应为 [字段, 运算符, 值] 的列表", "expected a list of [field, operator, value]")
        if unknown := [name for name in one if name not in _ASIDE]:
            add(place, f"没有属性 {unknown[0]!r}", f'there is no property "{unknown[0]}"')


def unknown_linked(file: str, asked: tuple[Linked, ...], printed: DocType, model: Model) -> list[Fault]:
    """What leads nowhere: record types and fields that there are not."""
    faults: list[Fault] = []

    def add(place: str, doctype: DocType, name: str) -> None:
        near = nearest(name, doctype.by_name)
        zh, en = f"{doctype.name} 没有这样的字段 {name!r}。{near.zh}", f'{doctype.name} has no such field "{name}".{near.en}'
        faults.append(Fault(f"{file}: {place}", Text(f"{file}: {place}：{zh}", f"{file}: {place}: {en}")))

    for one in asked:
        place = f"linked.{one.key}"
        if one.link and not _leads(printed, one.link):
            add(f"{place}.link", printed, one.link)
            continue
        target = model.get(one.target(printed))
        if target is None:
            text = Text(f"没有单据类型 {one.doctype!r}", f'"{one.doctype}" is not a record type')
            faults.append(Fault(f"{file}: {place}", Text(f"{file}: {place}：{text.zh}", f"{file}: {place}: {text.en}")))
            continue
        if one.by and (not _leads(target, one.by) or target.by_name[one.by].options != printed.name):
            add(f"{place}.by", target, one.by)
        stored = {item.fieldname for item in target.stored_fields if not item.type.is_secret} | {"name"}
        for name in (*one.fields, one.order_by.partition(" ")[0]):
            if name not in stored:
                add(f"{place}.fields", target, name)
        for name, operator, _ in one.where:
            item = target.by_name.get(name)
            if item is None or name not in stored:
                add(f"{place}.where", target, name)
            elif operator not in item.type.operators:
                near = nearest(operator, item.type.operators)
                zh, en = f"{name} 不能用 {operator!r} 比较。{near.zh}", f'{name} is not compared by "{operator}".{near.en}'
                faults.append(Fault(f"{file}: {place}", Text(f"{file}: {place}.where：{zh}", f"{file}: {place}.where: {en}")))
    return faults


def _leads(doctype: DocType, name: str) -> bool:
    item = doctype.by_name.get(name)
    return item is not None and item.fieldtype == "Link"
