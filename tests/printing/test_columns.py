"""The widths of table columns: nothing that must stay whole is cut, the rest of the room goes where the text is long."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from print_samples import FONTS, Paper, part
from pypdf import PdfReader
from reportlab.pdfbase.pdfmetrics import registerFont, stringWidth
from reportlab.pdfbase.ttfonts import TTFont

from server.printing.columns import Need, need_of, shares, shares_as_wanted, text_width
from server.printing.handmade import widen

Printed = Callable[..., Paper]


@pytest.mark.parametrize("text", ["12,800.00", "2026-12-31 08:30", "VMC850E-2606-012", "☑ 不适用", "℃ Ra≤0.8μm", "Approved"])
def test_the_estimate_is_never_less_than_what_the_font_needs(text: str) -> None:
    for face in ("Regular", "Bold"):
        registerFont(TTFont(f"Measured-{face}", str(FONTS / f"GuijuSans-{face}.ttf")))
        assert stringWidth(text, f"Measured-{face}", 1) <= text_width(text) + 1e-6


@pytest.mark.parametrize(
    ("content", "whole_piece"),
    [
        ("12,800.00", "12,800.00"),
        ("Spare parts", "Spare"),
        ("2026-12-01<br/>孙宇", "2026-12-01"),
        ('<span class="nowrap">☑\u00a0不适用</span>&nbsp; <span class="nowrap">☐\u00a0合格</span>', "☑\u00a0不适用"),
        ("<b>1,250.00</b>", "1,250.00"),
    ],
    ids=["amount", "words", "line break", "box with label", "bold"],
)
def test_a_column_is_as_wide_as_its_longest_piece(content: str, whole_piece: str) -> None:
    assert need_of([content]).least == pytest.approx(text_width(whole_piece))


def test_a_heading_counts_like_a_cell_and_a_short_chinese_one_stays_in_one_line() -> None:
    assert need_of(["1"], "Description").least == pytest.approx(text_width("Description"))
    assert need_of(["1"], "报价金额").least == pytest.approx(4)


needs = st.builds(
    lambda least, more, most: Need(least, least + more, least + more + most),
    *(st.floats(min_value=0, max_value=20) for _ in range(3)),
)


@given(st.lists(needs, min_size=1, max_size=12), st.floats(min_value=30, max_value=100))
def test_shares_fill_the_room_and_cut_nothing_that_fits(columns: list[Need], room: float) -> None:
    widths = shares(columns, room)
    if sum(need.whole for need in columns):
        assert sum(widths) == pytest.approx(room)
    if sum(need.least for need in columns) <= room:
        assert all(width >= need.least - 1e-6 for width, need in zip(widths, columns, strict=True))


@given(st.lists(needs, min_size=1, max_size=12), st.floats(min_value=30, max_value=100))
def test_widths_that_an_author_asked_for_give_way_to_what_must_stay_whole(columns: list[Need], room: float) -> None:
    widths = shares_as_wanted([1.0] * len(columns), columns, room)
    if sum(need.least for need in columns) < room:
        assert all(width >= need.least - 1e-6 for width, need in zip(widths, columns, strict=True))


def test_widths_are_as_the_author_asked_where_everything_fits() -> None:
    assert shares_as_wanted([1, 3], [Need(2, 2, 2), Need(2, 2, 2)], 40) == pytest.approx([10, 30])


def test_no_amount_or_word_is_broken_in_a_table(printed: Printed, record: dict[str, Any]) -> None:
    rows = [part(1, part="Spare parts nonconforming", amount=Decimal("1234567.00")), part(2, remark="Replaced")]
    for html in ('{{ table("items", "part", "remark", "result", "qty", "amount", total=["amount"]) }}', None):
        paper = printed(record | {"items": rows}, html)
        words = paper.text.split()
        assert {"1,234,567.00", "nonconforming", "Replaced"} <= set(words)
    narrow = '{{ table("items", "part", "remark", "amount", widths=[80, 80, 1], total=["amount"]) }}'
    assert printed(record | {"items": rows}, narrow).text.split().count("1,235,817.00") == 1


HAND = """<table class="grid" repeat="1"><thead><tr><th width="80%">Part</th><th width="14%">{heading}</th><th width="6%">Amount</th></tr>
</thead><tbody>{{% for row in doc.items %}}<tr><td>{{{{ row.part }}}}</td><td>Approved</td><td>{{{{ row.amount | money }}}}</td></tr>{{% endfor %}}
<tr><td colspan="2">Total</td><td>{{{{ doc.total | money }}}}</td></tr></tbody></table>"""


def test_a_table_written_by_hand_gives_way_to_what_must_stay_whole(printed: Printed, record: dict[str, Any]) -> None:
    rows = [part(1, amount=Decimal("61728350.00"))]
    paper = printed(record | {"items": rows}, HAND.format(heading="Nonconforming"))
    assert {"61,728,350.00", "1,234,567.89", "Nonconforming", "Approved", "Amount"} <= set(paper.text.split())


def test_a_table_written_by_hand_keeps_its_widths_while_they_suffice() -> None:
    html = '<table class="grid"><tr><th width="50%">A</th><th width="50%">B</th></tr><tr><td>1</td><td>2</td></tr></table>'
    assert widen(html, 500).count('width="50.0%"') == 2


@pytest.mark.parametrize(
    "html",
    [
        '<table class="grid"><tr><td rowspan="2" width="1%">12,800.00</td><td>a</td></tr><tr><td>b</td></tr></table>',
        '<table class="grid"><tr><td colspan="2">12,800.00</td></tr><tr><td>a</td><td>b</td></tr></table>',
        '<table class="grid"><tr><td width="1%">12,800.00</td></tr><tr><td>a</td><td>b</td></tr></table>',
        '<table class="plain"><tr><td width="1%">12,800.00</td></tr></table>',
        '<table class="grid"><tr><td width="20">12,800.00</td></tr></table>',
        '<table class="grid"><tr><td style="color: red; width: 20mm">12,800.00</td></tr></table>',
        "<p>no table</p>",
    ],
    ids=["rowspan", "first row spans", "more cells below", "another class", "width in points", "width in style", "no table"],
)
def test_other_tables_are_left_alone(html: str) -> None:
    assert widen(html, 500) == html


def test_a_generated_table_of_many_columns_lies_across(printed: Printed, record: dict[str, Any]) -> None:
    text = "高速精密主轴轴承组件陶瓷球油气润滑"
    wide = [part(1, part="VMC850E-2606-012-0001", remark=text * 2, amount=Decimal("1234567890123456.00"))]
    upright = printed(record)
    across = printed(record | {"items": [row | {"qty": 10**15, "result": text * 3} for row in wide]})
    assert page_size(upright) == (595, 842)
    assert page_size(across) == (842, 595)
    assert "1,234,567,890,123,456.00" in across.text.split()


def page_size(paper: Paper) -> tuple[int, int]:
    box = PdfReader(io.BytesIO(paper.pdf)).pages[0].mediabox
    return round(box.width), round(box.height)


@pytest.mark.parametrize(
    "cell",
    [
        '<td width="1.2.3%">x</td>',
        '<td width="0%">x</td>',
        '<td width="-5%">x</td>',
        '<td width="12"><img style="width: 1.2.3mm" src="x"/></td>',
        '<td width="9999%">x</td>',
        '<td width="50%"></td><td></td>',
        "",
    ],
)
def test_strange_widths_do_not_stop_a_print(printed: Printed, record: dict[str, Any], cell: str) -> None:
    paper = printed(record, f'<table class="grid"><tr>{cell}</tr><tr><td>12,800.00</td></tr></table><p>其余</p>')
    assert "其余" in paper.text
