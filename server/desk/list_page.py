"""Everything a list shows, gathered once: columns, filters in words, a page of rows, where it goes on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..core.errors import NotFound, ValidationFailed
from ..core.text import Text
from ..documents.bulk import changeable
from ..documents.complete import Record
from ..documents.list_views import ListSettings, ListView
from ..documents.queries import Count, Page
from ..documents.tag_book import Tag
from ..documents.tag_filter import FIELD as TAGS
from ..metadata.model import DocField, DocType
from ..site import Site
from .board import Board
from .empty_state import EmptyState, entering_roles, no_records, nothing_matches
from .form_values import shown
from .list_calendar import Calendar
from .list_columns import STANDARD, Column, Columns
from .list_filters import Filters, fixed_choices
from .list_groups import UNITS, Groups
from .list_state import FilterRow, ListState
from .presenting import role_titles
from .timeline import STATUS_TEXTS

PAGE_SIZE = 20
SORT_ROWS = 3


class ListPage:
    """One list for one user, as its address (`list_state`) describes it."""

    def __init__(self, site: Site, user: User, doctype: str, args: MultiDict[str, str], language: str) -> None:
        self._site = site
        self._user = user
        self._args = args
        self.language = language
        self.doctype: DocType = site.snapshot().doctype(doctype)
        self.state = ListState.of_query(self.view.query) if self.view and "view" in args else ListState.read(args)
        self.error: ValidationFailed | None = None

    @property
    def q(self) -> str:
        return self.state.q

    @property
    def sort(self) -> str:
        return self.state.sort

    @property
    def filters(self) -> list[FilterRow]:
        return list(self.state.filters)

    @property
    def zone(self) -> ZoneInfo:
        return self._site.zone

    @cached_property
    def permissions(self) -> Permissions:
        return Permissions(self._site.snapshot().model)

    @cached_property
    def sight(self) -> Sight:
        return self.permissions.sight(self._user, self.doctype.name)

    # Saved views

    @cached_property
    def view(self) -> ListView | None:
        """The saved view that is shown (`view`), or that this came of (`from`). Raises NotFound for one that is asked for by `view`."""
        key = self._args.get("view") or self._args.get("from")
        if not key:
            return None
        try:
            return self._site.list_views.view(self._user, self.doctype.name, key)
        except NotFound:
            if self._args.get("view"):
                raise
            return None

    @property
    def is_changed(self) -> bool:
        """Whether the list differs from the saved view it came of."""
        return self.view is not None and ListState.of_query(self.view.query) != self.state

    @cached_property
    def views(self) -> list[ListView]:
        return self._site.list_views.offered(self._user, self.doctype.name)

    @cached_property
    def settings(self) -> ListSettings:
        return self._site.list_views.settings(self._user, self.doctype.name)

    @property
    def may_share_views(self) -> bool:
        return self._site.list_views.may_share(self._user, self.doctype.name)

    @property
    def may_change_view(self) -> bool:
        return self.view is not None and self._site.list_views.may_change(self._user, self.view)

    @property
    def audience_roles(self) -> list[str]:
        """The roles that may read these records: whom a view can be for."""
        return list(self.permissions.roles_for("read", self.doctype.name))

    # Columns

    @cached_property
    def _columns(self) -> Columns:
        return Columns(self.doctype, self.sight, self._site.snapshot().workflows.get(self.doctype.name))

    @cached_property
    def columns(self) -> list[Column]:
        """Beside the name: those that the address chose, else those that the record type begins with."""
        return self._columns.named(self.state.columns) or self._columns.default()

    @cached_property
    def offered_columns(self) -> list[Column]:
        """Those shown in their order, then the others: what the chooser lists."""
        chosen = {column.fieldname for column in self.columns}
        return [*self.columns, *(column for column in self._columns.offered if column.fieldname not in chosen)]

    @property
    def wanted(self) -> list[str]:
        """The fields that a page of the list needs."""
        seen = {*STANDARD, *(item.fieldname for item in self.doctype.stored_fields if self.sight.sees(item))}
        group = self.groups.field.fieldname if self.groups.field else None
        further = [group, self.doctype.title_field, self._columns.state_field, "status", self.picture]
        names = [column.fieldname for column in self.columns] + [name for name in further if name and name in seen]
        return list(dict.fromkeys(["name", *names, "docstatus", "version", "modified", "modified_by"]))

    # Groups

    units = UNITS

    @cached_property
    def groups(self) -> Groups:
        return Groups(self, self._columns)

    def grouped(self, group_by: str | None, aggregates: list[tuple[str, str, str]], unit: Any) -> list[Record]:
        """What the list finds, counted and summed by the values of a field. Raises what the query service raises."""
        return self._site.queries.group(
            self._user, self.doctype.name, group_by=group_by, aggregates=aggregates, unit=unit, **self.found
        )

    # Rows

    @cached_property
    def page(self) -> Page:
        """The rows. A filter that cannot be read is told above an empty list."""
        after = self._args.get("after") or None
        try:
            if self.groups.choices is not None:
                return self.groups.page(after, PAGE_SIZE)
            return self._site.queries.list(
                self._user, self.doctype.name, fields=self.wanted, **self.asked, limit=PAGE_SIZE, after=after
            )
        except ValidationFailed as error:
            self.error = error
            return Page([], None, False)

    @property
    def asked(self) -> dict[str, Any]:
        """What the list asks for, without paging. Raises ValidationFailed for a filter that cannot be read."""
        return {**self.found, "order_by": self.groups.order or None}

    @property
    def found(self) -> dict[str, Any]:
        """Which records the list finds."""
        judged = self._filters.asked(self.state.filters)
        return {"or_filters" if self.state.is_any else "filters": judged, "search": self.q or None}

    @cached_property
    def rows(self) -> list[Record]:
        """The records in the shape that is asked for. Read first: a filter that cannot be read shows in `error`."""
        try:
            if self.state.shape == "board":
                return self.board.rows
            if self.state.shape == "calendar":
                return self.calendar.rows
        except ValidationFailed as error:
            self.error = error
            return []
        return self.page.rows

    @cached_property
    def board(self) -> Board:
        return Board(self, self._site.snapshot().workflows.get(self.doctype.name))

    def ordered_choices(self, item: DocField) -> tuple[str, ...] | None:
        """The values of a field in the order that people gave them: the workflow's states, else the options of a choice; None for another field."""
        flow = self._site.snapshot().workflows.get(self.doctype.name)
        if flow is not None and item.fieldname == flow.state_field:
            return tuple(state.name for state in flow.states)
        return item.choices if item.fieldtype == "Select" and item.fieldname in self.doctype.by_name else None

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self, self._args.get("at", ""), self._site.clock.now().astimezone(self.zone).date())

    @property
    def shapes(self) -> list[str]:
        """The shapes in which these records can be looked at."""
        can = {"board": self.board.fields, "calendar": self.calendar.fields, "gallery": self.picture}
        own = [item for item in self.calendar.fields if item.fieldname in self.doctype.by_name]
        return ["list", *(name for name, found in {**can, "calendar": own}.items() if found)]

    @cached_property
    def picture(self) -> str:
        """The field that holds the picture of a record, as far as the reader sees it."""
        pictures = [
            item for item in self.doctype.stored_fields if item.type.widget == "attach-image" and self.sight.sees_plainly(item)
        ]
        own = [item.fieldname for item in pictures if item.fieldname == self.doctype.image_field]
        return next(iter([*own, *(item.fieldname for item in pictures)]), "")

    def rows_where(
        self, conditions: Sequence[FilterRow], limit: int, order_by: str = "", extra: Sequence[str] = ()
    ) -> list[Record]:
        """The records of the list that meet further conditions. Raises ValidationFailed as the list does."""
        return self.page_where(conditions, limit, order_by, extra).rows

    def page_where(
        self,
        conditions: Sequence[FilterRow],
        limit: int,
        order_by: str = "",
        extra: Sequence[str] = (),
        after: str | None = None,
    ) -> Page:
        """The same as a page, which goes on."""
        more = self._filters.asked(conditions)
        found = self.found
        found["filters"] = [*found.get("filters", []), *more]
        order = order_by or self.sort.replace(":", " ") or None
        fields = [*self.wanted, *extra]
        return self._site.queries.list(
            self._user, self.doctype.name, fields=fields, order_by=order, limit=limit, after=after, **found
        )

    def narrowed(self, row: FilterRow) -> str | None:
        """The address of the plain list under one more condition; None where it cannot be said beside "any of the conditions"."""
        if self.state.is_any and self.state.filters:
            return None
        state = replace(
            self.state,
            filters=(*self.state.filters, row),
            is_any=False,
            group="",
            unit="",
            only_totals=False,
            shape="list",
            by="",
        )
        return self.address_of(state)

    def chosen_rows(self, names: list[str] | None, extra: list[str], limit: int) -> list[Record]:
        """The records of these names (None: all that the filters find) with what titles them and the fields `extra`."""
        title = self.doctype.by_name.get(self.doctype.title_field or "")
        fields = ["name", *([title.fieldname] if title and self.sight.sees(title) else []), *extra]
        found: dict[str, Any] = self.found if names is None else {"filters": [("name", "in", names)]}
        return self._site.queries.list(self._user, self.doctype.name, fields=fields, limit=limit, **found).rows

    @cached_property
    def unseen(self) -> frozenset[str]:
        """The names of the rows that are news to the reader."""
        if not self.doctype.track_seen:
            return frozenset()
        return self._site.seen.unseen(self._user, self.doctype.name, self.page.rows)

    @cached_property
    def tags(self) -> dict[str, list[Tag]]:
        """The words on the rows."""
        return self._site.tags.of_rows(self.doctype.name, [str(row["name"]) for row in self.page.rows])

    def tag_address(self, tag: Tag) -> str:
        """The list of what bears this word."""
        return self.address(quick=(TAGS, tag.tag))

    @cached_property
    def count(self) -> Count:
        if self.error is not None:
            return Count(0, False)
        return self._site.queries.count(self._user, self.doctype.name, **self.found)

    # Cells

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """Titles of linked records, of rows and of filters: one query per linked DocType."""
        title = self.doctype.by_name.get(self.doctype.title_field or "")
        items = [*(column.item for column in self.columns), *([title] if title else [])]
        names: dict[str, set[str]] = {}
        for item in items:
            if item.fieldtype == "Link" and item.options:
                names.setdefault(item.options, set()).update(str(row.get(item.fieldname) or "") for row in self.rows)
        for row in self.filters:
            of = self.doctype.by_name.get(row.fieldname) or STANDARD.get(row.fieldname)
            if of is not None and of.fieldtype == "Link" and of.options:
                names.setdefault(of.options, set()).add(row.value)
        return self.titles_of(names)

    def titles_of(self, names: Mapping[str, set[str]]) -> dict[tuple[str, str], str]:
        """What links of these DocTypes to these names show."""
        found: dict[tuple[str, str], str] = {}
        for target, wanted in names.items():
            titles = self._site.queries.titles(self._user, target, [name for name in wanted if name])
            found |= {(target, name): title for name, title in titles.items()}
        return found

    def cell(self, column: Column | DocField, row: Mapping[str, Any]) -> str:
        item = column.item if isinstance(column, Column) else column
        if item is STANDARD["docstatus"]:
            return STATUS_TEXTS[row.get("docstatus") or 0][0].to(self.language)
        return shown(item, row.get(item.fieldname), self._site.zone, self.language, self.titles)

    def title(self, row: Mapping[str, Any]) -> str:
        item = self.doctype.by_name.get(self.doctype.title_field or "")
        return (self.cell(item, row) if item else "") or str(row["name"])

    def pill(self, row: Mapping[str, Any]) -> tuple[str, str] | None:
        """The state of a row and its colour: its own status, else its docstatus where records are submitted."""
        state = self._columns.state_field
        own = self.doctype.by_name.get(state or "")
        value = row.get(state) if state else None
        is_void = state == "status" and row.get("docstatus") == 2
        if own is not None and value and not is_void:
            return own.choice_label(str(value)).to(self.language), self.color(str(value))
        if self.doctype.is_submittable:
            text, color = STATUS_TEXTS[row.get("docstatus") or 0]
            return text.to(self.language), color.lower()
        return None

    def color(self, state: str) -> str:
        """The colour that the record type gives a state, as the end of a class name."""
        found = next((item.color for item in self.doctype.states if item.title == state), "Gray")
        return found.lower().replace(" ", "-")

    @property
    def may_choose(self) -> bool:
        """Whether the user may change anything here, so that choosing several makes sense."""
        return any(self.may(action) for action in ("write", "submit", "cancel", "delete", "print"))

    def may(self, action: str) -> bool:
        return self.permissions.may(self._user, action, self.doctype.name)

    @property
    def empty(self) -> EmptyState:
        """Why no record is shown, and what its reader may do about it."""
        if self.q or self.filters:
            return nothing_matches(self.view_address(None), self.doctype.label)
        titles = role_titles(entering_roles(self.doctype)) if not self.may("create") else {}
        return no_records(self._site.snapshot().model, self._user, self.doctype, titles)

    @cached_property
    def cell_editors(self) -> dict[str, Any]:
        """What the script needs to edit in the list: the columns that this user may change, each with its kind of editor."""
        if not self.may("write"):
            return {}
        open_to = {item.fieldname for item in changeable(self._site.snapshot().model, self._user, self.doctype)}
        return {
            column.fieldname: self._filters.editor(column.item, self.language)
            for column in self.columns
            if column.fieldname in open_to
        }

    # Filters

    @cached_property
    def _filters(self) -> Filters:
        return Filters(self._site.snapshot().model, self.doctype, self.sight, self._site.clock.now())

    @property
    def quick_filters(self) -> list[DocField]:
        """Select fields offered as one-click filters."""
        return [item for item in self.filter_fields if item.in_standard_filter and item.fieldtype == "Select"]

    @cached_property
    def quick_near(self) -> list[DocField]:
        """Those that stand in the open: the record's state, else the first, and what is chosen; the others behind "more"."""
        own = next((item for item in self.quick_filters if item.fieldname in ("status", "workflow_state")), None)
        first = own or next(iter(self.quick_filters), None)
        return [item for item in self.quick_filters if item is first or self.chosen(item.fieldname)]

    @property
    def quick_rest(self) -> list[DocField]:
        return [item for item in self.quick_filters if item not in self.quick_near]

    @property
    def quick_chosen(self) -> int:
        """How many of them are in force."""
        return sum(bool(self.chosen(item.fieldname)) for item in self.quick_filters)

    @property
    def filter_fields(self) -> list[DocField]:
        return self._filters.fields

    @property
    def operators(self) -> Mapping[str, Text]:
        return self._filters.operators

    @property
    def editors(self) -> dict[str, Any]:
        """What the script of the filters needs."""
        return {"fields": self._filters.editors(self.language), "fixed": fixed_choices(self.language)}

    def chosen(self, fieldname: str) -> str:
        return next((row.value for row in self.filters if row.fieldname == fieldname and row.operator == "="), "")

    def label(self, row: FilterRow) -> str:
        """A filter in words."""
        return self._filters.words(row, self.language, self.titles)

    # Addresses

    def address(self, *, without: FilterRow | None = None, quick: tuple[str, str] | None = None, **changes: str) -> str:
        """The address of this list with something changed; paging starts anew."""
        state = self.state.without(without)
        if quick:
            state = state.with_quick(*quick)
        return self.address_of(state, **changes)

    def address_of(self, state: ListState, **changes: str) -> str:
        """The address of a list in another state; what came of a saved view says so."""
        if self.view is not None:
            changes = {"from": self.view.id, **changes}
        return f"?{urlencode(state.pairs(**changes))}"

    def view_address(self, view: ListView | None) -> str:
        """The address of a saved view; without one that of the plain list, also for whoever begins with a view."""
        return f"?view={view.id}" if view else "?view="

    def hidden(self, *keys: str) -> list[tuple[str, str]]:
        """What a form that asks for `keys` carries along."""
        return [*self.state.unsaid(*keys), *([("from", self.view.id)] if self.view else [])]

    def sorted_by(self, fieldname: str) -> str:
        """`asc`, `desc` or nothing."""
        return dict(self.sort_pairs).get(fieldname, "")

    @property
    def sort_pairs(self) -> list[tuple[str, str]]:
        """The fields of the order with their directions, the first deciding."""
        usual = f"{self.doctype.sort_field}:{self.doctype.sort_order.lower()}"
        parts = [part.partition(":") for part in (self.sort or usual).split(",")]
        return [(name.strip(), way.strip() or "asc") for name, _, way in parts]

    def sort_address(self, fieldname: str, *, further: bool = False) -> str:
        """The address that sorts by this field: by it alone, or (`further`) by it after those that are sorted by already."""
        way = "desc" if self.sorted_by(fieldname) == "asc" else "asc"
        if not further or not self.sort:
            return self.address(sort=f"{fieldname}:{way}")
        pairs = dict(self.sort_pairs) | {fieldname: way}
        return self.address(sort=",".join(f"{name}:{each}" for name, each in pairs.items()))

    @property
    def sort_rows(self) -> list[tuple[str, str]]:
        """The order as the rows of its form, with empty ones to fill in."""
        return [*self.sort_pairs, *[("", "asc")] * SORT_ROWS][: max(SORT_ROWS, len(self.sort_pairs))]

    @property
    def sort_fields(self) -> list[DocField]:
        """What one may sort by."""
        return [
            STANDARD["name"],
            *(column.item for column in self._columns.offered if column.is_plain and column.item.type.is_short),
        ]
