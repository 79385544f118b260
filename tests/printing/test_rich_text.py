"""Formatted text on paper: what the rich text editor makes, what the form itself says, and nothing that fetches or runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from print_samples import Paper, designed

from server.metadata.load import read_doctype
from server.metadata.model import DocType, Model
from server.printing.context import PrintContext
from server.printing.service import PrintService

Printed = Callable[..., Paper]

NOTE = """<h2>拆检</h2><p>轴承<b>加粗</b><i>斜体</i><u>下划线</u></p>
<ul><li>清洗主轴</li><li>更换轴承<ol><li>前轴承</li><li>后轴承</li></ol></li></ul>
<table><tr><th>项目</th><th>结果</th></tr><tr><td>温升</td><td>12℃</td></tr></table>
<blockquote>客户确认</blockquote><p><a href="https://example.com/x">说明书</a><br>第二行</p>"""


def test_formatted_text_keeps_its_form(printed: Printed, record: dict[str, Any]) -> None:
    paper = printed(record | {"note": NOTE})
    lines = [" ".join(line.split()) for line in paper.text.splitlines()]
    assert "• 清洗主轴" in lines
    assert {"1. 前轴承", "2. 后轴承"} <= set(lines)
    assert "温升 12℃" in " ".join(paper.text.split())
    assert "轴承加粗斜体下划线" in paper.run_together
    assert "说明书" in lines
    assert any("Bold" in font for font in paper.fonts)


@pytest.mark.parametrize(
    "hostile",
    [
        '<img src="file:///etc/passwd">',
        '<img src="http://127.0.0.1:9/x.png">',
        '<img src="data:image/svg+xml;base64,PHN2Zy8+">',
        "<script>document.write('进来了')</script>",
        '<p onclick="进来了()" style="background:url(file:///etc/passwd)">好</p>',
        '<iframe src="file:///etc/passwd"></iframe><object data="file:///etc/passwd"></object>',
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css"><style>@import "http://127.0.0.1:9/x.css";</style>',
        '<pdf:include src="/etc/passwd"/><pdf:nextpage/>',
    ],
)
def test_nothing_in_a_formatted_text_fetches_or_runs(
    printed: Printed, record: dict[str, Any], caplog: pytest.LogCaptureFixture, hostile: str
) -> None:
    paper = printed(record | {"note": f"<p>前文</p>{hostile}<p>后文</p>"}, '{{ paragraph("note") }}{{ doc.note | rich }}')
    assert "前文" in paper.text
    assert "后文" in paper.text
    assert "进来了" not in paper.text
    assert "root:" not in paper.text
    assert len(paper.pages) == 1
    assert not [line for line in caplog.messages if "passwd" in line or "127.0.0.1" in line]


STATEMENT = {"fieldname": "statement", "fieldtype": "HTML", "options": "<p>客户<b>确认</b>收到全部资料。</p><script>1</script>"}


def form_with(*statements: Mapping[str, Any]) -> DocType:
    fields = [{"fieldname": "first", "fieldtype": "Data", "label": "甲"}, *statements]
    return read_doctype({"name": "Note", "fields": [*fields, {"fieldname": "second", "fieldtype": "Data", "label": "乙"}]})


@pytest.mark.parametrize(
    ("change", "is_printed"),
    [
        ({}, True),
        ({"fieldname": None}, True),
        ({"depends_on": "eval:doc.first == '1'"}, True),
        ({"depends_on": "eval:doc.first == '2'"}, False),
        ({"print_hide": 1}, False),
        ({"hidden": 1}, False),
        ({"permlevel": 1}, False),
        ({"options": ""}, False),
    ],
    ids=["always", "nameless", "condition holds", "condition does not hold", "hint", "hidden", "of a higher level", "empty"],
)
def test_fixed_html_of_the_form_is_printed_where_it_stands(
    service: PrintService, context: PrintContext, change: dict[str, Any], is_printed: bool
) -> None:
    doctype = form_with(STATEMENT | change)
    record = {"name": "N-1", "first": "1", "second": "3"}
    text = Paper(service.render(doctype, record, None, Model({"Note": doctype}), context)).run_together
    assert ("甲1客户确认收到全部资料。乙3" in text) is is_printed


def test_a_designed_format_may_name_fixed_html(service: PrintService, context: PrintContext) -> None:
    doctype = form_with(STATEMENT)
    form = replace(designed('{{ value("statement") }}{{ fields("first", "statement") }}'), doctype="Note")
    paper = Paper(service.render(doctype, {"name": "N-1", "first": "1"}, form, Model({"Note": doctype}), context))
    assert paper.run_together.count("客户确认收到全部资料。") == 2
