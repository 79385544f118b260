"""DocType, DocField and their relatives, as read from Frappe-format JSON: immutable and typed.

Properties that we do not know stay in `extra` and are written out again unchanged. How a value of a field type is stored,
read and shown stands in `fieldtypes`; reading files in `load`, finding faults in `check`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ..core import translations
from ..core.text import EMPTY, Text
from .fieldtypes import FieldType, field_type
from .offline import Offline

# Columns that every record has beside its fields; `version` is the optimistic lock, times are UTC.
STANDARD_FIELDS = ("name", "owner", "creation", "modified", "modified_by", "docstatus", "version")
CHILD_FIELDS = ("name", "parent", "parenttype", "parentfield", "idx")

DRAFT, SUBMITTED, CANCELLED = 0, 1, 2
LANGUAGES_OPTION = "languages:"
DOCTYPE = "DocType"  # what a link to a DocType itself points at: metadata, no records


@dataclass(frozen=True)
class DocField:
    """One field of a DocType; attribute names are Frappe's property names."""

    fieldname: str
    fieldtype: str
    label: Text = EMPTY
    options: str | None = None
    option_labels: Mapping[str, Text] = field(default_factory=dict, hash=False)  # Select: what to show for a stored value
    default: str | None = None
    description: Text = EMPTY
    placeholder: Text = EMPTY
    reqd: bool = False
    unique: bool = False
    read_only: bool = False
    hidden: bool = False
    bold: bool = False
    permlevel: int = 0
    mask: bool = False  # shown with most of it left out, to whoever lacks the right `mask` at its permlevel
    length: int = 0
    precision: int | None = None
    non_negative: bool = False
    search_index: bool = False
    in_list_view: bool = False
    in_standard_filter: bool = False
    in_global_search: bool = False
    allow_in_quick_entry: bool = False  # asked for in the short form, though it is not mandatory
    set_only_once: bool = False
    no_copy: bool = False
    allow_on_submit: bool = False
    ignore_user_permissions: bool = False
    print_hide: bool = False
    collapsible: bool = False
    columns: int = 0
    depends_on: str | None = None
    mandatory_depends_on: str | None = None
    read_only_depends_on: str | None = None
    collapsible_depends_on: str | None = None
    oldfieldname: str | None = None  # what the field was called before: its values move along
    link_filters: str | None = None  # Link: which records are offered, as JSON
    fetch_from: str | None = None
    fetch_if_empty: bool = False
    formula: str | None = None
    prefill: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)  # Table: rows that a new record starts with
    fixed_rows: bool = False  # Table: rows come from `prefill`; staff neither add nor remove any
    source: tuple[str, ...] = ()
    position: int = field(default=0, compare=False)  # where it stands in its file, counted from 0
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @cached_property
    def type(self) -> FieldType:
        return field_type(self.fieldtype)

    @property
    def choices(self) -> tuple[str, ...]:
        """Select: the stored values in order (an empty line means "nothing chosen" and is not one of them).

        `languages:` stands for the languages that the site has.
        """
        if self.options == LANGUAGES_OPTION:
            return tuple(translations.languages())
        return self._lines

    @cached_property
    def _lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in (self.options or "").split("\n") if line.strip())

    @property
    def is_computed(self) -> bool:
        return bool(self.formula)

    def choice_label(self, value: str) -> Text:
        if self.options == LANGUAGES_OPTION and value in translations.languages():
            return Text(*[translations.languages()[value]] * 2)  # each in its own words
        return self.option_labels.get(value) or Text(value, value)


@dataclass(frozen=True)
class DocPerm:
    """What one role may do at one permlevel, with every record or only its own (`if_owner`)."""

    role: str
    permlevel: int = 0
    if_owner: bool = False
    read: bool = False
    write: bool = False
    create: bool = False
    delete: bool = False
    submit: bool = False
    cancel: bool = False
    amend: bool = False
    print: bool = False
    email: bool = False
    export: bool = False
    import_: bool = False
    report: bool = False
    share: bool = False
    select: bool = False
    mask: bool = False

    def grants(self, action: str) -> bool:
        return bool(getattr(self, "import_" if action == "import" else action))


@dataclass(frozen=True)
class DocState:
    """A value of `status` (or of the workflow state) and the colour of its pill."""

    title: str
    color: str = "Gray"


OF_PARENT = "parent."  # before a field, among the columns of mapped rows: of the record, not of its row


@dataclass(frozen=True)
class MapsFrom:
    """How to make this record from another: which fields are carried over, and which child tables row by row.

    `fields` maps our fieldname to a path of the source (`name` is its number); fields of the same name are carried over
    too unless `only_listed`. `values` are constants. `tables` maps our table field to (their table field, {our column: their column});
    `parent.name` there is a value of the source itself.
    """

    doctype: str
    label: Text
    fields: Mapping[str, str] = field(default_factory=dict, hash=False)
    tables: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict, hash=False)
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    only_listed: bool = False
    condition: str | None = None


@dataclass(frozen=True, eq=False)
class DocType:
    """A record type; fields keep the order in which the form shows them.

    Compared and hashed by identity, so that whatever is derived from a DocType (table, form class, formula order) is cached
    by the object; two versions of one DocType are compared by `load.dump_doctype`.
    """

    name: str
    renamed_from: str | None = None  # what the DocType was called before: its records move along
    module: str = ""
    label: Text = EMPTY
    description: Text = EMPTY
    fields: tuple[DocField, ...] = ()
    permissions: tuple[DocPerm, ...] = ()
    states: tuple[DocState, ...] = ()
    autoname: str | None = None
    istable: bool = False
    issingle: bool = False
    is_tree: bool = False
    nsm_parent_field: str | None = (
        None  # in a tree: the link to the record above; else `parent_<doctype>`, else the first to its own kind
    )
    is_submittable: bool = False
    track_changes: bool = True
    track_seen: bool = False
    allow_rename: bool = False
    quick_entry: bool = False
    title_field: str | None = None
    image_field: str | None = None
    search_fields: tuple[str, ...] = ()
    show_title_field_in_link: bool = False
    sort_field: str = "modified"
    sort_order: str = "DESC"
    max_attachments: int = 0
    icon: str | None = None
    maps_from: tuple[MapsFrom, ...] = ()
    offline: Offline | None = None  # whose records a phone keeps for the day without network
    default_print_format: str | None = None
    print_formats: tuple[str, ...] = ()
    retention_years: int | None = None
    source: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @cached_property
    def by_name(self) -> Mapping[str, DocField]:
        return MappingProxyType({item.fieldname: item for item in self.fields})

    @cached_property
    def stored_fields(self) -> tuple[DocField, ...]:
        """Fields with a column of their own, in form order."""
        return tuple(item for item in self.fields if item.type.kind is not None)

    @cached_property
    def table_fields(self) -> tuple[DocField, ...]:
        """Fields that hold child rows."""
        return tuple(item for item in self.fields if item.type.holds_rows)

    @cached_property
    def data_fields(self) -> tuple[DocField, ...]:
        """Everything that holds a value: stored fields and child tables, in form order."""
        return tuple(item for item in self.fields if item.type.kind is not None or item.type.holds_rows)

    @cached_property
    def secret_fields(self) -> tuple[str, ...]:
        """Names of the fields whose values are sealed and never shown."""
        return tuple(item.fieldname for item in self.fields if item.type.is_secret)

    @cached_property
    def masked_fields(self) -> tuple[DocField, ...]:
        """The stored fields that are shown in full only to whoever has the right `mask`."""
        return tuple(item for item in self.stored_fields if item.mask)

    @cached_property
    def link_fields(self) -> tuple[DocField, ...]:
        """Fields that name another record, in form order."""
        return tuple(item for item in self.fields if item.fieldtype in ("Link", "Dynamic Link"))

    @cached_property
    def file_fields(self) -> tuple[str, ...]:
        """Names of the fields that hold the address of a file."""
        return tuple(item.fieldname for item in self.fields if item.fieldtype in ("Attach", "Attach Image"))

    @cached_property
    def list_columns(self) -> tuple[DocField, ...]:
        return tuple(item for item in self.stored_fields if item.in_list_view and not item.hidden)

    @cached_property
    def parent_link(self) -> DocField | None:
        """In a tree, the field that says below which record of the same kind a record stands; None for any other DocType."""
        if not self.is_tree:
            return None
        own = {item.fieldname: item for item in self.fields if item.fieldtype == "Link" and item.options == self.name}
        usual = (self.nsm_parent_field or "", f"parent_{self.name.lower().replace(' ', '_').replace('-', '_')}")
        others = (name for name in own if name not in ("old_parent", "amended_from"))
        return next((own[name] for name in (*usual, *others) if name in own), None)

    @property
    def naming_series(self) -> tuple[str, ...]:
        """The series that staff choose from when `autoname` is `naming_series:`."""
        chosen = self.by_name.get("naming_series")
        return chosen.choices if chosen else ()

    @property
    def asks_name(self) -> bool:
        """Whether whoever makes a record says what it is called (`autoname` prompt)."""
        return (self.autoname or "").lower() == "prompt"

    def field(self, fieldname: str) -> DocField:
        """The field of that name; KeyError when there is none."""
        return self.by_name[fieldname]

    def title_of(self, record: Mapping[str, Any]) -> str:
        """What a person reads for a record: its title field, else its name."""
        value = record.get(self.title_field) if self.title_field else None
        return str(value) if value not in (None, "") else str(record.get("name") or "")


class Model:
    """All published DocTypes at one metadata version: what one request works on from start to end."""

    def __init__(self, doctypes: Mapping[str, DocType], version: int = 0) -> None:
        self.doctypes: Mapping[str, DocType] = MappingProxyType(dict(doctypes))
        self.version = version
        self._permlevels: dict[DocType, frozenset[int]] = {}

    def get(self, name: str) -> DocType | None:
        return self.doctypes.get(name)

    def __getitem__(self, name: str) -> DocType:
        return self.doctypes[name]

    def __contains__(self, name: object) -> bool:
        return name in self.doctypes

    def __iter__(self) -> Iterator[DocType]:
        return iter(self.doctypes.values())

    def child(self, item: DocField) -> DocType:
        """The DocType of a table field's rows."""
        return self.doctypes[item.options or ""]

    def permlevels(self, doctype: DocType) -> frozenset[int]:
        """Those of the fields of a DocType and of its child rows."""
        found = self._permlevels.get(doctype)
        if found is None:
            kinds = (doctype, *(self.child(item) for item in doctype.table_fields if (item.options or "") in self))
            found = self._permlevels[doctype] = frozenset(item.permlevel for kind in kinds for item in kind.fields)
        return found

    @cached_property
    def roles(self) -> frozenset[str]:
        """The roles that any DocType gives a permission to: nobody else could open what a rule asks them to see."""
        return frozenset(item.role for doctype in self for item in doctype.permissions) | {"All", "System Manager"}

    def links_to(self, name: str) -> Iterator[tuple[DocType, DocField]]:
        """Every Link field, in records and child rows, that points at DocType `name`."""
        for doctype in self:
            for item in doctype.fields:
                if item.fieldtype == "Link" and item.options == name:
                    yield doctype, item
