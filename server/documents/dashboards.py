"""`DashboardService`: which dashboards somebody may open, one of them, and the first page of their role.

A dashboard is a record of Dashboard. Who it is shared with sees it; its tiles are read under the reader's own rights, one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from ..access.user import SYSTEM_MANAGER, User
from ..core.errors import Fault, NotFound
from ..core.text import Text
from ..metadata.model import Model
from ..storage import records
from ..storage.database import Database
from .complete import Record
from .snapshot import Snapshot

DOCTYPE, TILE = "Dashboard", "Dashboard Tile"
OF_REPORTS = ("Indicator", "Chart", "Table")


@dataclass(frozen=True)
class Tile:
    """One tile: of a report (`report`), of a list (`doctype`), or a way to an `address`. `filters` is the query of an address."""

    kind: str
    report: str = ""
    doctype: str = ""
    address: str = ""
    filters: str = ""
    label: Text | None = None
    width: str = "Half"


@dataclass(frozen=True)
class Dashboard:
    """A dashboard as its reader gets it."""

    name: str
    title: Text
    tiles: tuple[Tile, ...]
    may_change: bool


class DashboardService:
    def __init__(self, database: Database, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._snapshots = snapshots

    def offered(self, user: User) -> list[Dashboard]:
        """Those that this user may open, in their order."""
        return [_dashboard(user, record) for record in self._records() if _may_open(user, record)]

    def dashboard(self, user: User, name: str) -> Dashboard:
        """One of them. Raises NotFound, also for one that is not theirs."""
        found = next((item for item in self.offered(user) if item.name == name), None)
        if found is None:
            raise NotFound(Text(f"没有仪表盘“{name}”。", f'There is no dashboard "{name}".'))
        return found

    def first_page(self, user: User) -> Dashboard | None:
        """The dashboard that is the first page of one of this user's roles."""
        homes = (record for record in self._records() if _has_role(user, record.get("home_of")))
        return next((_dashboard(user, record) for record in homes), None)

    def _records(self) -> list[Record]:
        model = self._snapshots().model
        doctype = model.get(DOCTYPE)
        if doctype is None:
            return []
        with self._database.read() as connection:
            names = list(records.heads(connection, doctype, None))
            found = records.load_many(connection, model, doctype, names)
        return sorted(found.values(), key=lambda record: (int(record.get("position") or 0), str(record["name"])))


def dashboard_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """The guard: every tile has what its kind needs."""
    faults = []
    for index, row in enumerate((after or {}).get("tiles") or ()):
        kind = row.get("kind")
        at = f"tiles[{index}]"
        if kind in OF_REPORTS and not row.get("report"):
            faults.append(
                Fault(f"{at}.report", Text(f"第 {index + 1} 个图块：请选报表。", f"Tile {index + 1}: choose a report."))
            )
        if kind == "Count" and not row.get("document_type"):
            text = Text(f"第 {index + 1} 个图块：请选单据类型。", f"Tile {index + 1}: choose a record type.")
            faults.append(Fault(f"{at}.document_type", text))
        address = str(row.get("address") or "")
        if kind == "Shortcut" and (not address.startswith("/") or address.startswith(("//", "/\\"))):
            text = Text(f"第 {index + 1} 个图块：地址应以 / 开头。", f"Tile {index + 1}: the address begins with one /.")
            faults.append(Fault(f"{at}.address", text))
    return faults


def _may_open(user: User, record: Record) -> bool:
    if user.is_administrator or user.has_role(SYSTEM_MANAGER) or record.get("owner") == user.name:
        return True
    return _has_role(user, record.get("shared_with")) or _has_role(user, record.get("home_of"))


def _has_role(user: User, rows: object) -> bool:
    return isinstance(rows, list | tuple) and any(row.get("role") in user.roles for row in rows)


def _dashboard(user: User, record: Record) -> Dashboard:
    title = str(record.get("title") or record["name"])
    may_change = user.is_administrator or user.has_role(SYSTEM_MANAGER) or record.get("owner") == user.name
    tiles = tuple(_tile(row) for row in record.get("tiles") or ())
    return Dashboard(str(record["name"]), Text(title, str(record.get("title_en") or title)), tiles, may_change)


def _tile(row: Record) -> Tile:
    zh, en = str(row.get("label_zh") or ""), str(row.get("label_en") or "")
    return Tile(
        kind=str(row.get("kind") or ""),
        report=str(row.get("report") or ""),
        doctype=str(row.get("document_type") or ""),
        address=str(row.get("address") or ""),
        filters=str(row.get("filters") or ""),
        label=Text(zh or en, en or zh) if zh or en else None,
        width=str(row.get("width") or "Half"),
    )
