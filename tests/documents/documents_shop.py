"""A small record type that has everything the save path deals with, and the people who use it."""

from __future__ import annotations

from typing import Any

from server.access.user import User

ROLE = {"read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "amend": 1, "print": 1}

PART = {
    "name": "Part", "autoname": "field:code", "title_field": "title",
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "label": {"zh": "编码", "en": "Code"}, "reqd": 1},
        {"fieldname": "title", "fieldtype": "Data", "label": {"zh": "名称", "en": "Title"}},
        {"fieldname": "price", "fieldtype": "Currency", "label": {"zh": "单价", "en": "Price"}},
    ],
    "permissions": [{"role": "Clerk", **ROLE}, {"role": "Boss", "read": 1}, {"role": "Part Keeper", "read": 1, "delete": 1}],
}  # fmt: skip
LINE = {
    "name": "Order Line", "istable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Link", "options": "Part", "label": {"zh": "零件", "en": "Part"}, "reqd": 1},
        {"fieldname": "qty", "fieldtype": "Float", "label": {"zh": "数量", "en": "Quantity"}, "default": "1"},
        {"fieldname": "price", "fieldtype": "Currency", "label": {"zh": "单价", "en": "Price"}, "fetch_from": "part.price", "read_only": 1},
        {"fieldname": "amount", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Amount"}, "formula": "qty * price"},
    ],
}  # fmt: skip
ORDER = {
    "name": "Order", "label": {"zh": "订单", "en": "Order"}, "autoname": "naming_series:", "is_submittable": 1, "title_field": "subject",
    "fields": [
        {"fieldname": "naming_series", "fieldtype": "Select", "options": "OR-.YYYY.-.####"},
        {"fieldname": "subject", "fieldtype": "Data", "label": {"zh": "主题", "en": "Subject"}, "reqd": 1},
        {"fieldname": "number", "fieldtype": "Data", "label": {"zh": "合同号", "en": "Contract"}, "unique": 1},
        {"fieldname": "status", "fieldtype": "Select", "options": "Open\nClosed", "default": "Open", "label": {"zh": "状态", "en": "Status"}},
        {"fieldname": "reason", "fieldtype": "Small Text", "label": {"zh": "理由", "en": "Reason"},
         "mandatory_depends_on": "eval:doc.status == 'Closed'"},
        {"fieldname": "note", "fieldtype": "Data", "label": {"zh": "备注", "en": "Note"}, "allow_on_submit": 1},
        {"fieldname": "discount", "fieldtype": "Percent", "label": {"zh": "折扣", "en": "Discount"}, "permlevel": 1},
        {"fieldname": "lines", "fieldtype": "Table", "options": "Order Line", "label": {"zh": "明细", "en": "Lines"}},
        {"fieldname": "total", "fieldtype": "Currency", "label": {"zh": "合计", "en": "Total"}, "formula": "sum(lines.amount)"},
        {"fieldname": "amended_from", "fieldtype": "Link", "options": "Order", "read_only": 1, "no_copy": 1},
    ],
    "permissions": [
        {"role": "Clerk", **ROLE}, {"role": "Boss", "read": 1, "write": 1}, {"role": "Boss", "permlevel": 1, "read": 1, "write": 1},
        {"role": "Guest Clerk", "read": 1, "write": 1, "create": 1, "if_owner": 1},
    ],
}  # fmt: skip


def person(name: str, *roles: str) -> User:
    return User(name, name, frozenset((*roles, "All")))


def order(**values: Any) -> dict[str, Any]:
    return {"subject": "two parts", "lines": [{"part": "P1", "qty": 2}, {"part": "P2", "qty": "3"}], **values}
