"""Expressions in the words of the fields that they name: in rules read aloud, and in the panel that says why."""

from __future__ import annotations

import pytest
from rulebook_samples import MODEL, judge, rule

from server.core.text import Text
from server.rulebook.describe import describe
from server.rulebook.paths import Frame
from server.rulebook.spoken import spoken

FRAME = Frame(MODEL, MODEL["Visit"])

VALUES = [
    ("total * 0.92", "总价 × 0.92", "Total × 0.92"),
    ("0 - (count + 1)", "0 − （次数 + 1）", "0 − (Count + 1)"),
    ("add_days(due_on, 1)", "应完成日之后 1 天", "1 day after Due on"),
    ("add_months(today(), -2)", "今天之前 2 个月", "2 months before today"),
    ("date(coalesce(fixed_at, now()))", "修复时间（未填则为现在）的日期", "the day of Fixed at (else now)"),
    ("coalesce(note, '')", "备注", "Note"),
    ("concat('上门：', subject)", "“上门：” & 主题", '"上门：" & Subject'),
    ("if(category == 'repair', 1, 2)", "若类别等于 维修则1，否则2", "1 if Category is Repair, else 2"),
    ("round(total / count, 2)", "（总价 ÷ 次数）（四舍五入到 2 位小数）", "(Total ÷ Count) rounded to 2 places"),
    ("sum(items.amount)", "“明细”中金额的合计", 'the sum of Amount in "Items"'),
    ("customer.customer_name", "客户的名称", "Name of Customer"),
    ("trim(subject)", "trim(subject)", "trim(subject)"),  # has no words
    ("totl + 1", "totl + 1", "totl + 1"),  # names nothing
]
CONDITIONS = [
    ("today() <= add_days(due_on, 1)", "今天不晚于 应完成日之后 1 天", "today is no later than 1 day after Due on"),
    ("count >= 3", "次数不小于 3", "Count is at least 3"),
    ("urgent", "加急已勾选", "Urgent is ticked"),
    ("!urgent && note", "加急未勾选 且 备注已填", "Urgent is not ticked and Note is filled in"),
    ("!is_set(note) || (urgent && count > 1)", "备注未填 或 （加急已勾选 且 次数大于 1）", "Note is empty or (Urgent is ticked and Count is more than 1)"),
    ("any(items, row.qty > parent.count)", "“明细”有一行满足 数量大于 次数", 'a row of "Items" has Quantity is more than Count'),
    ("in_list(['repair', 'check'], category)", "类别为 “repair”、“check” 之一", 'Category is one of "repair", "check"'),
    ("items.length > 2", "“明细”的行数大于 2", 'the number of rows of "Items" is more than 2'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "zh", "en"), VALUES, ids=[item[0] for item in VALUES])
def test_a_value_in_words(source: str, zh: str, en: str) -> None:
    assert spoken(source, FRAME) == Text(zh, en)


@pytest.mark.parametrize(("source", "zh", "en"), CONDITIONS, ids=[item[0] for item in CONDITIONS])
def test_a_condition_in_words(source: str, zh: str, en: str) -> None:
    assert spoken(source, FRAME, is_condition=True) == Text(zh, en)


def test_a_rule_is_read_aloud_and_explained_in_these_words() -> None:
    made = rule(when={"all": [{"expr": "today() > add_days(due_on, 2)"}, ["total", "<", {"expr": "grand_total * 0.9"}]]})
    said = describe(made, MODEL)
    assert "若今天晚于 应完成日之后 2 天 且 总价小于 合计 × 0.9：" in said.zh
    assert "if today is after 2 days after Due on and Total is less than Grand total × 0.9:" in said.en

    traced = judge(made, {"due_on": "2026-03-01", "total": 1}).trace.to_json()["rules"][0]["conditions"]
    assert traced[0]["label"]["en"] == "today is after 2 days after Due on"
    assert traced[0]["operator_label"]["en"] == ""  # no "expression ... actual: yes" beside it
    assert traced[0]["actual"] is None
