"""Decision tables: cells, hit policies, analysis, faults, tests and explanations; a plain evaluator says the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_samples import MODEL, faults_of, judge

from server.core.errors import MetadataInvalid
from server.rulebook.check import check_rules
from server.rulebook.model import Rule
from server.rulebook.read import read_rule
from server.rulebook.rulebook import Outcome
from server.rulebook.tables.analyse import Finding, analyse
from server.rulebook.tables.compile import compiled_tables
from server.rulebook.testing import run_tests


def table_rule(inputs: list[Any], outputs: list[Any], rows: list[list[Any]], hit: str = "first", **more: Any) -> Rule:
    beside = {key: more.pop(key) for key in ("aggregate", "complete") if key in more}
    table = {"inputs": inputs, "outputs": outputs, "rows": rows, "hit": hit, **beside}
    return read_rule({"name": "table", "applies_to": "Visit", "then": [{"table": table}], **more}, "table.json")


def judged(rule: Rule, matcher: str = "both", **record: Any) -> Outcome:
    return judge(rule, record, matcher=matcher)


def level(rule: Rule, **record: Any) -> Any:
    return judged(rule, **record).record.get("level")


def findings(rule: Rule) -> list[Finding]:
    [table] = compiled_tables(rule, MODEL)
    return analyse(table)


@pytest.mark.parametrize(
    ("field", "cell", "yes", "no"),
    [
        ("total", "-", [None, 5], []),
        ("total", "> 10", ["10.01"], ["10.00", None]),
        ("total", ">= 10", ["10.00"], ["9.99"]),
        ("total", "[5..10]", ["5", "10"], ["4.99", "10.01"]),
        ("total", "(5..10]", ["5.01", "10"], ["5"]),
        ("total", "]5..10[", ["5.01"], ["5", "10"]),
        ("total", "3, >= 7.5", ["3", "7.5"], ["4", None]),
        ("total", "not(3, 4)", ["5"], ["3", None]),
        ("total", "!= 3", ["5"], ["3", None]),
        ("total", "-5", ["-5"], ["5"]),
        ("total", "null", [None], ["0"]),
        ("total", "not(null)", ["0"], [None]),
        ("total", "≥10，[1..2]", ["10", "2"], ["3"]),
        ("category", '"repair"', ["repair"], ["check", None]),
        ("category", "repair, check", ["repair", "check"], [None]),
        ("category", 'not("repair")', ["check"], ["repair", None]),
        ("subject", '"a, b", null', ["a, b", None], ["a"]),
        ("subject", "“甲”，乙", ["甲", "乙"], ["丙"]),
        ("urgent", "true", [1], [0, None]),
        ("urgent", "false", [0, None], [1]),
        ("due_on", '>= date("2026-01-31")', [date(2026, 1, 31)], [date(2026, 1, 30)]),
        ("due_on", "[2026-01-01..2026-01-31]", [date(2026, 1, 31)], [date(2026, 2, 1)]),
    ],
)  # fmt: skip
def test_a_cell_admits(field: str, cell: str, yes: list[Any], no: list[Any]) -> None:
    rule = table_rule([field], [{"set": "level"}], [[cell, 1], ["-", 0]])
    given = [Decimal(value) if field == "total" and value is not None else value for value in (*yes, *no)]
    assert [level(rule, **{field: value}) for value in given] == [1] * len(yes) + [0] * len(no)


@pytest.mark.parametrize(
    ("hit", "more", "total", "expected"),
    [
        ("first", {}, 15, 1),
        ("first", {}, 5, 2),
        ("priority", {}, 15, 3),
        ("collect", {"aggregate": "sum"}, 15, 6),
        ("collect", {"aggregate": "min"}, 15, 1),
        ("collect", {"aggregate": "max"}, 15, 3),
        ("collect", {"aggregate": "count"}, 5, 1),
        ("collect", {"aggregate": "count"}, -5, 0),
        ("first", {}, -5, 9),  # no row hits: the default
    ],
)
def test_the_hit_policy_chooses_among_the_rows_that_match(hit: str, more: dict[str, Any], total: int, expected: int) -> None:
    output = {"set": "level", "values": [3, 2, 1], "default": 9}
    rule = table_rule(["total"], [output], [["> 10", 1], [">= 0", 2], ["> 12", 3]], hit, **more)
    assert faults_of(rule) == []
    assert level(rule, total=Decimal(total)) == expected


def test_unique_rows_that_match_at_once_are_a_contradiction_and_stop_a_rule_that_blocks() -> None:
    rule = table_rule(["count", "level"], [{"block": None}], [["> 1", "-", "a"], ["-", "> 1", "b"]], "unique")
    assert [fault.text.en for fault in judged(rule, count=2, level=0).faults] == ["a"]
    [fault] = judged(rule, count=2, level=2).faults
    assert "rows 1, 2 of the decision table match at once, the hit policy unique allows one" in fault.text.en


def test_each_output_says_or_asks_or_leaves_alone() -> None:
    outputs = [{"set": "note"}, {"warn": "total"}, {"require_approval": {"again_when": ["total"]}}]
    rows = [
        ["> 100", "= concat('>', total)", {"zh": "总价 {total}", "en": "Total {total}"}, "Boss"],
        ["> 10", "-", "-", "Clerk"],
        ["-", '"-"', "-", "-"],
    ]
    rule = table_rule(["total"], outputs, rows)
    dear, fair, cheap = (judged(rule, total=Decimal(value), note="old") for value in ("100.01", 50, 5))
    assert [item.text.en for item in dear.warnings] == ["Total 100.01"]
    assert [[effect.role for effect in one.effects] for one in (dear, fair, cheap)] == [["Boss"], ["Clerk"], []]  # type: ignore[union-attr]
    assert [one.record["note"] for one in (dear, fair, cheap)] == [">100.01", "old", "-"]


def test_a_message_of_a_table_may_lead_to_a_child_table_and_a_value_may_not() -> None:
    some = {"expr": "count(items) > 0", "type": "check"}
    [fault] = judged(table_rule([some], [{"block": "items"}], [["false", "none yet"], ["-", "-"]]), items=[]).faults
    assert (fault.where, fault.text.en) == ("items", "none yet")
    assert any("'items'" in text for text in faults_of(table_rule([some], [{"set": "items"}], [["false", "x"]])))


def test_every_fault_is_named_with_its_row_and_column() -> None:
    rule = table_rule(
        ["total", "categry", "category", {"expr": "doc.count *", "type": "number"}],
        [{"set": "level"}, {"set": "net"}, {"warn": None}],
        [
            ["> ten", "-", "fix", "-", "x", 1, "{who}"],
            ["[5..1]", "-", "> 1", "-", 1, 1, "-"],
            ["(1..", "-", '"repair', "-", 1, 1, "-"],
        ],
    )
    said = "\n".join(fault.text.en for fault in check_rules([rule], MODEL))
    for wanted in (
        "inputs[1]: 'categry' is not a field of Visit. Did you mean",
        "inputs[3]: expression 'doc.count *'",
        "outputs[1]: net is computed by a formula",
        "rows[0][0]: row 1, column 1 (Total): 'ten' is no value of this column (a number)",
        "rows[0][2]: row 1, column 3 (Category): the value 'fix' does not fit; expected one of the choices: repair, check",
        "rows[0][4]: row 1, column 5 (Level): 'x'",
        "rows[0][6]: row 1, column 7 (warn): place {who}",
        "row 2, column 1 (Total): '[5..1]' holds no value at all",
        "row 2, column 3 (Category): '> 1': > is not possible for a text",
        "row 3, column 1 (Total): '(1..': a value is missing",
        "row 3, column 3 (Category): '\"repair' cannot be read",
    ):
        assert wanted in said


def test_the_form_of_a_table_is_checked_as_a_whole() -> None:
    with pytest.raises(MetadataInvalid) as refused:
        table_rule(["total"], [{"sett": "level"}, {"set": ""}], [["1"], [None, 1, 1]], "uniqe", aggregate="sum")
    said = "\n".join(fault.text.en for fault in refused.value.faults)
    for wanted in (
        "'uniqe' is not known; use one of unique, first",
        "exactly one of: set",
        "list of 3 cells",
        '"-" for any value',
        "collect only",
    ):
        assert wanted in said


def test_overlaps_of_unique_and_contradicting_rows_of_any_are_faults_with_an_example() -> None:
    rows = [["<= 10", "-", 1], [">= 10", "repair", 2], [">= 10", "check", 1]]
    unique = table_rule(["total", "category"], [{"set": "level"}], rows, "unique")
    assert [fault for fault in faults_of(unique) if "overlap" in fault] == [
        "table.json: then[0].table.rows: rows 1 and 2 overlap, for example: Total = 10.00, Category = Repair",
        "table.json: then[0].table.rows: rows 1 and 3 overlap, for example: Total = 10.00, Category = check",
    ]
    any_ = table_rule(["total", "category"], [{"set": "level"}], rows, "any")
    assert [item.rows for item in findings(any_) if item.is_fault] == [(1, 2)]


def test_gaps_are_told_by_the_nearest_value_that_the_field_can_hold() -> None:
    rows = [["< 10", 1], ["(10..20]", 2], ["[20.01..30)", 3], [">= 30", 4], ["null", 5]]
    rule = table_rule(["total"], [{"set": "level"}], rows, "unique")
    assert [item.text.en for item in findings(rule)] == ["no row matches, for example: Total = 10.00"]
    promised = table_rule(["total"], [{"set": "level"}], rows, "unique", complete=True)
    assert len(faults_of(promised)) == 1


def test_shadowed_and_unreachable_rows_are_found() -> None:
    rows = [
        ["< 5", "-", 1],
        [">= 5", "true", 2],
        [">= 5", "false", 3],
        ["[3..7]", "-", 4],
        ["(8..9)", "-", 5],
        ["null", "-", 6],
    ]
    rule = table_rule(["count", "urgent"], [{"set": "level"}], rows)
    assert [(item.kind, item.rows, item.example) for item in findings(rule)] == [
        ("unreachable", (5,), ()),  # no whole number lies between 8 and 9
        ("shadowed", (4, 1, 2, 3), (3, 0)),
    ]


def test_a_table_too_large_to_analyse_says_so() -> None:
    inputs = ["count", "level", "weight", "total"]
    rows = [[f"[{i % 7}..{i % 11 + 8}]", f"> {i % 13}", f"not({i % 17})", f"<= {i}", 1] for i in range(900)]
    rule = table_rule(inputs, [{"set": "discount"}], rows)
    assert "incomplete" in {item.kind for item in findings(rule)}


def test_the_trace_shows_the_row_that_hit_and_the_cell_that_failed() -> None:
    rule = table_rule(["total", "category"], [{"set": "level"}], [["> 10", "repair", 1], ["> 10", "check", 2], ["-", "-", 3]])
    entry = judged(rule, total=Decimal(11), category="check").trace.of("table")
    assert entry is not None
    [told] = entry.conditions
    assert told.label.en == "decision table: row 2 hit"
    hit, failed = told.parts
    assert [(cell.label.en, cell.expected, cell.actual, cell.holds) for cell in hit.parts] == [
        ("Total", "> 10", Decimal(11), True),
        ("Category", "check", "check", True),
    ]
    [cell] = failed.parts
    assert (failed.label.en, cell.label.en, cell.expected_text.en, cell.holds) == ("row 1", "Category", "Repair", False)  # type: ignore[union-attr]


def test_a_table_that_reads_what_it_sets_is_a_loop() -> None:
    assert "wait for each other in a circle" in faults_of(table_rule(["level"], [{"set": "level"}], [["-", 1]]))[0]


def test_the_tests_of_a_table_compare_the_values_it_sets() -> None:
    tests = [
        {"title": "right", "doc": {"total": 11}, "then": ["set"], "values": {"level": 1}},
        {"title": "wrong", "doc": {"total": 11}, "then": ["set"], "values": {"level": 2}},
    ]
    results = run_tests([table_rule(["total"], [{"set": "level"}], [["> 10", 1]], tests=tests)], MODEL)
    assert [(item.passed, item.message.en) for item in results] == [(True, "passed"), (False, "level should be 2, got 1")]


PIECES = ["-", ">", "<=", "!=", "[", "]", "(", ")", "..", ",", "not(", "null", "true", "1", "-2.5", "1e999999999", "9" * 30, ".", '"a"', '"',
          "repair", "2026-01-31", 'date("2026-13-01")', 'time("25:00")', "10:30", " ", "，", "≥", "\\", "\n", "\t"]  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join) | st.text(max_size=12))
def test_whatever_is_typed_into_a_cell_is_read_or_refused(text: str) -> None:
    inputs = ["total", "count", "category", "subject", "urgent", "due_on", "reported_at", "opens"]
    for field in inputs:
        rule = table_rule([field], [{"set": "note"}], [[text, "x"]])
        if not check_rules([rule], MODEL):
            assert findings(rule) is not None
            judged(rule, matcher="reference")


def test_facts_that_always_have_a_value_leave_no_gap_for_the_empty_one() -> None:
    facts = {"spent": {"sum": "items.amount"}, "worst": {"max": "items.amount"}}
    rows = [["> 10", "-", 1], ["<= 10", ">= 0", 2], ["<= 10", "< 0", 3]]
    rule = table_rule(["@spent", "@worst"], [{"set": "level"}], rows, "unique", facts=facts)
    assert [item.example for item in findings(rule)] == [(Decimal("9.99"), None)]


# A plain evaluator, written from the words of the documentation alone

Predicate = Callable[[Any], bool]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}  # fmt: skip
ends = st.integers(0, 6)


@st.composite
def number_test(draw: st.DrawFn) -> tuple[str, Predicate]:
    a, b = draw(ends), draw(ends)
    form = draw(st.sampled_from(["point", "span", *_ORDER]))
    if form == "point":
        return str(a), lambda value: value == a
    if form in _ORDER:
        return f"{form} {a}", lambda value: value is not None and _ORDER[form](value, a)
    low, high = min(a, b), max(a, b) + 1
    left, right = draw(st.sampled_from("[(")), draw(st.sampled_from("])"))
    lower, upper = _ORDER[">=" if left == "[" else ">"], _ORDER["<=" if right == "]" else "<"]
    return f"{left}{low}..{high}{right}", lambda value: value is not None and lower(value, low) and upper(value, high)


@st.composite
def cell(draw: st.DrawFn, test: st.SearchStrategy[tuple[str, Predicate]]) -> tuple[str, Predicate]:
    form = draw(st.sampled_from(["-", "null", "tests", "tests", "not"]))
    if form == "-":
        return "-", lambda value: True
    if form == "null":
        return "null", lambda value: value is None
    parts = draw(st.lists(test, min_size=1, max_size=2))
    text = ", ".join(part for part, _ in parts)
    if form == "tests":
        return text, lambda value: any(holds(value) for _, holds in parts)
    return f"not({text})", lambda value: value is not None and not any(holds(value) for _, holds in parts)


choice_test = st.sampled_from(["repair", "check"]).map(lambda word: (f'"{word}"', lambda value: value == word))
row = st.tuples(cell(number_test()), cell(choice_test), st.integers(1, 3))
GRID = list(product([*range(-2, 10), None], ["repair", "check", None]))


def made(rows: list[Any], hit: str, **more: Any) -> Rule:
    written = [[number, category, output] for (number, _), (category, _), output in rows]
    return table_rule(["count", "category"], [{"set": "level", "values": [3, 2, 1]}], written, hit, **more)


def matching(rows: list[Any], count: Any, category: Any) -> list[tuple[int, int]]:
    return [(number, output) for number, (a, b, output) in enumerate(rows) if a[1](count) and b[1](category)]


def answer(hit: str, found: list[tuple[int, int]]) -> Any:
    values = [output for _, output in found]
    if hit == "sum":
        return sum(values) if values else None
    if not values or (hit == "unique" and len(values) > 1) or (hit == "any" and len(set(values)) > 1):
        return None
    return max(values) if hit == "priority" else values[0]


@settings(max_examples=60)
@given(st.lists(row, min_size=1, max_size=5), st.sampled_from(["unique", "first", "any", "priority", "sum"]), st.randoms())
def test_a_table_decides_as_the_plain_evaluator_does(rows: list[Any], hit: str, chance: Any) -> None:
    rule = made(rows, "collect", aggregate="sum") if hit == "sum" else made(rows, hit)
    shuffled = chance.sample(rows, len(rows))
    other = made(shuffled, "collect", aggregate="sum") if hit == "sum" else made(shuffled, hit)
    for count, category in chance.sample(GRID, 12):
        found = judged(rule, matcher="reference", count=count, category=category).record.get("level")
        assert found == answer(hit, matching(rows, count, category))
        if hit != "first":  # the order of the rows means nothing but under `first`
            assert judged(other, matcher="reference", count=count, category=category).record.get("level") == found


@settings(max_examples=60)
@given(st.lists(row, min_size=1, max_size=5))
def test_the_analysis_finds_exactly_what_trying_every_value_finds(rows: list[Any]) -> None:
    tried = {(count, category): [number for number, _ in matching(rows, count, category)] for count, category in GRID}
    unique = findings(made(rows, "unique"))
    pairs = {(a + 1, b + 1) for hits in tried.values() for a in hits for b in hits if a < b}
    assert {item.rows for item in unique if item.kind == "overlap"} == pairs
    assert any(item.kind == "gap" for item in unique) == any(not hits for hits in tried.values())
    for item in unique:
        if item.kind in ("overlap", "gap"):
            assert [number + 1 for number, _ in matching(rows, *item.example)][: len(item.rows) or None] == list(item.rows) or (
                item.kind == "overlap" and set(item.rows) <= {number + 1 for number, _ in matching(rows, *item.example)}
            )
    first = findings(made(rows, "first"))
    never = {number + 1 for number in range(len(rows)) if not any(hits[:1] == [number] for hits in tried.values())}
    assert {item.rows[0] for item in first if item.kind in ("shadowed", "unreachable")} == never


def test_rows_that_each_name_many_texts_are_analysed_in_seconds() -> None:
    words = [",".join(f"w{row}x{place}" for place in range(120)) for row in range(200)]
    rule = read_rule(
        {"name": "t", "title": "t", "source": [], "applies_to": "Visit", "on": ["validate"], "tests": [],
         "then": [{"table": {"inputs": ["subject", "count"], "outputs": [{"warn": None}], "rows": [[cell, "-", "x"] for cell in words]}}]}
    )  # fmt: skip
    (table,) = compiled_tables(rule, MODEL)
    begun = time.process_time()
    assert {finding.kind for finding in analyse(table)} == {"gap"}
    assert time.process_time() - begun < 4
