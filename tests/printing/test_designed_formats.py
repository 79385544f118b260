"""Formats designed from blocks: what they print, what is refused and at which block; copies, two on a sheet, Excel files filled in."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from PIL import Image
from print_samples import Paper, designed, part, png_bytes
from pypdf import PdfReader

from server.metadata.model import DocType, Model
from server.printing.check import check_templates
from server.printing.context import PrintContext
from server.printing.format import check_format, read_format
from server.printing.growing import moved_formula
from server.printing.imposing import joined
from server.printing.seen import pages_seen
from server.printing.service import PrintFailed, PrintService

Print = Callable[..., Paper]
SEAL = "data:image/png;base64," + base64.b64encode(png_bytes(Image.new("RGB", (60, 60), (200, 20, 20)))).decode()
BLOCKS: list[dict[str, Any]] = [
    {"kind": "header", "picture": SEAL, "picture_mm": 20, "qr": 1},
    {"kind": "text", "text": {"zh": "致 {{ customer }}：合计 {{ total | money }} 元 <b>{%", "en": "To {{ customer }}: {{ total | money }}"}},
    {"kind": "fields", "names": ["contact", "visit_on", "address"], "wide": ["address"]},
    {"kind": "table", "table": "items", "columns": [{"field": "part", "width": 40}, {"field": "qty"}, {"field": "amount", "total": 1}]},
    {"kind": "checklist", "table": "items", "columns": [{"field": "part"}, {"field": "result"}]},
    {"kind": "columns", "widths": [60, 40], "cells": [
        [{"kind": "text", "text": "左边"}], [{"kind": "code", "caption": 1}, {"kind": "code", "code": "bar", "content": "name"}]]},
    {"kind": "paragraph", "field": "cause"},
    {"kind": "seal", "picture": SEAL, "text": "合同专用章|Contract seal"},
    {"kind": "text", "text": "从不出现", "only_if": "engineer_signed"},
    {"kind": "signatures", "boxes": [{"field": "signed"}, {"text": {"zh": "审批", "en": "Approved"}}]},
]  # fmt: skip


def raw(**values: Any) -> dict[str, Any]:
    return {
        "name": "Designed",
        "doc_type": "Service Order",
        "title": {"zh": "服务单", "en": "Order"},
        "form_number": "F-1",
    } | values


def faults_of(given: dict[str, Any], model: Model) -> dict[str, str]:
    """The place of each fault within the file, with what is said of it in English."""
    found = check_format(given, "f.json") or check_templates({"f.json": read_format(given)}, model)
    return {fault.where.removeprefix("f.json: "): fault.text.en.removeprefix(f"{fault.where}: ") for fault in found}


def test_blocks_print_and_say_their_texts_in_the_reader_s_language(
    printed: Print, record: dict[str, Any], model: Model
) -> None:
    assert faults_of(raw(blocks=[*BLOCKS[:1], {**BLOCKS[1], "text": "致 {{ customer }}"}, *BLOCKS[2:]]), model) == {}
    good = [{**BLOCKS[1], "text": {**BLOCKS[1]["text"], "zh": "致 {{ customer }}：合计 {{ total | money }} 元 <b>"}}]
    paper = printed(record, "", blocks=[BLOCKS[0], *good, *BLOCKS[2:]])
    said = paper.run_together
    assert "致西安某某电子科技股份有限公司：合计1,234,567.89元<b>" in said
    assert "售后服务报告单" in said
    assert "3,750.00" in said
    assert "从不出现" not in said
    assert "☑合格" in said
    assert "合同专用章" not in said  # submitted: the picture of the seal stands there
    assert "合同专用章" in printed({**record, "docstatus": 0}, "", blocks=BLOCKS[7:8]).run_together


def test_every_fault_is_named_at_its_block(model: Model) -> None:
    wide = [{"field": name} for name in ("part", "remark", "result", "returned", "qty", "amount") for _ in range(4)]
    faults = faults_of(raw(blocks=[
        {"kind": "fields", "names": ["contcat"]},
        {"kind": "table", "table": "items", "columns": [{"field": "prt"}]},
        {"kind": "columns", "cells": [[{"kind": "html", "html": "{{ doc.custmer }}"}], [{"kind": "title"}]]},
        {"kind": "table", "table": "items", "columns": wide},
        {"kind": "code", "content": "nmae"},
        {"kind": "title", "only_if": "nothing"},
    ]), model)  # fmt: skip
    assert set(faults) == {"blocks[0]", "blocks[1]", "blocks[2].cells[0][0]", "blocks[3]", "blocks[4]", "blocks[5]"}
    assert "Did you mean" in faults["blocks[0]"]
    assert "too wide: 24 columns" in faults["blocks[3]"]
    broken = faults_of(raw(blocks=[{"kind": "title"}, {"kind": "html", "html": "{% for %}"}]), model)
    assert list(broken) == ["blocks[1]"]

    shapes = faults_of(raw(blocks=[
        {"kind": "tabel"}, {"kind": "text", "text": "{{ customer.name( }}"}, {"kind": "seal", "picture": "data:image/png;base64,AAAA"},
        {"kind": "fields", "names": ["contact"], "columns": 9, "colums": 1}, {"kind": "columns", "cells": [[{"kind": "fields"}]]},
    ]), model)  # fmt: skip
    assert set(shapes) == {
        "blocks[0].kind", "blocks[1].text", "blocks[2].picture", "blocks[3].columns", "blocks[3].colums", "blocks[4].cells[0][0].kind",
    }  # fmt: skip
    assert list(faults_of(raw(blocks=[{"kind": "title"}], html=""), model)) == ["blocks"]
    assert list(faults_of(raw(html="", page={"size": "A4", "two_up": 1}), model)) == ["page.two_up"]


def checks_and_parts() -> list[dict[str, Any]]:
    """Two tables of one child table, each under a line of its own."""
    checks = {"kind": "checklist", "table": "items", "columns": [{"field": "part"}, {"field": "result"}]}
    amounts = {
        "kind": "table",
        "table": "items",
        "columns": [{"field": "part"}, {"field": "amount", "total": 1}],
        "min_rows": 6,
    }
    below = {"kind": "text", "text": "备件由客户保管"}
    cells = [
        [{"kind": "text", "text": "检查结果", "bold": 1}, checks],
        [{"kind": "text", "text": "备件", "bold": 1}, amounts, below],
    ]
    return [{"kind": "columns", "widths": [60, 40], "cells": cells}]


def test_tables_stand_side_by_side_and_go_over_pages_together(printed: Print, record: dict[str, Any], model: Model) -> None:
    assert faults_of(raw(blocks=checks_and_parts()), model) == {}

    few = printed(record, "", blocks=checks_and_parts())
    many = printed({**record, "items": [part(number) for number in range(1, 121)]}, "", blocks=checks_and_parts())

    assert "检查结果备件" in few.run_together
    assert few.run_together.index("合计") < few.run_together.index("备件由客户保管")
    pages = PdfReader(io.BytesIO(many.pdf)).pages
    assert len(pages) > 2
    for page in pages:  # the headings of both, in type that can be read
        said = "".join(page.extract_text().split())
        assert said.count("序号") == 2
    assert "".join(page.extract_text() for page in pages).count("☑ 合格") == 120


def test_one_of_two_tables_can_be_left_out(printed: Print, record: dict[str, Any]) -> None:
    blocks = checks_and_parts()
    blocks[0]["cells"][1][1]["only_if"] = "engineer_signed"

    said = printed(record, "", blocks=blocks).run_together

    assert ("☑合格" in said, "合计" in said) == (True, False)


def test_a_table_stands_beside_tables_only_and_has_its_share_of_the_width(model: Model) -> None:
    table = {"kind": "table", "table": "items", "columns": [{"field": "part"}]}
    alone = faults_of(raw(blocks=[{"kind": "columns", "cells": [[table], [{"kind": "code"}]]}]), model)
    assert "holds exactly one" in alone["blocks[0].cells[1]"]

    wide = {
        **table,
        "columns": [{"field": name} for name in ("part", "remark", "result", "returned", "qty", "amount") for _ in "12"],
    }
    faults = faults_of(raw(blocks=[{"kind": "columns", "widths": [30, 70], "cells": [[wide], [table]]}]), model)
    assert list(faults) == ["blocks[0].cells[0][0]"]
    misspelt = {**table, "columns": [{"field": "prt"}]}
    faults = faults_of(raw(blocks=[{"kind": "columns", "cells": [[table], [misspelt]]}]), model)
    assert list(faults) == ["blocks[0].cells[1][0]"]


def test_a_failure_while_printing_names_the_block(printed: Print, record: dict[str, Any]) -> None:
    with pytest.raises(PrintFailed) as failed:
        printed(record, "", blocks=[{"kind": "title"}, {"kind": "html", "html": "{{ 1 / 0 }}"}])
    assert failed.value.block == "blocks[1]"


def test_copies_carry_their_marks_and_small_pages_share_a_sheet(
    service: PrintService, doctype: DocType, model: Model, context: PrintContext, record: dict[str, Any]
) -> None:
    form = designed("{{ title() }}", copies=["存根联|x", {"zh": "客户联", "en": "Customer"}], page={"size": "A5", "two_up": 1})
    paper = Paper(service.render(doctype, record, form, model, context))
    assert len(paper.pages) == 1
    assert "客户联" in paper.run_together
    box = PdfReader(io.BytesIO(paper.pdf)).pages[0].mediabox
    assert (round(float(box.width)), round(float(box.height))) == (842, 595)
    three = joined(service.sheets(doctype, record, form, model, context) * 2)
    count, pictures = pages_seen(three)
    assert count == len(pictures) == 4
    assert pictures[0].startswith("data:image/png;base64,")


def workbook() -> str:
    book = Workbook()
    sheet = book.active
    sheet.title = "单"
    for place, value in {
        "A1": "客户：{{ customer }}（{{ contact }}）", "A2": "{{ visit_on }}", "B2": "{{ discount }}", "C2": "{{ total | cn_amount }}",
        "A4": "序号", "A5": "{{ items.idx }}", "B5": "{{ items.part }}", "C5": "{{ items.qty }}", "D5": "{{ items.amount }}",
        "E5": "=C5*D5", "D6": "=SUM(D5:D5)", "E6": "=SUM(E5:E5)", "A8": "=D6", "A9": "{{ signed }}",
    }.items():  # fmt: skip
        sheet[place] = value
    sheet["B5"].font = Font(bold=True)
    sheet["B2"].number_format = "0.0%"
    sheet.merge_cells("B5:B5")
    sheet.merge_cells("A8:C8")
    sheet.row_dimensions[6].height = 33
    sheet.print_area = "A1:E9"
    stream = io.BytesIO()
    book.save(stream)
    return base64.b64encode(stream.getvalue()).decode()


def test_a_company_s_excel_form_is_filled_in_and_nothing_in_it_becomes_a_formula(
    service: PrintService, doctype: DocType, model: Model, context: PrintContext, record: dict[str, Any]
) -> None:
    form = read_format(raw(workbook=workbook()))
    assert faults_of(raw(workbook=form.workbook), model) == {}
    items = [part(1, part="=1+2", amount=10), part(2, part="@SUM(A1)"), part(3)]
    content = service.render(doctype, {**record, "items": items, "contact": '=cmd|" /C calc"!A0'}, form, model, context)

    sheet = load_workbook(io.BytesIO(content))["单"]
    assert sheet["A1"].value == '客户：西安某某电子科技股份有限公司（=cmd|" /C calc"!A0）'
    assert (sheet["A2"].value.date(), sheet["A2"].number_format) == (record["visit_on"], "yyyy-mm-dd")
    assert sheet["B2"].value == pytest.approx(0.124)
    assert [sheet[f"B{row}"].value for row in (5, 6, 7)] == ["=1+2", "@SUM(A1)", "轴承组件3"]
    assert {sheet[f"B{row}"].data_type for row in (5, 6, 7)} == {"s"}
    assert sheet["B5"].quotePrefix
    assert sheet["B7"].font.b
    assert [sheet[f"E{row}"].value for row in (5, 6, 7, 8)] == ["=C5*D5", "=C6*D6", "=C7*D7", "=SUM(E5:E7)"]
    assert (sheet["A10"].value, sheet.row_dimensions[8].height) == ("=D8", 33)
    assert "A10:C10" in {area.coord for area in sheet.merged_cells.ranges}
    assert sheet.print_area == "'单'!$A$1:$E$11"
    assert len(sheet._images) == 1

    wrong = load_workbook(io.BytesIO(base64.b64decode(form.workbook)))
    wrong["单"]["B5"] = "{{ items.prat }}"
    stream = io.BytesIO()
    wrong.save(stream)
    assert list(faults_of(raw(workbook=base64.b64encode(stream.getvalue()).decode()), model)) == ["单!B5"]
    assert list(faults_of(raw(workbook="bm90IGEgemlw"), model)) == ["workbook"]


def test_what_rows_say_is_neither_a_place_nor_a_formula_of_the_form(
    service: PrintService, doctype: DocType, model: Model, context: PrintContext, record: dict[str, Any]
) -> None:
    book = Workbook()
    for place, value in {"A1": "{{ items.part }}", "A3": "{{ items.part }}", "B3": "{{ items.qty }}"}.items():
        book.active[place] = value
    stream = io.BytesIO()
    book.save(stream)
    form = read_format(raw(workbook=base64.b64encode(stream.getvalue()).decode()))
    said = ["{{ contact }}", "{{ nothing at all", '=HYPERLINK("http://e.cn")']
    items = [part(at, part=text) for at, text in enumerate(said, 1)]

    sheet = load_workbook(io.BytesIO(service.render(doctype, {**record, "items": items}, form, model, context))).active

    assert [sheet[f"A{row}"].value for row in (1, 2, 3, 5, 6, 7)] == said * 2
    assert {sheet[f"A{row}"].data_type for row in (1, 2, 3, 5, 6, 7)} == {"s"}


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("=SUM(A5:A5)+B9", "=SUM(A5:A7)+B11"),
        ("=$A$4+Sheet2!A9", "=$A$4+Sheet2!A9"),
        ("='it''s'!A9&\"A9\"", "='it''s'!A11&\"A9\""),
        ("=SUM(A:A)+SUM(9:9)", "=SUM(A:A)+SUM(11:11)"),
    ],
)
def test_formulas_follow_the_rows_that_are_put_in(formula: str, moved: str) -> None:
    assert moved_formula(formula, "it's", "it's", 5, 2) == moved
