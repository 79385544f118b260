"""A purchase that needs an approval, its rule, and a small German catalogue for it. German ships with the tests alone."""

from __future__ import annotations

from typing import Any

PASSWORD = "zhuzhou-2026"
CORE = {"User", "Role", "Has Role", "Department", "User Permission"}

PURCHASE: dict[str, Any] = {
    "name": "Purchase", "label": {"zh": "采购申请", "en": "Purchase"}, "autoname": "format:CG-{####}", "title_field": "what",
    "description": {"zh": "买什么", "en": "What to buy"}, "is_submittable": 1,
    "fields": [
        {"fieldname": "what", "fieldtype": "Data", "label": {"zh": "物品", "en": "Item"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "urgency", "fieldtype": "Select", "label": {"zh": "紧急程度", "en": "Urgency"}, "options": "High\nLow",
         "option_labels": {"High": {"zh": "高", "en": "High"}, "Low": {"zh": "低", "en": "Low"}}, "in_list_view": 1},
        {"fieldname": "amount", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Amount"}, "in_list_view": 1},
        {"fieldname": "note", "fieldtype": "Data", "label": "Remark"},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1, "submit": 1, "cancel": 1, "print": 1}],
}  # fmt: skip

RULE: dict[str, Any] = {
    "name": "purchase-dear", "title": {"zh": "大额采购须审批", "en": "Dear purchases are approved"}, "applies_to": "Purchase",
    "on": ["validate"], "when": {"all": [["amount", ">", 1000]]},
    "then": [
        {"require_approval": {"role": "System Manager", "title": {"zh": "{what} 金额 {amount} 超过 1000", "en": "{what} costs {amount}, more than 1000"}}},
        {"warn": {"message": {"zh": "紧急程度 {urgency}：{what}", "en": "Urgency {urgency}: {what}"}}},
    ],
}  # fmt: skip

GERMAN = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Purchase"
msgstr "Bestellanforderung"

msgid "Item"
msgstr "Gegenstand"

msgid "Urgency"
msgstr "Dringlichkeit"

msgid "High"
msgstr "Hoch"

msgid "Amount"
msgstr "Betrag"

msgid "Remark"
msgstr "Bemerkung"

msgid "Dear purchases are approved"
msgstr "Teure Anforderungen werden genehmigt"

msgid "{what} costs {amount}, more than 1000"
msgstr "{amount} für {what}: mehr als 1000"

msgid "Urgency {urgency}: {what}"
msgstr "{what} – Dringlichkeit {urgency}"

msgid "New {what}"
msgstr "{what} anlegen"

msgid "System Manager"
msgstr "Verwaltung"

msgid "Sign in to Guiju"
msgstr "Bei Guiju anmelden"

msgid "Inbox"
msgstr "Eingang"

msgid "Page {page} of {pages}"
msgstr "Seite {page} von {pages}"

msgid "Printed"
msgstr "Gedruckt"

msgid "{label} is required."
msgstr "{label} fehlt."

msgid "There is no {label} \\"{name}\\"; it may have been deleted."
msgstr "{label} „{name}“ gibt es nicht (mehr)."

msgid "{label}{which} cannot be {verb}; {count} reason{value}:"
msgstr "{label}{which} kann nicht {verb} werden, Gründe: {count}"

msgid "saved"
msgstr "gespeichert"
"""
