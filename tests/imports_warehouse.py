"""A spare-parts warehouse whose staff bring their spreadsheets: its record types, and files as people make them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import xlsxwriter

from server.access.user import User
from server.core.clock import SettableClock
from server.exchange.imports.book import DataImport
from server.exchange.packs import Source
from server.site import Site, open_site

ALL_RIGHTS = {"read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1, "export": 1, "import": 1}
CORE = {"User", "Role", "Has Role", "Department", "User Permission"}

SUPPLIER: dict[str, Any] = {
    "name": "Supplier", "label": {"zh": "供应商", "en": "Supplier"}, "autoname": "field:code", "title_field": "title",
    "allow_rename": 1,
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "label": {"zh": "代码", "en": "Code"}, "reqd": 1},
        {"fieldname": "title", "fieldtype": "Data", "label": {"zh": "名称", "en": "Title"}, "reqd": 1},
    ],
    "permissions": [{"role": "All", **ALL_RIGHTS}],
}  # fmt: skip

PART: dict[str, Any] = {
    "name": "Part", "label": {"zh": "备件", "en": "Part"}, "autoname": "format:P-{####}", "title_field": "title",
    "fields": [
        {"fieldname": "code", "fieldtype": "Data", "label": {"zh": "图号", "en": "Drawing No"}, "unique": 1},
        {"fieldname": "title", "fieldtype": "Data", "label": {"zh": "名称", "en": "Title"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "supplier", "fieldtype": "Link", "label": {"zh": "供应商", "en": "Supplier"}, "options": "Supplier"},
        {"fieldname": "price", "fieldtype": "Currency", "label": {"zh": "单价", "en": "Price"}, "in_list_view": 1, "non_negative": 1},
        {"fieldname": "weight", "fieldtype": "Float", "label": {"zh": "重量（kg）", "en": "Weight (kg)"}},
        {"fieldname": "share", "fieldtype": "Percent", "label": {"zh": "损耗率", "en": "Scrap Rate"}},
        {"fieldname": "stocked_on", "fieldtype": "Date", "label": {"zh": "入库日期", "en": "Stocked On"}},
        {"fieldname": "kind", "fieldtype": "Select", "label": {"zh": "类别", "en": "Kind"}, "options": "Bought\nMade", "default": "Bought",
         "option_labels": {"Bought": {"zh": "外购", "en": "Bought"}, "Made": {"zh": "自制", "en": "Made"}}},
        {"fieldname": "cost", "fieldtype": "Currency", "label": {"zh": "成本", "en": "Cost"}, "permlevel": 1},
        {"fieldname": "uses", "fieldtype": "Table", "label": {"zh": "用于", "en": "Used In"}, "options": "Part Use"},
    ],
    "permissions": [{"role": "All", **ALL_RIGHTS}, {"role": "Buyer", "permlevel": 1, "read": 1, "write": 1}],
}  # fmt: skip

PART_USE: dict[str, Any] = {
    "name": "Part Use", "label": {"zh": "用途", "en": "Part Use"}, "istable": 1,
    "fields": [
        {"fieldname": "machine", "fieldtype": "Data", "label": {"zh": "机型", "en": "Machine"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "qty", "fieldtype": "Int", "label": {"zh": "数量", "en": "Qty"}, "in_list_view": 1},
    ],
}  # fmt: skip

RECEIPT: dict[str, Any] = {
    "name": "Part Receipt", "label": {"zh": "入库单", "en": "Part Receipt"}, "autoname": "format:RK-{####}", "is_submittable": 1,
    "fields": [{"fieldname": "part", "fieldtype": "Data", "label": {"zh": "备件", "en": "Part"}, "reqd": 1}],
    "permissions": [{"role": "All", **ALL_RIGHTS, "import": 0}, {"role": "Buyer", **ALL_RIGHTS}],
}  # fmt: skip

DEAR: dict[str, Any] = {
    "name": "dear-part-needs-supplier", "title": {"zh": "贵重备件须有供应商", "en": "A dear part needs a supplier"}, "source": [],
    "applies_to": "Part", "on": ["validate"],
    "when": {"all": [["price", ">", 10000], ["supplier", "is", "not set"]]},
    "then": [{"block": {"message": {"zh": "单价超过 10,000，须填供应商。", "en": "Above 10,000: a supplier is needed."}, "field": "supplier"}}],
    "tests": [],
}  # fmt: skip

HEAVY: dict[str, Any] = {
    "name": "many-heavy-parts", "title": {"zh": "重件过多", "en": "Many heavy parts"}, "source": [], "applies_to": "Part", "on": ["validate"],
    "facts": {"heavy": {"count": "Part", "where": [["weight", ">", 900]]}},
    "when": {"all": [["weight", ">", 900], ["@heavy", ">", 50]]},
    "then": [{"warn": {"message": {"zh": "重件已超过 50 种。", "en": "There are more than 50 heavy parts."}}}], "tests": [],
}  # fmt: skip


@contextmanager
def warehouse(folder: Path, clock: SettableClock, **more: Any) -> Iterator[Site]:
    site = open_site(folder, clock=clock, environ={}, embedded_worker=False, **more)
    core = [source for source in site.read_packs().sources if source.kind == "DocType" and source.name in CORE]
    own = [Source("DocType", piece["name"], piece) for piece in (SUPPLIER, PART, PART_USE, RECEIPT)]
    rules = [Source("Rule", rule["name"], rule) for rule in (DEAR, HEAVY)]
    site.publisher.publish(site.publisher.propose([*core, *own, *rules]), "Administrator")
    for role in ("Buyer",):
        site.documents.save(User.administrator(), "Role", {"role_name": role, "__newname": role})
    site.documents.save(User.administrator(), "User", {"login": "lin", "full_name": "林工", "enabled": 1})
    site.documents.save(
        User.administrator(), "User", {"login": "bao", "full_name": "包工", "enabled": 1, "roles": [{"role": "Buyer"}]}
    )
    for code, title in (("S-1", "西安轴承厂"), ("S-2", "宝鸡紧固件"), ("S-3", "同名公司"), ("S-4", "同名公司")):
        site.documents.save(User.administrator(), "Supplier", {"code": code, "title": title})
    yield site
    site.close()


def xlsx(
    *rows: Sequence[Any],
    formats: dict[tuple[int, int], str] | None = None,
    merged: Sequence[tuple[int, int, int, int, Any]] = (),
) -> io.BytesIO:
    """A workbook of one sheet. `formats` are number formats by cell; `merged` are (row, column, row, column, value)."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True})
    sheet = book.add_worksheet("备件")
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if value is not None:
                found = (formats or {}).get((number, place))
                sheet.write(number, place, value, book.add_format({"num_format": found}) if found else None)
    for one in merged:
        sheet.merge_range(*one[:4], one[4])
    book.close()
    return io.BytesIO(made.getvalue())


def csv(text: str, encoding: str = "utf-8") -> io.BytesIO:
    return io.BytesIO(text.encode(encoding))


def imported(
    site: Site,
    user: User,
    file: io.BytesIO,
    filename: str = "备件.xlsx",
    doctype: str = "Part",
    task: str = "run",
    **options: Any,
) -> DataImport:
    """Upload, set options, do the task at once."""
    number = site.imports.create(user, doctype, file, filename)
    if options:
        site.imports.set_options(user, number, options)
    site.imports.start(user, number, task)  # type: ignore[arg-type]
    site.imports.run_next(number)
    return site.imports.get(user, number)


def faults(site: Site, user: User, found: DataImport) -> list[tuple[int, str | None, str, str]]:
    """(row, head of the column, value, what is said in Chinese) of every fault."""
    heads = site.imports.heads(found)
    return [
        (one["row"], heads[one["column"]] if one["column"] is not None else None, one["value"],
         one["text"]["zh"] if isinstance(one["text"], dict) else one["text"])
        for row in site.imports.all_faulty(user, found.id) for one in row.faults
    ]  # fmt: skip
