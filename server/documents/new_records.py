"""Records before their first save: empty, made from another one, copied, or amended. Nothing here writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import FaultList, ValidationFailed
from ..core.text import Text
from ..expressions import Scope
from ..metadata.model import DocType, MapsFrom
from ..storage.database import Database
from . import choosing, life_cycle, masking
from .changes import merge
from .complete import Completion, Record, user_scope
from .copies import copied_values, mapped_values
from .facts import DatabaseFacts
from .snapshot import Snapshot
from .validate import condition_holds, read_values


class NewRecordService:
    """Unsaved records, as a form shows them first. `load` reads a record as its user may see it (`DocumentService.load`)."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        zone: ZoneInfo,
        load: Callable[[User, str, str], Record],
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone
        self._load = load

    def blank(self, user: User, doctype: str, values: Mapping[str, Any] | None = None) -> Record:
        """An unsaved record with defaults, prefilled rows and `values`, completed as a save would, as far as this user may see it.

        Links among `values` that the user may not choose are left out, so that nothing is fetched through them.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        permissions.require(user, "create", doctype)
        with self._database.read() as connection:
            completion = self._completion(snapshot, found, user, DatabaseFacts(connection, snapshot.model))
            faults = FaultList()
            sent = read_values(snapshot.model, found, values or {}, faults)
            choosing.leave_out_unchoosable(connection, permissions, user, snapshot.model, found, sent)
            record = merge(found, completion.blank(), sent)
            if faults:
                raise ValidationFailed(
                    Text(f"不能新建{found.label.zh}：", f"Cannot make a new {found.label.en}:"), tuple(faults)
                )
            completion.complete(record, None)
        return masking.visible_new(snapshot.model, permissions, user, found, record) | {"owner": user.name}

    def blank_rows(self, user: User, doctype: str) -> dict[str, Record]:
        """What a new row of each child table starts with: the defaults of its columns."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        with self._database.read() as connection:
            completion = self._completion(snapshot, found, user, DatabaseFacts(connection, snapshot.model))
            return {item.fieldname: completion.blank_row(snapshot.model.child(item)) for item in found.table_fields}

    def make_from(self, user: User, doctype: str, source_doctype: str, source_name: str) -> Record:
        """An unsaved record made from another as `maps_from` says, with the data carried over."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        source = self._load(user, source_doctype, source_name)
        mapping = next((item for item in found.maps_from if item.doctype == source_doctype), None)
        if mapping is None:
            raise ValidationFailed(
                Text(
                    f"{found.label.zh}不能由{snapshot.doctype(source_doctype).label.zh}生成。",
                    f"{found.label.en} cannot be made from {snapshot.doctype(source_doctype).label.en}.",
                )
            )
        return self.blank(user, doctype, mapped_values(snapshot.doctype(source_doctype), found, mapping, source))

    def sources_for(self, user: User, doctype: str, record: Record) -> list[tuple[DocType, MapsFrom]]:
        """Which records this user may make from this one: the "create from this" buttons."""
        snapshot = self._snapshots()
        permissions = Permissions(snapshot.model)
        scope = Scope(doc=record, user=user_scope(user), now=self._clock.now())
        return [
            (target, mapping)
            for target in snapshot.model
            for mapping in target.maps_from
            if mapping.doctype == doctype
            and permissions.may(user, "create", target.name)
            and condition_holds(mapping.condition, scope, absent=True)
        ]

    def duplicate(self, user: User, doctype: str, name: str) -> Record:
        """An unsaved record with the values of another, without those that are `no_copy`."""
        snapshot = self._snapshots()
        record = self._load(user, doctype, name)
        return self.blank(user, doctype, copied_values(snapshot.record_type(doctype), record))

    def amend(self, user: User, doctype: str, name: str) -> Record:
        """An unsaved draft made from a cancelled record; saved, it is `NAME-1`."""
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        record = self._load(user, doctype, name)
        Permissions(snapshot.model).require(user, "amend", doctype, record)
        life_cycle.refuse_amending(found, record)
        values = copied_values(found, record) | {"amended_from": name}
        return self.blank(user, doctype, values)

    def _completion(self, snapshot: Snapshot, doctype: DocType, user: User, facts: DatabaseFacts) -> Completion:
        return Completion(snapshot.model, doctype, user, self._clock.now(), self._zone, facts.lookup)
