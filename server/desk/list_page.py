"""Everything a list shows, gathered once: columns, filters in words, a page of rows, where it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..core.errors import ValidationFailed
from ..core.text import Text
from ..documents.complete import Record
from ..documents.queries import Count, Page
from ..metadata.model import DocField, DocType
from ..site import Site
from ..storage.tree import OPERATORS as TREE_OPERATORS
from .form_values import shown
from .timeline import STATUS_TEXTS

PAGE_SIZE = 20
OPERATOR_TEXTS: Mapping[str, Text] = {
    "=": Text("等于", "is"), "!=": Text("不等于", "is not"), "like": Text("包含", "contains"), "not like": Text("不包含", "does not contain"),
    ">": Text("大于", "greater than"), ">=": Text("不小于", "at least"), "<": Text("小于", "less than"), "<=": Text("不大于", "at most"),
    "between": Text("介于", "between"), "in": Text("属于", "one of"), "is": Text("是否已填", "is set / not set"),
    "descendants of (inclusive)": Text("在其中或其下", "at or below"), "not descendants of": Text("不在其下", "not below"),
}  # fmt: skip


@dataclass(frozen=True)
class FilterRow:
    fieldname: str
    operator: str
    value: str


class ListPage:
    """One list for one user, as its address describes it: `q` search, `f/o/v` filters, `sort`, `after`."""

    def __init__(self, site: Site, user: User, doctype: str, args: MultiDict[str, str], language: str) -> None:
        self._site = site
        self._user = user
        self._args = args
        self.language = language
        self.doctype: DocType = site.snapshot().doctype(doctype)
        self.q = args.get("q", "").strip()
        self.sort = args.get("sort", "")
        self.filters = [
            FilterRow(name, operator, value)
            for name, operator, value in zip(args.getlist("f"), args.getlist("o"), args.getlist("v"), strict=False)
            if name and (value or operator == "is")
        ]
        self.error: ValidationFailed | None = None

    @cached_property
    def sight(self) -> Sight:
        return Permissions(self._site.snapshot().model).sight(self._user, self.doctype.name)

    @cached_property
    def columns(self) -> list[DocField]:
        return [
            item
            for item in self.doctype.list_columns
            if self.sight.sees(item) and item.fieldname not in (self.doctype.title_field, self._state_field)
        ][:7]

    @property
    def has_titles(self) -> bool:
        """Whether a title stands beside the name: not where the name is made of it."""
        title = self.doctype.title_field
        return bool(title) and self.doctype.autoname != f"field:{title}"

    @property
    def _state_field(self) -> str | None:
        """The field of the workflow state, where that is the coloured mark of a row."""
        flow = self._site.snapshot().workflows.get(self.doctype.name)
        return flow.state_field if flow is not None and not flow.override_status else None

    @cached_property
    def page(self) -> Page:
        """The rows. A filter that cannot be read is told above an empty list."""
        try:
            return self._site.queries.list(
                self._user,
                self.doctype.name,
                **self.asked,
                limit=PAGE_SIZE,
                after=self._args.get("after") or None,
            )
        except ValidationFailed as error:
            self.error = error
            return Page([], None, False)

    @property
    def asked(self) -> dict[str, Any]:
        """What the list asks for, without paging."""
        return {
            "filters": [(row.fieldname, row.operator, self._value(row)) for row in self.filters],
            "search": self.q or None,
            "order_by": self.sort.replace(":", " ") or None,
        }

    def chosen_rows(self, names: list[str] | None, extra: list[str], limit: int) -> list[Record]:
        """The records of these names (None: all that the filters find) with what titles them and the fields `extra`."""
        title = self.doctype.by_name.get(self.doctype.title_field or "")
        filters = [(row.fieldname, row.operator, self._value(row)) for row in self.filters] if names is None else []
        return self._site.queries.list(
            self._user,
            self.doctype.name,
            fields=["name", *([title.fieldname] if title and self.sight.sees(title) else []), *extra],
            filters=filters if names is None else [("name", "in", names)],
            search=(self.q or None) if names is None else None,
            limit=limit,
        ).rows

    @cached_property
    def unseen(self) -> frozenset[str]:
        """The names of the rows that are news to the reader."""
        if not self.doctype.track_seen:
            return frozenset()
        names = [row["name"] for row in self.page.rows]
        fields, filters = ["name", "version"], [("name", "in", names)]
        rows = self._site.queries.list(self._user, self.doctype.name, fields=fields, filters=filters, limit=PAGE_SIZE).rows
        return self._site.seen.unseen(self._user, self.doctype.name, rows)

    @cached_property
    def count(self) -> Count:
        if self.error is not None:
            return Count(0, False)
        filters = [(row.fieldname, row.operator, self._value(row)) for row in self.filters]
        return self._site.queries.count(self._user, self.doctype.name, filters=filters, search=self.q or None)

    def _value(self, row: FilterRow) -> Any:
        if row.operator in ("between", "in"):
            return [part.strip() for part in row.value.replace("\uff0c", ",").split(",")]
        return row.value or ("set" if row.operator == "is" else None)

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """Titles of linked records, one query per linked DocType."""
        found: dict[tuple[str, str], str] = {}
        title = self.doctype.by_name.get(self.doctype.title_field or "")
        shown_fields = [*self.columns, *([title] if title else [])]
        for target in {item.options for item in shown_fields if item.fieldtype == "Link" and item.options}:
            names = {row.get(item.fieldname) for item in shown_fields if item.options == target for row in self.page.rows}
            titles = self._site.queries.titles(self._user, target, [name for name in names if name])
            found |= {(target, name): title for name, title in titles.items()}
        return found

    def cell(self, item: DocField, row: Mapping[str, Any]) -> str:
        return shown(item, row.get(item.fieldname), self._site.zone, self.language, self.titles)

    def title(self, row: Mapping[str, Any]) -> str:
        item = self.doctype.by_name.get(self.doctype.title_field or "")
        return (self.cell(item, row) if item else "") or str(row["name"])

    def pill(self, row: Mapping[str, Any]) -> tuple[str, str] | None:
        """The state of a row and its colour: its own status, else its docstatus where records are submitted."""
        flow = self._site.snapshot().workflows.get(self.doctype.name)
        if flow is not None and not flow.override_status and row.get(flow.state_field):
            value = str(row[flow.state_field])
            color = next((state.color for state in self.doctype.states if state.title == value), "Gray")
            return self.doctype.by_name[flow.state_field].choice_label(value).to(self.language), color.lower().replace(" ", "-")
        own = self.doctype.by_name.get("status")
        if own is not None and row.get("status") and row.get("docstatus") != 2:
            color = next((state.color for state in self.doctype.states if state.title == row["status"]), "Gray")
            return own.choice_label(str(row["status"])).to(self.language), color.lower().replace(" ", "-")
        if self.doctype.is_submittable:
            text, color = STATUS_TEXTS[row.get("docstatus") or 0]
            return text.to(self.language), color.lower()
        return None

    @property
    def has_states(self) -> bool:
        return "status" in self.doctype.by_name or self.doctype.is_submittable or self._state_field is not None

    @property
    def may_choose(self) -> bool:
        """Whether the user may change anything here, so that choosing several makes sense."""
        permissions = Permissions(self._site.snapshot().model)
        return any(permissions.may(self._user, action, self.doctype.name) for action in ("write", "submit", "cancel", "delete"))

    @property
    def may_export(self) -> bool:
        return Permissions(self._site.snapshot().model).may(self._user, "export", self.doctype.name)

    @property
    def may_create(self) -> bool:
        return Permissions(self._site.snapshot().model).may(self._user, "create", self.doctype.name)

    # Filters and addresses

    @property
    def quick_filters(self) -> list[DocField]:
        """Select fields offered as one-click filters."""
        return [item for item in self.filter_fields if item.in_standard_filter and item.fieldtype == "Select"]

    @property
    def filter_fields(self) -> list[DocField]:
        return [
            item
            for item in self.doctype.stored_fields
            if self.sight.sees_plainly(item) and not item.hidden and item.type.operators
        ]

    @property
    def operators(self) -> Mapping[str, Text]:
        """What the filter form offers; over whole branches where a tree is asked or linked to."""
        model = self._site.snapshot().model
        linked = (model.get(item.options or "") for item in self.filter_fields if item.fieldtype == "Link")
        in_tree = self.doctype.parent_link is not None or any(found is not None and found.parent_link for found in linked)
        return OPERATOR_TEXTS if in_tree else {key: text for key, text in OPERATOR_TEXTS.items() if key not in TREE_OPERATORS}

    def chosen(self, fieldname: str) -> str:
        return next((row.value for row in self.filters if row.fieldname == fieldname and row.operator == "="), "")

    def label(self, row: FilterRow) -> str:
        """A filter in words."""
        item = self.doctype.by_name.get(row.fieldname)
        name = item.label.to(self.language) if item else row.fieldname
        value = item.choice_label(row.value).to(self.language) if item and item.fieldtype == "Select" else row.value
        return f"{name} {OPERATOR_TEXTS.get(row.operator, Text(row.operator, row.operator)).to(self.language)} {value}"

    def address(self, *, without: FilterRow | None = None, quick: tuple[str, str] | None = None, **changes: str) -> str:
        """The address of this list with something changed; paging starts anew."""
        kept = [
            row for row in self.filters if row != without and not (quick and row.fieldname == quick[0] and row.operator == "=")
        ]
        if quick and quick[1]:
            kept.append(FilterRow(quick[0], "=", quick[1]))
        pairs = [(key, value) for row in kept for key, value in (("f", row.fieldname), ("o", row.operator), ("v", row.value))]
        for key, value in {"q": self.q, "sort": self.sort, **changes}.items():
            if value:
                pairs.append((key, value))
        return f"?{urlencode(pairs)}"

    def sorted_by(self, fieldname: str) -> str:
        """`asc`, `desc` or nothing."""
        name, _, direction = (self.sort or f"{self.doctype.sort_field}:{self.doctype.sort_order.lower()}").partition(":")
        return (direction or "asc") if name == fieldname else ""

    def sort_address(self, fieldname: str) -> str:
        return self.address(sort=f"{fieldname}:{'desc' if self.sorted_by(fieldname) == 'asc' else 'asc'}")
