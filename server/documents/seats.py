"""Who is asked by a step of a workflow: roles and people, those left out who may not decide it, and who stands in for nobody."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..access.directory import holders, load_user
from ..access.user import SYSTEM_MANAGER
from ..rulebook.rulebook import Situation
from ..workflow import tables
from ..workflow.model import Approver, Step, Workflow
from . import people

if TYPE_CHECKING:
    from .save_path import SavePath


@dataclass(frozen=True)
class Seat:
    """One voice: a role, of which anybody may decide, or one person."""

    role: str | None = None
    user: str | None = None


class Seats:
    """Finds who is asked about one record."""

    def __init__(self, path: SavePath, workflow: Workflow, record: Mapping[str, Any]) -> None:
        self._path = path
        self._workflow = workflow
        self._record = record
        self._knows_people = "User" in path.model and "Has Role" in path.model

    def of(self, step: Step, excluded: Collection[str]) -> list[Seat]:
        """The voices of a step; its fallback, and at last the System Manager, where nobody is left."""
        for approvers in (step.by, step.fallback):
            found = list(dict.fromkeys(self._voices(approvers, step, excluded)))
            if found:
                return found
        return [Seat(role=SYSTEM_MANAGER)]

    def asks_nobody(self, step: Step) -> bool:
        """Whether a decision table says of this record that the step is not needed; a record that no row fits is another matter."""
        return bool(step.by) and all(one.kind == "table" and self._said(one) is None for one in step.by)

    def people_of(self, seat: Seat) -> list[str]:
        """Everybody who could speak for it."""
        if seat.user:
            return [seat.user]
        return self.holders(seat.role or "")

    def holders(self, role: str) -> list[str]:
        return holders(self._path.connection, role) if self._knows_people else []

    def _voices(self, approvers: Collection[Approver], step: Step, excluded: Collection[str]) -> Iterator[Seat]:
        each = step.needs.kind != "any"  # votes are people's: a role is everybody who holds it
        for approver in approvers:
            for role in self._roles(approver):
                free = [name for name in self.holders(role) if name not in excluded]
                if each:
                    yield from (Seat(user=name) for name in free)
                elif free or not self._knows_people:
                    yield Seat(role=role)
            for value in self._values(approver):
                named = self._people(approver, value, excluded)
                free = [name for name in named if name and name not in excluded]
                yield from (Seat(user=name) for name in free)
                if not free and approver.is_of_rows:  # no row is left out because nobody can speak for it
                    yield from self._in_place(approvers, step, excluded)

    def _in_place(self, approvers: Collection[Approver], step: Step, excluded: Collection[str]) -> Iterator[Seat]:
        found = () if approvers is step.fallback else tuple(self._voices(step.fallback, step, excluded))
        yield from found or (Seat(role=SYSTEM_MANAGER),)

    def _roles(self, approver: Approver) -> tuple[str, ...]:
        if approver.kind == "role":
            return (approver.value,)
        return (self._said(approver) or ()) if approver.kind == "table" else ()

    def _said(self, approver: Approver) -> tuple[str, ...] | None:
        path = self._path
        situation = Situation(
            doctype=path.doctype.name, event="validate", record=dict(self._record), user=path.user, now=path.now
        )
        return tables.decide(self._workflow, path.model, approver.value, situation)

    def _values(self, approver: Approver) -> list[str]:
        """What the approver names in this record: a field has one value, a column one in each row."""
        if approver.is_of_rows:
            table, _, column = approver.value.partition(".")
            return [str(row[column]) for row in self._record.get(table) or () if row.get(column)]
        if approver.kind in ("user_field", "department_head"):
            value = self._record.get(approver.value)
            return [str(value)] if value else []
        return [approver.value]

    def _people(self, approver: Approver, value: str, excluded: Collection[str]) -> list[str]:
        """Those who may read the record: nobody decides about what they cannot see, and the record would wait for them for ever."""
        found = {name: load_user(self._path.connection, name) for name in self._named(approver, value, excluded)}
        doctype, permissions = self._path.doctype.name, self._path.permissions
        return [name for name, user in found.items() if user is None or permissions.may(user, "read", doctype, self._record)]

    def _named(self, approver: Approver, value: str, excluded: Collection[str]) -> list[str]:
        connection, model = self._path.connection, self._path.model
        match approver.kind:
            case "user" | "user_field":
                return people.enabled(connection, model, [value])
            case "department_head":
                return people.heads_of(connection, model, value, excluded)
            case "group":
                return people.members_of(connection, model, value)
        return []
