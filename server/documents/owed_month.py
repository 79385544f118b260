"""`OwedMonth`: what is due in a span of days, one's own or that of the people one answers for.

One sees beside one's own what is owed by the people of the departments that one heads (and those below), and what one is in charge of
(it escalates to a role of one's own); a System Manager sees everybody's. Of all that only what concerns records that one may read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ..access.user import SYSTEM_MANAGER, User
from ..core.clock import Clock
from ..core.errors import PermissionRefused
from ..core.text import Text
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..storage import records
from ..storage.database import Database
from .in_charge import is_in_charge
from .inbox_items import InboxItem, shown_items
from .people import DEPARTMENT, LEADER
from .snapshot import Snapshot

MOST = 1000  # in one span; more than a page can show
CHARGE, PERSON, TEAM = "charge", "person:", "department:"


@dataclass(frozen=True)
class Whose:
    """Somebody whose obligations a reader may look at; `key` stands in the address."""

    key: str
    title: Text


@dataclass(frozen=True)
class Due:
    items: list[tuple[InboxItem, datetime]]  # each with its due time
    is_cut: bool  # whether there is more than is shown


class OwedMonth:
    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots

    def choices(self, user: User) -> list[Whose]:
        """Whose obligations this user may see beside their own."""
        with self._database.read() as connection:
            reach = self._reach(connection, user)
            owners = {item.owed_by_user or "" for item in self._in_charge(connection, user)} - {"", user.name}
            called = self._called(connection, owners | reach.people)
        if not (owners or reach.teams or reach.is_everybody):
            return []
        everything = Text("全公司", "The whole company") if reach.is_everybody else Text("升级到我的", "What escalates to me")
        teams = [Whose(f"{TEAM}{name}", Text(name, name)) for name in sorted(reach.teams)]
        people = sorted((called.get(name, name), name) for name in owners | reach.people - {user.name})
        return [
            Whose(CHARGE, everything), *teams, *(Whose(f"{PERSON}{name}", Text(title, title)) for title, name in people),
        ]  # fmt: skip

    def due(self, user: User, whose: str, start: datetime, end: datetime) -> Due:
        """What is owed and due from `start` to before `end` by `whose` (a key of `choices`; empty: the user).

        Raises PermissionRefused for people whom the user does not answer for.
        """
        with self._database.read() as connection:
            found = self._found(connection, user, whose, start, end)
            shown = shown_items(connection, self._snapshots(), user, found[:MOST], self._clock.now())
        return Due([(item, at) for item in shown if (at := item.obligation.due_at) is not None], len(found) > MOST)

    def _found(self, connection: Connection, user: User, whose: str, start: datetime, end: datetime) -> list[Obligation]:
        book = ObligationBook(connection)
        if not whose:
            return book.due_between(start, end, MOST + 1, by=user.name, roles=user.roles)
        reach = self._reach(connection, user)
        if whose == CHARGE:
            return self._in_charge(connection, user, (start, end))
        if whose.startswith(TEAM) and (team := whose.removeprefix(TEAM)) in reach.teams:
            return book.due_between(start, end, MOST + 1, people=reach.members[team])
        person = whose.removeprefix(PERSON)
        found = book.due_between(start, end, MOST + 1, people=[person]) if whose.startswith(PERSON) else []
        if reach.is_everybody or person in reach.people:
            return found
        if not any(item.owed_by_user == person for item in self._in_charge(connection, user)):
            raise PermissionRefused(
                Text("您不能查看此人或此部门的待办。", "You may not see what this person or department owes.")
            )
        return [item for item in found if is_in_charge(item, user)]

    def _in_charge(self, connection: Connection, user: User, span: tuple[datetime, datetime] | None = None) -> list[Obligation]:
        """What is owed and goes to this user, or would, when it is late; to a System Manager everything does."""
        everything = user.is_administrator or user.has_role(SYSTEM_MANAGER)
        found = ObligationBook(connection).escalating_to(None if everything else user.roles, MOST + 1, span)
        return [item for item in found if is_in_charge(item, user)]

    def _reach(self, connection: Connection, user: User) -> _Reach:
        """The departments that this user heads, those below them, and who is in them."""
        model = self._snapshots().model
        departments, users = model.get(DEPARTMENT), model.get("User")
        everybody = user.is_administrator or user.has_role(SYSTEM_MANAGER)
        if departments is None or users is None or "department" not in users.by_name:
            return _Reach(everybody, {})
        rows = records.heads(connection, departments, None)
        above = departments.parent_link.fieldname if departments.parent_link else ""
        headed = {name for name, row in rows.items() if everybody or row.get(LEADER) == user.name}
        while more := {name for name, row in rows.items() if row.get(above) in headed} - headed:
            headed |= more
        members: dict[str, list[str]] = {name: [] for name in headed}
        if headed:
            for name, row in records.heads(connection, users, None).items():
                if row.get("department") in headed and row.get("enabled"):
                    members[str(row["department"])].append(name)
        return _Reach(everybody, members)

    def _called(self, connection: Connection, names: set[str]) -> dict[str, str]:
        users = self._snapshots().model.get("User")
        if users is None:
            return {}
        return {name: str(row.get("full_name") or name) for name, row in records.heads(connection, users, names).items()}


@dataclass(frozen=True)
class _Reach:
    is_everybody: bool
    members: dict[str, list[str]]

    @property
    def teams(self) -> set[str]:
        return set(self.members)

    @property
    def people(self) -> set[str]:
        return {name for names in self.members.values() for name in names}
