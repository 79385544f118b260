"""`PrintoutService`: a record as PDF, with everything the print shows gathered under the reader's permissions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..access.permissions import Permissions
from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, GuijuError, NotFound, PermissionRefused, ValidationFailed
from ..core.settings import Settings
from ..core.text import Text
from ..metadata.model import DocType, Model
from ..printing.context import PrintContext
from ..printing.format import PrintFormat
from ..printing.imposing import joined
from ..printing.service import PrintFailed, PrintService
from ..printing.worker import WORKERS
from ..rulebook.display import with_clauses
from .complete import Record, user_scope
from .files import FileService, addresses
from .inbox import InboxService
from .print_links import linked_rows
from .queries import QueryService
from .service import DocumentService
from .signing import SigningService
from .snapshot import Snapshot
from .validate import links_of

STANDARD = "Standard"  # the generated format, in Frappe's word
MOST_AT_ONCE = 500
PDF, XLSX = "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Printout:
    """A file to open or to keep."""

    filename: str
    mimetype: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sheets:
    """The PDFs of several records, a list for each, and what was wrong with those that have none."""

    sheets: Sequence[Sequence[bytes]]
    faults: Sequence[Fault] = ()


def nothing_printed(faults: Sequence[Fault]) -> ValidationFailed:
    """Says of every record that cannot be printed why."""
    said = Text(f"{len(faults)} 张不能打印，未打印。", f"{len(faults)} of them cannot be printed; nothing was.")
    return ValidationFailed(said, faults)


def _why_not(name: str, error: GuijuError) -> Fault:
    zh, en = (" ".join(error.lines(language)) for language in ("zh", "en"))
    return Fault(name, Text(f"{name}: {zh}", f"{name}: {en}"))


def _printout(title: str, form: PrintFormat | None, content: bytes) -> Printout:
    """Named by what it is, without the signs that file names may not hold."""
    is_workbook = form is not None and form.workbook
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", title).strip(" .")
    return Printout(name + (".xlsx" if is_workbook else ".pdf"), XLSX if is_workbook else PDF, content)


class PrintoutService:
    def __init__(
        self,
        documents: DocumentService,
        queries: QueryService,
        inbox: InboxService,
        files: FileService,
        snapshots: Callable[[], Snapshot],
        printing: PrintService,
        clock: Clock,
        settings: Settings,
        signing: SigningService,
    ) -> None:
        self._signing = signing
        self._documents = documents
        self._queries = queries
        self._inbox = inbox
        self._files = files
        self._snapshots = snapshots
        self._printing = printing
        self._clock = clock
        self._settings = settings

    def formats(self, doctype: str) -> list[PrintFormat]:
        """The designed formats of a DocType, its default first."""
        snapshot = self._snapshots()
        default = snapshot.doctype(doctype).default_print_format
        return sorted(snapshot.formats_of(doctype), key=lambda item: (item.name != default, item.name))

    def pdf(
        self,
        user: User,
        doctype: str,
        name: str,
        *,
        format_name: str | None = None,
        language: str | None = None,
        origin: str = "",
    ) -> bytes:
        """What `printout` holds."""
        return self.printout(user, doctype, name, format_name=format_name, language=language, origin=origin).content

    def printout(
        self,
        user: User,
        doctype: str,
        name: str,
        *,
        format_name: str | None = None,
        language: str | None = None,
        origin: str = "",
    ) -> Printout:
        """The record as PDF, or as the Excel file of a format that fills one in. Without `format_name` the DocType's default format;
        `Standard` is the generated one. `origin` is the address by which the reader came here, for QR codes of a site whose
        `base_url` is not set.

        Raises PermissionRefused, NotFound, PrintFailed, and ValidationFailed when the record lacks what the format needs.
        """
        snapshot = self._snapshots()
        found = snapshot.doctype(doctype)
        chosen = self._format(found, format_name)
        record, context = self._gathered(user, snapshot, found, name, language, origin, chosen)
        if chosen is not None:
            _require_needs(chosen, found, snapshot.model, record)
        content = self._printing.render(found, record, chosen, snapshot.model, context)
        title = (chosen.title if chosen else found.label).to(context.language)
        return _printout(f"{title} {name}" if title != name else name, chosen, content)

    def batch(
        self,
        user: User,
        doctype: str,
        names: Sequence[str],
        *,
        format_name: str | None = None,
        language: str | None = None,
        origin: str = "",
    ) -> Printout:
        """Several records in one PDF, each under its reader's right to it; small pages two on a sheet where the format says so.

        Raises ValidationFailed with every record that cannot be printed and why: then nothing is.
        """
        form = self.batch_format(doctype, len(names), format_name)
        found = self.sheets(user, doctype, names, format_name=format_name, language=language, origin=origin)
        if found.faults:
            raise nothing_printed(found.faults)
        pdf = joined([sheet for sheets in found.sheets for sheet in sheets], two_up=bool(form and form.page.two_up))
        return replace(self.batch_printout(doctype, len(names), form, language or user.language), content=pdf)

    def batch_format(self, doctype: str, number: int, format_name: str | None) -> PrintFormat | None:
        """The format in which so many records are printed at once. Raises NotFound; ValidationFailed where they cannot be."""
        chosen = self._format(self._snapshots().record_type(doctype), format_name)
        if not 0 < number <= MOST_AT_ONCE or (chosen is not None and chosen.workbook):
            raise ValidationFailed(
                Text(
                    f"一次打印 1 到 {MOST_AT_ONCE} 张；Excel 格式的单据逐张下载。",
                    f"Print 1 to {MOST_AT_ONCE} records at once; Excel formats are downloaded one by one.",
                )
            )
        return chosen

    def batch_printout(self, doctype: str, number: int, form: PrintFormat | None, language: str) -> Printout:
        """What a print of several is called, without its content."""
        title = (form.title if form else self._snapshots().record_type(doctype).label).to(language)
        return _printout(f"{title} ({number})", form, b"")

    def sheets(
        self,
        user: User,
        doctype: str,
        names: Sequence[str],
        *,
        format_name: str | None = None,
        language: str | None = None,
        origin: str = "",
        processes: int = WORKERS,
    ) -> Sheets:
        """The PDFs of each of these records, or why which of them cannot be printed: then none is.

        `processes` print at the same time; 0: it is only looked whether they may be printed.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        chosen = self._format(found, format_name)
        faults: list[Fault] = []
        gathered: list[tuple[str, Record, PrintContext]] = []
        for name in names:
            try:
                record, context = self._gathered(user, snapshot, found, name, language, origin, chosen)
                if chosen is not None:
                    _require_needs(chosen, found, snapshot.model, record)
                gathered.append((name, record, context))
            except (PermissionRefused, NotFound, ValidationFailed) as error:
                faults.append(_why_not(name, error))

        def printed(given: tuple[str, Record, PrintContext]) -> list[bytes] | Fault:
            try:
                return self._printing.sheets(found, given[1], chosen, snapshot.model, given[2])
            except PrintFailed as error:
                return _why_not(given[0], error)

        if faults or not processes:
            return Sheets((), faults)
        self._printing.about_to_last()
        with ThreadPoolExecutor(processes) as pool:  # each print process has its own
            outcomes = list(pool.map(printed, gathered))
        return Sheets(
            [one for one in outcomes if not isinstance(one, Fault)], [one for one in outcomes if isinstance(one, Fault)]
        )

    def preview(self, user: User, form: PrintFormat, name: str, language: str, origin: str = "") -> bytes:
        """A record as a format that is not in force would print it, under its reader's right to the record. What the format needs
        may be missing. Raises PermissionRefused, NotFound, PrintFailed."""
        snapshot = self._snapshots()
        found = snapshot.doctype(form.doctype)
        record, context = self._gathered(user, snapshot, found, name, language, origin, form)
        return self._printing.render(found, record, form, snapshot.model, context)

    def _gathered(
        self,
        user: User,
        snapshot: Snapshot,
        doctype: DocType,
        name: str,
        language: str | None,
        origin: str,
        form: PrintFormat | None,
    ) -> tuple[Record, PrintContext]:
        """A record that the user may print, and what stands on the paper beside it."""
        record = self._documents.load(user, doctype.name, name)
        Permissions(snapshot.model).require(user, "print", doctype.name, record)
        context = self._context(user, snapshot, doctype, record, language or user.language)
        reader = replace(user, language=context.language)
        linked = linked_rows(self._queries, snapshot, reader, form.linked if form else (), doctype, record)
        base = (self._settings.base_url or origin).rstrip("/")
        path = f"/form/{quote(doctype.name, safe='')}/{quote(name, safe='')}"
        return record, replace(context, record_address=f"{base}{path}" if base else name, linked=linked)

    def enclosed(self, wanted: Mapping[str, Any], reader: Callable[[str], User | None]) -> tuple[str, bytes] | Text:
        """File name and PDF for somebody who is sent it, under their own rights; why it is left out where they may not have it."""
        doctype, name = str(wanted["doctype"]), str(wanted["name"])
        user = reader(str(wanted["user"]))
        try:
            if user is None:
                raise NotFound(Text(f"没有用户 {wanted['user']}", f"there is no user {wanted['user']}"))
            found = self.printout(user, doctype, name, format_name=str(wanted["format"]), language=str(wanted["language"]))
        except (PermissionRefused, NotFound, ValidationFailed) as refused:
            zh, en = (" ".join(refused.lines(language)) for language in ("zh", "en"))
            return Text(f"（未附 PDF：{zh}）", f"(No PDF is attached: {en})")
        return re.sub(r"[^\w.\-]+", "_", name) + Path(found.filename).suffix, found.content

    def sample(
        self, user: User, snapshot: Snapshot, doctype: str, record: Record, language: str, form: PrintFormat | None = None
    ) -> bytes:
        """The generated print, or that of `form`, of a record that is not stored, as if `snapshot` were in force. Raises PrintFailed."""
        found = snapshot.doctype(doctype)
        context = PrintContext(
            language=language, company=self._settings.company_in(language), now=self._clock.now(), printed_by=user.full_name
        )
        return self._printing.render(found, record, form, snapshot.model, context)

    def _format(self, doctype: DocType, format_name: str | None) -> PrintFormat | None:
        formats = self.formats(doctype.name)
        if format_name in (None, ""):
            return formats[0] if formats else None
        if format_name == STANDARD:
            return None
        chosen = next((item for item in formats if item.name == format_name), None)
        if chosen is None:
            raise NotFound(
                Text(
                    f"{doctype.label.zh}没有打印格式“{format_name}”。",
                    f'{doctype.label.en} has no print format "{format_name}".',
                )
            )
        return chosen

    def _context(self, user: User, snapshot: Snapshot, doctype: DocType, record: Record, language: str) -> PrintContext:
        approvals = [
            {
                "role": item.owed_by_in(language),
                "title": item.obligation.title,
                "by_name": item.decided_by_name,
                "at": item.obligation.decided_at,
                "comment": item.obligation.comment or "",
                "decision": item.obligation.decision,
            }
            for item in reversed(self._inbox.for_record(user, doctype.name, record["name"]))
            if item.obligation.kind == "approval" and item.obligation.decision and item.obligation.state == "met"
        ]
        return PrintContext(
            language=language,
            company=self._settings.company_in(language),
            link_titles=self._link_titles(replace(user, language=language), snapshot.model, doctype, record),
            approvals=approvals,
            signatures=self._signatures(user, doctype, record),
            images=self._images(user, snapshot, doctype, record),
            now=self._clock.now(),
            printed_by=user.full_name,
            user=user_scope(user),
            state=self._documents.state_title(doctype.name, record),
        )

    def _signatures(self, user: User, doctype: DocType, record: Record) -> list[dict[str, Any]]:
        return [
            {
                "meaning": item.meaning_title, "full_name": item.full_name, "signer": item.signer, "at": item.at,
                "reason": item.reason, "is_valid": item.is_valid,
                "changed": [change["table_label"] or change["label"] for change in item.changed],
            }
            for item in self._signing.of_record(user, doctype.name, str(record["name"]))
        ]  # fmt: skip

    def _link_titles(self, user: User, model: Model, doctype: DocType, record: Record) -> dict[tuple[str, str], str]:
        """(DocType, name) to title for every link of the record and the people behind it, one query per linked DocType."""
        names: dict[str, set[str]] = {"User": {str(record[by]) for by in ("owner", "modified_by") if record.get(by)}}
        for _, _, target, name in links_of(model, doctype, record):
            names.setdefault(target, set()).add(name)
        return {
            (target, name): title
            for target, wanted in names.items()
            for name, title in self._queries.titles(user, target, wanted).items()
        }

    def _images(self, user: User, snapshot: Snapshot, doctype: DocType, record: Record) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for address in addresses(snapshot, doctype, record):
            try:
                stored = self._files.open(user, address.split("/")[2])
            except GuijuError:
                continue  # a picture that this reader may not open is not printed for them
            if stored.is_image:
                found[address] = stored.path.read_bytes()
        return found


def _require_needs(form: PrintFormat, doctype: DocType, model: Model, record: Record) -> None:
    """A paper that lacks what it is for is not printed: a box label without its destination. Names all that is missing."""
    faults = []
    for path in form.needs:
        table, _, column = path.rpartition(".")
        owner = model.child(doctype.field(table)) if table else doctype
        label = owner.field(column).label
        for index, row in enumerate(record.get(table) or () if table else (record,)):
            if row.get(column) in (None, "", []):
                where, nth = (f"{table}[{index}].{column}", index + 1) if table else (column, 0)
                zh, en = (f"第 {nth} 行“{label.zh}”", f"row {nth}, {label.en}") if nth else (f"“{label.zh}”", label.en)
                text = Text(f"{zh}未填写，不能打印；请先填写。", f"{en} is empty; it cannot be printed. Enter it first.")
                faults.append(Fault(where, with_clauses(text, form.source), form.source))
    if faults:
        title = Text(
            f"{doctype.label.zh} {record['name']} 不能打印“{form.title.zh}”。",
            f"{doctype.label.en} {record['name']} cannot be printed as {form.title.en}.",
        )
        raise ValidationFailed(title, faults)
