"""Rules that could not be judged: each is written down, and the administrators are told.

A save that passes keeps its incidents with it. One that is refused leaves nothing behind, so that they are written afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from ..access.user import SYSTEM_MANAGER
from ..core.clock import Clock
from ..core.errors import GuijuError
from ..core.ids import digest
from ..core.text import Text
from ..rulebook.situation import RuleFailure
from ..storage.database import Database
from ..storage.system import rule_incident as table
from ..storage.upserts import upsert
from .tell import tell

PAGE = 100


@dataclass(frozen=True, slots=True)
class Incident:
    """A failure of a rule on one record (a new one that was refused has no name), met by the person who saved."""

    doctype: str
    name: str | None
    by: str
    failure: RuleFailure


def keep(connection: Connection, at: datetime, incidents: Iterable[Incident]) -> None:
    """Write down what is not known yet today, and tell whoever administers once a day and failure."""
    for incident in incidents:
        failure = incident.failure
        of_rule = digest(f"{failure.rule}|{failure.reason.en}|{at.date()}")[:32]
        row: dict[str, Any] = {
            "key": f"{of_rule}:{digest(f'{incident.doctype}|{incident.name}')[:32]}",
            "at": at, "rule": failure.rule, "number": failure.number, "doctype": incident.doctype, "name": incident.name,
            "event": failure.event, "reason": failure.reason.to_json(), "by": incident.by, "refused": int(failure.refuses),
        }  # fmt: skip
        connection.execute(upsert(connection, table, row, ["key"]))
        title = Text(
            f"规则“{failure.title.zh}”无法判断：{failure.reason.zh}", f'The rule "{failure.title.en}" could not be judged: {failure.reason.en}'
        )  # fmt: skip
        tell(connection, at, title, incident.doctype, incident.name, key=f"incident:{of_rule}", role=SYSTEM_MANAGER)


def keep_afterwards(database: Database, at: datetime, incidents: Iterable[Incident], *, is_new: bool = False) -> None:
    """What a refused change met, in a transaction of its own; a record that was to be new has no name to look for."""
    met = [replace(item, name=None) if is_new else item for item in incidents]
    if met:
        with database.write() as connection:
            keep(connection, at, met)


@contextmanager
def kept_if_refused(database: Database, clock: Clock, *, is_new: bool = False) -> Iterator[list[Incident]]:
    """Around a transaction: what it meets (`SavePath.incidents`) is written down also when it is refused."""
    met: list[Incident] = []
    try:
        yield met
    except GuijuError:
        keep_afterwards(database, clock.now(), met, is_new=is_new)
        raise


def newest(connection: Connection) -> list[dict[str, Any]]:
    """The newest incidents, those that nobody has settled first."""
    ask = select(table).order_by(table.c.settled_at.is_not(None), table.c.at.desc()).limit(PAGE)
    return [dict(row) for row in connection.execute(ask).mappings()]


def number_open(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(table).where(table.c.settled_at.is_(None))).scalar_one())


def settle(connection: Connection, key: str, by: str, at: datetime) -> None:
    """Somebody has seen to it."""
    mine = update(table).where(table.c.key == key, table.c.settled_at.is_(None))
    connection.execute(mine.values(settled_at=at, settled_by=by))
