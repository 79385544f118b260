"""Why a rule spoke, for one reader: what was compared with what, as far as they see the fields and records that the rule reads.

That a rule matched everybody who reads the record may know; the values behind it only who sees them in their place. Without that
the rule is told by its name, and its conditions without what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..core.text import Text
from ..metadata.model import STANDARD_FIELDS, DocField, DocType, Model
from ..rulebook.model import Compare, Condition, Group, Operand, Rows, Rule, walk
from ..rulebook.reads import set_reads, table_reads, when_reads
from .snapshot import Snapshot

Entry = Mapping[str, Any]
HIDDEN = Text(
    "此规则用到您无权查看的内容，所比较的值未显示。", "This rule reads what you may not see; the values compared are not shown."
)
TABLE = Text("决策表", "decision table")
VALUES = ("expected", "expected_text", "actual", "actual_text")


def as_seen(
    snapshot: Snapshot, user: User, doctype: DocType, record: Mapping[str, Any], trace: Mapping[str, Any]
) -> dict[str, Any]:
    """The trace of a save without the values that the reader may not see."""
    reader = _Reader(snapshot.model, user, doctype, Permissions(snapshot.model).sight(user, doctype.name, record))
    rules = [
        reader.of_others(entry)
        if user.is_administrator or reader.sees_all_of(snapshot.rulebook.rules.get(entry["rule"]))
        else _bare(entry)
        for entry in trace.get("rules") or ()
    ]
    return {**trace, "rules": rules}


def sees_all_of(snapshot: Snapshot, user: User, doctype: DocType, record: Mapping[str, Any], rule: Rule) -> bool:
    """Whether the reader sees everything that a rule judges and sets in this record."""
    if user.is_administrator:
        return True
    sight = Permissions(snapshot.model).sight(user, doctype.name, record)
    return _Reader(snapshot.model, user, doctype, sight).sees_all_of(rule)


def _bare(entry: Entry) -> dict[str, Any]:
    kept = {name: value for name, value in entry.items() if name not in ("facts", "set", "before", "changed", "conditions")}
    conditions = [_without_values(condition) for condition in entry.get("conditions") or ()]
    return {**kept, "conditions": conditions, "note": {"zh": HIDDEN.zh, "en": HIDDEN.en}}


def _without_values(condition: Entry) -> dict[str, Any]:
    """What is asked stays, as it stands in the rule; what was found, and whether that sufficed, does not."""
    if any(str(part.get("where") or "").startswith("rows[") for part in condition.get("parts") or ()):
        return {"label": TABLE.to_json(), "holds": None}  # the row that a table came to tells what was found
    kept = {name: value for name, value in condition.items() if name not in (*VALUES, "operator_label", "parts", "note")}
    parts = list(condition.get("parts") or ())
    if any("where" in part for part in parts):  # row by row: how many there are and which came first tells what was found
        parts = list(parts[0].get("parts") or ())
    told = [_without_values(part) for part in parts]
    return {**kept, "holds": None, **({"parts": told} if told else {})}


class _Reader:
    """Whether one reader sees everything that a rule judges and sets."""

    def __init__(self, model: Model, user: User, doctype: DocType, sight: Sight) -> None:
        self._model = model
        self._user = user
        self._doctype = doctype
        self._sight = sight
        self._permissions = Permissions(model)

    def sees_all_of(self, rule: Rule | None) -> bool:
        """A rule that is there no more may have read anything."""
        return rule is not None and all(self._sees_version(version) for version in rule.all_versions)

    def _sees_version(self, rule: Rule) -> bool:
        own = {
            *when_reads(rule),
            *table_reads(rule),
            *set_reads(rule),
            *(path for paths in set_reads(rule).values() for path in paths),
            *((rule.dated_by,) if rule.dated_by else ()),
        }
        others = [fact for fact in rule.facts.values() if fact.of]
        asked_by_row = {item.table for item in walk(rule.when) if isinstance(item, Rows)}  # their columns are read one by one
        return (
            all(self._sees(path, path in asked_by_row) for path in own)
            and all(self._sees_linked("", path) for path in own)
            and all(self._sees_linked(table, path) for table, path in _paths(rule))
            and all(self._sees_everywhere(fact.of or "", fact.field) for fact in others)
        )

    def _sees(self, path: str, is_counted: bool = False) -> bool:
        """Whether the reader sees a field; of a table whose rows are only counted no more than that it has rows."""
        head, _, column = path.partition(".")
        item = self._doctype.by_name.get(head)
        if item is None:
            return head in STANDARD_FIELDS
        if not self._sight.sees_plainly(item):
            return False
        if not item.type.holds_rows or is_counted:
            return True
        child = self._model.child(item)
        columns = [child.by_name[column]] if column in child.by_name else [] if column else child.stored_fields
        return all(self._sight.sees_plainly(one) for one in columns)

    def of_others(self, entry: Entry) -> Entry:
        """An entry with those changes of other records alone that the reader sees."""
        if self._user.is_administrator or "changed" not in entry:
            return entry
        seen = [
            change
            for change in entry["changed"]
            if all(self._sees_everywhere(change["doctype"], name) for name in change["values"])
        ]
        return {**entry, "changed": seen}

    def _sees_linked(self, table: str, path: str) -> bool:
        """A path through a link (`customer.grade`, in rows `item.price`) reads another record."""
        holder = self._doctype
        head, _, rest = path.removeprefix("row.").partition(".")
        if table and head == "parent":
            head, _, rest = rest.partition(".")
        elif table and table in holder.by_name:
            holder = self._model.child(holder.by_name[table])
        item = holder.by_name.get(head)
        if item is None or item.fieldtype != "Link" or not rest:
            return True
        return self._sees_everywhere(item.options or "", rest.partition(".")[0])

    def _sees_everywhere(self, doctype: str, fieldname: str | None) -> bool:
        """Whether the reader sees this field in every record of a DocType: a fact may have come from any of them."""
        found = self._model.get(doctype)
        if (
            found is None
            or self._permissions.scope(self._user, doctype) != "all"
            or self._permissions.confined(self._user, found)
        ):
            return False
        item: DocField | None = found.by_name.get(fieldname or "")
        return item is None or self._permissions.sight(self._user, doctype).sees_plainly(item)


def _paths(rule: Rule) -> Iterator[tuple[str, str]]:
    """The paths that a rule compares, each with the table whose rows it stands in."""
    for table in rule.tables:
        yield from ((table.each.table if table.each else "", column.path) for column in table.inputs)
    yield from _compared(rule.when, "")


def _compared(conditions: Iterable[Condition], table: str) -> Iterator[tuple[str, str]]:
    for item in conditions:
        if isinstance(item, Compare):
            yield table, item.path
            if isinstance(item.value, Operand) and item.value.kind == "path":
                yield table, str(item.value.value)
        elif isinstance(item, Group):
            yield from _compared(item.items, table)
        elif isinstance(item, Rows):
            yield from _compared(item.where, item.table)
