"""A record judged again as it was on a day, by the rules then in force: which would have spoken, and why.

The record comes from its history, the rules from the publications since then taken back. What other records say is that of today:
the answer says so (`facts`). Nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from ..access.directory import load_user
from ..access.permissions import Permissions
from ..access.user import ADMINISTRATOR, User
from ..core.errors import NotFound
from ..core.text import Text
from ..core.values import to_json
from ..metadata.model import CANCELLED, DRAFT, SUBMITTED, DocType
from ..rulebook.model import TRANSITION, Rule
from ..rulebook.read import check_shape, read_rule
from ..rulebook.rulebook import Rulebook, Situation
from ..storage import audit
from ..storage.database import Database
from ..storage.system import plan
from .as_of import as_of
from .clauses import clause_texts
from .complete import Completion, Record
from .facts import DatabaseFacts
from .loading import readable
from .save_path import EVENTS
from .simulation.redo import Redo
from .snapshot import Snapshot
from .why import as_seen
from .workflow_runs import run_of


class JudgedThen:
    """Judges records as of an earlier moment, for one reader at a time."""

    def __init__(self, database: Database, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database = database
        self._snapshots = snapshots
        self._zone = zone

    def replay(self, user: User, doctype: str, name: str, at: datetime) -> dict[str, Any]:
        """The trace of the save that made the record what it was at `at`, judged by the rules in force then.

        As `why` gives it, with `at`, `version`, `event`, the messages, and `facts`: of which time other records speak. Raises NotFound where
        the record was not there yet or keeps no history, PermissionRefused.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        with self._database.read() as connection:
            record = readable(connection, snapshot.model, Permissions(snapshot.model), user, found, name)
            entries = audit.history(connection, doctype, name)
            entry = next((one for one in entries if one["at"] <= at and one["action"] in EVENTS), None)
            if entry is None:
                raise NotFound(
                    Text(
                        f"{found.label.zh} {name} 在该时刻没有历史记录。",
                        f"{found.label.en} {name} has no history at that moment.",
                    )
                )
            reads = Redo(snapshot.model, found, lambda: None)
            then, before = (
                reads.read(as_of(snapshot.model, found, record, entries, version))
                for version in (entry["version"], entry["version"] - 1)
            )
            rules = rules_at(connection, snapshot, at)
            book = Rulebook.compile(rules.values(), snapshot.model, "reference")
            then["docstatus"], before["docstatus"] = (
                _state(entries, version) for version in (entry["version"], entry["version"] - 1)
            )
            past = Snapshot(snapshot.model, book, workflows=snapshot.workflows)
            return self._judged(connection, past, user, found, record, then, before, entry, at)

    def _judged(
        self,
        connection: Connection,
        snapshot: Snapshot,
        user: User,
        doctype: DocType,
        record: Record,
        then: Record,
        before: Record,
        entry: dict[str, Any],
        at: datetime,
    ) -> dict[str, Any]:
        facts = DatabaseFacts(connection, snapshot.model)
        known = "User" in snapshot.model or entry["by"] == ADMINISTRATOR
        person = (load_user(connection, entry["by"]) if known else None) or User(entry["by"])
        completion = Completion(snapshot.model, doctype, person, at, self._zone, facts.lookup)
        standing = {key: record.get(key) for key in ("name", "owner", "creation")}
        old = None if entry["version"] <= 1 else before | standing | {"version": entry["version"] - 1}
        judged: Record = then | standing | {"version": entry["version"] - 1}
        outcome, events, move = None, EVENTS[entry["action"]], None
        if old is not None and (move := _way(connection, snapshot, doctype, str(record["name"]), before, then)) is not None:
            events = (*events, TRANSITION)
        for event in events:
            situation = Situation(doctype.name, event, judged, person, at, old, completion.compute, move)
            answer = snapshot.rulebook.evaluate(situation, facts)
            judged = answer.record
            outcome = answer if outcome is None else outcome.followed_by(answer)
        assert outcome is not None
        trace = to_json(outcome.trace.to_json())
        seen = as_seen(snapshot, user, doctype, record, trace)
        hidden = {
            one["rule"] for one in seen["rules"] if one != next(two for two in trace["rules"] if two["rule"] == one["rule"])
        }
        cited = {code for one in seen["rules"] for code in one.get("clauses") or ()}
        return {
            **seen,
            "at": at.isoformat(),
            "version": entry["version"],
            "event": events[-1],
            "facts": "today",
            "messages": [fault.text.to_json() for fault in (*outcome.faults, *outcome.warnings) if fault.rule not in hidden],
            "clauses": {code: text.to_json() for code, text in clause_texts(connection, snapshot.model, cited).items()},
        }


def _way(
    connection: Connection, snapshot: Snapshot, doctype: DocType, name: str, before: Record, then: Record
) -> tuple[str, str, str] | None:
    """The way in the workflow that the save took: action, state left, state entered. The history keeps the states alone."""
    in_force, run = snapshot.workflows.get(doctype.name), run_of(connection, doctype.name, name)
    flow = snapshot.workflows.by_digest.get(run.digest, in_force) if run is not None else in_force
    if flow is None:
        return None
    left, entered = (str(one.get(flow.state_field) or "") for one in (before, then))
    if not left or left == entered:
        return None
    action = next((item.action for item in flow.leaving(left) if item.next_state == entered), "")
    return action, left, entered


def _state(entries: list[dict[str, Any]], version: int) -> int:
    """The docstatus of a record at a version."""
    states = {"submit": SUBMITTED, "cancel": CANCELLED}
    return next((states[one["action"]] for one in entries if one["version"] <= version and one["action"] in states), DRAFT)


def rules_at(connection: Connection, snapshot: Snapshot, at: datetime) -> dict[str, Rule]:
    """The rules in force at a moment: those of today with every publication since then taken back, the newest first."""
    found = dict(snapshot.rulebook.rules)
    asked = select(plan.c.pieces).where(plan.c.at > at, plan.c.version.is_not(None)).order_by(plan.c.version.desc())
    for row in connection.execute(asked):
        for piece in row.pieces or ():
            if piece["kind"] != "Rule":
                continue
            found.pop(piece["name"], None)
            if piece["before"] is not None and not check_shape(piece["before"], ""):
                found[piece["name"]] = read_rule(piece["before"])
    return found
