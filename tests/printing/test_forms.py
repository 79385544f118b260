"""Forms on paper: the generated format, the blocks, tables over pages, weights, watermarks, pictures."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from print_samples import SENTENCE, Paper, part
from pypdf import PdfReader

from server.core.text import Text
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.printing.context import PrintContext
from server.printing.service import PrintService

Printed = Callable[..., Paper]


def test_every_doctype_prints_without_a_designed_format(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(record)
    for shown in (
        "规矩精密制造有限公司",
        "售后服务单",
        "SO-2026-00017",
        "西安某某电子科技股份有限公司",
        "2026-03-31",
        "2026-03-31 14:30",
        "已修复",
        "12.40 %",
        "1,234,567.89",
        "三号厂房东门",
        "轴承组件3",
        "更换轴承组件后连续运行",
        "周建国",
        "同意，老客户。",
        "赵敏",
        "故障处理",
    ):
        assert "".join(shown.split()) in paper.run_together, shown
    assert "C-001" not in paper.text
    assert len(paper.pages) <= 2


def test_hidden_and_print_hidden_fields_are_not_printed(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(record)
    assert "内部备注" not in paper.text
    assert "777.00" not in paper.text
    assert "成本" not in paper.text


def test_a_field_that_the_reader_may_not_see_is_not_printed(printed: Printed, record: dict[str, Any]) -> None:
    masked = {name: value for name, value in record.items() if name != "total"}
    masked["items"] = [{name: value for name, value in row.items() if name != "amount"} for row in record["items"]]
    paper = printed(masked)
    assert "费用合计" not in paper.text
    assert "金额" not in paper.text


@pytest.mark.parametrize("seen", [{}, {"amount": "****"}], ids=["kept from the reader", "masked"])
def test_a_column_that_the_reader_may_not_see_has_no_sum(
    printed: Printed, record: dict[str, Any], seen: dict[str, str]
) -> None:
    rows = [{name: value for name, value in row.items() if name != "amount"} | seen for row in record["items"]]
    template = '{{ table("items", "part", "qty", "amount", total=["amount"]) }}'
    paper = printed(record | {"items": rows}, template)
    assert "合计" not in paper.text
    assert "0.00" not in paper.text
    assert "合计" in printed(record, template).text


def test_labels_and_page_numbers_follow_the_language(printed: Printed, record: dict[str, Any], context: PrintContext) -> None:
    english = printed(record, None, replace(context, language="en"))
    assert "Service Order" in english.text
    assert "Underwarranty" in english.run_together
    assert f"Page 1 of {len(english.pages)}" in english.text
    assert "Fixed" in english.text
    chinese = printed(record)
    assert f"第1页/共{len(chinese.pages)}页" in chinese.run_together


def test_the_form_number_and_version_stand_on_every_page(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(record, "{{ title() }}<pdf:nextpage/><p>二</p>")
    assert len(paper.pages) == 2
    assert all("表单编号 RCSH-07 / 版本 A/1" in page for page in paper.pages)
    assert "售后服务报告单" in paper.pages[0]


def test_a_table_of_150_rows_repeats_its_header_and_loses_no_row(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(
        record | {"items": [part(number) for number in range(1, 151)]},
        '{{ table("items", "part", "qty", "amount", total=["qty"]) }}',
    )
    assert len(paper.pages) >= 3
    assert all("备件" in page and "数量" in page for page in paper.pages)
    assert all(f"轴承组件{number}" in paper.run_together for number in range(1, 151))
    assert f"{sum(range(1, 151)):,}" in paper.pages[-1]


def test_a_text_of_many_pages_in_a_table_cell_is_neither_lost_nor_shrunk(printed: Printed, record: dict[str, Any]) -> None:
    text = "".join(f"{number}{SENTENCE}" for number in range(120))
    paper = printed(record | {"items": [part(1, remark=text)]})
    assert "".join(text.split())[-40:] in paper.run_together
    assert len(paper.pages) >= 5


def test_a_long_text_leaves_the_key_value_table(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(record | {"cause": SENTENCE * 60}, '{{ fields("contact", "cause", "total") }}')
    assert len(paper.pages) >= 2
    assert "1,234,567.89" in paper.pages[-1]


def test_bold_is_another_weight_and_italic_is_not_bold(printed: Printed, record: dict[str, Any]) -> None:
    plain = printed(record, "<p>正文 <i>斜体</i></p>", company="")
    bold = printed(record, "<p>正文 <b>粗体昇喆玥</b></p>")
    assert any("Regular" in font or font.endswith("GuijuSans") for font in plain.fonts)
    assert any("Bold" in font for font in bold.fonts)
    assert "粗体昇喆玥" in bold.run_together


def test_boxes_to_tick(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(
        record,
        '<p>{{ choices("conclusion") }}</p><p>{{ choices("under_warranty") }}</p>{{ checklist("items", "part", "result") }}',
    )
    assert "☑已修复☐返厂维修" in paper.run_together
    assert "☑是☐否" in paper.run_together
    assert "☐合格☑不合格☐不适用" in paper.run_together


def test_amounts_signatures_and_approvals_on_a_designed_form(printed: Printed, record: dict[str, Any]) -> None:
    html = """{{ line("合计(大写)|Total", doc.total | cn_amount) }}
    {{ signatures("signed", "engineer_signed", "服务经理|Manager") }}
    {{ approvals_table() }}<p>{% for row in doc.items %}{{ loop.index }}={{ value("items.result", row) }};{% endfor %}</p>"""
    text = printed(record, html).run_together
    assert "壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分" in text
    assert "客户签字" in text
    assert "赵敏2026-03-3116:15" in text
    assert "服务经理" in text
    assert "签字：" in text
    assert "报价低于价目表总经理同意周建国2026-03-3010:00" in text
    assert "1=合格;2=不合格;3=合格;" in text


@pytest.mark.parametrize("html", ["<p>正文</p>", "<p>正文</p>{{ e_signatures() }}"], ids=["forgotten", "called"])
def test_a_designed_format_that_forgets_the_signatures_prints_them_all_the_same(
    printed: Printed, record: dict[str, Any], context: PrintContext, html: str
) -> None:
    signed: dict[str, Any] = {
        "meaning": Text("批准", "Approved"), "full_name": "周建国", "signer": "zhou", "at": context.now, "reason": "同意",
        "is_valid": True, "changed": [],
    }  # fmt: skip
    void = signed | {"full_name": "李强", "signer": "li", "is_valid": False, "changed": [Text("合计", "Total")]}

    text = printed(record, html, replace(context, signatures=[signed, void])).run_together

    assert text.count("电子签名") == 1
    assert "批准周建国zhou2026-04-0109:00同意有效" in text
    assert "批准李强li2026-04-0109:00同意已失效；签名后更改：合计" in text
    assert "<table" not in text


@pytest.mark.parametrize(("docstatus", "marked"), [(0, True), (1, False), (2, True)], ids=["draft", "submitted", "cancelled"])
def test_drafts_and_cancelled_records_carry_a_watermark(
    printed: Printed, record: dict[str, Any], docstatus: int, marked: bool
) -> None:
    paper = printed(record | {"docstatus": docstatus}, "<p>正文</p>")
    assert (b"/SMask" in paper.pdf) is marked


def test_pictures_are_printed_from_the_given_bytes_only(
    printed: Printed, record: dict[str, Any], context: PrintContext
) -> None:
    html = '{{ image("photo", 60) }}'
    assert b"/Image" in printed(record, html).pdf
    without = printed(record, html, replace(context, images={}))
    assert "photo.png" in without.text
    broken = printed(record, html, replace(context, images={record["photo"]: b"\x89PNG\r\n\x1a\nnot really"}))
    assert "photo.png" in broken.text


def test_an_empty_record_prints(printed: Printed) -> None:
    paper = printed(
        {
            "name": "SO-1",
            "docstatus": 1,
            "items": [],
            "contact": None,
            "cause": None,
            "signed": None,
            "photo": None,
            "total": None,
        }
    )
    assert len(paper.pages) == 1


def test_totals_and_arithmetic_in_a_template_are_exact(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(
        record | {"total": Decimal("100.10")},
        '<p>{{ (doc.total * 1.06) | money("¥", 4) }} {{ doc.items | total("amount") | money }}</p>',
    )
    assert "¥106.1060" in paper.text
    assert "3,750.00" in paper.text


def test_a_table_under_a_heading_begins_on_the_page_of_the_heading(printed: Printed, record: dict[str, Any]) -> None:
    html = '{% for row in doc.items %}<p>行</p>{% endfor %}<h2>备件清单</h2>{{ table("items", "part", "qty") }}'
    paper = printed(record | {"items": [part(number) for number in range(1, 31)]}, html)
    assert len(paper.pages) == 2
    first, second = ("".join(page.split()) for page in paper.pages)
    assert "备件清单" in first
    assert "轴承组件1" in first
    assert "轴承组件30" in second
    assert "序号备件数量" in second


@pytest.mark.parametrize("lines", range(30, 52, 3))
def test_a_heading_is_never_left_alone_at_the_foot_of_a_page(printed: Printed, record: dict[str, Any], lines: int) -> None:
    html = "<p>行</p>" * lines + '<h2>备件清单</h2><h3>本次更换</h3>{{ table("items", "part", "qty") }}'
    paper = printed(record | {"items": [part(number) for number in range(1, 31)]}, html)
    page = next("".join(page.split()) for page in paper.pages if "备件清单" in page)
    assert "轴承组件2" in page


@pytest.mark.parametrize("docstatus", [0, 1, 2], ids=["draft", "submitted", "cancelled"])
@pytest.mark.parametrize(("language", "words"), [("zh", "草稿 已提交 作废"), ("en", "Draft Submitted Cancelled")])
def test_a_designed_format_keeps_the_state_of_the_record_to_the_house(
    printed: Printed, record: dict[str, Any], context: PrintContext, docstatus: int, language: str, words: str
) -> None:
    given = replace(context, language=language)
    designed = printed(record | {"docstatus": docstatus}, "{{ title() }}<p>x</p>", given)
    assert not [word for word in words.split() if word in designed.text]
    generated = printed(record | {"docstatus": docstatus}, None, given)
    assert words.split()[docstatus] in generated.text


def test_long_names_stay_in_the_one_line_at_the_edges_of_the_page(
    printed: Printed, record: dict[str, Any], context: PrintContext, caplog: pytest.LogCaptureFixture
) -> None:
    given = replace(context, printed_by="Maximiliana Featherstonehaugh-Cholmondeley " * 3, company="规矩精密制造有限公司" * 6)
    paper = printed(record, None, replace(given, language="en"))
    assert f"Page 1 of {len(paper.pages)}" in paper.text
    assert "Maximiliana" in paper.text
    assert paper.text.count("…") == 2 * len(paper.pages)
    assert "fitted" not in caplog.text


def test_a_whole_line_field_leaves_no_gap_in_the_generated_format(service: PrintService, context: PrintContext) -> None:
    fields = [("first", "Data"), ("remark", "Small Text"), ("second", "Data")]
    raw = {"name": "Note", "fields": [{"fieldname": name, "fieldtype": kind, "label": name} for name, kind in fields]}
    doctype = read_doctype(raw)
    record = {"name": "N-1", "first": "1", "remark": "2", "second": "3"}
    paper = Paper(service.render(doctype, record, None, Model({"Note": doctype}), context))
    lines = [line.split() for line in paper.text.splitlines()]
    assert lines.index(["first", "1", "second", "3"]) < lines.index(["remark", "2"])


def test_a_section_without_a_heading_goes_on_from_the_one_before(service: PrintService, context: PrintContext) -> None:
    fields = [("one", "Data"), ("part", "Section Break"), ("two", "Data")]
    raw = {"name": "Note", "fields": [{"fieldname": name, "fieldtype": kind} for name, kind in fields]}
    doctype = read_doctype(raw)
    record = {"name": "N-1", "one": "1", "two": "2"}
    paper = Paper(service.render(doctype, record, None, Model({"Note": doctype}), context))
    assert ["one", "1", "two", "2"] in [line.split() for line in paper.text.splitlines()]


def test_no_word_of_a_label_is_cut(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(record, '{{ line("Nonconformance-free Responsibilities|Responsibilities/Nonconformances", "x") }}')
    assert "Responsibilities" in paper.text.split()


def test_a_tall_signature_box_grows_instead_of_shrinking_its_text(printed: Printed, record: dict[str, Any]) -> None:
    label = "收货人（签收实收数量并加盖公章）Consignee, quantity received and accepted"
    low, high = (
        printed(record, f"{{{{ signatures('{text}', '乙', '丙', '丁', columns=4) }}}}<p>{'行' * 50}</p>")
        for text in ("甲", label)
    )
    assert "".join(label.split()) in high.run_together
    assert type_sizes(high.pdf) == type_sizes(low.pdf)


def type_sizes(pdf: bytes) -> set[float]:
    """The sizes in which a PDF draws text."""
    sizes: set[float] = set()

    def visit(text: str, *state: Any) -> None:
        if text.strip():
            sizes.add(round(state[3] * state[1][0], 1))

    PdfReader(io.BytesIO(pdf)).pages[0].extract_text(visitor_text=visit)
    return sizes


def test_an_empty_child_table_is_one_line_of_the_generated_format(printed: Printed, record: dict[str, Any]) -> None:
    text = printed(record | {"items": []}).run_together
    assert "更换备件无" in text
    assert "检查结果" not in text


@pytest.mark.parametrize("lines", range(36, 50, 2))
@pytest.mark.parametrize("between", ["", "<h2>签署</h2>"], ids=["form", "generated"])
def test_signatures_never_stand_alone_on_a_page(printed: Printed, record: dict[str, Any], lines: int, between: str) -> None:
    html = "<p>行</p>" * lines + f'{{{{ fields("contact", "total") }}}}{between}{{{{ signatures("服务经理|Manager") }}}}'
    page = "".join(next(page for page in printed(record, html).pages if "服务经理" in page).split())
    assert "昇喆玥" in page
