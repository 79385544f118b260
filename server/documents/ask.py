"""One question to the read path: which columns, filters and order it may name, and which records it may find."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, or_

from ..access.confine import Confine
from ..access.permissions import Permissions, Scope
from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.text import Text, nearest
from ..metadata.fieldtypes import ValueRefused
from ..metadata.model import STANDARD_FIELDS, DocField
from ..storage.filters import search_condition
from ..storage.order import split_order
from ..storage.tables import record_table
from ..storage.tree import branch_names
from .complete import Record
from .masking import shown_value
from .snapshot import Snapshot
from .tag_filter import FIELD, tagged

Filter = tuple[str, str, Any]


class Ask:
    """One question about one DocType: what this user may see of it, and whether the words of the question exist.

    It finds the records to which the user may do `action`, and `also` (export) where more is done with them than reading.
    """

    def __init__(self, snapshot: Snapshot, user: User, doctype: str, action: str = "read", *, also: Sequence[str] = ()) -> None:
        self.doctype = snapshot.record_type(doctype)
        self._user = user
        self._model = snapshot.model
        permissions = Permissions(snapshot.model)
        self._confined = permissions.confined(user, self.doctype)
        self._reach = [_reach(permissions, user, doctype, needed) for needed in (action, *also)]
        self.sight = permissions.sight(user, doctype)
        seen = [item for item in self.doctype.stored_fields if self.sight.sees(item)]
        if action == "select" and permissions.scope(user, doctype) != "all":
            seen = self._naming(seen)
        self.readable = {*STANDARD_FIELDS, *(item.fieldname for item in seen)}
        self.plain = self.readable - {item.fieldname for item in self.sight.masked_fields(self.doctype)}
        self.plain -= {*self.doctype.secret_fields}  # nobody sees a secret, sealed or not

    def _naming(self, seen: list[DocField]) -> list[DocField]:
        """Who may only choose a record sees what names it, at permlevel 0 or where they see more."""
        names = {self.doctype.title_field, *self.doctype.search_fields}
        return [item for item in self.doctype.stored_fields if item.fieldname in names and (item in seen or not item.permlevel)]

    def shown(self, row: Record) -> Record:
        """A row of the answer as the reader sees it."""
        return {
            name: shown_value(item, value, self.sight) if (item := self.doctype.by_name.get(name)) else value
            for name, value in row.items()
        }

    def condition(self, search: str | None = None) -> ColumnElement[bool] | None:
        """The permission as SQL (every record, or the user's own and those shared with them, within the user permissions), and the words of a search in fields the
        user may read."""
        table = record_table(self.doctype)
        permitted = [self._permitted(table, *reach) for reach in self._reach]
        words = search_condition(self.doctype, search, self.plain) if search else None
        within = [_within(table, confine) for confine in self._confined]
        found = [part for part in (*permitted, words, *within) if part is not None]
        return and_(*found) if found else None

    def _permitted(self, table: Table, scope: Scope, shared: frozenset[str]) -> ColumnElement[bool] | None:
        if scope == "all":
            return None
        named = table.c.name.in_(sorted(shared))
        own = table.c.owner == self._user.name
        return named if scope == "none" else or_(own, named) if shared else own

    @property
    def title_column(self) -> list[str]:
        """The field that titles a record, where the reader may see it."""
        return [name for name in (self.doctype.title_field,) if name and name in self.readable]

    def columns(self, fields: Sequence[str] | None) -> list[str]:
        if fields is None:
            chosen = [item.fieldname for item in self.doctype.list_columns if item.fieldname in self.readable]
            return list(dict.fromkeys(["name", *chosen, *self.title_column, "docstatus", "modified", "owner", "creation"]))
        if list(fields) == ["*"]:
            return sorted(self.readable)
        for name in fields:
            self._known(name)
        return list(dict.fromkeys([*fields, "name"]))

    def order(self, order_by: str | None) -> str:
        """`field asc|desc`, or several joined by commas, each of them a field the user may read."""
        usual = f"{self.doctype.sort_field or 'modified'} {self.doctype.sort_order or 'DESC'}"
        if not order_by and any(_bare(name) not in self.plain for name, _ in split_order(usual)):
            usual = "modified DESC"  # the reader does not see what others have the list sorted by
        pairs = [(_bare(name), direction) for name, direction in split_order(order_by or usual)]
        for name, _ in pairs:
            self.require_plain(name)
        return ", ".join(f"{name} {direction}" for name, direction in pairs)

    def filters(self, filters: Iterable[Filter], *, is_judged: bool = True) -> list[Filter]:
        """Filters with values read by their field types; a field the user may not read cannot be filtered by either, unless it
        is metadata that asks (`is_judged` False)."""
        found: list[Filter] = []
        for name, operator, value in filters:
            if name == FIELD:
                found.append(tagged(self.doctype.name, operator, value))
                continue
            item = self.doctype.by_name.get(name)
            if is_judged and item is not None and item.type.is_secret and operator.strip().lower() in item.type.operators:
                self._known(name)  # whether there is one may be asked
            elif is_judged:
                self.require_plain(name)
            if (branch := self._branch(name, operator, value)) is not None:
                found.append(branch)
            else:
                found.append((name, operator, filter_value(item, operator, value)))
        return found

    def _branch(self, name: str, operator: str, value: Any) -> Filter | None:
        """A filter over a whole branch of a tree, on the record itself or on what it links to."""
        item = self.doctype.by_name.get(name)
        target = (
            self.doctype
            if name == "name"
            else self._model.get(item.options or "")
            if item and item.fieldtype == "Link"
            else None
        )
        asked = branch_names(target, operator, value) if target is not None else None
        return (name, *asked) if asked else None

    def require_plain(self, name: str) -> None:
        """Refuse a question about the value of a field that the reader does not see in full: by many of them one finds it out."""
        self._known(name)
        if name not in self.plain:
            label = self.doctype.by_name[name].label
            raise ValidationFailed(
                Text(
                    f"{self.doctype.label.zh}的“{label.zh}”对您部分隐藏，不能按它筛选、排序或分组。",
                    f'"{label.en}" of {self.doctype.label.en} is shown to you masked; it cannot be filtered, sorted or grouped by.',
                )
            )

    def _known(self, name: str) -> None:
        if name not in self.readable:
            hint = nearest(name, self.readable)
            raise ValidationFailed(
                Text(
                    f"{self.doctype.label.zh}没有您可查看的字段“{name}”。{hint.zh}",
                    f'{self.doctype.label.en} has no field "{name}" that you may read.{hint.en}',
                )
            )


def _reach(permissions: Permissions, user: User, doctype: str, action: str) -> tuple[Scope, frozenset[str]]:
    """The records that a user may do something to by role, and those shared with them beyond. Raises PermissionRefused for none."""
    scope = permissions.scope(user, doctype, action)
    shared = permissions.shared(user, doctype, action) if scope != "all" else frozenset()
    if scope == "none" and not shared:
        permissions.require(user, action, doctype)
    return scope, shared


def _within(table: Table, confine: Confine) -> ColumnElement[bool]:
    """`Confine.admits` as SQL."""
    column = table.c[confine.fieldname]
    free: list[ColumnElement[bool]] = [column.is_(None), column.in_(sorted(confine.allowed))]
    if confine.kind_field:
        kind = table.c[confine.kind_field]
        free += [kind.is_(None), kind != confine.target]
    return or_(*free)


def _bare(name: str) -> str:
    """A field name without the backquotes and the table that Frappe's clients write; the field of a linked record stays whole, and is
    not one of this record."""
    table, _, field = name.replace("`", "").rpartition(".")
    return field if not table or table.startswith("tab") else name


def filter_value(item: DocField | None, operator: str, value: Any) -> Any:
    if item is None or operator in ("is", "like", "not like") or value is None:
        return value
    try:
        if operator in ("in", "not in", "between"):
            parts = value.split(",") if isinstance(value, str) else list(value)
            return [_lenient(item, part) for part in parts]
        return _lenient(item, value)
    except ValueRefused as refused:
        raise ValidationFailed(
            Text(f"筛选条件 {item.label.zh}：{refused.text.zh}。", f"Filter {item.label.en}: {refused.text.en}.")
        ) from None


def _lenient(item: DocField, value: Any) -> Any:
    """A filter may ask for a value that is no option any more."""
    if item.fieldtype == "Select":
        return None if value in (None, "") else str(value)
    return item.type.parse(value, item)
