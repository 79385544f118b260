"""Two people changed one record: every field that differs, with both values as people read them and theirs as inputs take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ..access.user import User
from ..core.errors import StaleVersion
from ..core.text import Text
from ..documents.validate import links_of
from ..metadata.model import DocField, DocType
from ..site import Site
from .form_values import browser_record, read_text


class Conflict:
    """What a refused save and the record in the store do not agree on, for the person who has to choose."""

    def __init__(self, site: Site, user: User, doctype: DocType, name: str, error: StaleVersion, language: str) -> None:
        self._site = site
        self._user = user
        self._model = site.snapshot().model
        self._doctype = doctype
        self._record = site.documents.load(user, doctype.name, name)
        self._zone: ZoneInfo = site.zone
        self._language = language
        self._error = error
        mine = {item.fieldname: item.mine for item in error.differences}
        self._titles = dict(self._title_pairs([self._record, mine]))

    def to_json(self) -> dict[str, Any]:
        """The differences that people can choose between; computed fields follow from the others."""
        found = [
            self._difference(item.fieldname, item.mine) for item in self._error.differences if self._is_choice(item.fieldname)
        ]
        return {
            "message": self._message.to(self._language),
            "exc_type": self._error.exc_type,
            "faults": [],
            "current_version": self._record["version"],
            "differences": found,
        }

    @property
    def _message(self) -> Text:
        """Who was quicker, by their name; the fields stand in the table below."""
        login = self._error.modified_by or ""
        who = self._site.queries.titles(self._user, "User", {login}).get(login, login)
        label, name = self._doctype.label, self._record["name"]
        return Text(
            f"{label.zh} {name} 在您编辑期间已被{who}更改，您的更改未保存。请逐项选择保留哪个值。",
            f"{who} changed {label.en} {name} while you were editing; your changes were not saved. Choose what to keep, field by field.",
        )

    def _is_choice(self, fieldname: str) -> bool:
        item = self._doctype.by_name.get(fieldname)
        return item is not None and fieldname in self._record and not (item.is_computed or item.read_only or item.hidden)

    def _difference(self, fieldname: str, mine: Any) -> dict[str, Any]:
        item = self._doctype.by_name[fieldname]
        theirs = self._record[fieldname]
        found = {
            "fieldname": fieldname,
            "label": item.label.to(self._language),
            "value": browser_record(self._model, self._doctype, self._record, self._zone)[fieldname],
            "titles": [[target, name, title] for (target, name), title in self._titles.items()],
        }
        if not item.type.holds_rows:
            return found | {"theirs": self._read(item, theirs), "mine": self._read(item, mine)}
        parts = list(self._parts(self._model.child(item), theirs or [], mine or []))
        return found | {"theirs": self._rows(theirs), "mine": self._rows(mine), "parts": parts}

    def _rows(self, rows: Any) -> str:
        return Text(f"{len(rows or ())} 行", f"{len(rows or ())} rows").to(self._language)

    def _parts(
        self, child: DocType, theirs: list[Mapping[str, Any]], mine: list[Mapping[str, Any]]
    ) -> Iterator[dict[str, str]]:
        """The cells that differ, row by row as they stand."""
        columns = [item for item in child.stored_fields if not (item.is_computed or item.read_only or item.hidden)]
        for index in range(max(len(theirs), len(mine))):
            left = theirs[index] if index < len(theirs) else {}
            right = mine[index] if index < len(mine) else {}
            for item in columns:
                texts = self._read(item, left.get(item.fieldname)), self._read(item, right.get(item.fieldname))
                if texts[0] != texts[1]:
                    label = Text(f"第 {index + 1} 行 {item.label.zh}", f"Row {index + 1}, {item.label.en}")
                    yield {"label": label.to(self._language), "theirs": texts[0], "mine": texts[1]}

    def _read(self, item: DocField, value: Any) -> str:
        return read_text(item, value, self._zone, self._language, self._titles)

    def _title_pairs(self, records: Iterable[Mapping[str, Any]]) -> Iterator[tuple[tuple[str, str], str]]:
        names: dict[str, set[str]] = {}
        for record in records:
            for _, _, target, name in links_of(self._model, self._doctype, record):
                names.setdefault(target, set()).add(name)
        for target, wanted in names.items():
            for name, title in self._site.queries.titles(self._user, target, wanted).items():
                yield (target, name), title
