"""The words of a message: the administrator's template of its kind, else the sentence that came with it.

A template is text with places, as messages of rules are: `{title}`, `{record}`, `{url}`, and with a DocType `{doc.total}`. Nothing
is computed in it, so nothing can hang or reach the program. A receiver never reads in it what the record hides from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ...core.errors import Fault
from ...core.text import Text, nearest
from ...metadata.model import DocType, Model
from ...rulebook.display import show
from ...storage import records
from ..complete import Record
from ..snapshot import Snapshot

DOCTYPE = "Notification Template"
PLACE = re.compile(r"\{([^{}]*)\}")
PLACES: Mapping[str, Text] = {
    "title": Text("通知内容", "what happened, in a sentence"),
    "doctype": Text("单据类型", "the type of the record"),
    "name": Text("单据编号", "the number of the record"),
    "record": Text("单据标题", "the title of the record"),
    "url": Text("单据网址", "the address of the record"),
    "clauses": Text("条款编号", "the clauses that it rests on"),
    "person": Text("接收人姓名", "the name of the receiver"),
    "company": Text("公司名称", "the company"),
}
PARTS = ("subject_zh", "subject_en", "body_zh", "body_en")
STANDARD = ("owner", "creation", "modified", "modified_by")
MAX_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Template:
    subject: Text
    body: Text


@dataclass(frozen=True, slots=True)
class Filling:
    """What the places of a template hold for one receiver; `record` is what they may see of it."""

    title: Text
    doctype: Text
    name: str
    record_title: str
    url: str
    clauses: tuple[str, ...]
    person: str
    company: str
    model: DocType | None
    record: Record

    def value(self, place: str, language: str) -> str:
        if place.startswith("doc."):
            return self._field(place[4:], language)
        words: dict[str, str] = {
            "title": self.title.to(language), "doctype": self.doctype.to(language), "name": self.name, "record": self.record_title,
            "url": self.url, "clauses": "、".join(self.clauses) if language == "zh" else ", ".join(self.clauses),
            "person": self.person, "company": self.company,
        }  # fmt: skip
        return words.get(place, "")

    def _field(self, name: str, language: str) -> str:
        if name not in self.record:
            return "—"  # hidden from this reader
        return show(self.record[name], self.model.by_name.get(name) if self.model else None).to(language)


def templates(connection: Connection, snapshot: Snapshot) -> dict[tuple[str, str], Template]:
    """The enabled templates by (kind, DocType); the DocType is empty in one for all."""
    doctype = snapshot.model.get(DOCTYPE)
    if doctype is None:
        return {}
    return {
        (str(row.get("kind") or ""), str(row.get("document_type") or "")): _template(row)
        for row in records.heads(connection, doctype, None).values()
        if row.get("enabled")
    }


def _template(row: Mapping[str, Any]) -> Template:
    texts = {part: str(row.get(part) or "") for part in PARTS}
    return Template(_text(texts, "subject"), _text(texts, "body"))


def _text(texts: Mapping[str, str], part: str) -> Text:
    zh, en = texts[f"{part}_zh"], texts[f"{part}_en"]
    return Text(zh or en, en or zh)


def chosen(found: Mapping[tuple[str, str], Template], kind: str, doctype: str) -> Template | None:
    """That of the kind for this DocType, else that of the kind for all."""
    return found.get((kind, doctype)) or found.get((kind, ""))


def words(template: Template | None, filling: Filling, language: str) -> tuple[str, str]:
    """(subject, body) for one reader. Without a template the sentence itself, and which record it is about."""
    said = filling.title.to(language)
    if template is None:
        about = " ".join(part for part in (filling.doctype.to(language), filling.name) if part)
        title = filling.record_title if filling.record_title not in ("", filling.name) else ""
        return said, "\n".join(part for part in (said, " · ".join(part for part in (about, title) if part)) if part)
    subject = " ".join(_fill(template.subject.to(language), filling, language).split()) or said
    return subject[:MAX_SUBJECT], _fill(template.body.to(language), filling, language) or said


def _fill(text: str, filling: Filling, language: str) -> str:
    return PLACE.sub(lambda found: filling.value(found[1].strip(), language), text)


def template_faults(model: Model, record: Record) -> list[Fault]:
    """Every place that means nothing, each with the nearest one that does."""
    doctype = model.get(str(record.get("document_type") or ""))
    fields = [item.fieldname for item in doctype.data_fields if not item.type.is_secret] if doctype else []
    known = [*PLACES, *(f"doc.{name}" for name in (*fields, *(STANDARD if doctype else ())))]
    return [
        Fault(part, _unknown(place, known, doctype))
        for part in PARTS
        for place in dict.fromkeys(PLACE.findall(str(record.get(part) or "")))
        if place.strip() not in known
    ]


def _unknown(place: str, known: list[str], doctype: DocType | None) -> Text:
    if place.strip().startswith("doc.") and doctype is None:
        return Text(
            f"占位 {{{place}}}：未选择单据类型的模板不能引用字段，请先选择单据类型。",
            f"Place {{{place}}}: a template without a record type cannot name a field; choose the record type first.",
        )
    near = nearest(place.strip(), known)
    usual = ", ".join(PLACES)
    return Text(
        f"占位 {{{place}}} 没有意义。{near.zh}可用：{usual}，以及 doc.字段名。",
        f"Place {{{place}}} means nothing.{near.en} There are: {usual}, and doc.fieldname.",
    )
