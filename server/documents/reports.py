"""`ReportService`: reports run for one reader, with that reader's permissions inside the SQL.

A report counts the records that its reader may report on (right `report`), nothing else; what leaves as a file, those that they may export
or print as well. A column that the reader may not see is left
out and named; what is grouped by must be seen. Linked records that the reader may not read count as empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import NotFound, PermissionRefused, ValidationFailed
from ..core.text import Text, nearest
from ..expressions import parse
from ..metadata.model import Model
from ..reporting.answer import Answer, Row, Shown, beside, ordered, shown_column, with_formulas
from ..reporting.model import AGGREGATES, Column, Condition, Report, read_report
from ..reporting.paths import field_of, kind_of, place_of, rows_of
from ..reporting.spans import conditions_of, is_span
from ..storage import grouping
from ..storage.database import Database
from ..storage.grouping import Computed, Part, Place, Question, Table
from . import saved_reports
from .ask import Ask, filter_value
from .masking import shown_value
from .snapshot import Snapshot

MOST_GROUPS = 10_000
MOST_ROWS = 1_000  # on a page; a file holds more
MOST_ROWS_OF_A_FILE = 100_000
Asked = Mapping[str, str]


@dataclass(frozen=True)
class Saved:
    """A saved report as it is listed."""

    name: str
    title: str
    is_own: bool


class ReportService:
    """Lists, runs and explains the reports of a site."""

    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone

    @property
    def zone(self) -> ZoneInfo:
        return self._zone

    @property
    def model(self) -> Model:
        return self._snapshots().model

    def offered(self, user: User) -> list[Report]:
        """The reports that this user may open, by module and title."""
        snapshot = self._snapshots()
        permissions = Permissions(snapshot.model)
        found = [item for item in snapshot.reports.values() if _may_open(permissions, user, item)]
        return sorted(found, key=lambda item: (item.module, item.title.to(user.language)))

    def report(self, user: User, name: str) -> Report:
        """One of them, or one that somebody saved. Raises NotFound, PermissionRefused, ReportStale."""
        snapshot = self._snapshots()
        found = snapshot.reports.get(name) or self._saved(user, name)
        if found is None:
            hint = nearest(name, snapshot.reports)
            raise NotFound(Text(f"没有报表“{name}”。{hint.zh}", f'There is no report "{name}".{hint.en}'))
        permissions = Permissions(snapshot.model)
        if not _may_open(permissions, user, found):
            _require(permissions, user, found)
            raise PermissionRefused(
                Text(
                    f"报表“{found.title.zh}”仅供这些角色查看：{'、'.join(sorted(found.roles))}。",
                    f'The report "{found.title.en}" is for these roles only: {", ".join(sorted(found.roles))}.',
                )
            )
        return found

    def _saved(self, user: User, name: str) -> Report | None:
        """A saved report that is this user's or shared with a role of theirs; that there are others is not told."""
        with self._database.read() as connection:
            record = saved_reports.load_one(connection, self.model, name)
        return (
            saved_reports.read_saved(self.model, record) if record is not None and saved_reports.may_see(user, record) else None
        )

    def saved(self, user: User) -> list[Saved]:
        """The saved reports that this user may open, by title; those that no longer fit as well, so that they can be mended."""
        permissions = Permissions(self.model)
        with self._database.read() as connection:
            found = [item for item in saved_reports.load_all(connection, self.model) if saved_reports.may_see(user, item)]
        shown = []
        for record in found:
            doctype = str(record.get("ref_doctype") or "")
            if doctype in self.model and (user.is_administrator or _may_report(permissions, user, doctype)):
                title = str(record.get("title") or record["name"])
                shown.append(Saved(str(record["name"]), title, record.get("owner") == user.name))
        return sorted(shown, key=lambda item: item.title)

    def draft(self, user: User, raw: Any) -> Report:
        """A report that is only being made, for a reader who may report on its record types. Raises ValidationFailed with every
        fault, PermissionRefused."""
        if faults := saved_reports.faults_of(self.model, raw):
            raise ValidationFailed(Text("报表有误。", "The report has faults."), faults)
        found = replace(read_report(raw), is_published=False)
        _require(Permissions(self.model), user, found)
        return found

    def run(self, user: User, name: str, asked: Asked | None = None, *, limit: int = MOST_ROWS) -> Answer:
        """The rows under the reader's filters, by their paths (`None`: the report's defaults).

        Raises NotFound, PermissionRefused, or ValidationFailed naming a filter whose value cannot be read.
        """
        report = self.report(user, name)
        return self.answer(user, report, defaults(report) if asked is None else asked, limit=limit)

    def answer(
        self, user: User, report: Report, asked: Asked, *, limit: int = MOST_ROWS, rights: Sequence[str] = ("report",)
    ) -> Answer:
        """The same for a report that need not be published, such as one that is being drawn; of the records to which the user has all
        these `rights`."""
        now = self._clock.now()
        sources, columns = self._seen(user, report, rights)
        most = MOST_GROUPS if report.is_grouped else min(limit, report.limit or limit)
        with self._database.read() as connection:
            rows = self._rows(connection, report, sources, asked, now, columns, most)
            wants_totals = report.is_grouped and (report.has_totals or report.indicator is not None)
            totals = self._rows(connection, report, sources, asked, now, columns, 1, keyed=False) if wants_totals else []
        is_cut = len(rows) > most
        rows = ordered(rows[:most], report.order) if report.order and report.is_grouped else rows[:most]
        if report.is_grouped and report.limit:
            is_cut, rows = is_cut or len(rows) > report.limit, rows[: report.limit]
        shown = tuple(_shown(item, columns) for item in report.shown if item.key in columns)
        unseen = tuple(_label(item, sources[0]) for item in report.shown if item.key not in columns)
        hidden = tuple(_shown(item, columns) for item in report.all_columns if item.is_hidden and item.key in columns)
        return Answer(report, shown, tuple(rows), totals[0] if totals else None, is_cut, unseen, hidden)

    def each(self, user: User, report: Report, asked: Asked, *, limit: int, rights: Sequence[str]) -> Iterator[Row]:
        """The rows of a report that groups nothing, read as they are taken, so that many need no more memory than few."""
        now = self._clock.now()
        (main, *_), columns = self._seen(user, report, rights)
        own, where, order = _asked_of(main, report, asked, now, columns)
        with self._database.read(is_shared=False) as connection:
            rows = main.each(connection, own, where, order, min(limit, report.limit or limit))
            yield from with_formulas(rows, report, now.astimezone(self._zone))

    def _seen(self, user: User, report: Report, rights: Sequence[str]) -> tuple[list[_Source], dict[str, Place | None]]:
        """The record types as this reader sees them, and the columns that are shown. Raises PermissionRefused."""
        sources = [_Source(self._snapshots(), user, report.doctype, report.rows, self._zone, rights)]
        sources += [_Source(self._snapshots(), user, other.doctype, other.rows, self._zone, rights) for other in report.beside]
        if not report.is_published:
            _require_seen_conditions(report, sources)
        return sources, _seen_columns(report, sources)

    def _rows(
        self,
        connection: Connection,
        report: Report,
        sources: Sequence[_Source],
        asked: Asked,
        now: datetime,
        columns: Mapping[str, Place | None],
        limit: int,
        *,
        keyed: bool = True,
    ) -> list[Row]:
        """One row for each group (or record), or with `keyed` False one for all; one more than `limit` where there are more."""
        main = sources[0]
        own, where, order = _asked_of(main, report, asked, now, columns, keyed=keyed)
        rows = main.rows(connection, own, where, order, limit + 1)
        keys = [item.key for item in report.keys] if keyed else []
        for other, source in zip(report.beside, sources[1:], strict=True):
            match = [_matched(report, key, other.match[key]) for key in keys]
            counted = [item for item in other.columns if item.key in columns]
            if not counted:
                continue
            passed = [*source.fixed(other.where), *source.wanted(report, asked, now, other.filters)]
            others = source.rows(connection, [*match, *counted], passed, (), limit + 1)
            rows = beside(rows, others, keys, counted, [item for item in own if item.function in AGGREGATES])
        return list(with_formulas(rows, report, now.astimezone(self._zone)))


def _asked_of(
    main: _Source, report: Report, asked: Asked, now: datetime, columns: Collection[str], *, keyed: bool = True
) -> tuple[list[Column], list[Part], tuple[tuple[str, bool], ...]]:
    """What is asked of the report's own record type: columns, conditions, order."""
    own = [
        item
        for item in report.columns
        if item.key in columns and item.function != "expr" and (keyed or item.function != "value")
    ]
    where = [*main.fixed(report.where), *main.wanted(report, asked, now)]
    plain = {item.key for item in own if main.sees(main.place(item.path), plainly=True)}  # what is masked orders nothing
    order = () if report.is_grouped else tuple(item for item in report.order if item[0] in plain)
    return own, where, order


def defaults(report: Report) -> dict[str, str]:
    """What the filters hold before the reader changes them."""
    return {item.path: item.default for item in report.filters if item.default}


def _may_open(permissions: Permissions, user: User, report: Report) -> bool:
    if user.is_administrator:
        return True
    if report.roles and not report.roles & user.roles:
        return False
    return all(_may_report(permissions, user, doctype) for doctype in _record_types(report))


def _may_report(permissions: Permissions, user: User, doctype: str) -> bool:
    return permissions.may(user, "report", doctype) and permissions.may(user, "read", doctype)


def _require(permissions: Permissions, user: User, report: Report) -> None:
    """Raises PermissionRefused unless the user may read and report on every record type that is counted."""
    for doctype in _record_types(report):
        permissions.require(user, "report", doctype)
        permissions.require(user, "read", doctype)


def _record_types(report: Report) -> tuple[str, ...]:
    return (report.doctype, *(other.doctype for other in report.beside))


def _matched(report: Report, key: str, path: str) -> Column:
    """The column by which another record type is grouped under the same key."""
    return Column(key, "value", path, report.column(key).unit)


def _seen_columns(report: Report, sources: Sequence[_Source]) -> dict[str, Place | None]:
    """The columns that the reader may see, with where they stand; formulas over others go with them. Raises PermissionRefused for one
    that is grouped by."""
    found: dict[str, Place | None] = {}
    parts = [(report.columns, ()), *((other.columns, tuple(other.match.values())) for other in report.beside)]
    for source, (columns, match) in zip(sources, parts, strict=True):
        if not all(source.sees(source.place(path), plainly=True) for path in match):
            continue  # nothing is counted by what the reader does not see
        for item in columns:
            if item.function == "expr":
                continue
            place = source.place(item.path)
            if source.sees(place, plainly=report.is_grouped) and all(
                source.sees(source.place(part[0]), plainly=True) for part in item.where
            ):
                found[item.key] = place
            elif report.is_grouped and item.function == "value":
                label = shown_column(item, place).label
                raise PermissionRefused(
                    Text(
                        f"报表“{report.title.zh}”按“{label.zh}”分组，您无权查看该字段。",
                        f'The report "{report.title.en}" is grouped by "{label.en}", which you may not see.',
                    )
                )
    for item in report.all_columns:
        if item.function == "expr" and all(name.removeprefix("doc.").split(".")[0] in found for name in parse(item.expr).reads):
            found[item.key] = None
    return found


def _require_seen_conditions(report: Report, sources: Sequence[_Source]) -> None:
    """What somebody made for themselves finds nothing out about fields that its reader does not see. Raises PermissionRefused."""
    wheres = (report.where, *(other.where for other in report.beside))
    for source, where in zip(sources, wheres, strict=True):
        for path, _, _ in where:
            place = source.place(path)
            if not source.sees(place, plainly=True):
                label = shown_column(Column(path, "value", path), place).label
                raise PermissionRefused(
                    Text(
                        f"报表“{report.title.zh}”以“{label.zh}”为条件，您无权查看该字段。",
                        f'The report "{report.title.en}" has a condition on "{label.en}", which you may not see.',
                    )
                )


def _shown(column: Column, columns: Mapping[str, Place | None]) -> Shown:
    return shown_column(column, columns[column.key])


def _label(column: Column, source: _Source) -> Text:
    try:
        return shown_column(column, None if column.function == "expr" else source.place(column.path)).label
    except ValueError:  # of a record type beside
        return column.label or Text(column.key, column.key)


class _Source:
    """One record type of a report as one reader sees it."""

    def __init__(self, snapshot: Snapshot, user: User, doctype: str, rows: str, zone: ZoneInfo, rights: Sequence[str]) -> None:
        self._snapshot = snapshot
        self._user = user
        self._doctype = doctype
        self._rows_field = rows
        self._zone = zone
        self._ask = Ask(snapshot, user, doctype, also=rights)
        self._linked: dict[str, Ask | None] = {}

    def place(self, path: str) -> Place:
        return place_of(self._snapshot.model, self._doctype, self._rows_field, path)

    def sees(self, place: Place, *, plainly: bool) -> bool:
        """Whether the reader sees the value there (`plainly`: unmasked), and the link and the table that lead to it."""
        if place.table == "rows":
            sight = self._ask.sight
            item = (
                field_of(place)
                if not place.link
                else rows_of(self._snapshot.model, self._doctype, self._rows_field).by_name[place.link]
            )
            if self._rows_field not in self._ask.readable and not sight.sees(self._ask.doctype.by_name[self._rows_field]):
                return False
            seen = item is None or (sight.sees_plainly(item) if plainly or place.link else sight.sees(item))
        else:
            name = place.link or place.fieldname
            seen = name in (self._ask.plain if plainly or place.link else self._ask.readable)
        if not seen or not place.link:
            return seen
        other = self._of_link(place.doctype.name)
        return other is not None and place.fieldname in (other.plain if plainly else other.readable)

    def _of_link(self, doctype: str) -> Ask | None:
        """What the reader sees of a linked record type; None for nothing."""
        if doctype not in self._linked:
            try:
                self._linked[doctype] = Ask(self._snapshot, self._user, doctype)
            except PermissionRefused:
                self._linked[doctype] = None
        return self._linked[doctype]

    def fixed(self, where: Iterable[Condition]) -> list[Part]:
        """Conditions of the report itself, over any field."""
        found = []
        for path, operator, value in where:
            place = self.place(path)
            found.append(Part(place, operator, filter_value(field_of(place), operator, value)))
        return found

    def wanted(self, report: Report, asked: Asked, now: datetime, paths: Mapping[str, str] | None = None) -> list[Part]:
        """What the reader filters by, as far as this record type has it. Raises ValidationFailed."""
        found: list[Part] = []
        for item in report.filters:
            text = str(asked.get(item.path) or "").strip()
            path = item.path if paths is None else paths.get(item.path)
            if item.is_needed and not text:
                label = item.label or shown_column(Column(item.path, "value", item.path), self.place(item.path)).label
                raise ValidationFailed(Text(f"请填写筛选“{label.zh}”。", f'Fill in the filter "{label.en}".'))
            if not text or path is None:
                continue
            place = self.place(path)
            if self.sees(place, plainly=True):
                found += _parts(place, item.operator, text, now)
        return found

    def rows(
        self,
        connection: Connection,
        columns: Sequence[Column],
        where: Sequence[Part],
        order: Sequence[tuple[str, bool]],
        limit: int,
    ) -> list[Row]:
        return list(self.each(connection, columns, where, order, limit))

    def each(
        self,
        connection: Connection,
        columns: Sequence[Column],
        where: Sequence[Part],
        order: Sequence[tuple[str, bool]],
        limit: int,
    ) -> Iterable[Row]:
        """The same one after the other."""
        computed = tuple(
            Computed(item.key, item.function, self.place(item.path), item.unit, tuple(self.fixed(item.where)))  # type: ignore[arg-type]
            for item in columns
        )
        if not computed:
            return [{}]
        places = (
            [part.place for part in where]
            + [part.place for item in computed for part in (*item.where,)]
            + [item.place for item in computed]
        )
        rows = None
        if self._rows_field:
            rows = (self._rows_field, rows_of(self._snapshot.model, self._doctype, self._rows_field))
        question = Question(
            self._ask.doctype,
            computed,
            self._zone,
            rows,
            tuple(where),
            self._ask.condition(),
            self._sights(places),
            tuple(order),
            limit,
        )
        found = grouping.each(connection, question)
        return found if question.is_grouped else (self._as_seen(row, computed) for row in found)

    def _sights(self, places: Iterable[Place]) -> dict[tuple[Table, str], Any]:
        links = {(place.table, place.link): place.doctype.name for place in places if place.link}
        asks = {key: self._of_link(doctype) for key, doctype in links.items()}
        return {key: ask.condition() for key, ask in asks.items() if ask is not None}

    def _as_seen(self, row: Row, columns: Iterable[Computed]) -> Row:
        """A record's row with masked values as the reader sees them."""
        for column in columns:
            item, place = field_of(column.place), column.place
            ask = self._of_link(place.doctype.name) if place.link else self._ask
            if item is not None and ask is not None and row[column.key] is not None:
                row[column.key] = shown_value(item, row[column.key], ask.sight)
        return row


def _parts(place: Place, operator: str, text: str, now: datetime) -> list[Part]:
    """A filter as the reader typed it; of a date a span of days."""
    kind = kind_of(place)
    if kind in ("date", "datetime") and not operator:
        if not is_span(text):
            raise ValidationFailed(
                Text(
                    f"“{text}”不是时段，例如 2026-01-01..2026-03-31。",
                    f'"{text}" is not a span of days; for example 2026-01-01..2026-03-31.',
                )
            )
        return [Part(place, each, value) for each, value in conditions_of(text, now, kind)]
    chosen = operator or "="
    if chosen in ("like", "not like"):
        return [Part(place, chosen, f"%{text}%")]
    return [Part(place, chosen, filter_value(field_of(place), chosen, text))]
