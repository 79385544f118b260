"""Step 2 of the save path: defaults, prefilled rows, values fetched through links, formulas.

Works on plain records; what other records hold comes through `Lookup`, one call per linked DocType, never one per row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from ..access.user import ADMINISTRATOR, User
from ..core.ids import new_id
from ..core.text import Text, in_row
from ..expressions import ExpressionRefused, Scope, parse
from ..metadata.fieldtypes import ValueRefused
from ..metadata.formulas import Misfit, compute
from ..metadata.model import DRAFT, DocField, DocType, Model

Record = dict[str, Any]
# (DocType, names, fieldnames) -> {name: {fieldname: value}} for those that exist
Lookup = Callable[[str, frozenset[str], frozenset[str]], Mapping[str, Mapping[str, Any]]]


def user_scope(user: User) -> dict[str, Any]:
    """What expressions may know about the user."""
    return {
        "name": user.name,
        "full_name": user.full_name,
        "roles": sorted(user.roles),
        "department": user.department,
    }


class Completion:
    """Completes records of one DocType for one user at one moment."""

    def __init__(self, model: Model, doctype: DocType, user: User, now: datetime, zone: ZoneInfo, lookup: Lookup) -> None:
        self.model = model
        self.doctype = doctype
        self.now = now
        self.today = now.astimezone(zone).date()
        self._user = user_scope(user)
        self._chosen = user.defaults
        self._lookup = lookup
        self.blanks: dict[str, Record] = {}  # by DocType, of this user and moment; a batch keeps them for all of its changes
        self._unfetched: list[Misfit] = []
        self._uncomputed: list[Misfit] = []

    @property
    def misfits(self) -> list[Misfit]:
        """What the last completion fetched or computed and no field could hold; the fields are empty meanwhile."""
        return self._unfetched + self._uncomputed

    def blank(self) -> Record:
        """A new record: defaults and prefilled rows, nothing fetched or computed yet."""
        known = self.blanks.get(self.doctype.name)
        if known is None:
            known = self.blanks[self.doctype.name] = self._made_blank()
        return {name: [*map(dict, value)] if type(value) is list else value for name, value in known.items()}

    def _made_blank(self) -> Record:
        record: Record = {"docstatus": DRAFT}
        for item in self.doctype.data_fields:
            if item.type.holds_rows:
                child = self.model.child(item)
                record[item.fieldname] = [self.blank_row(child, row) for row in item.prefill]
            elif item.default is None and item.fieldtype != "Link":
                record[item.fieldname] = item.type.empty
            else:
                record[item.fieldname] = self._usual(item) or self.default(item)
        return record

    def _usual(self, item: DocField) -> str | None:
        """What a user permission says that a link of this user's new records leads to."""
        is_bound = item.fieldtype == "Link" and not item.ignore_user_permissions and item.default is None
        return self._chosen.get(item.options or "") if is_bound else None

    def blank_row(self, child: DocType, given: Mapping[str, Any] | None = None) -> Record:
        """A new child row with defaults, and `given` values read by their field types."""
        row: Record = {item.fieldname: self.default(item) for item in child.data_fields}
        for name, value in (given or {}).items():
            if item := child.by_name.get(name):
                row[name] = item.type.parse(value, item)
        return row

    def default(self, item: DocField) -> Any:
        """The default of a field: a literal, or `Today`, `Now`, `__user`, or an expression after `eval:`."""
        text = item.default
        if text is None and not item.type.holds_rows:
            return item.type.empty
        if text is None or text.startswith(":"):  # Frappe's ":Company" asks defaults that are not here
            return item.type.parse(None, item)  # 0 for Check, nothing for the others
        if text in ("Today", "today") and item.fieldtype in ("Date", "Datetime"):
            return self.today if item.fieldtype == "Date" else self.now
        if text in ("Now", "now"):
            value: Any = self.now
        elif text in ("__user", "user"):
            if item.fieldtype == "Link" and self._user["name"] == ADMINISTRATOR:
                return None  # no record of User: it is the program's own
            value = self._user["name"]
        elif text.startswith("eval:"):
            try:
                value = parse(text).evaluate(Scope(doc={}, user=self._user, today=self.today, now=self.now))
            except ExpressionRefused:
                return None
        else:
            value = text
        try:
            return item.type.parse(value, item)
        except ValueRefused:
            return None

    def complete(self, record: Record, old: Record | None) -> None:
        """Fill in what follows from other values: row numbers, fetched values, formulas."""
        for item in self.doctype.table_fields:
            for index, row in enumerate(record.get(item.fieldname) or (), start=1):
                row["idx"] = index
                row.setdefault("name", None)
                row["name"] = row["name"] or new_id()
        self._fetch(record, old)
        self.compute(record)

    def compute(self, record: Record) -> None:
        """Formulas alone; also called after a rule has set a field."""
        self._uncomputed = compute(self.model, self.doctype, record, self._user, self.now, self.today)

    def _fetch(self, record: Record, old: Record | None) -> None:
        self._unfetched = []
        self._fetch_into([record], [old], self.doctype, None)
        for item in self.doctype.table_fields:
            before = {row["name"]: row for row in (old or {}).get(item.fieldname) or ()}
            rows = record.get(item.fieldname) or []
            self._fetch_into(rows, [before.get(row["name"]) for row in rows], self.model.child(item), item)

    def _fetch_into(self, rows: list[Record], olds: list[Record | None], doctype: DocType, table: DocField | None) -> None:
        """`fetch_from` of every row, link after link, so that a fetched link can itself be followed."""
        for link, targets, columns in _followed(doctype) if rows else ():
            names = frozenset(row[link.fieldname] for row in rows if row.get(link.fieldname))
            found = self._lookup(link.options or "", names, columns) if names else {}
            for index, (row, old) in enumerate(zip(rows, olds, strict=True)):
                for item in targets:
                    if refused := self._take(row, old, item, link, found):
                        self._unfetched.append(_unfetched(item, link, refused, table, index))

    def _take(
        self, row: Record, old: Record | None, item: DocField, link: DocField, found: Mapping[str, Mapping[str, Any]]
    ) -> ValueRefused | None:
        """One fetched value. It is taken when the link is new or changed; afterwards the record keeps what it took.

        The answer is why the field cannot hold it, if so.
        """
        linked = row.get(link.fieldname)
        if old is not None and old.get(link.fieldname) == linked and (item.read_only or row.get(item.fieldname) is not None):
            if item.read_only:
                row[item.fieldname] = old.get(item.fieldname)
            return None
        typed = row.get(item.fieldname)
        empty = typed is None or (item.fieldtype == "Check" and not typed)
        if not empty and (item.fetch_if_empty or not item.read_only):
            return None  # what the person typed stays
        value = found.get(linked, {}).get((item.fetch_from or "").partition(".")[2]) if linked else None
        try:
            row[item.fieldname] = item.type.parse(value, item)
        except ValueRefused as refused:
            row[item.fieldname] = None
            return refused
        return None


def _unfetched(item: DocField, link: DocField, refused: ValueRefused, table: DocField | None, index: int) -> Misfit:
    """Says which field could not take over the value of the linked record, and why."""
    text = Text(
        f"{item.label.zh}：由{link.label.zh}带出的值无法保存（{refused.text.zh}）。请检查所选的{link.label.zh}。",
        f"{item.label.en}: the value taken over from {link.label.en} cannot be kept ({refused.text.en}). "
        f"Check the chosen {link.label.en}.",
    )
    if table is None:
        return Misfit(item.fieldname, text)
    return Misfit(f"{table.fieldname}[{index}].{item.fieldname}", in_row(table.label, index, text))


@lru_cache(maxsize=512)
def _followed(doctype: DocType) -> tuple[tuple[DocField, tuple[DocField, ...], frozenset[str]], ...]:
    """The links that others fetch through in the order in which they are followed, with those fields and what they read."""
    found = []
    for link in _links_in_order(doctype):
        targets = tuple(item for item in doctype.fields if (item.fetch_from or "").startswith(link.fieldname + "."))
        columns = frozenset((item.fetch_from or "").partition(".")[2] for item in targets)
        found.append((link, targets, columns))
    return tuple(found)


def _links_in_order(doctype: DocType) -> list[DocField]:
    """Link fields that others fetch through; a link that is itself fetched comes after the one it is fetched through."""
    links = [
        item
        for item in doctype.fields
        if item.fieldtype == "Link"
        and any((other.fetch_from or "").startswith(item.fieldname + ".") for other in doctype.fields)
    ]
    ordered: list[DocField] = []
    waiting = list(links)
    while waiting:
        ready = [
            item
            for item in waiting
            if not any((item.fetch_from or "").startswith(f"{other.fieldname}.") for other in waiting if other is not item)
        ]
        ordered += ready or waiting
        waiting = [item for item in waiting if item not in ordered]
    return ordered
