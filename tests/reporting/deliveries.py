"""A small company that ships: customers, shipments with lines, and what service costs, for reports."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from server.access.user import User
from server.core.clock import SettableClock
from server.site import Site

READS = {"read": 1, "report": 1, "export": 1}
WRITES = {"role": "Clerk", "write": 1, "create": 1, "submit": 1, **READS}
CUSTOMER = {
    "doctype": "DocType", "name": "Client", "label": {"zh": "客户", "en": "Client"}, "autoname": "field:code", "title_field": "title",
    "show_title_field_in_link": 1,
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "reqd": 1}, {"fieldname": "title", "fieldtype": "Data", "label": {"zh": "名称", "en": "Title"}},
        {"fieldname": "grade", "fieldtype": "Select", "options": "A\nB", "label": {"zh": "等级", "en": "Grade"}},
        {"fieldname": "secret", "fieldtype": "Data", "permlevel": 1},
    ],
    "permissions": [WRITES, {"role": "Seller", **READS}, {"role": "Own", **READS, "if_owner": 1}, {"role": "Clerk", "permlevel": 1, "read": 1}],
}  # fmt: skip
LINE = {
    "doctype": "DocType", "name": "Delivery Line", "istable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Data", "label": {"zh": "零件", "en": "Part"}},
        {"fieldname": "qty", "fieldtype": "Float", "label": {"zh": "数量", "en": "Quantity"}},
    ],
}  # fmt: skip
DELIVERY = {
    "doctype": "DocType", "name": "Delivery", "label": {"zh": "发货", "en": "Delivery"}, "autoname": "format:D-{####}",
    "fields": [
        {"fieldname": "client", "fieldtype": "Link", "options": "Client", "label": {"zh": "客户", "en": "Client"}},
        {"fieldname": "due", "fieldtype": "Date", "label": {"zh": "应交日", "en": "Due"}},
        {"fieldname": "left_at", "fieldtype": "Datetime", "label": {"zh": "发出时间", "en": "Left at"}},
        {"fieldname": "is_late", "fieldtype": "Check", "label": {"zh": "逾期", "en": "Late"}},
        {"fieldname": "value", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Value"}},
        {"fieldname": "margin", "fieldtype": "Currency", "permlevel": 1, "label": {"zh": "毛利", "en": "Margin"}},
        {"fieldname": "phone", "fieldtype": "Data", "options": "Phone", "mask": 1, "label": {"zh": "电话", "en": "Phone"}},
        {"fieldname": "lines", "fieldtype": "Table", "options": "Delivery Line", "label": {"zh": "明细", "en": "Lines"}},
    ],
    "permissions": [WRITES, {"role": "Clerk", "permlevel": 1, "read": 1, "write": 1}, {"role": "Seller", **READS},
                    {"role": "Own", **READS, "write": 1, "create": 1, "if_owner": 1}, {"role": "Blind", "read": 1}],
}  # fmt: skip
COST = {
    "doctype": "DocType", "name": "Service Bill", "autoname": "format:S-{####}",
    "fields": [
        {"fieldname": "billed_on", "fieldtype": "Date"}, {"fieldname": "reviewed_for", "fieldtype": "Link", "options": "Client", "permlevel": 1}, {"fieldname": "who", "fieldtype": "Link", "options": "Client"},
        {"fieldname": "cost", "fieldtype": "Currency", "label": {"zh": "费用", "en": "Cost"}},
    ],
    "permissions": [WRITES, {"role": "Clerk", "permlevel": 1, "read": 1, "write": 1}, {"role": "Seller", **READS}],
}  # fmt: skip
DOCTYPES = (CUSTOMER, LINE, DELIVERY, COST)
ADMIN = User.administrator()


def person(*roles: str, name: str = "li") -> User:
    return User(name, "李工", frozenset((*roles, "All")))


def fill(site: Site) -> None:
    """Two clients and a third that nobody shipped to; deliveries around the turn of years, months and days."""
    for code, title, grade in (("C1", "东方", "A"), ("C2", "西山", "B"), ("C3", "北河", "A")):
        site.documents.save(
            person("Own", "Clerk", name="wu") if code == "C2" else ADMIN,
            "Client",
            {"code": code, "title": title, "grade": grade},
        )
    deliveries: list[tuple[str | None, str, str, int, str, list[tuple[str, str]]]] = [
        ("C1", "2025-12-31", "2025-12-31T15:59", 0, "10.10", [("bolt", "1.5"), ("nut", "2")]),  # 23:59 in Shanghai
        ("C1", "2026-01-01", "2025-12-31T16:00", 1, "20.20", [("bolt", "3")]),  # midnight
        ("C2", "2026-02-28", "2026-02-28T04:00", 0, "30.30", [("nut", "4")]),
        ("C2", "2026-03-01", "2026-03-01T04:00", 1, "0.10", []),
        ("C1", "2026-03-02", "2026-03-02T04:00", 0, "0.20", [("nut", "1")]),
        (None, "2026-03-02", "2026-03-02T04:00", 0, "5.00", []),
    ]
    for client, due, left, late, value, lines in deliveries:
        values: dict[str, Any] = {
            "client": client, "due": due, "left_at": datetime.fromisoformat(left).replace(tzinfo=UTC), "is_late": late, "value": value,
            "margin": "1.00", "phone": "13012345678" if due == "2026-03-02" else "13812345678", "lines": [{"part": part, "qty": qty} for part, qty in lines],
        }  # fmt: skip
        site.documents.save(
            person("Own", name="wu") if client == "C2" else ADMIN,
            "Delivery",
            values if client != "C2" else {k: v for k, v in values.items() if k != "margin"},
        )
    for day, who, cost in (("2026-01-15", "C1", "2.00"), ("2026-02-15", "C3", "7.50")):
        site.documents.save(ADMIN, "Service Bill", {"billed_on": day, "who": who, "cost": cost, "reviewed_for": who})


def report(**raw: Any) -> dict[str, Any]:
    return {"doctype": "Report", "name": "test", "ref_doctype": "Delivery", **raw}


CLOCK = SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))  # a Monday, 09:00 in Shanghai
