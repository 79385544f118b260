"""Schedules of rules: when one comes, every record of its DocType gets a timer, which the worker judges as any other.

A row per schedule says up to when its firings were planned. Whoever moves that on plans them, so that of two workers one does; a
firing that came while nobody was at work is made up for, one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import structlog
from sqlalchemy import Connection, and_, delete, insert, select, update

from ..access.user import ADMINISTRATOR
from ..core.errors import GuijuError, StorageUnavailable
from ..core.text import Text
from ..metadata.model import CANCELLED, DocType
from ..rulebook.model import Compare, Rule
from ..rulebook.schedules import Schedule, due_between
from ..rulebook.situation import RuleFailure
from ..storage.database import Database
from ..storage.system import schedule as table
from ..storage.system import timer
from ..storage.tables import record_table
from ..storage.upserts import upsert
from .calendars import Calendars
from .incidents import Incident, keep_afterwards
from .snapshot import Snapshot

log = structlog.get_logger(__name__)
PORTION = 500


def plan_firings(database: Database, snapshot: Snapshot, now: datetime) -> None:
    """Give timers to the records of every schedule that has come since it was last looked at."""
    wanted = {
        (rule.name, one.key): (rule, place, one) for rule in _scheduled(snapshot) for place, one in enumerate(rule.schedules, 1)
    }
    with database.read() as connection:
        known = {(row.rule, row.key): row.planned_to for row in connection.execute(select(table))}
        calendar = Calendars(connection, snapshot.model).default() if wanted else None
    if known.keys() - wanted.keys():
        with database.write() as connection:
            for rule, key in known.keys() - wanted.keys():  # switched off: what comes meanwhile is not made up for
                connection.execute(delete(table).where(table.c.rule == rule, table.c.key == key))
    for (name, key), (rule, place, one) in wanted.items():
        if (name, key) not in known:
            with database.write() as connection:
                connection.execute(upsert(connection, table, {"rule": name, "key": key, "planned_to": now}, ("rule", "key")))
            continue
        assert calendar is not None
        try:
            due = list(due_between(one, known[name, key], now, calendar))
            if due:
                _plan(database, snapshot, rule, place, one, known[name, key], due[-1] if one.missed == "last" else due[0])
        except StorageUnavailable:
            raise
        except Exception as error:  # one schedule that cannot be planned holds up neither the others nor the timers
            log.exception("schedule cannot be planned", rule=name, schedule=key)
            keep_afterwards(database, now, [_incident(rule, error)])


def _incident(rule: Rule, error: Exception) -> Incident:
    said = f"{type(error).__name__}: {error}"[:300]
    reason = (
        error.text
        if isinstance(error, GuijuError)
        else Text(f"计划无法排出：{said}", f"its schedule cannot be planned: {said}")
    )
    failure = RuleFailure(rule.name, rule.title, rule.number, rule.time_event, reason, refuses=False)
    return Incident(rule.applies_to, None, ADMINISTRATOR, failure)


def _scheduled(snapshot: Snapshot) -> Iterator[Rule]:
    for rule in snapshot.rulebook.rules.values():
        if rule.enabled and rule.schedules and rule.applies_to in snapshot.model:
            yield rule


def _plan(
    database: Database, snapshot: Snapshot, rule: Rule, place: int, one: Schedule, before: datetime, at: datetime
) -> None:
    """The timers of one firing, unless those of the one before still wait or somebody else plans it."""
    doctype = snapshot.model[rule.applies_to]
    own = (timer.c.rule == rule.name, timer.c.place == -place)
    with database.write() as connection:
        mine = and_(table.c.rule == rule.name, table.c.key == one.key, table.c.planned_to == before)
        if connection.execute(update(table).where(mine).values(planned_to=at)).rowcount != 1:
            return
        if connection.execute(select(timer.c.id).where(*own, timer.c.state == "pending").limit(1)).first() is not None:
            connection.execute(update(table).where(table.c.rule == rule.name, table.c.key == one.key).values(planned_to=before))
            return
        connection.execute(delete(timer).where(*own))
        names = _names(connection, doctype, rule)
        given = {"doctype": doctype.name, "rule": rule.name, "place": -place, "fire_at": at, "state": "pending"}
        for start in range(0, len(names), PORTION):
            connection.execute(insert(timer), [given | {"name": name} for name in names[start : start + PORTION]])


def _names(connection: Connection, doctype: DocType, rule: Rule) -> list[str]:
    """The records that the rule may concern: what a field must equal is asked at once, the rest is judged record by record."""
    columns = record_table(doctype).c
    asked = select(columns.name).where(columns.docstatus != CANCELLED)
    for item in rule.when if not rule.versions else ():
        if not isinstance(item, Compare) or item.operator != "=" or item.value.kind != "literal":
            continue
        found, value = doctype.by_name.get(item.path), item.value.value
        if found is not None and found.type.kind == "text" and isinstance(value, str) and value:
            asked = asked.where(columns[found.fieldname] == value)
    return list(connection.execute(asked.order_by(columns.name)).scalars())
