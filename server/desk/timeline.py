"""The timeline beside a record: who did what and when, and every field that differs as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from ..access.user import User
from ..core.text import Text
from ..documents.versions import VersionEntry
from ..metadata.model import CANCELLED, DRAFT, SUBMITTED, DocField, DocType
from ..site import Site
from .form_values import read_text

STATUS_TEXTS = {
    DRAFT: (Text("草稿", "Draft"), "Gray"),
    SUBMITTED: (Text("已提交", "Submitted"), "Green"),
    CANCELLED: (Text("已作废", "Cancelled"), "Red"),
}
LONGEST = 120
NOTHING = "—"


@dataclass(frozen=True)
class Difference:
    """One value that differs; `row` is the row of a table in which it stands (`change`: whether it was added, removed or changed),
    `label` its field (nothing: the row as a whole)."""

    row: str
    label: str
    old: str
    new: str
    change: str = ""

    @property
    def place(self) -> str:
        return f"{self.row} · {self.label}" if self.row and self.label else self.row or self.label


@dataclass(frozen=True)
class TimelineEntry:
    version: int
    by_name: str
    action: str
    at: datetime
    reason: str | None
    differences: tuple[Difference, ...]


class Timeline:
    """The versions of one record for one reader."""

    def __init__(
        self,
        site: Site,
        user: User,
        doctype: DocType,
        levels: frozenset[int],
        entries: Sequence[VersionEntry],
        language: str,
        *,
        longest: int = LONGEST,
    ) -> None:
        self._site = site
        self._user = user
        self._model = site.snapshot().model
        self._doctype = doctype
        self._levels = levels
        self._entries = entries
        self._language = language
        self._longest = longest

    def __iter__(self) -> Iterator[TimelineEntry]:
        for entry in self._entries:
            yield TimelineEntry(
                entry.version,
                entry.by_name,
                entry.action,
                entry.at,
                entry.reason.to(self._language) if entry.reason else None,
                tuple(self._differences(entry.changes)),
            )

    def _differences(self, changes: Iterable[Mapping[str, Any]]) -> Iterator[Difference]:
        for change in changes:
            place = self._row(change)
            if "comment" in change:
                label = Text("评论", "Comment").to(self._language)
                yield Difference("", label, change["old"] or NOTHING, change["new"] or NOTHING)
            elif change.get("field") == "docstatus":
                yield Difference(
                    "", change["label"].to(self._language), *(self._status(change[side]) for side in ("old", "new"))
                )
            elif change.get("field") == "name":
                yield Difference("", change["label"].to(self._language), str(change["old"]), str(change["new"]))
            elif (item := self._field(change)) is not None:
                label = item.label.to(self._language)
                old, new = (self._text(item, change[side]) for side in ("old", "new"))
                yield Difference(place, label, old, new, change.get("change") or "")
            elif change.get("change") == "removed":
                yield Difference(place, "", self._removed(change), NOTHING)
            elif change.get("change") == "moved":
                yield self._moved(change)

    def _field(self, change: Mapping[str, Any]) -> DocField | None:
        owner = self._child(change) or self._doctype
        return owner.by_name.get(change.get("field") or "")

    def _child(self, change: Mapping[str, Any]) -> DocType | None:
        table = self._doctype.by_name.get(change.get("table") or "")
        return self._model.child(table) if table is not None and (table.options or "") in self._model else None

    def _row(self, change: Mapping[str, Any]) -> str:
        if not change.get("table_label") or change.get("idx") is None:
            return ""
        label, number = change["table_label"], change["idx"]
        return Text(f"{label.zh} 第 {number} 行", f"{label.en}, row {number}").to(self._language)

    def _moved(self, change: Mapping[str, Any]) -> Difference:
        """The rows of a table that changed places, by the numbers they had."""
        label = change["table_label"]
        place = Text(f"{label.zh} · 行的顺序", f"{label.en} · order of rows")
        between = Text("、", ", ").to(self._language)
        return Difference(
            "", place.to(self._language), *(self._short(between.join(map(str, change[side]))) for side in ("old", "new"))
        )

    def _removed(self, change: Mapping[str, Any]) -> str:
        """What stood in a row that is gone."""
        texts = [self._text(item, change["old"].get(item.fieldname)) for item in self._columns(change)]
        return self._short(" · ".join(text for text in texts if text != NOTHING)) or NOTHING

    def _columns(self, change: Mapping[str, Any]) -> list[DocField]:
        child = self._child(change)
        fields = child.stored_fields if child else ()
        return [item for item in fields if item.in_list_view and item.permlevel in self._levels]

    def _status(self, docstatus: Any) -> str:
        text, _ = STATUS_TEXTS.get(docstatus, STATUS_TEXTS[DRAFT])
        return text.to(self._language)

    def _text(self, item: DocField, value: Any) -> str:
        return self._short(read_text(item, value, self._site.zone, self._language, self._titles)) or NOTHING

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        """Titles of the records that any version links to, one query per linked DocType."""
        names: dict[str, set[str]] = {}
        for item, value in self._values():
            if item.fieldtype == "Link" and isinstance(value, str):
                names.setdefault(item.options or "", set()).add(value)
        return {
            (target, name): title
            for target, wanted in names.items()
            for name, title in self._site.queries.titles(self._user, target, wanted).items()
        }

    def _values(self) -> Iterator[tuple[DocField, Any]]:
        for change in (change for entry in self._entries for change in entry.changes):
            if (item := self._field(change)) is not None:
                yield item, change["old"]
                yield item, change["new"]
            elif change.get("change") == "removed":
                yield from ((column, change["old"].get(column.fieldname)) for column in self._columns(change))

    def _short(self, text: str) -> str:
        return text if len(text) <= self._longest else text[: self._longest - 1] + "…"
