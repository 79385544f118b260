"""Everything the form template shows for one record, gathered once; the template only lays it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from markupsafe import Markup, escape

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import Fault
from ..core.ids import new_id
from ..core.text import Text
from ..core.values import Masked
from ..documents.complete import Record, user_scope
from ..documents.inbox_items import InboxItem
from ..documents.progress import Progress
from ..documents.queries import Connection
from ..documents.signed_content import Signature
from ..documents.validate import condition_holds, links_of
from ..documents.versions import VersionEntry
from ..expressions import Scope
from ..metadata.beside import actions_of
from ..metadata.fieldtypes.geolocation import single_point
from ..metadata.fieldtypes.phone import dialled
from ..metadata.fieldtypes.texts import is_web_address
from ..metadata.model import CANCELLED, DRAFT, DocField, DocType
from ..site import Site
from .beside_page import Beside, Told, told
from .field_help import FieldHelp, RuleOnField, help_of, rules_on_fields
from .field_plans import field_plans
from .flow_diagram import FlowDiagram
from .form_fields import RecordForm, form_for
from .form_layout import Section, Tab, layout
from .form_meta import form_meta
from .form_values import browser_record, browser_row, shown
from .presenting import due
from .timeline import STATUS_TEXTS, Difference, Timeline

TOLD_AT_ONCE = 20  # versions that the timeline of a page begins with


class FormPage:
    """One record on one page for one user. `form` and `rows` hold what was typed when a save was refused; `is_quick` is the form in
    a dialog, where staff make a record that another one links to. The timeline shows `told` versions, after the newest `passed`."""

    def __init__(
        self,
        site: Site,
        user: User,
        doctype: str,
        record: Record,
        language: str,
        *,
        form: RecordForm | None = None,
        rows: Mapping[str, Any] | None = None,
        is_quick: bool = False,
        told: int = TOLD_AT_ONCE,
        passed: int = 0,
    ) -> None:
        self._site = site
        self._user = user
        self.snapshot = site.snapshot()
        self.doctype: DocType = self.snapshot.doctype(doctype)
        self.record = record
        self.language = language
        self.is_quick = is_quick
        self._passed = passed
        self.told_until = passed + told
        self.is_new = not record.get("version")
        self.name = None if self.is_new else str(record["name"])
        self.levels = Permissions(self.snapshot.model).levels(user, "read", doctype, None if self.is_new else record)
        self.form = form or form_for(self.doctype, self.levels, language, record, site.zone)
        self._typed_rows = rows or {}
        self.key = new_id(20)  # a second press of the same button saves once

    @property
    def title(self) -> str:
        if self.doctype.issingle:
            return self.doctype.label.to(self.language)
        if self.is_new:
            return Text(f"新建{self.doctype.label.zh}", f"New {self.doctype.label.en}").to(self.language)
        item = self.doctype.by_name.get(self.doctype.title_field or "")
        return (self.shown(item) if item else "") or str(self.name)

    @property
    def spoken(self) -> str:
        """The record as a question names it: its type, its number, and its title where that is another."""
        label = self.doctype.label.to(self.language)
        return f"{label} {self.name}" if self.title == self.name else f"{label} {self.name} · {self.title}"

    @property
    def is_drawn_on(self) -> bool:
        """Whether somebody may draw a signature here; the script for it is not loaded elsewhere."""
        model = self.snapshot.model
        types = [self.doctype, *(model.child(item) for item in self.doctype.table_fields)]
        return any(item.fieldtype == "Signature" for doctype in types for item in doctype.fields)

    @cached_property
    def actions(self) -> frozenset[str]:
        return self._site.documents.actions(self._user, self.doctype.name, self.record)

    @property
    def is_editable(self) -> bool:
        return "save" in self.actions and self.record.get("docstatus", DRAFT) == DRAFT

    @cached_property
    def may_save(self) -> bool:
        """A draft, or a submitted record that has fields open for later entries."""
        later = any(item.allow_on_submit for item in self.doctype.fields)
        return "save" in self.actions and (self.record.get("docstatus", DRAFT) == DRAFT or later)

    def laid(self, item: DocField) -> Markup | None:
        """The field as the plan of its DocType has it; None where the macro has to render it."""
        if self.is_new or self.is_quick or item.type.kind is None or item.type.holds_rows:
            return None
        is_open = self.is_open(item)
        if not is_open and self.address_of(item):
            return None
        plans = field_plans(self.doctype, self.levels, self.language, self.snapshot.version)
        data = self.form[item.fieldname].data
        value = str(int(data) or "") if isinstance(data, bool) else str(data or "")
        return plans.html(item, is_open=is_open, value=value, shown=lambda: self.shown(item), help=self.help_of(item))

    def is_open(self, item: DocField) -> bool:
        """Whether the user may type into this field now."""
        if item.read_only or item.is_computed or not self.may_save:
            return False
        if (
            item.fieldname in self.closed
            or item.permlevel not in self.write_levels
            or isinstance(self.record.get(item.fieldname), Masked)
        ):
            return False
        return self.record.get("docstatus", DRAFT) == DRAFT or item.allow_on_submit

    @cached_property
    def closed(self) -> frozenset[str]:
        """The fields that the state of the workflow keeps closed."""
        return self._site.documents.closed_fields(self.doctype.name, self.record)

    @cached_property
    def flow(self) -> Progress | None:
        """How far the record is in its workflow; None where it has none, or is new."""
        return None if self.is_new else self._site.workflows.progress(self._user, self.doctype.name, str(self.name))

    @property
    def diagram(self) -> FlowDiagram | None:
        """With times of this year, as most are."""
        return FlowDiagram(self.flow, self.language, self._moment, lambda at: due(at)[5:]) if self.flow is not None else None

    def _moment(self, at: datetime) -> str:
        return at.astimezone(self._site.zone).strftime("%m-%d %H:%M")

    @cached_property
    def decided_here(self) -> InboxItem | None:
        """The step of the workflow that the reader is asked to decide on this page."""
        mine = self.flow.mine if self.flow is not None else None
        return next((item for item in self.obligations if mine is not None and item.obligation.id == mine.id), None)

    @cached_property
    def people(self) -> list[tuple[str, str]]:
        """The people whom this reader may choose, for passing on and copies."""
        found = self._site.queries.search_link(self._user, "User", "", limit=200) if self.flow is not None else []
        return [(item.value, item.title) for item in found]

    @cached_property
    def write_levels(self) -> frozenset[int]:
        permissions = Permissions(self.snapshot.model)
        action = "create" if self.is_new else "write"
        return permissions.levels(self._user, action, self.doctype.name, None if self.is_new else self.record)

    @cached_property
    def short(self) -> bool:
        """Whether only the fields that a quick entry asks for are shown (the rest is one press away)."""
        return self.is_quick and self.doctype.quick_entry and any(self.is_asked(item) for item in self.doctype.data_fields)

    def is_asked(self, item: DocField) -> bool:
        """Whether a quick entry asks for this field: what is mandatory, what names the record, and what the DocType adds."""
        named = item.fieldname in (self.doctype.title_field, (self.doctype.autoname or "").removeprefix("field:"))
        wanted = item.reqd or item.allow_in_quick_entry or bool(item.mandatory_depends_on) or named
        return wanted and self.is_open(item)

    @property
    def tabs(self) -> tuple[Tab, ...]:
        return layout(self.doctype, self.levels, bool(self.record.get("amended_from")))

    @property
    def status(self) -> tuple[str, str] | None:
        """The pill beside the title: the record's own status, else its docstatus where records are submitted."""
        if self.flow is not None and not self.flow.workflow.override_status:
            return self.flow.state.title.to(self.language), self.flow.state.color
        own = self.doctype.by_name.get("status")
        value = self.record.get("status")
        if own is not None and value and self.record.get("docstatus") != CANCELLED:
            color = next((state.color for state in self.doctype.states if state.title == value), "Gray")
            return own.choice_label(str(value)).to(self.language), color
        if not self.doctype.is_submittable:
            return None
        text, color = STATUS_TEXTS[self.record.get("docstatus", DRAFT)]
        return text.to(self.language), color

    @cached_property
    def titles(self) -> dict[tuple[str, str], str]:
        """Titles of everything the record links to, one query per linked DocType."""
        names: dict[str, set[str]] = {}
        for _, _, target, name in links_of(self.snapshot.model, self.doctype, self.record):
            names.setdefault(target, set()).add(name)
        return {
            (target, name): title
            for target, wanted in names.items()
            for name, title in self._site.queries.titles(self._user, target, wanted).items()
        }

    def shown(self, item: DocField, record: Mapping[str, Any] | None = None) -> str:
        values = self.record if record is None else record
        if item.fieldtype == "Dynamic Link":
            value = str(values.get(item.fieldname) or "")
            return self.titles.get((str(values.get(item.options or "")), value), value)
        return shown(item, values.get(item.fieldname), self._site.zone, self.language, self.titles)

    def cells(self, columns: list[DocField], row: Mapping[str, Any]) -> Markup:
        """The cells of a row of a child table."""
        cells = (f'<td class="cell-{column.type.widget}">{escape(self.shown(column, row))}</td>' for column in columns)
        return Markup("".join(cells))

    @cached_property
    def may_make_new(self) -> bool:
        return not self.doctype.issingle and Permissions(self.snapshot.model).may(self._user, "create", self.doctype.name)

    @property
    def may_duplicate(self) -> bool:
        return not self.is_new and self.may_make_new

    @cached_property
    def may_export(self) -> bool:
        if self.is_new:
            return False
        return Permissions(self.snapshot.model).may(self._user, "export", self.doctype.name, self.record)

    @cached_property
    def originals(self) -> dict[str, str]:
        """The pictures of this record on which something was drawn, each with the one before."""
        shown = [self.record.get(item.fieldname) for item in self.doctype.fields if item.type.widget == "attach-image"]
        for item in self.doctype.table_fields:
            columns = [one.fieldname for one in self.snapshot.model.child(item).fields if one.type.widget == "attach-image"]
            shown += [row.get(column) for row in self.record.get(item.fieldname) or () for column in columns]
        return self._site.files.originals(str(one) for one in shown if str(one or "").startswith("/files/"))

    @property
    def portrait(self) -> str:
        """The picture of the record (`image_field`)."""
        item = self.doctype.by_name.get(self.doctype.image_field or "")
        return str(self.record.get(item.fieldname) or "") if item and item.permlevel in self.levels else ""

    def is_folded(self, section: Section) -> bool:
        """Whether a collapsible section starts closed: nothing asks for it to be open, and nothing in it is still to be filled in."""
        item = section.item
        if item is None or not item.collapsible:
            return False
        now = self._site.clock.now()
        scope = Scope(doc=self.record, user=user_scope(self._user), today=now.astimezone(self._site.zone).date(), now=now)
        if condition_holds(item.collapsible_depends_on, scope, absent=False):
            return False
        return not any(
            one.reqd and self.record.get(one.fieldname) in (None, []) and self.is_open(one) for one in section.fields
        )

    @property
    def asked_name(self) -> str:
        """What was typed as the name of a new record before a save was refused."""
        return str(self._typed_rows.get("name") or "")

    def address_of(self, item: DocField) -> str:
        """Where a closed field leads: it dials, writes a mail, opens a page or a map. Nothing for other fields."""
        value = str(self.record.get(item.fieldname) or "")
        kind = item.fieldtype if item.fieldtype != "Data" else item.options
        if kind == "Email" and "," not in value:
            return f"mailto:{quote(value, safe='@+')}"
        if kind == "Phone":
            return f"tel:{dialled(value)}"
        if kind == "URL":
            return value if is_web_address(value) else ""  # it may be older than the check
        return f"geo:{self.shown(item).replace(' ', '')}" if kind == "Geolocation" and single_point(value) else ""

    def target_of(self, item: DocField) -> str:
        """The DocType that a link leads to; a dynamic link says it in another field."""
        return str((item.options if item.fieldtype == "Link" else self.record.get(item.options or "")) or "")

    def picture(self, item: DocField) -> str:
        """The picture that an Image field shows: the file of the field it names."""
        source = self.doctype.by_name.get(item.options or "")
        value = self.record.get(source.fieldname) if source else None
        return (
            str(value) if source and source.type.widget == "attach-image" and source.permlevel in self.levels and value else ""
        )

    def tag_column(self, item: DocField) -> DocField | None:
        """The link that each row of a Table MultiSelect holds: the first of its child DocType."""
        child = self.snapshot.model.child(item)
        return next((column for column in child.fields if column.fieldtype == "Link"), None)

    def column(self, item: DocField) -> list[DocField]:
        """The columns of a child table that its grid shows: those marked for lists, else the first few."""
        child = self.snapshot.model.child(item)
        usable = [column for column in child.stored_fields if not column.hidden and column.permlevel in self.levels]
        return [column for column in usable if column.in_list_view] or usable[:6]

    @property
    def browser(self) -> dict[str, Any]:
        """The JSON block that makes the page live."""
        record = browser_record(self.snapshot.model, self.doctype, self.record, self._site.zone)
        record |= {
            name: value for name, value in self._typed_rows.items() if name in self.doctype.by_name and isinstance(value, list)
        }
        now = self._site.clock.now()
        meta = form_meta(self.snapshot.model, self.doctype, self.levels, self.language)
        for name, row in self._site.new_records.blank_rows(self._user, self.doctype.name).items():
            if name in meta["tables"]:
                cells = browser_row(self.snapshot.model.child(self.doctype.field(name)), row, self._site.zone)
                meta["tables"][name]["blank"] = {key: cell for key, cell in cells.items() if cell not in (None, 0)}
        return {
            "meta": meta,
            "record": record,
            "originals": self.originals,
            "titles": [[target, name, title] for (target, name), title in self.titles.items()],
            "user": {"name": self._user.name, "full_name": self._user.full_name, "roles": sorted(self._user.roles)},
            "now": now.astimezone(self._site.zone).strftime("%Y-%m-%d %H:%M"),
            "today": now.astimezone(self._site.zone).date().isoformat(),
            "zone": self._site.zone.key,
            "language": self.language,
            "isNew": self.is_new,
            "offline": self.doctype.offline is not None and not self.is_quick,
            "open": [item.fieldname for item in self.doctype.fields if self.is_open(item)],
            "writeLevels": sorted(self.write_levels),
            "version": self.record.get("version") or 0,
        }

    # Beside the form

    @cached_property
    def obligations(self) -> list[InboxItem]:
        return [] if self.is_new else self._site.inbox.for_record(self._user, self.doctype.name, str(self.name))

    @cached_property
    def signatures(self) -> list[tuple[Signature, tuple[Difference, ...]]]:
        """The e-signatures, each with what changed since, as people read it."""
        if self.is_new:
            return []
        found = self._site.signing.of_record(self._user, self.doctype.name, str(self.name))
        entries = [
            VersionEntry(item.version, "save", item.signer, item.full_name, item.at, None, [dict(one) for one in item.changed])
            for item in found
        ]
        read = Timeline(self._site, self._user, self.doctype, self.levels, entries, self.language)
        return [(item, entry.differences) for item, entry in zip(found, read, strict=True)]

    @cached_property
    def may_sign(self) -> bool:
        """Whether the form offers to sign although nobody asks for it."""
        return not self.is_new and not self.is_quick and self._site.signing.may_sign(self._user, self.doctype.name, self.record)

    @property
    def owed(self) -> list[InboxItem]:
        return [item for item in self.obligations if item.obligation.is_owed]

    @property
    def settled(self) -> list[InboxItem]:
        return [item for item in self.obligations if not item.obligation.is_owed]

    @cached_property
    def why(self) -> dict[str, Any] | None:
        return None if self.is_new else self._site.queries.why(self._user, self.doctype.name, str(self.name))

    def clause_words(self, faults: Iterable[Fault]) -> dict[str, Text]:
        """What the clauses say by which something is refused."""
        return self._site.queries.clause_texts(code for fault in faults for code in fault.clauses)

    @cached_property
    def _field_rules(self) -> Mapping[str, list[RuleOnField]]:
        return rules_on_fields(self.snapshot.rulebook, self.snapshot.model, self.doctype, self.levels)

    @cached_property
    def _clause_texts(self) -> dict[str, Text]:
        """The words of every clause that the form, its fields or the rules on them cite."""
        cited = {code for rules in self._field_rules.values() for rule in rules for code in rule.clauses}
        cited.update(self.doctype.source, *(item.source for item in self.doctype.data_fields))
        return self._site.queries.clause_texts(cited) if cited else {}

    def help_of(self, item: DocField) -> FieldHelp | None:
        """What the `?` beside a field says; None where there is nothing to say."""
        if self.is_quick:
            return None
        return help_of(item, self._field_rules.get(item.fieldname, ()), self._clause_texts)

    @cached_property
    def clause_help(self) -> list[tuple[str, Text, list[DocField]]]:
        """Each clause that this form implements: its number, its words, and the fields that cite it, as far as they are shown."""
        citing: dict[str, list[DocField]] = {code: [] for code in self.doctype.source}
        for item in self.doctype.data_fields:
            if not item.hidden and item.permlevel in self.levels:
                for code in item.source:
                    citing.setdefault(code, []).append(item)
        words = self._clause_texts
        return [(code, words[code], fields) for code, fields in citing.items() if code in words]

    @cached_property
    def warnings(self) -> list[dict[str, Any]]:
        if self.is_new or self.record.get("docstatus") == CANCELLED or not self.snapshot.rulebook.may_warn(self.doctype.name):
            return []
        outcome = self._site.documents.check(self._user, self.doctype.name, {}, name=self.name)
        return [fault.to_json(self.language) for fault in outcome.warnings]

    @property
    def has_versions(self) -> bool:
        """Whether there are two versions to compare."""
        return int(self.record.get("version") or 0) > 1 and bool(self._history)

    @cached_property
    def _history(self) -> list[VersionEntry]:
        """The newest versions, as far as they are told, and the next one."""
        if self.is_new:
            return []
        newest = self.told_until + 1
        return self._site.queries.history(self._user, self.doctype.name, str(self.name), newest, with_beginning=False)

    @property
    def has_earlier(self) -> bool:
        """Whether there are versions before those that are told."""
        return len(self._history) > self.told_until

    @cached_property
    def timeline(self) -> list[Told]:
        """What happened to the record, the newest first: its versions and, between them, what people said."""
        versions = self._history[self._passed : self.told_until]
        entries = Timeline(self._site, self._user, self.doctype, self.levels, versions, self.language)
        since = versions[-1].at if versions and self.has_earlier else None
        passed = self._history[: self._passed]
        until = passed[-1].at if passed else None
        return told(entries, self.beside.comments if self.beside else (), since, until)

    @cached_property
    def beside(self) -> Beside | None:
        """Comments, followers, assignments and tags; None where there is no record yet, or only settings."""
        if self.is_new or self.is_quick or self.doctype.issingle:
            return None
        may_write = Permissions(self.snapshot.model).may(self._user, "write", self.doctype.name, self.record)
        return Beside(self._site, self._user, self.doctype.name, str(self.name), may_write, self.owed)

    @cached_property
    def connections(self) -> list[tuple[str, list[Connection]]]:
        """What belongs to the record, by the headings of its `links`."""
        if self.is_new:
            return []
        groups: dict[str, list[Connection]] = {}
        for found in self._site.queries.connections(self._user, self.doctype.name, str(self.name)):
            groups.setdefault(found.group.to(self.language), []).append(found)
        return list(groups.items())

    @property
    def page_actions(self) -> list[tuple[str, str]]:
        """The buttons that the DocType adds: (label, address)."""
        if self.is_new:
            return []
        return [(Text.of(each.label).to(self.language), each.address(str(self.name))) for each in actions_of(self.doctype)]

    @property
    def can_make(self) -> list[tuple[str, str]]:
        """The "create from this" buttons: (DocType, label), those of the same module first."""
        if self.is_new or self.record.get("docstatus") == CANCELLED:
            return []
        found = self._site.new_records.sources_for(self._user, self.doctype.name, self.record)
        near = sorted(found, key=lambda each: each[0].module != self.doctype.module)
        return [(target.name, mapping.label.to(self.language)) for target, mapping in near]

    @property
    def print_formats(self) -> list[tuple[str, str]]:
        return [(item.name, item.title.to(self.language)) for item in self._site.printouts.formats(self.doctype.name)]
