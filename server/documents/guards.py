"""DocTypes that the program itself relies on: what must hold of their records beyond what metadata can say.

A small table by DocType; the save path asks it for every change, so that no form, program or rule gets around it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from ..access.directory import load_user
from ..access.user import SYSTEM_MANAGER
from ..access.user_records import acted_fault, last_manager_fault, login_fault
from ..calendars import record
from ..core.errors import Fault
from ..core.text import Text
from ..metadata.model import Model
from .calendars import second_default_faults
from .complete import Record
from .dashboards import DOCTYPE as DASHBOARD
from .dashboards import dashboard_faults
from .notifications import channel_book, texts, webhooks
from .report_mail import DOCTYPE as REPORT_MAIL
from .report_mail import report_mail_faults
from .saved_reports import DOCTYPE as SAVED_REPORT
from .saved_reports import saved_report_faults

# (connection, model, the record before, the record after or None when it is deleted) -> what stands against the change
Guard = Callable[[Connection, Model, Record | None, Record | None], list[Fault]]


def user_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """A new login can be typed and is nobody else's; the last enabled System Manager stays; who acted is not deleted."""
    faults = []
    if before is None and after is not None and after.get("login") and (said := login_fault(str(after["login"]))):
        faults.append(Fault("login", said))
    if before is not None and after is None and (said := acted_fault(connection, str(before["name"]))):
        faults.append(Fault("login", said))
    if said := last_manager_fault(connection, before, after):
        disabled = after is not None and not after.get("enabled")
        faults.append(Fault("enabled" if disabled else "roles", said))
    return faults


def calendar_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """A calendar can be counted in, and at most one is the default of the site."""
    return [] if after is None else [*record.faults_of(after), *second_default_faults(connection, after)]


def channel_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """A channel of notifications has what its type needs."""
    return channel_book.channel_faults(after) if after is not None else []


def delegation_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """One passes on one's own approvals only, to somebody else, for a time that is not over before it begins."""
    if after is None:
        return []
    faults = []
    by = load_user(connection, str(after.get("modified_by") or ""))
    if by is not None and after.get("from_user") != by.name and not by.has_role(SYSTEM_MANAGER):
        said = Text("只能委托自己的审批。", "One can pass on one's own approvals only.")
        faults.append(Fault("from_user", said))
    if after.get("from_user") == after.get("to_user"):
        faults.append(
            Fault("to_user", Text("受托人应为另一个人。", "The approvals go to somebody else; choose another person."))
        )
    if after.get("to_date") and after.get("from_date") and after["to_date"] < after["from_date"]:
        faults.append(Fault("to_date", Text("结束日期早于开始日期。", "The last day is before the first one.")))
    return faults


def template_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """Every place of a template means something."""
    return texts.template_faults(model, after) if after is not None else []


def webhook_faults(connection: Connection, model: Model, before: Record | None, after: Record | None) -> list[Fault]:
    """The address can be called, the condition can be read, the fields are there."""
    return webhooks.webhook_faults(model, after) if after is not None else []


GUARDS: Mapping[str, Guard] = {
    "User": user_faults,
    record.DOCTYPE: calendar_faults,
    "Delegation": delegation_faults,
    channel_book.DOCTYPE: channel_faults,
    texts.DOCTYPE: template_faults,
    webhooks.DOCTYPE: webhook_faults,
    DASHBOARD: dashboard_faults,
    REPORT_MAIL: report_mail_faults,
    SAVED_REPORT: saved_report_faults,
}


def guard_faults(
    connection: Connection, model: Model, doctype: str, before: Record | None, after: Record | None
) -> list[Fault]:
    """What stands against a change of a record, `after` being None for its deletion; empty for a DocType without a guard."""
    guard = GUARDS.get(doctype)
    return guard(connection, model, before, after) if guard else []
