"""`QueryService`: every read of lists, links and histories, with the reader's permissions inside the SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import PermissionRefused
from ..core.text import Text
from ..metadata.model import DOCTYPE, DocField, DocType
from ..storage import audit, query, records
from ..storage.calendar_units import Unit
from ..storage.database import Database
from .ask import Ask, Filter
from .clauses import clause_texts
from .complete import Record
from .connections import Connection, connections
from .loading import not_found, readable, readable_among
from .snapshot import Snapshot
from .titles import linked_titles, titles_of
from .tree import Branch, read_branch
from .versions import VersionEntry, compared, said_of, seen_changes
from .why import as_seen

Rows = list[Record]
MAX_PAGE = 10_000
MAX_CHOICES = 300  # of a link: what a phone keeps; a form asks for a dozen
COUNT_CAP = 1000
PORTION = 500  # rows of an export that are read at once


@dataclass(frozen=True)
class Page:
    """One page of a list. `next_cursor` continues by key, so that page 1,000 costs what page 1 does."""

    rows: list[Record]
    next_cursor: str | None
    has_more: bool


@dataclass(frozen=True)
class Count:
    """A number of records; `capped` says that there are more than `value`."""

    value: int
    capped: bool


@dataclass(frozen=True)
class LinkChoice:
    value: str
    title: str
    description: str


@dataclass(frozen=True)
class Found:
    """A record as a search result or as something recently worked on."""

    doctype: DocType
    name: str
    title: str
    at: datetime | None = None


# QueryService.list hides the built-in name inside the class, so its lists are named here.
Names = list[str]
Fields = list[DocField]
LinkChoices = list[LinkChoice]
Findings = list[Found]
History = list[VersionEntry]


class QueryService:
    """The read path."""

    def __init__(self, database: Database, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._snapshots = snapshots

    def list(
        self,
        user: User,
        doctype: str,
        *,
        fields: Sequence[str] | None = None,
        filters: Iterable[Filter] = (),
        or_filters: Iterable[Filter] = (),
        search: str | None = None,
        order_by: str | None = None,
        limit: int = 20,
        after: str | None = None,
        offset: int = 0,
    ) -> Page:
        """A page of records. `order_by` is `field asc|desc`, or several joined by commas; `fields` defaults to the list columns; `["*"]` is all.

        Raises PermissionRefused, or ValidationFailed naming a field or operator that there is not.
        """
        ask = Ask(self._snapshots(), user, doctype)
        wanted = ask.columns(fields)
        size = min(max(limit, 1), MAX_PAGE)
        with self._database.read() as connection:
            rows = query.select_page(
                connection,
                ask.doctype,
                columns=wanted,
                filters=ask.filters(filters),
                or_filters=ask.filters(or_filters),
                condition=ask.condition(search),
                order_by=ask.order(order_by),
                limit=size + 1,
                after=after,
                offset=offset,
            )
        has_more = len(rows) > size
        rows = rows[:size]
        cursor = query.encode_cursor(rows[-1], ask.order(order_by)) if has_more else None
        return Page([ask.shown(row) for row in rows], cursor, has_more)

    def export(
        self,
        user: User,
        doctype: str,
        *,
        filters: Iterable[Filter] = (),
        or_filters: Iterable[Filter] = (),
        search: str | None = None,
        order_by: str | None = None,
        only: Collection[str] | None = None,
    ) -> tuple[Fields, Iterator[Record]]:
        """The fields that a file of this list holds (of these names, where `only` is given), and its rows: what the user may read and export,
        read portion by portion.

        Raises what `list` raises, at once.
        """
        ask = Ask(self._snapshots(), user, doctype, also=("export",))
        fields = [item for item in ask.doctype.stored_fields if item.fieldname in ask.readable and not item.type.is_secret]
        fields = [item for item in fields if only is None or item.fieldname in only]
        wanted = ["name", *(item.fieldname for item in fields), "docstatus", "owner", "creation", "modified", "modified_by"]
        judged, either, order = ask.filters(filters), ask.filters(or_filters), ask.order(order_by)
        return fields, self._portions(ask, wanted, judged, either, search, order)

    def _portions(
        self, ask: Ask, wanted: Names, filters: Sequence[Filter], either: Sequence[Filter], search: str | None, order: str
    ) -> Iterator[Record]:
        after: str | None = None
        while True:
            with self._database.read() as connection:
                rows = query.select_page(
                    connection, ask.doctype, columns=wanted, filters=filters, or_filters=either, condition=ask.condition(search),
                    order_by=order, limit=PORTION, after=after,
                )  # fmt: skip
            yield from map(ask.shown, rows)
            if len(rows) < PORTION:
                return
            after = query.encode_cursor(rows[-1], order)

    def branch(self, user: User, doctype: str, above: str | None = None, *, limit: int = 200, offset: int = 0) -> Branch:
        """What the user may see directly below one record of a tree, or at its root. Raises NotFound where there is no tree."""
        ask = Ask(self._snapshots(), user, doctype)
        with self._database.read() as connection:
            return read_branch(connection, ask, above, limit, offset)

    def count(
        self,
        user: User,
        doctype: str,
        *,
        filters: Iterable[Filter] = (),
        or_filters: Iterable[Filter] = (),
        search: str | None = None,
        cap: int = COUNT_CAP,
    ) -> Count:
        """How many records the user may see under these filters, counted no further than `cap`."""
        ask = Ask(self._snapshots(), user, doctype)
        with self._database.read() as connection:
            found = query.count_capped(
                connection,
                ask.doctype,
                filters=ask.filters(filters),
                or_filters=ask.filters(or_filters),
                condition=ask.condition(search),
                cap=cap + 1,
            )
        return Count(min(found, cap), found > cap)

    def group(
        self,
        user: User,
        doctype: str,
        *,
        group_by: str | None,
        aggregates: Sequence[tuple[str, str, str]],
        unit: tuple[Unit, ZoneInfo] | None = None,
        filters: Iterable[Filter] = (),
        or_filters: Iterable[Filter] = (),
        search: str | None = None,
    ) -> Rows:
        """Rows grouped by one field with aggregates `(function, field, alias)`: count, sum, avg, min, max; without a field one row.

        Dates and moments are grouped by the `unit` that they lie in, where one is given, by the clock of its zone.
        """
        ask = Ask(self._snapshots(), user, doctype)
        for name in (*([group_by] if group_by else []), *(name for _, name, _ in aggregates)):
            ask.require_plain(name)
        with self._database.read() as connection:
            return query.select_groups(
                connection,
                ask.doctype,
                group_by=group_by,
                aggregates=aggregates,
                unit=unit,
                filters=ask.filters(filters),
                or_filters=ask.filters(or_filters),
                condition=ask.condition(search),
            )

    def search_link(
        self,
        user: User,
        doctype: str,
        text: str,
        *,
        filters: Iterable[Filter] = (),
        offered: Iterable[Filter] = (),
        limit: int = 10,
    ) -> LinkChoices:
        """Records that a link field offers while the user types: by name, title and search fields.

        `filters` are the asker's, over what they see; `offered` are those of the link field's own metadata, over any field.
        """
        if doctype == DOCTYPE:
            return self._doctypes(user, text)[:limit]
        ask = Ask(self._snapshots(), user, doctype, action="select")
        shown = [
            name
            for name in dict.fromkeys([ask.doctype.title_field or "", *ask.doctype.search_fields])
            if name and name != "name"
        ]
        columns = ["name", *(name for name in shown if name in ask.readable)]
        with self._database.read() as connection:
            rows = query.select_page(
                connection,
                ask.doctype,
                columns=columns,
                filters=[*ask.filters(filters), *ask.filters(offered, is_judged=False)],
                condition=ask.condition(text.strip()),
                order_by="name asc",
                limit=min(limit, MAX_CHOICES),
            )
        return [_choice(ask.doctype, ask.shown(row), columns) for row in rows]

    def called(self, user: User, doctype: str, said: Collection[str]) -> dict[str, Names]:
        """Which records people mean by these words: the one of that name, else those with that title, among those the user may choose."""
        if doctype == DOCTYPE:
            return {word: [word] for word in said}
        try:
            ask = Ask(self._snapshots(), user, doctype, action="select")
        except PermissionRefused:
            return {}
        title = next((name for name in ask.title_column if name in ask.plain), None)
        found: dict[str, Names] = {}
        wanted = sorted(said)
        with self._database.read() as connection:
            for field in ("name", *([title] if title and title != "name" else [])):
                rest = [word for word in wanted if word not in found]
                for start in range(0, len(rest), PORTION):
                    rows = query.select_page(
                        connection, ask.doctype, columns=["name", field], filters=[(field, "in", rest[start : start + PORTION])],
                        condition=ask.condition(), order_by="name asc", limit=MAX_PAGE,
                    )  # fmt: skip
                    for row in rows:
                        found.setdefault(str(row[field]), []).append(row["name"])
        return found

    def _doctypes(self, user: User, text: str) -> LinkChoices:
        """The record types that the user may read, as a link to a DocType offers them."""
        model = self._snapshots().model
        permissions = Permissions(model)
        offered = [item for item in model if not item.istable and permissions.may(user, "read", item.name)]
        found = [LinkChoice(item.name, item.label.to(user.language), item.name) for item in offered]
        return [item for item in found if text.strip().lower() in f"{item.value} {item.title}".lower()]

    def find(self, user: User, text: str, *, limit: int = 20, each: int = 5) -> Findings:
        """Records whose name, title or search fields hold every word of `text`, in all DocTypes the user may read: at most
        `each` of one DocType, the newest first, and `limit` together."""
        snapshot = self._snapshots()
        found: Findings = []
        with self._database.read() as connection:
            for doctype in snapshot.model:
                if doctype.istable or doctype.issingle or len(found) >= limit:
                    continue
                try:
                    ask = Ask(snapshot, user, doctype.name)
                except PermissionRefused:
                    continue
                columns = ["name", "modified", *ask.title_column]
                rows = query.select_page(
                    connection,
                    doctype,
                    columns=columns,
                    condition=ask.condition(text),
                    order_by="modified desc",
                    limit=each,
                )
                titles = titles_of(connection, snapshot, user, doctype, rows)
                found += [Found(doctype, row["name"], titles[row["name"]], row["modified"]) for row in rows]
        return sorted(found, key=lambda item: item.name != text)[:limit]

    def recent(self, user: User, *, limit: int = 10) -> Findings:
        """What this user changed last, newest first, as far as they may still read it."""
        snapshot = self._snapshots()
        permissions = Permissions(snapshot.model)
        titled: dict[tuple[str, str], str] = {}
        with self._database.read() as connection:
            touched = [one for one in audit.touched_by(connection, user.name, limit * 3) if one[0] in snapshot.model]
            for doctype_name in {doctype_name for doctype_name, _, _ in touched}:
                doctype = snapshot.model[doctype_name]
                heads = records.heads(connection, doctype, [name for kind, name, _ in touched if kind == doctype_name])
                read = [head for head in heads.values() if permissions.may(user, "read", doctype_name, head)]
                titles = titles_of(connection, snapshot, user, doctype, read)
                titled |= {(doctype_name, name): title for name, title in titles.items()}
        found = [
            Found(snapshot.model[kind], name, titled[kind, name], at) for kind, name, at in touched if (kind, name) in titled
        ]
        return found[:limit]

    def titles(self, user: User, doctype: str, names: Iterable[str]) -> dict[str, str]:
        """What a link shows: the title where the DocType asks for it (`show_title_field_in_link`) and the user may see it, else the name."""
        wanted = {name for name in names if name}
        snapshot = self._snapshots()
        if doctype == DOCTYPE:
            return {name: snapshot.model[name].label.to(user.language) if name in snapshot.model else name for name in wanted}
        found = snapshot.model.get(doctype)
        if found is None or not wanted or not found.title_field or not found.show_title_field_in_link:
            return {name: name for name in wanted}
        with self._database.read() as connection:
            return {name: name for name in wanted} | linked_titles(connection, snapshot, user, found, wanted)

    def history(
        self, user: User, doctype: str, name: str, newest: int | None = None, *, with_beginning: bool = True
    ) -> History:
        """The versions of a record, the newest first (only so many of them with `newest`), without what is hidden from the user.

        The values that it began with are the changes of its first version, unless they are not wanted (`with_beginning`).
        """
        snapshot = self._snapshots()
        found, record = self._readable(snapshot, user, doctype, name)
        sight = Permissions(snapshot.model).sight(user, doctype, record)
        with self._database.read() as connection:
            entries = audit.history(connection, doctype, name, newest)
        people = self.titles(user, "User", {entry["by"] for entry in entries})
        return [
            VersionEntry(
                version=entry["version"],
                action=entry["action"],
                by=entry["by"],
                by_name=people.get(entry["by"], entry["by"]),
                at=entry["at"],
                reason=said_of(entry),
                changes=[*seen_changes(snapshot.model, found, entry["changes"] or [], sight)]
                if with_beginning or entry["action"] != "create"
                else [],
            )
            for entry in entries
        ]

    def compare(self, user: User, doctype: str, name: str, one: int, other: int) -> VersionEntry:
        """What differs between two versions of a record, as if one save had made the later out of the earlier.

        Raises NotFound for a version that is not in its timeline.
        """
        snapshot = self._snapshots()
        with self._database.read() as connection:
            found = snapshot.record_type(doctype)
            record = readable(connection, snapshot.model, Permissions(snapshot.model), user, found, name)
            entries = audit.history(connection, doctype, name)
        sight = Permissions(snapshot.model).sight(user, doctype, record)
        return compared(snapshot.model, found, record, entries, sorted((one, other)), sight)

    def readable(self, user: User, about: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the records (DocType, name) that the user may read."""
        with self._database.read() as connection:
            return readable_among(connection, self._snapshots().model, user, about)

    def renamed_to(self, user: User, doctype: str, name: str) -> str | None:
        """What a record is called now that once had this name, if the user may read it."""
        snapshot = self._snapshots()
        found = snapshot.doctype(doctype)
        with self._database.read() as connection:
            new = audit.renamed_to(connection, doctype, name)
            record = records.heads(connection, found, [new]).get(new) if new else None
        return new if record and Permissions(snapshot.model).may(user, "read", doctype, record) else None

    def why(self, user: User, doctype: str, name: str, version: int | None = None) -> dict[str, Any] | None:
        """The rule trace of a save, as this user may see it, with the words of the clauses that it cites.

        That of the last save, or of the save that made `version`; None when no rule concerned it.
        """
        snapshot = self._snapshots()
        found, record = self._readable(snapshot, user, doctype, name)
        with self._database.read() as connection:
            trace = audit.last_trace(connection, doctype, name, version)
            if trace is None:
                return None
            cited = {code for entry in trace.get("rules") or () for code in entry.get("clauses") or ()}
            words = clause_texts(connection, snapshot.model, cited)
        seen = as_seen(snapshot, user, found, record, trace)
        return {**seen, "clauses": {code: text.to_json() for code, text in words.items()}}

    def clause_texts(self, codes: Iterable[str]) -> dict[str, Text]:
        """What clauses say; everybody may read that."""
        with self._database.read() as connection:
            return clause_texts(connection, self._snapshots().model, codes)

    def connections(self, user: User, doctype: str, name: str) -> Sequence[Connection]:
        """Which records of other DocTypes belong to this one. Raises PermissionRefused, NotFound."""
        snapshot = self._snapshots()
        found, _ = self._readable(snapshot, user, doctype, name)
        with self._database.read() as connection:
            return connections(connection, snapshot, user, found, name)

    def _readable(self, snapshot: Snapshot, user: User, doctype: str, name: str) -> tuple[DocType, Record]:
        found = snapshot.doctype(doctype)
        with self._database.read() as connection:
            record = records.heads(connection, found, [name]).get(name)  # rights are judged without the child rows
        if record is None:
            raise not_found(found, name)
        Permissions(snapshot.model).require(user, "read", doctype, record)
        return found, record


def _choice(doctype: DocType, row: Mapping[str, Any], columns: Sequence[str]) -> LinkChoice:
    title = doctype.title_of(row)
    rest = [str(row[name]) for name in columns if name != doctype.title_field and row.get(name) not in (None, "", title)]
    return LinkChoice(str(row["name"]), title, " · ".join(dict.fromkeys(rest)))
