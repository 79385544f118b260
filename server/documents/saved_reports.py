"""Reports that people made for themselves: records of Saved Report in the format of report files, private or shared with roles.

Whoever opens one reads it under their own rights; it needs the right *Report* on its record types like every other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from ..access.directory import load_user
from ..access.permissions import Permissions
from ..access.user import SYSTEM_MANAGER, User
from ..core.errors import Fault, GuijuError, ValidationFailed
from ..core.text import Text
from ..metadata.model import Model
from ..reporting.check import check_report_shape, check_reports
from ..reporting.model import Report, read_report
from ..storage import records
from .complete import Record

DOCTYPE = "Saved Report"


class ReportStale(GuijuError):
    """A saved report names what is no longer there."""

    status = 417
    exc_type = "ValidationError"


def read_saved(model: Model, record: Record) -> Report:
    """The report of a record. Raises ReportStale with every fault when it does not fit the record types in force."""
    raw = {**_content(record), "name": str(record["name"])}
    raw.setdefault("title", str(record.get("title") or raw["name"]))
    if faults := faults_of(model, raw):
        title = str(record.get("title") or raw["name"])
        said = Text(
            f"报表“{title}”已不适用，请在设计器中修改。", f'The report "{title}" no longer fits; mend it in the builder.'
        )
        raise ReportStale(said, faults)
    return replace(read_report(raw), is_published=False)


def faults_of(model: Model, raw: Any) -> list[Fault]:
    """Every fault of a report's JSON in this model."""
    found = check_report_shape(raw, "")
    return found or check_reports([read_report(raw)], model, {str(raw["name"]): ""}, model.roles)


def may_see(user: User, record: Record) -> bool:
    """Whether a saved report is this user's, or shared with a role of theirs."""
    if user.is_administrator or record.get("owner") == user.name:
        return True
    return any(row.get("role") in user.roles for row in record.get("shared_with") or ())


def load_all(connection: Connection, model: Model) -> list[Record]:
    """Every saved report with its roles; none on a site that has not taken over the record type yet."""
    doctype = model.get(DOCTYPE)
    if doctype is None:
        return []
    names = list(records.heads(connection, doctype, None))
    return [record for _, record in sorted(records.load_many(connection, model, doctype, names).items())]


def load_one(connection: Connection, model: Model, name: str) -> Record | None:
    doctype = model.get(DOCTYPE)
    return records.load(connection, model, doctype, name) if doctype is not None else None


def saved_report_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """The guard: a saved report can be run, is about the record type it says, and its maker may report on that."""
    if after is None:
        return []
    try:
        raw = {**_content(after), "name": str(after.get("name") or "new")}
    except ValidationFailed as refused:
        return list(refused.faults)
    faults = [Fault("content", fault.text) for fault in faults_of(model, raw)]
    if faults:
        return faults
    if raw["ref_doctype"] != after.get("ref_doctype"):
        text = Text("单据类型与定义不一致。", "The record type is not that of the definition.")
        return [Fault("ref_doctype", text)]
    by = load_user(connection, str(after.get("modified_by") or ""))
    if by is None or by.has_role(SYSTEM_MANAGER):
        return []
    report, permissions = read_report(raw), Permissions(model)
    doctypes = (report.doctype, *(other.doctype for other in report.beside))
    missing = [name for name in doctypes if not permissions.may(by, "report", name)]
    return [Fault("ref_doctype", _no_right(model, name)) for name in missing]


def _no_right(model: Model, doctype: str) -> Text:
    label = model[doctype].label
    return Text(f"您没有对“{label.zh}”做报表的权限。", f'You have no right to report on "{label.en}".')


def _content(record: Record) -> Mapping[str, Any]:
    found = record.get("content")
    if isinstance(found, str):
        found = json.loads(found)
    if not isinstance(found, Mapping):
        text = Text("定义应为 JSON 对象。", "The definition should be a JSON object.")
        raise ValidationFailed(text, [Fault("content", text)])
    return found
