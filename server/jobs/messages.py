"""Messages that leave the product: one row each, waiting or sent, with what was asked and answered. Queue and log at once.

A message waits while an earlier one about the same record to the same target is on its way (`stream`), so that their order
stays. Messages of one digest (`bundle`) are taken together. At least once: a worker killed between sending and noting it sends
again, under the same key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, exists, func, inspect, or_, select, update
from sqlalchemy import delete as sql_delete

from ..core.errors import NotFound
from ..core.ids import digest
from ..core.text import Text
from ..storage.system import message as table
from ..storage.upserts import upsert_given
from . import leases
from .channels import Outcome
from .leases import MAX_ATTEMPTS

State = Literal["pending", "claimed", "done", "dead"]
STATE_TEXTS: Mapping[str, Text] = {
    "pending": Text("等待发送", "waiting"),
    "claimed": Text("发送中", "being sent"),
    "done": Text("已发送", "sent"),
    "dead": Text("已放弃", "given up"),
}
LEASE = timedelta(minutes=3)  # longer than any channel's dialogue can take


@dataclass(frozen=True, slots=True)
class Letter:
    """A message before it is written down. `target` is the channel's record; `bundle` is set for a digest."""

    key: str
    channel: str
    target: str
    payload: Mapping[str, Any]
    due_at: datetime
    kind: str = ""
    user: str = ""
    address: str = ""
    doctype: str | None = None
    name: str | None = None
    bundle: str = ""
    is_held: bool = False  # waits for a time, so later messages about the record need not wait for it


@dataclass(frozen=True, slots=True)
class Claimed:
    """One dialogue as its courier holds it: a single message, or all of one digest."""

    ids: tuple[int, ...]
    attempts: tuple[int, ...]
    target: str
    address: str
    bundle: str
    key: str
    payloads: tuple[Mapping[str, Any], ...] = field(default=())


def write(connection: Connection, letter: Letter, now: datetime) -> None:
    """Put a message into the queue of this transaction; one with a key that was used before is left out."""
    about = (letter.channel, letter.target, letter.address, letter.doctype or "", letter.name or "")
    stream = None if letter.is_held else digest("\n".join(about))[:40]
    values = {
        "key": letter.key, "channel": letter.channel, "target": letter.target, "stream": stream, "bundle": letter.bundle or None,
        "kind": letter.kind, "user": letter.user, "address": letter.address, "doctype": letter.doctype, "name": letter.name,
        "payload": dict(letter.payload), "created_at": now, "due_at": letter.due_at, "state": "pending", "attempts": 0,
    }  # fmt: skip
    connection.execute(upsert_given(connection, table, ["key"]), values)


def give_up(connection: Connection, letter: Letter, now: datetime, error: Text) -> None:
    """Keep in the log what cannot be sent at all."""
    write(connection, letter, now)
    given_up = {"state": "dead", "error": error.to_json(), "done_at": now}
    connection.execute(update(table).where(table.c.key == letter.key, table.c.state == "pending").values(given_up))


def next_due(connection: Connection, channel: str, now: datetime, away: Sequence[str] = ()) -> int | None:
    """The message to send next: due, the first of its stream, to a target that is not away. Asked in a read transaction."""
    return connection.execute(_ready(channel, now, away)).scalar()


def claim(connection: Connection, channel: str, worker: str, now: datetime, away: Sequence[str] = ()) -> Claimed | None:
    """Lease the next message, or the whole digest that it belongs to; None when nothing is due."""
    found = connection.execute(_ready(channel, now, away).with_for_update(skip_locked=True)).scalar()
    if found is None:
        return None
    bundle = select(table.c.bundle).where(table.c.id == found).scalar_subquery()
    mine = or_(table.c.id == found, and_(table.c.bundle == bundle, leases.due(table, now)))
    columns = (table.c.id, table.c.attempts, table.c.target, table.c.address, table.c.bundle, table.c.key, table.c.payload)
    rows = connection.execute(select(*columns).where(mine).order_by(table.c.id)).all()
    leases.take(connection, table, [row.id for row in rows], worker, now + LEASE)
    first = rows[0]
    return Claimed(
        tuple(row.id for row in rows), tuple(row.attempts + 1 for row in rows), first.target, first.address, first.bundle or "",
        first.bundle or first.key, tuple(row.payload for row in rows),
    )  # fmt: skip


def _ready(channel: str, now: datetime, away: Sequence[str]) -> Any:
    before = table.alias("before")
    blocked = exists().where(
        before.c.stream == table.c.stream, before.c.id < table.c.id, before.c.state.in_(("pending", "claimed"))
    )
    asked = select(table.c.id).where(table.c.channel == channel, leases.due(table, now), ~blocked)
    if away:
        asked = asked.where(table.c.target.not_in(list(away)))
    return asked.order_by(table.c.due_at, table.c.id).limit(1)


def settle(connection: Connection, claimed: Claimed, worker: str, now: datetime, outcome: Outcome) -> State:
    """Note what became of it: sent, to be tried again after a pause, or given up. What somebody else holds now stays theirs."""
    attempt = max(claimed.attempts)
    state: State = {"sent": "done", "again": "pending", "refused": "dead"}[outcome.result]  # type: ignore[assignment]
    if state == "pending" and attempt >= MAX_ATTEMPTS:
        state = "dead"
    pause = max(outcome.pause or timedelta(0), leases.pause_after(attempt))
    values: dict[str, Any] = {
        "state": state, "request": outcome.request, "answer": outcome.answer, "error": outcome.error.to_json() or None,
        "due_at": now + pause if state == "pending" else table.c.due_at, "done_at": None if state == "pending" else now,
    }  # fmt: skip
    for row_id, tried in zip(claimed.ids, claimed.attempts, strict=True):
        connection.execute(update(table).where(leases.held(table, row_id, worker, tried)).values(values | leases.FREE))
    return state


# For people


@dataclass(frozen=True, slots=True)
class Asked:
    """Which messages of the log are wanted; empty means any. `before` is the id of the last one seen."""

    state: str = ""
    channel: str = ""
    target: str = ""
    kind: str = ""
    user: str = ""
    doctype: str = ""
    name: str = ""
    before: int | None = None


def log(connection: Connection, asked: Asked, limit: int = 50) -> list[dict[str, Any]]:
    """The messages that fit, the newest first, without their content."""
    columns = [column for column in table.c if column.name not in ("payload", "request", "answer")]
    wanted: list[ColumnElement[bool]] = [
        table.c[name] == value
        for name in ("state", "channel", "target", "kind", "user", "doctype", "name")
        if (value := getattr(asked, name))
    ]
    if asked.before is not None:
        wanted.append(table.c.id < asked.before)
    rows = connection.execute(select(*columns).where(*wanted).order_by(table.c.id.desc()).limit(limit)).mappings()
    return [dict(row) for row in rows]


def one(connection: Connection, message_id: int) -> dict[str, Any]:
    """One message with everything that was asked and answered. Raises NotFound."""
    row = connection.execute(select(table).where(table.c.id == message_id)).mappings().first()
    if row is None:
        raise NotFound(Text(f"没有消息 {message_id}。", f"There is no message {message_id}."))
    return dict(row)


def send_again(connection: Connection, message_id: int, now: datetime) -> None:
    """Queue a message that was sent or given up once more. Raises NotFound when it is on its way already."""
    again = {"state": "pending", "attempts": 0, "due_at": now, "error": None, "done_at": None, "bundle": None}
    ended = table.c.state.in_(("done", "dead"))
    if not connection.execute(update(table).where(table.c.id == message_id, ended).values(again)).rowcount:
        raise NotFound(Text(f"消息 {message_id} 正在等待发送。", f"The message {message_id} is waiting to be sent already."))


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many messages there are by channel and state."""
    asked = select(table.c.channel, table.c.state, func.count()).group_by(table.c.channel, table.c.state)
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(asked)}


def is_kept(connection: Connection) -> bool:
    """Whether the database has the table at all; one that no start of this version has seen yet has none."""
    return inspect(connection).has_table(table.name)


def overdue(connection: Connection, before: datetime) -> dict[str, int]:
    """How many messages of each channel were due before that time and still wait."""
    waiting = table.c.state.in_(("pending", "claimed"))
    asked = select(table.c.channel, func.count()).where(waiting, table.c.due_at < before).group_by(table.c.channel)
    return {row[0]: int(row[1]) for row in connection.execute(asked)}


def purge(connection: Connection, before: datetime) -> int:
    """Remove what was sent before that time; what was given up stays until somebody has looked."""
    return int(connection.execute(sql_delete(table).where(table.c.state == "done", table.c.done_at < before)).rowcount)
