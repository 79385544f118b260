"""What a phone keeps for the day without network: somebody's open records of the DocTypes marked `offline`, the forms that they lead
to, and the choices of their link fields. Judged anew for its reader each time; `offline_views` hands it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import PermissionRefused, ValidationFailed
from ..core.ids import digest
from ..documents.complete import Record
from ..documents.queries import LinkChoice
from ..metadata.model import DOCTYPE, DocType, Model
from ..site import Site

MOST = 60  # records of one DocType: a day's work, not an archive
CHOICES = 300  # of one link field


@dataclass(frozen=True)
class Piece:
    """One record to be worked on, with the forms of new records that are made from it: (label, address)."""

    record: Record
    title: str
    url: str
    status: tuple[str, str] | None
    makes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pile:
    """The open work of one DocType; `fresh` is the address of an empty form, where its reader may make one."""

    doctype: DocType
    pieces: tuple[Piece, ...]
    fresh: str | None


class MyWork:
    """One reader's work on one device."""

    def __init__(self, site: Site, user: User, language: str) -> None:
        self._site = site
        self._user = user
        self._language = language
        self._model: Model = site.snapshot().model
        self._permissions = Permissions(self._model)

    def doctypes(self) -> list[DocType]:
        """The DocTypes marked `offline` that the user may read."""
        return offered(self._model, self._user)

    def piles(self) -> list[Pile]:
        return [self._pile(item) for item in self.doctypes()]

    def pages(self, release: str) -> dict[str, str]:
        """Every page to be kept, with a stamp that changes when the page would: by its record, the metadata, the user's roles, the
        language, the day, and `release`, the version of the program."""
        today = self._site.clock.now().astimezone(self._site.zone).date().isoformat()
        common = [self._model.version, sorted(self._user.roles), self._language, today, release]
        found = {}
        for pile in self.piles():
            if pile.fresh:
                found[pile.fresh] = _stamp(common)
            for piece in pile.pieces:
                stamp = _stamp([*common, piece.record.get("version"), piece.record.get("modified")])
                found[piece.url] = stamp
                found |= {address: stamp for _, address in piece.makes}
        return found

    def targets(self) -> list[str]:
        """The DocTypes that link fields of the kept forms lead to."""
        found = {target for doctype in self.doctypes() for target in _targets(self._model, doctype)}
        return sorted(name for name in found if name in self._model and self._permissions.may(self._user, "select", name))

    def choices(self, doctype: str) -> list[LinkChoice]:
        """The first choices of a link to this DocType. Raises PermissionRefused."""
        return self._site.queries.search_link(self._user, doctype, "", limit=CHOICES)

    def _pile(self, doctype: DocType) -> Pile:
        may_create = self._permissions.may(self._user, "create", doctype.name)
        fresh = f"/form/{quote(doctype.name, safe='')}/new" if may_create else None
        records = self._records(doctype)
        titles = self._titles(doctype, records)
        return Pile(doctype, tuple(self._piece(doctype, record, titles) for record in records), fresh)

    def _titles(self, doctype: DocType, records: list[Record]) -> dict[str, str]:
        """What the records that title these are called, where the title field is a link."""
        item = doctype.by_name.get(doctype.title_field or "")
        if item is None or item.fieldtype != "Link":
            return {}
        linked = {str(record[item.fieldname]) for record in records if record.get(item.fieldname)}
        return self._site.queries.titles(self._user, item.options or "", linked)

    def _records(self, doctype: DocType) -> list[Record]:
        assert doctype.offline is not None
        mine = [(name, "=", self._user.name) for name in doctype.offline.mine]
        try:
            page = self._site.queries.list(
                self._user, doctype.name, fields=["*"], filters=doctype.offline.filters, or_filters=mine, limit=MOST
            )
        except (
            PermissionRefused,
            ValidationFailed,
        ):  # a field that says whose it is, or whether it is open, is not for this reader
            return []
        return page.rows

    def _piece(self, doctype: DocType, record: Record, titles: dict[str, str]) -> Piece:
        name = str(record["name"])
        origin = urlencode({"from": doctype.name, "name": name}, quote_via=quote)
        made = [
            (mapping.label.to(self._language), f"/form/{quote(target.name, safe='')}/new?{origin}")
            for target, mapping in self._site.new_records.sources_for(self._user, doctype.name, record)
            if target.offline is not None
        ]
        url = f"/form/{quote(doctype.name, safe='')}/{quote(name, safe='')}"
        title = doctype.title_of(record)
        return Piece(record, titles.get(title, title), url, self._status(doctype, record), tuple(made))

    def _status(self, doctype: DocType, record: Record) -> tuple[str, str] | None:
        item, value = doctype.by_name.get("status"), record.get("status")
        if item is None or not value:
            return None
        color = next((state.color for state in doctype.states if state.title == value), "Gray")
        return item.choice_label(str(value)).to(self._language), color


def offered(model: Model, user: User) -> list[DocType]:
    """The DocTypes marked `offline` that this user may read."""
    permissions = Permissions(model)
    return [item for item in model if item.offline is not None and permissions.may(user, "read", item.name)]


def _targets(model: Model, doctype: DocType) -> Iterator[str]:
    """Where the link fields of a record and of its rows lead that somebody may fill in."""
    for item in doctype.fields:
        if item.type.holds_rows and (item.options or "") in model:
            yield from _targets(model, model.child(item))
        elif item.fieldtype == "Link" and not (item.read_only or item.is_computed or item.hidden) and item.options != DOCTYPE:
            yield item.options or ""


def _stamp(parts: list[Any]) -> str:
    return digest(repr(parts))[:16]
