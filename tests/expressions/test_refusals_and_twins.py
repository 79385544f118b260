"""What is no expression is refused with its place; what is one never fails, and has one value on server and in browser."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from evaluators import in_browser, on_server
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.expressions import ExpressionRefused, OutOfRange, Scope, parse, parse_condition

SCOPE = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))["scope"]


@pytest.mark.parametrize(
    ("source", "position", "said"),
    [
        pytest.param("", 0, "empty", id="nothing"),
        pytest.param("doc.x = 1", 6, "compare with ==", id="assignment"),
        pytest.param("doc.x >", 7, "the end", id="half a comparison"),
        pytest.param("(1 + 2", 6, "expected )", id="an open bracket"),
        pytest.param("'half", 0, "not closed", id="an open quote"),
        pytest.param("qty\uff1e1", 3, "ASCII", id="a full-width sign"),
        pytest.param("数量 > 1", 0, "by its name", id="a Chinese name"),
        pytest.param("summ(items.amount)", 0, '"sum"', id="a misspelt function"),
        pytest.param("round()", 0, "wrong number", id="too few arguments"),
        pytest.param("frappe.boot.developer_mode", 0, "cannot be used", id="the program's own objects"),
        pytest.param("doc.__class__", 4, "__class__", id="a dunder"),
        pytest.param("doc.x.constructor('alert(1)')", 6, "cannot be called", id="constructor"),
        pytest.param("new Date()", 0, "cannot be used", id="new"),
        pytest.param("import os", 7, "not expected", id="import"),
        pytest.param("x" * 4001, 0, "4001", id="too long"),
        pytest.param("(" * 70 + "1" + ")" * 70, 60, "nested", id="too deep"),
        pytest.param("!" * 3000 + "1", 60, "nested", id="a tower of negations"),
        pytest.param("+".join(["1"] * 1900), 0, "parts", id="too many parts"),
        pytest.param("1" * 31, 0, "too long", id="an endless number"),
    ],
)
def test_what_is_no_expression_is_refused_with_its_place(source: str, position: int, said: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        parse(source)
    assert said in refused.value.text.en
    assert refused.value.text.zh
    if said not in ("4001", "parts", "not expected", "nested", "cannot be called"):
        assert refused.value.position == position


@pytest.mark.parametrize(
    "attack",
    [
        "9999999999 * 9999999999 * 9999999999 * 9999999999 * 9999999999 * 9999999999 * 9999999999",
        "text * 1000000000", "text % 5", "'%1000000000d' % 5", "concat(" + ",".join(["big"] * 20) + ")",
        "doc.items.length.length.length", "items[99999999999999999999]", "items['__proto__']", "doc['constructor']", "doc.constructor",
        "doc.toString", "doc.hasOwnProperty", "user.roles.constructor", "tags['length']", "round(1, 999999)", "add_days(date, 99999999)",
        "add_months(date, -99999)", "date('9999-12-31')", "add_days('9999-12-31', 1)", "join(items, items)", "sum(text)", "max(items)",
    ],
)  # fmt: skip
def test_an_attack_gives_a_small_plain_value_or_nothing(attack: str) -> None:
    value = on_server(SCOPE, attack)
    assert len(json.dumps(value)) < 2000
    assert in_browser(SCOPE, [attack]) == [value]


def test_a_joined_text_is_capped() -> None:
    scope = Scope(doc={"long": "x" * 90_000})
    assert len(parse("long + long").evaluate(scope)) == 100_000
    assert len(parse("concat(long, long, long)").evaluate(scope)) == 100_000


@pytest.mark.parametrize(
    "source",
    [
        "big * big * big * big * big",
        "coalesce(big * big * big * big * big, 1)",
        "sum(items, big * big * big * big * 9999) * 9",
        "add_days(date, 99999999)",
        "add_days(date, -800000)",
        "add_months(date, 99999)",
    ],
)
def test_a_result_out_of_range_never_passes_for_an_empty_one(source: str) -> None:
    assert on_server(SCOPE, source) is None
    assert in_browser(SCOPE, [source]) == [None]
    doc = {"big": Decimal("123456789012345"), "date": date(2026, 3, 31), "items": [{}, {}]}
    with pytest.raises(OutOfRange):
        parse(source).compute(Scope(doc=doc))


def test_rows_are_counted_against_the_steps() -> None:
    rows = [{"n": 1}] * 60_000
    scope = Scope(doc={"rows": rows})
    assert parse("sum(rows.n) + sum(rows.n)").evaluate(scope) == 120_000
    assert parse("sum(rows.n) + sum(rows.n) + sum(rows.n) + sum(rows.n)").evaluate(scope) is None


def test_what_an_expression_reads_is_known() -> None:
    assert parse("sum(items, row.qty * doc.rate) + parent.total").reads == {
        "doc.items", "doc.items.qty", "doc.rate", "parent.total",
    }  # fmt: skip
    assert parse_condition("customer").reads == {"doc.customer"}


def test_a_bare_fieldname_holds_when_the_field_is_filled() -> None:
    condition = parse_condition("customer")
    assert condition.truth(Scope(doc={"customer": "KH-1"}))
    for empty in (None, "", 0, []):
        assert not condition.truth(Scope(doc={"customer": empty}))


# Random expressions over a small grammar: on the server and in the browser the same value.

atoms = st.sampled_from(
    ["qty", "rate", "zero", "text", "empty", "status", "flag", "big", "missing", "none", "tags", "items", "null", "true", "false", "1", "0",
     "2.5", "0.1", "-3", "'Open'", "''", "'中文'", "[1, 'a']", "items[0].qty", "items[2].amount", "parent.total", "user.name"]
)  # fmt: skip


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from(["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "&&", "||"])
    named = st.sampled_from(["abs", "len", "is_set", "upper", "floor", "ceil", "round", "cint", "flt", "trim"])
    over = st.sampled_from(["sum", "count", "avg", "min", "max", "any", "all"])
    return st.one_of(
        st.tuples(inner, signs, inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map(lambda part: f"!{part}" if not part.startswith("-") else f"!({part})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} ? {parts[1]} : {parts[2]})"),
        st.tuples(named, inner).map(lambda parts: f"{parts[0]}({parts[1]})"),
        st.tuples(over, inner).map(lambda parts: f"{parts[0]}(items, ({parts[1]}) || row.qty)"),
        st.tuples(inner, inner).map(lambda parts: f"coalesce({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"contains([{parts[0]}], {parts[1]})"),
    )


expressions = st.recursive(atoms, _grown, max_leaves=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(expressions, min_size=60, max_size=60))
def test_random_expressions_have_one_value(sources: list[str]) -> None:
    browser = in_browser(SCOPE, sources)
    for source, value in zip(sources, browser, strict=True):
        assert on_server(SCOPE, source) == value, source


@settings(max_examples=400)
@given(st.text(alphabet="abdoc.items[]()'\"0123 +-*/%<>=!&|?:,;xy中_", max_size=40))
def test_any_text_is_an_expression_or_refused_with_a_place(source: str) -> None:
    expression: Any = None
    position = 0
    try:
        expression = parse(source)
    except ExpressionRefused as refused:
        position = refused.position
    if expression is None:
        assert 0 <= position <= len(source)
        return
    expression.evaluate(Scope(doc={"a": 1, "b": "x", "items": [{"a": 2}]}))
    assert json.loads(json.dumps(expression.tree)) == expression.tree
