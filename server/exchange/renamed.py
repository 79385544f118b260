"""A DocType under another name (`renamed_from`): what else names it follows, its records with all that is kept about them too.

Links, child tables and connections of other DocTypes are rewritten with the publication. Rules and print formats are not: they say
what somebody wrote, and the check names each that must be looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, func, literal, select, update

from ..documents.changes import differences
from ..metadata.fieldtypes import field_types
from ..metadata.model import DOCTYPE, DocType, Model
from ..obligations.model import reference
from ..storage import audit, records, renaming, site_state
from ..storage.plan import Plan
from ..storage.renaming import FOLLOWING
from ..storage.steps import RenameTable
from ..storage.system import list_settings, list_view, made, obligation, series
from ..storage.tables import record_table
from ..storage.verification import is_tracked
from .packs import Source

Key = tuple[str, str]


def with_followers(given: Iterable[Source], in_force: Mapping[Key, Source], removed: set[Key]) -> tuple[list[Source], set[Key]]:
    """The pieces of a publication with those that must follow a renamed DocType, and what goes by it."""
    sources = list(given)
    names = {(source.kind, source.name) for source in sources}
    renamed = {
        old: source.name
        for source in sources
        if source.kind == "DocType"
        and isinstance(old := source.raw.get("renamed_from"), str)
        and ("DocType", old) in in_force
        and ("DocType", source.name) not in in_force
        and ("DocType", old) not in names
    }
    if not renamed:
        return sources, removed
    gone = removed | {("DocType", old) for old in renamed}
    for key, source in in_force.items():
        if key[0] in ("DocType", "Workflow", "Report", "List View") and key not in names and key not in gone:
            raw = _rewritten(source.raw, renamed) if key[0] == "DocType" else _moved(source.raw, renamed)
            if raw != source.raw:
                sources.append(replace(source, raw=raw, follows=True))
    return sources, gone


def _moved(raw: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """The JSON of a workflow, a report or a list view for a DocType that has another name now."""
    found = {key: renamed.get(value, value) if key in ("document_type", "ref_doctype") else value for key, value in raw.items()}
    if isinstance(others := raw.get("beside"), list):
        found["beside"] = [_moved(other, renamed) for other in others]
    return found


def _rewritten(raw: Mapping[str, Any], renamed: Mapping[str, str]) -> dict[str, Any]:
    """A DocType's JSON with the new names wherever it names DocTypes."""
    types = field_types()
    leading = {"Link", *(name for name, kind in types.items() if kind.holds_rows)}

    def row(item: Any, keys: tuple[str, ...]) -> Any:
        return {
            key: renamed.get(value, value) if key in keys and isinstance(value, str) else value for key, value in item.items()
        }

    found = dict(raw)
    found["fields"] = [
        row(item, ("options",)) if isinstance(item, dict) and item.get("fieldtype") in leading else item
        for item in raw.get("fields") or []
    ]
    for part, keys in (("links", ("link_doctype", "parent_doctype")), ("maps_from", ("doctype",))):
        if isinstance(raw.get(part), list):
            found[part] = [row(item, keys) if isinstance(item, dict) else item for item in raw[part]]
    return found


# The records


def carry_over(connection: Connection, plan: Plan, by: str, at: datetime) -> None:
    """What the fixed tables, child rows and dynamic links say about the records of renamed DocTypes, in the publication's transaction."""
    assert plan.model is not None
    for step in plan.steps:
        if isinstance(step, RenameTable):
            _Carried(connection, plan.model, step.before.doctype, plan.model[step.table.doctype], by, at).run()


class _Carried:
    """One DocType's records, from the old name to the new one."""

    def __init__(self, connection: Connection, model: Model, old: str, doctype: DocType, by: str, at: datetime) -> None:
        self._connection = connection
        self._model = model
        self._old = old
        self._new = doctype
        self._by = by
        self._at = at

    def run(self) -> None:
        site_state.note_former_name(self._connection, self._old, self._new.name)
        if self._new.istable:
            return
        for child in self._model:
            if child.istable:
                rows = record_table(child)
                mine = update(rows).where(rows.c.parenttype == self._old)
                self._connection.execute(mine.values(parenttype=self._new.name))
        for fixed in (*FOLLOWING, list_view, list_settings):
            self._connection.execute(update(fixed).where(fixed.c.doctype == self._old).values(doctype=self._new.name))
        as_made = update(made).where(made.c.made_doctype == self._old)
        self._connection.execute(as_made.values(made_doctype=self._new.name))
        self._met_by()
        counted = update(series).where(series.c.prefix == f"{self._old} #")
        self._connection.execute(counted.values(prefix=f"{self._new.name} #"))
        if self._new.issingle:
            renaming.move(self._connection, self._model, self._new, self._old, self._new.name)
        self._chains()
        for owner in self._model:
            self._lead(owner)

    def _met_by(self) -> None:
        before, after = reference(self._old, ""), reference(self._new.name, "")
        met = func.substr(obligation.c.met_by, 1, len(before)) == before
        rest = func.substr(obligation.c.met_by, len(before) + 1)
        self._connection.execute(update(obligation).where(met).values(met_by=literal(after, Text()) + rest))

    def _chains(self) -> None:
        if is_tracked(self._new):
            for names in self._names(self._new):
                found = records.load_many(self._connection, self._model, self._new, names)
                audit.follow_doctype(self._connection, self._model, self._old, self._new, found.values(), self._by, self._at)

    def _names(self, doctype: DocType) -> Iterator[list[str]]:
        column = record_table(doctype).c.name
        yield from renaming.portions(list(self._connection.execute(select(column).order_by(column)).scalars()))

    def _lead(self, owner: DocType) -> None:
        """Fields that hold the name of a DocType, as dynamic links need one; each record concerned gets a version that says so."""
        fields = sorted(_naming_fields(owner))
        if not fields:
            return
        table = record_table(owner)
        held: dict[str, dict[str, None]] = {}
        for fieldname in fields:
            column = table.c[fieldname]
            if owner.istable:
                for row in self._connection.execute(select(table.c.parenttype, table.c.parent).where(column == self._old)):
                    held.setdefault(row.parenttype, {})[row.parent] = None
            else:
                names = self._connection.execute(select(table.c.name).where(column == self._old)).scalars()
                held.setdefault(owner.name, {}).update(dict.fromkeys(names))
        before = {
            kind: records.load_many(self._connection, self._model, self._model[kind], names)
            for kind, names in held.items()
            if kind in self._model
        }
        for fieldname in fields:
            column = table.c[fieldname]
            self._connection.execute(update(table).where(column == self._old).values({fieldname: self._new.name}))
        for kind, found in before.items():
            self._tell(self._model[kind], found)

    def _tell(self, doctype: DocType, before: Mapping[str, records.Record]) -> None:
        for names in renaming.portions(list(before)):
            renaming.touch(self._connection, doctype, names, self._by, self._at)
            for name, after in records.load_many(self._connection, self._model, doctype, names).items():
                if is_tracked(doctype):
                    audit.append_version(
                        self._connection, doctype=doctype.name, name=name, version=after["version"], action=audit.RENAMED,
                        by=self._by, at=self._at, changes=differences(self._model, doctype, before[name], after),
                        content_hash=audit.content_hash(after, self._model, doctype),
                    )  # fmt: skip


def _naming_fields(doctype: DocType) -> set[str]:
    found = {item.options or "" for item in doctype.fields if item.fieldtype == "Dynamic Link"}
    found |= {item.fieldname for item in doctype.fields if item.fieldtype == "Link" and item.options == DOCTYPE}
    return {name for name in found if name in doctype.by_name and doctype.by_name[name].type.kind == "text"}
