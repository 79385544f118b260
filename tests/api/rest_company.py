"""A small repair shop to speak REST with: one DocType with levels, owners, rows and a rule, and people for each role."""

from __future__ import annotations

from typing import Any

PASSWORD = "rest-Password-1"

PART: dict[str, Any] = {
    "name": "Repair Part",
    "istable": 1,
    "label": {"zh": "返修零件", "en": "Repair Part"},
    "fields": [
        {"fieldname": "item", "fieldtype": "Data", "label": {"zh": "零件", "en": "Item"}, "reqd": 1},
        {"fieldname": "qty", "fieldtype": "Int", "label": {"zh": "数量", "en": "Quantity"}, "default": "1"},
        {"fieldname": "rate", "fieldtype": "Currency", "label": {"zh": "单价", "en": "Rate"}},
        {"fieldname": "amount", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Amount"}, "formula": "qty * rate"},
    ],
}

TICKET: dict[str, Any] = {
    "name": "Repair Ticket",
    "module": "repair",
    "label": {"zh": "返修单", "en": "Repair Ticket"},
    "autoname": "field:code",
    "allow_rename": 1,
    "is_submittable": 1,
    "title_field": "subject",
    "search_fields": "code,subject,rating",
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "label": {"zh": "单号", "en": "Code"}, "reqd": 1, "unique": 1},
        {"fieldname": "subject", "fieldtype": "Data", "label": {"zh": "事由", "en": "Subject"}, "reqd": 1, "in_list_view": 1},
        {
            "fieldname": "status", "fieldtype": "Select", "label": {"zh": "状态", "en": "Status"}, "options": "Open\nClosed",
            "default": "Open", "in_list_view": 1, "in_standard_filter": 1,
        },
        {"fieldname": "reported_at", "fieldtype": "Datetime", "label": {"zh": "报修时间", "en": "Reported At"}},
        {"fieldname": "due_on", "fieldtype": "Date", "label": {"zh": "期限", "en": "Due On"}},
        {"fieldname": "note", "fieldtype": "Long Text", "label": {"zh": "说明", "en": "Note"}},
        {"fieldname": "parts", "fieldtype": "Table", "label": {"zh": "零件", "en": "Parts"}, "options": "Repair Part"},
        {"fieldname": "total", "fieldtype": "Currency", "label": {"zh": "合计", "en": "Total"}, "formula": "sum(parts.amount)"},
        {
            "fieldname": "margin", "fieldtype": "Percent", "label": {"zh": "毛利率", "en": "Margin"}, "permlevel": 1,
        },
        {"fieldname": "rating", "fieldtype": "Data", "label": {"zh": "客户评级", "en": "Rating"}, "permlevel": 1},
        {
            "fieldname": "amended_from", "fieldtype": "Link", "options": "Repair Ticket", "label": {"zh": "修订自", "en": "Amended From"},
            "read_only": 1, "no_copy": 1,
        },
    ],
    "permissions": [
        {"role": "Repairer", "if_owner": 1, "read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "print": 1},
        {"role": "Repair Manager", "read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "print": 1},
        {"role": "Repair Manager", "permlevel": 1, "read": 1, "write": 1},
        {"role": "Repair Viewer", "read": 1},
    ],
}  # fmt: skip

RULE: dict[str, Any] = {
    "name": "repair-total-limit",
    "title": {"zh": "返修合计不得超过一万元", "en": "A repair may not exceed 10,000"},
    "source": ["S08-05"],
    "applies_to": "Repair Ticket",
    "on": ["validate"],
    "when": {"all": [["total", ">", 10000]]},
    "then": [
        {"block": {"message": {"zh": "合计 {total} 超过 10,000.00", "en": "Total {total} exceeds 10,000.00"}, "field": "total"}}
    ],
}
WARNING: dict[str, Any] = {
    "name": "repair-total-warning",
    "title": {"zh": "返修合计偏高", "en": "A high repair total"},
    "applies_to": "Repair Ticket",
    "on": ["validate"],
    "when": {"all": [["total", ">", 5000]]},
    "then": [{"warn": {"message": {"zh": "合计偏高", "en": "The total is high"}, "field": "total"}}],
}

PEOPLE = {
    "li": ("李工", ["Repairer"]),
    "wang": ("王工", ["Repairer"]),
    "zhao": ("赵敏", ["Repair Manager"]),
    "sun": ("孙阅", ["Repair Viewer"]),
    "outsider": ("周外", []),
    "sysadmin": ("系统管理员", ["System Manager"]),
}
