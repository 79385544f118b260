"""The table of obligations: open, look up, settle, find what is due. Works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    insert,
    or_,
    select,
    type_coerce,
    update,
)

from ..calendars.deadline import Deadline
from ..core.errors import NotFound
from ..core.text import Text
from ..storage.system import obligation as table
from ..storage.types import dump_json
from .model import OWED, SETTLED, Obligation

_COLUMNS = [table.c[item.name] for item in fields(Obligation)]
_NEWEST_FIRST = (table.c.opened_at.desc(), table.c.id.desc())

# Made once: every save runs them.
_MINE = (table.c.doctype == bindparam("the_doctype"), table.c.name == bindparam("the_name"))
_OF_RECORD = select(*_COLUMNS).where(*_MINE).order_by(*_NEWEST_FIRST)
_OF_RULE = select(*_COLUMNS).where(*_MINE, table.c.rule == bindparam("the_rule")).order_by(*_NEWEST_FIRST)
_OPEN = insert(table)
_SETTLE = update(table).where(table.c.id == bindparam("the_id"))


class ObligationBook:
    """Obligations as seen and changed within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def open(self, item: Obligation) -> None:
        self.connection.execute(_OPEN, _to_row(item))

    def get(self, obligation_id: str) -> Obligation:
        """One obligation; NotFound when there is none of that id."""
        found = next(self._read(table.c.id == obligation_id), None)
        if found is None:
            raise NotFound(Text(f"没有待办 {obligation_id}。", f"There is no obligation {obligation_id}."))
        return found

    def those(self, ids: Sequence[str]) -> list[Obligation]:
        """The obligations of these ids, in their order."""
        found = {item.id: item for item in self._read(table.c.id.in_(ids))} if ids else {}
        return [found[one] for one in ids if one in found]

    def of_record(self, doctype: str, name: str, rule: str | None = None) -> list[Obligation]:
        """All obligations about a record, the newest first."""
        about = {"the_doctype": doctype, "the_name": name}
        if rule is None:
            return list(self._found(_OF_RECORD, about))
        return list(self._found(_OF_RULE, about | {"the_rule": rule}))

    def settle(self, obligation_id: str, **changes: Any) -> None:
        """Change an obligation (state, decision, decided_by, decided_at, comment, void_reason)."""
        row = {key: _plain(value) for key, value in changes.items()}
        self.connection.execute(_SETTLE, {"the_id": obligation_id, **row})

    def meet(self, items: Iterable[Obligation], by: str, at: datetime, record: str | None = None) -> int:
        """Mark those still owed as met by what just happened to `record`; returns how many."""
        owed = [item.id for item in items if item.is_owed]
        for obligation_id in owed:
            self.settle(obligation_id, state="met", decided_by=by, decided_at=at, met_by=record)
        return len(owed)

    def owe_again(self, record: str) -> None:
        """What this record had met is owed again: it was cancelled or deleted."""
        change = update(table).where(table.c.met_by == record, table.c.state == "met")
        self.connection.execute(change.values(state="open", decided_by=None, decided_at=None, met_by=None))

    def met_by_renamed(self, before: str, after: str) -> None:
        """The record that met obligations has another name now (see `reference`)."""
        self.connection.execute(update(table).where(table.c.met_by == before).values(met_by=after))

    def void(self, items: Iterable[Obligation], reason: Text, at: datetime) -> int:
        """Mark those still owed as no longer needed, with the reason; returns how many."""
        owed = [item.id for item in items if item.is_owed]
        for obligation_id in owed:
            self.settle(obligation_id, state="void", void_reason=reason, decided_at=at)
        return len(owed)

    def inbox(self, user_name: str, roles: frozenset[str], *, settled: bool = False, limit: int = 100) -> list[Obligation]:
        """What this person owes, the most urgent first; with `settled` what they decided, the latest first."""
        if settled:
            mine = and_(table.c.decided_by == user_name, table.c.state.in_(SETTLED))
            return list(self._read(mine, order=(table.c.decided_at.desc(), table.c.id), limit=limit))
        order = (table.c.due_at.is_(None), table.c.due_at, table.c.opened_at, table.c.id)
        return list(self._read(_owed_by(user_name, roles), order=order, limit=limit))

    def asked_by(self, user_name: str, limit: int) -> list[Obligation]:
        """What others owe because of what this person saved, the most urgent first: that for which they wait."""
        by_others = and_(
            table.c.opened_by == user_name,
            table.c.state.in_(OWED),
            or_(table.c.owed_by_user.is_(None), table.c.owed_by_user != user_name),
        )
        order = (table.c.due_at.is_(None), table.c.due_at, table.c.opened_at, table.c.id)
        return list(self._read(by_others, order=order, limit=limit))

    def owed_about(self, user_name: str, roles: frozenset[str], limit: int) -> list[tuple[str, str]]:
        """The records (DocType, name) about which this person owes something, once for each obligation."""
        asked = self.connection.execute(_about(roles), {"the_user": user_name, "the_most": limit})
        return [(row.doctype, row.name) for row in asked]

    def due_between(
        self,
        start: datetime,
        end: datetime,
        limit: int,
        *,
        by: str = "",
        roles: frozenset[str] = frozenset(),
        people: Sequence[str] = (),
    ) -> list[Obligation]:
        """What is owed and due from `start` to before `end`: by one person and their roles, or by several people by name."""
        whose = _owed_by(by, roles) if by else and_(table.c.state.in_(OWED), table.c.owed_by_user.in_(sorted(people)))
        in_time = (table.c.due_at >= start, table.c.due_at < end)
        return list(self._read(whose, *in_time, order=(table.c.due_at, table.c.id), limit=limit))

    def escalating_to(
        self, roles: frozenset[str] | None, limit: int, span: tuple[datetime, datetime] | None = None
    ) -> list[Obligation]:
        """What is owed and may go to one of the roles when it is late, in time order; without roles everything."""
        conditions: list[ColumnElement[bool]] = [table.c.state.in_(OWED), table.c.kind == "obligation"]
        if roles is not None:
            steps = type_coerce(table.c.deadline, String)
            named = (steps.contains(dump_json(role), autoescape=True) for role in sorted(roles))
            conditions.append(or_(table.c.escalate_to.in_(sorted(roles)), *named))
        if span is not None:
            conditions += [table.c.due_at >= span[0], table.c.due_at < span[1]]
        return list(self._read(*conditions, order=(table.c.due_at, table.c.id), limit=limit))

    def _read(
        self, *conditions: ColumnElement[bool], order: Iterable[Any] = (), limit: int | None = None
    ) -> Iterator[Obligation]:
        query = select(*_COLUMNS).where(*conditions).order_by(*(order or _NEWEST_FIRST))
        yield from self._found(query.limit(limit) if limit else query)

    def _found(self, query: Select[Any], values: Mapping[str, Any] | None = None) -> Iterator[Obligation]:
        for row in self.connection.execute(query, values).mappings():
            yield _from_row(dict(row))


@lru_cache(maxsize=256)
def _about(roles: frozenset[str]) -> Select[Any]:
    """Every page asks it for its reader: kept for each set of roles."""
    mine = _owed_by(bindparam("the_user"), roles)
    return select(table.c.doctype, table.c.name).where(mine).limit(bindparam("the_most", type_=Integer()))


def _owed_by(user_name: str | BindParameter[str], roles: frozenset[str]) -> ColumnElement[bool]:
    asked = or_(
        table.c.owed_by_user == user_name,
        table.c.owed_by_role.in_(sorted(roles)),
        and_(table.c.state == "escalated", or_(table.c.escalate_to.in_(sorted(roles)), *_told_before(roles))),
    )
    return and_(table.c.state.in_(OWED), asked)


def _told_before(roles: frozenset[str]) -> Iterator[ColumnElement[bool]]:
    """Roles of earlier steps of the escalation, which go on seeing it; few obligations are escalated at a time."""
    kept = type_coerce(table.c.escalated_to, String)
    return (kept.contains(dump_json(role), autoescape=True) for role in sorted(roles))


def _plain(value: Any) -> Any:
    if isinstance(value, Text):
        return {"zh": value.zh, "en": value.en}
    if isinstance(value, Deadline):
        return value.to_json()
    if isinstance(value, tuple | list):
        return [item.isoformat() if isinstance(item, datetime) else item for item in value]
    return int(value) if isinstance(value, bool) else value


def _to_row(item: Obligation) -> dict[str, Any]:
    row = {part.name: _plain(getattr(item, part.name)) for part in fields(Obligation)}
    return row | {
        "clauses": list(item.clauses),
        "content": dict(item.content),
        "terms": dict(item.terms),
        "allow_self": int(item.allow_self),
    }


def _from_row(values: dict[str, Any]) -> Obligation:
    values["title"] = Text.of(values["title"])
    values["clauses"] = tuple(values["clauses"] or ())
    values["content"] = values["content"] or {}
    values["terms"] = values["terms"] or {}
    values["allow_self"] = bool(values["allow_self"])
    values["deadline"] = Deadline.of(values["deadline"])
    values["is_estimated"] = bool(values["is_estimated"])
    values["level"] = values["level"] or 0
    values["escalated_to"] = tuple(values["escalated_to"] or ())
    values["escalation_times"] = tuple(datetime.fromisoformat(item) for item in values["escalation_times"] or ())
    values["void_reason"] = Text.of(values["void_reason"]) if values["void_reason"] else None
    return Obligation(**values)
