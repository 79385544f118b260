"""A small company that is told things: a DocType of its own, people with and without addresses, a mail channel."""

from __future__ import annotations

import json
from typing import Any

from local_servers import Mailbox

from server.access.user import User
from server.assets import builtin_pack
from server.core.text import Text
from server.documents.tell import tell
from server.exchange.packs import Source
from server.site import Site

ADMIN = User.administrator()
CORE = (
    "department", "has_role", "role", "user", "user_permission", "user_group", "user_group_member", "notification_channel", "notification_template", "webhook",
    "webhook_header", "webhook_data",
)  # fmt: skip
ALL = {"read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1}
TICKET = {
    "name": "Ticket", "label": {"zh": "工单", "en": "Ticket"}, "autoname": "field:code", "title_field": "subject", "is_submittable": 1,
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "reqd": 1, "label": {"zh": "编号", "en": "Code"}},
        {"fieldname": "subject", "fieldtype": "Data", "label": {"zh": "简述", "en": "Subject"}},
        {"fieldname": "hours", "fieldtype": "Int", "label": {"zh": "工时", "en": "Hours"}, "allow_on_submit": 1},
        {"fieldname": "fee", "fieldtype": "Currency", "label": {"zh": "费用", "en": "Fee"}, "permlevel": 1},
        {"fieldname": "phone", "fieldtype": "Data", "label": {"zh": "电话", "en": "Phone"}, "mask": 1},
        {"fieldname": "token", "fieldtype": "Password", "label": {"zh": "口令", "en": "Token"}},
        {"fieldname": "responsible", "fieldtype": "Link", "options": "User", "label": {"zh": "负责人", "en": "Responsible"}},
    ],
    "permissions": [
        {"role": "Sales", **ALL}, {"role": "Manager", **ALL}, {"role": "Manager", "permlevel": 1, "read": 1, "write": 1},
    ],
}  # fmt: skip
PEOPLE = (
    ("li", "李工", "zh", "li@example.com", "13800000001", ("Sales",)),
    ("wang", "Wang", "en", "wang@example.com", "", ("Sales", "Manager")),
    ("zhao", "赵工", "zh", "", "13800000003", ("Sales",)),
    ("guest", "客人", "zh", "guest@example.com", "", ("Visitor",)),
)


def furnish(site: Site) -> Site:
    """Publish the DocTypes, make the people and one ticket."""
    core = [json.loads((builtin_pack() / f"doctypes/core/{name}.json").read_text("utf-8")) for name in CORE]
    sources = [Source("DocType", piece["name"], piece) for piece in (*core, TICKET)]
    site.publisher.publish(site.publisher.propose(sources), "tests")
    for role in ("Sales", "Manager", "Visitor"):
        site.documents.save(ADMIN, "Role", {"role_name": role})
    for login, name, language, email, phone, roles in PEOPLE:
        site.documents.save(
            ADMIN, "User",
            {"login": login, "full_name": name, "enabled": 1, "language": language, "email": email, "phone": phone,
             "roles": [{"role": role} for role in roles]},
        )  # fmt: skip
    site.documents.save(ADMIN, "Ticket", {"code": "T-1", "subject": "主轴异响", "hours": 3, "fee": 800, "phone": "13812345678"})
    return site


def mail_channel(site: Site, box: Mailbox, **values: Any) -> str:
    sent = {
        "title": "Mail", "channel_type": "email", "enabled": 1, "smtp_host": "localhost", "smtp_port": box.port,
        "smtp_security": "None", "from_address": "guiju@example.com", "on_approval": 1, "on_due": 1, "on_rule": 1,
    }  # fmt: skip
    return site.documents.save(ADMIN, "Notification Channel", sent | values).name


def say(site: Site, key: str = "k", title: str = "已超期", **values: Any) -> None:
    """Tell somebody something about the ticket, and let the worker and the couriers do what is due."""
    about = {"kind": "due"} | values
    with site.database.write() as connection:
        tell(connection, site.clock.now(), Text(title, f"Late {title}"), "Ticket", "T-1", key=key, **about)
    site.worker.run_once()
    site.post_office.run_once()


def log(site: Site, **asked: str) -> list[dict[str, Any]]:
    """The messages, the oldest first."""
    from server.jobs.messages import Asked
    from server.jobs.messages import log as read

    with site.database.read() as connection:
        return list(reversed(read(connection, Asked(**asked))))
