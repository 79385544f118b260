"""What a save would refuse of a record that is still being typed, in the same words; nothing is kept or locked.

It asks the same functions as the save path: values read, mandatory fields, links, rules. What only the write itself finds (a
duplicate, another's change) is told by the save.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, FaultList
from ..expressions import Scope
from ..metadata.model import DocType
from ..rulebook.rulebook import Situation
from ..storage.database import Database
from . import choosing, masking
from .changes import merge
from .complete import Completion, Record, user_scope
from .facts import DatabaseFacts
from .link_checks import name_dangling
from .loading import readable
from .snapshot import Snapshot
from .validate import judge, read_values

Faults = tuple[Fault, ...]


class Rehearsal:
    """Saves that do not happen."""

    def __init__(self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._database, self._clock, self._snapshots, self._zone = database, clock, snapshots, zone

    def save(self, user: User, doctype: str, values: Mapping[str, Any], *, name: str | None = None) -> tuple[Faults, Faults]:
        """The faults and the warnings of saving these `values`. Rules are asked once the values themselves are in order.

        Raises PermissionRefused, NotFound.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        faults, now = FaultList(), self._clock.now()
        with self._database.read() as connection:
            old = readable(connection, snapshot.model, permissions, user, found, name) if name else None
            permissions.require(user, "create" if old is None else "write", doctype, old)
            facts = DatabaseFacts(connection, snapshot.model)
            completion = Completion(snapshot.model, found, user, now, self._zone, facts.lookup)
            sent = masking.without_masks(snapshot.model, found, permissions.sight(user, doctype, old), values)
            read = read_values(snapshot.model, found, sent, faults)
            choosing.leave_out_unchoosable(connection, permissions, user, snapshot.model, found, read, old)
            record = merge(found, old or completion.blank(), read)
            if old is None:
                _start_rows(snapshot, found, completion, record)
            completion.complete(record, old)
            scope = Scope(doc=record, user=user_scope(user), today=completion.today, now=now)
            judge(snapshot.model, found, record, scope, faults)
            name_dangling(connection, snapshot.model, found, record, faults)
            if faults:
                return tuple(faults), ()
            situation = Situation(
                doctype=doctype, event="validate", record=record, old=old, user=user, now=now, recompute=completion.compute
            )
            outcome = snapshot.rulebook.evaluate(situation, facts)
        return outcome.faults, outcome.warnings


def _start_rows(snapshot: Snapshot, doctype: DocType, completion: Completion, record: Record) -> None:
    """Rows of a new record begin with their defaults, as the save has them."""
    for item in doctype.table_fields:
        child = snapshot.model.child(item)
        record[item.fieldname] = [{**completion.blank_row(child), **row} for row in record.get(item.fieldname) or ()]
