"""Which work calendar measures a record. What a calendar is stands in `calendars`; filling in years is `calendar_years`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, column, select
from sqlalchemy import table as plain_table

from ..calendars.hours import Calendar
from ..calendars.record import DOCTYPE, read_calendar, standard
from ..core.errors import Fault
from ..core.text import Text
from ..metadata.fieldtypes import times
from ..metadata.model import DocType, Model
from ..storage import query, records
from ..storage.tables import table_name
from .complete import Record

FIELD = "work_calendar"  # a Link field of this name on a record, or on one that it links to, chooses the calendar
MOST_KEPT = 64
_KEPT: dict[tuple[object, ...], Calendar] = {}


class Calendars:
    """The calendars as seen within one transaction; each is read once per version, in whatever transaction."""

    def __init__(self, connection: Connection, model: Model) -> None:
        self._connection = connection
        self._model = model

    def of_record(self, doctype: str, record: Mapping[str, Any], field: str | None = None) -> Calendar:
        """The calendar that the record names in `work_calendar`, else one that a record it links to names (the first
        of its Link fields that leads to one: customer, department, shift ...), else the default of the site.

        `field` says which: `work_calendar` itself, or the one Link field that is followed.
        """
        found = self._model.get(doctype)
        names = self._named_by(found, record, field) if found is not None else ()
        return next((calendar for name in names if (calendar := self.named(name)) is not None), None) or self.default()

    def named(self, name: str) -> Calendar | None:
        """The calendar of that name; None when there is none."""
        doctype = self._model.get(DOCTYPE)
        head = None if doctype is None else records.heads(self._connection, doctype, [name]).get(name)
        if doctype is None or head is None:
            return None
        key = (str(self._connection.engine.url), name, head["version"], head["creation"], head["modified"])
        if key not in _KEPT:
            if len(_KEPT) >= MOST_KEPT:
                _KEPT.clear()
            _KEPT[key] = read_calendar(records.load(self._connection, self._model, doctype, name) or head, times.SITE_ZONE)
        return _KEPT[key]

    def default(self) -> Calendar:
        """The calendar that is marked as the site's default, else the one that is built in."""
        doctype = self._model.get(DOCTYPE)
        name = None
        if doctype is not None:
            name = query.aggregate(self._connection, doctype, "first", "name", [("is_default", "=", 1)], order_by="creation")
        calendar = self.named(str(name)) if name else None
        return calendar or standard(times.SITE_ZONE)

    def again(self, name: str | None) -> Calendar:
        """The calendar that an obligation was counted in, as it is now; the default when it is gone."""
        return (self.named(name) if name else None) or self.default()

    def _named_by(self, doctype: DocType, record: Mapping[str, Any], field: str | None) -> Iterable[str]:
        if field in (None, FIELD) and FIELD in doctype.by_name and record.get(FIELD):
            yield str(record[FIELD])
        for item in doctype.data_fields:
            if item.fieldtype != "Link" or item.fieldname == FIELD or field not in (None, item.fieldname):
                continue
            target, name = self._model.get(item.options or ""), record.get(item.fieldname)
            if target is not None and name and FIELD in target.by_name:
                head = records.heads(self._connection, target, [str(name)]).get(str(name), {})
                if head.get(FIELD):
                    yield str(head[FIELD])


def second_default_faults(connection: Connection, record: Record) -> list[Fault]:
    """What keeps the record from being the site's default: another one is."""
    if not record.get("is_default"):
        return []
    table = plain_table(table_name(DOCTYPE), column("name"), column("is_default"))
    asked = select(table.c.name).where(table.c.is_default == 1, table.c.name != record["name"]).limit(1)
    other = connection.execute(asked).scalar()
    if other is None:
        return []
    text = Text(
        f"工作日历“{other}”已是站点默认，请先取消它的勾选。",
        f'The work calendar "{other}" is the default of the site; take the mark from it first.',
    )
    return [Fault("is_default", text)]
