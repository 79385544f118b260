"""DocTypes and records that the storage tests share."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

NOW = datetime(2026, 3, 31, 6, 30, 15, 123456, tzinfo=UTC)

CUSTOMER = {
    "name": "Customer", "autoname": "field:customer_name", "title_field": "customer_name",
    "fields": [{"fieldname": "customer_name", "fieldtype": "Data", "reqd": 1}, {"fieldname": "tax_id", "fieldtype": "Data", "unique": 1}],
}  # fmt: skip
LINE = {
    "name": "Service Quotation Line", "istable": 1,
    "fields": [
        {"fieldname": "item", "fieldtype": "Data"},
        {"fieldname": "qty", "fieldtype": "Float"},
        {"fieldname": "rate", "fieldtype": "Currency"},
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer"},
    ],
}  # fmt: skip
QUOTATION = {
    "name": "Service Quotation", "label": {"zh": "售后报价单", "en": "Service Quotation"}, "is_submittable": 1,
    "title_field": "subject", "search_fields": "subject,customer",
    "fields": [
        {"fieldname": "subject", "fieldtype": "Data", "label": {"zh": "主题", "en": "Subject"}},
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer", "in_standard_filter": 1},
        {"fieldname": "number", "fieldtype": "Data", "unique": 1, "label": {"zh": "合同号", "en": "Contract"}},
        {"fieldname": "total", "fieldtype": "Currency", "search_index": 1},
        {"fieldname": "share", "fieldtype": "Float", "precision": 6},
        {"fieldname": "quantity", "fieldtype": "Int"},
        {"fieldname": "urgent", "fieldtype": "Check"},
        {"fieldname": "valid_to", "fieldtype": "Date"},
        {"fieldname": "reported_at", "fieldtype": "Datetime"},
        {"fieldname": "from_time", "fieldtype": "Time"},
        {"fieldname": "signature", "fieldtype": "Signature"},
        {"fieldname": "order", "fieldtype": "Small Text"},
        {"fieldname": "ref_type", "fieldtype": "Data"},
        {"fieldname": "ref_name", "fieldtype": "Dynamic Link", "options": "ref_type"},
        {"fieldname": "items", "fieldtype": "Table", "options": "Service Quotation Line"},
        {"fieldname": "extras", "fieldtype": "Table", "options": "Service Quotation Line"},
    ],
}  # fmt: skip


def quotation(name: str = "QT-1", **values: Any) -> dict[str, Any]:
    """A stored quotation with every kind of value."""
    return {
        "name": name, "owner": "li", "creation": NOW, "modified": NOW, "modified_by": "li", "docstatus": 0, "version": 1,
        "subject": "更换主轴 “A” 型 'x' \"y\"", "customer": None, "number": None, "total": Decimal("8950.10"), "share": Decimal("0.1"),
        "quantity": 3, "urgent": 1, "valid_to": date(2026, 4, 30), "reported_at": NOW, "from_time": time(8, 30),
        "signature": {"image": "data:image/png;base64,AA==", "name": "李", "at": None}, "order": None, "ref_type": None, "ref_name": None,
        "items": [
            {"name": name + "-r1", "idx": 1, "item": "主轴", "qty": Decimal("1.500"), "rate": Decimal("100.10"), "customer": None},
            {"name": name + "-r2", "idx": 2, "item": "轴承", "qty": Decimal("2.000"), "rate": Decimal("0.30"), "customer": None},
        ],
        "extras": [],
    } | values  # fmt: skip


def customer(name: str, tax_id: str | None = None, **values: Any) -> dict[str, Any]:
    return {
        "name": name, "owner": "li", "creation": NOW, "modified": NOW, "modified_by": "li", "docstatus": 0, "version": 1,
        "customer_name": name, "tax_id": tax_id,
    } | values  # fmt: skip
