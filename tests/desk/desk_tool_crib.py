"""The record types of the tool crib."""

from __future__ import annotations

from typing import Any

PASSWORD = "zhuzhou-2026"
CORE = {"User", "Role", "Has Role", "Department", "User Permission"}

LOAN: dict[str, Any] = {
    "name": "Tool Loan", "label": {"zh": "工具借用单", "en": "Tool Loan"}, "autoname": "format:GJ-{####}", "title_field": "tool",
    "search_fields": "tool,borrower", "sort_field": "modified", "offline": {"mine": ["borrower"], "filters": [["kind", "!=", "Cutter"]]},
    "fields": [
        {"fieldname": "tool", "fieldtype": "Data", "label": {"zh": "工具", "en": "Tool"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "kind", "fieldtype": "Select", "label": {"zh": "类别", "en": "Kind"}, "options": "Gauge\nCutter", "in_list_view": 1,
         "in_standard_filter": 1,
         "option_labels": {"Gauge": {"zh": "量具", "en": "Gauge"}, "Cutter": {"zh": "刀具", "en": "Cutter"}}},
        {"fieldname": "second_column", "fieldtype": "Column Break"},
        {"fieldname": "borrower", "fieldtype": "Link", "label": {"zh": "借用人", "en": "Borrower"}, "options": "User", "in_list_view": 1},
        {"fieldname": "qty", "fieldtype": "Float", "label": {"zh": "数量", "en": "Qty"}, "in_list_view": 1},
        {"fieldname": "lent_at", "fieldtype": "Datetime", "label": {"zh": "借出时间", "en": "Lent At"}},
        {"fieldname": "price", "fieldtype": "Currency", "label": {"zh": "原值", "en": "Value"}, "permlevel": 1},
        {"fieldname": "mark", "fieldtype": "Data", "label": {"zh": "内部标记", "en": "Mark"}, "hidden": 1},
        {"fieldname": "parts_tab", "fieldtype": "Tab Break", "label": {"zh": "附件", "en": "Parts"}},
        {"fieldname": "parts", "fieldtype": "Table", "label": {"zh": "附件清单", "en": "Parts"}, "options": "Tool Loan Part"},
        {"fieldname": "secret_tab", "fieldtype": "Tab Break", "label": {"zh": "成本", "en": "Cost"}},
        {"fieldname": "cost_note", "fieldtype": "Small Text", "label": {"zh": "成本说明", "en": "Cost Note"}, "permlevel": 1},
        {"fieldname": "empty_section", "fieldtype": "Section Break", "label": {"zh": "空", "en": "Empty"}},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1, "delete": 1}],
}  # fmt: skip

LOAN_PART: dict[str, Any] = {
    "name": "Tool Loan Part", "label": {"zh": "附件", "en": "Part"}, "istable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Data", "label": {"zh": "名称", "en": "Part"}, "in_list_view": 1},
        {"fieldname": "checked_at", "fieldtype": "Datetime", "label": {"zh": "点检时间", "en": "Checked At"}},
        {"fieldname": "count", "fieldtype": "Int", "label": {"zh": "件数", "en": "Count"}, "in_list_view": 1},
        {"fieldname": "due_on", "fieldtype": "Date", "label": {"zh": "下次检定", "en": "Due On"}},
        {"fieldname": "keeper", "fieldtype": "Link", "label": {"zh": "保管人", "en": "Keeper"}, "options": "User"},
        {"fieldname": "keeper_name", "fieldtype": "Data", "label": {"zh": "保管人姓名", "en": "Keeper's Name"},
         "fetch_from": "keeper.full_name", "read_only": 1},
        {"fieldname": "share", "fieldtype": "Percent", "label": {"zh": "占比", "en": "Share"}},
    ],
}  # fmt: skip

SCRAPPING: dict[str, Any] = {
    "name": "Tool Scrapping", "label": {"zh": "工具报废单", "en": "Tool Scrapping"}, "autoname": "format:BF-{####}", "is_submittable": 1,
    "fields": [
        {"fieldname": "tool", "fieldtype": "Data", "label": {"zh": "工具", "en": "Tool"}, "reqd": 1},
        {"fieldname": "cause", "fieldtype": "Text Editor", "label": {"zh": "报废原因", "en": "Cause"}},
        {"fieldname": "parts", "fieldtype": "Table", "label": {"zh": "附件", "en": "Parts"}, "options": "Tool Loan Part"},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1, "submit": 1, "cancel": 1}],
}  # fmt: skip
