"""What rules have as consequences: faults at the right place in words for people, values, approvals, obligations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rulebook_samples import MODEL, NOW, Facts, faults_of, judge, rule

from server.core.ids import digest
from server.core.values import canonical
from server.rulebook.check import check_rule_shape
from server.rulebook.describe import describe
from server.rulebook.effects import (
    ApprovalNeeded,
    CreateRecord,
    FieldsHidden,
    FieldsLocked,
    Fulfilled,
    Notify,
    Withdrawn,
)

LINES = [
    {"name": "l1", "item": "泵", "qty": 2, "picked_qty": 2, "rate": "1250.5"},
    {"name": "l2", "item": "阀", "qty": 5, "picked_qty": 3, "rate": 20},
    {"name": "l3", "item": "管", "qty": 1, "rate": 1},
]


def only(made: Any, values: dict[str, Any], **more: Any) -> Any:
    assert [fault for fault in faults_of(made) if "could ever be saved" not in fault] == []
    return judge(made, values, **more)


def test_a_message_shows_values_as_people_read_them() -> None:
    text = "{subject} {category} {count} {weight} {total} {deviation|abs} {urgent} {due_on} {reported_at} {opens} {length} {items} {note} {docstatus} {@n}"
    made = rule(
        source=["S02-04"],
        facts={"n": {"count": "Visit"}},
        when={"all": [["count", ">", 0]]},
        then=[{"block": {"message": {"zh": text + "。", "en": text}, "field": "total"}}],
    )
    values = {
        "subject": "主泵", "category": "repair", "count": 12345, "weight": "1234.500", "total": 8950, "deviation": "-10.5", "urgent": 1,
        "due_on": "2026-03-31", "reported_at": "2026-03-31T06:30:00Z", "opens": "08:30", "length": 43200, "items": LINES,
    }  # fmt: skip
    fault = only(made, values, facts=Facts({"n": 3})).faults[0]
    assert (
        fault.text.zh
        == "主泵 维修 12,345 1,234.5 8,950.00 10.50 % 是 2026-03-31 2026-03-31 14:30 08:30 12 小时 3 行 （空） 草稿 3（条款 S02-04）。"
    )
    assert (
        fault.text.en
        == "主泵 Repair 12,345 1,234.5 8,950.00 10.50 % yes 2026-03-31 2026-03-31 14:30 08:30 12 h 3 rows (empty) draft 3 (clause S02-04)"
    )
    assert (fault.where, fault.clauses, fault.rule) == ("total", ("S02-04",), "r")


def test_an_unknown_place_in_a_message_is_a_fault_each() -> None:
    made = rule(then=[{"warn": {"message": {"zh": "{totl} {@x}", "en": "{total} {row.item}"}}}])
    assert faults_of(made) == [
        """rules/r.json: then[0].warn.message: place {totl}: 'totl' is not a field of Visit. Did you mean "total"?""",
        "rules/r.json: then[0].warn.message: place {@x}: '@x' is not defined in facts.",
        "rules/r.json: then[0].warn.message: place {row.item}: 'row' is not a field of Visit.",
    ]


def test_one_fault_for_every_row_that_differs() -> None:
    block = {"message": "{subject}: {row.item} {row.qty} ≠ {row.picked_qty}", "field": "picked_qty"}
    made = rule(then=[{"block": block, "each_row": "items", "where": [["picked_qty", "<", {"path": "qty"}]]}])
    outcome = only(made, {"subject": "S", "items": LINES})
    assert [(fault.where, fault.text.zh) for fault in outcome.faults] == [("items[1].picked_qty", "S: 阀 5 ≠ 3")]
    assert outcome.trace.of("r").then == ("block",)


def test_a_block_whose_rows_are_all_right_says_nothing() -> None:
    made = rule(then=[{"block": {"message": "x", "each_row": "items", "where": [["qty", ">", 99]]}}])
    outcome = only(made, {"items": LINES})
    assert outcome.faults == ()
    assert outcome.trace.of("r").matched
    assert outcome.trace.of("r").then == ()


def test_require_names_every_field_that_is_missing() -> None:
    made = rule(
        title={"zh": "须完整", "en": "be complete"},
        source=["S01-07"],
        then=[{"require": {"fields": ["subject", "urgent", "items", "count"]}}],
    )
    outcome = only(made, {"count": 0, "urgent": 0})
    assert [(fault.where, fault.text.en) for fault in outcome.faults] == [
        ("subject", 'Subject is required by the rule "be complete" (clause S01-07).'),
        ("urgent", 'Urgent is required by the rule "be complete" (clause S01-07).'),
        ("items", 'Items is required by the rule "be complete" (clause S01-07).'),
    ]


def test_require_in_rows_names_the_row() -> None:
    require = {"each_row": "items", "where": [["decision", "=", "adopted"]], "fields": ["measure"]}
    made = rule(title="t", then=[{"require": require}])
    outcome = only(
        made, {"items": [{"decision": "adopted", "measure": "x"}, {"decision": "rejected"}, {"decision": "adopted"}]}
    )
    assert [(fault.where, fault.text.zh) for fault in outcome.faults] == [
        ("items[2].measure", "“明细”第 3 行，措施必填，依据规则“t”。")
    ]


def approval(values: dict[str, Any], **more: Any) -> ApprovalNeeded:
    body = {
        "role": "General Manager",
        "again_when": ["items.item", "items.rate", "total"],
        "show": ["customer", "total"],
        **more,
    }
    outcome = only(rule(title="t", source=["S02-04"], then=[{"require_approval": body}]), values)
    (effect,) = outcome.effects
    assert isinstance(effect, ApprovalNeeded)
    assert outcome.faults == ()
    return effect


def test_an_approval_is_bound_to_what_was_approved() -> None:
    effect = approval({"items": LINES, "total": 100, "customer": "C1"})
    assert effect.content == {"items.item": ["泵", "阀", "管"], "items.rate": [1250.5, 20, 1], "total": 100}
    bound = {
        "items.item": ["泵", "阀", "管"],
        "items.rate": [Decimal("1250.5"), Decimal(20), Decimal(1)],
        "total": Decimal(100),
    }
    assert effect.content_hash == digest(canonical(bound))
    assert (effect.role, effect.title.zh, effect.clauses, effect.shown) == (
        "General Manager",
        "t",
        ("S02-04",),
        {"customer": "C1", "total": 100},
    )


@pytest.mark.parametrize(
    ("values", "same"),
    [
        ({"items": LINES, "total": "100.00", "subject": "other"}, True),
        ({"items": LINES, "total": "100.01"}, False),
        ({"items": [*LINES[:2], {**LINES[2], "rate": 2}], "total": 100}, False),
        ({"items": LINES[:2], "total": 100}, False),
        ({"items": [{**line, "qty": 9} for line in LINES], "total": 100}, True),
    ],
    ids=["something else changed", "total changed", "a price changed", "a row is gone", "a column that is not bound"],
)
def test_only_a_change_of_the_content_asks_again(values: dict[str, Any], same: bool) -> None:
    assert (approval(values).content_hash == approval({"items": LINES, "total": 100}).content_hash) is same


def test_approval_row_by_row_is_keyed_by_the_rows_name() -> None:
    body = {
        "role": "Manager",
        "each_row": "items",
        "where": [["decision", "=", "rejected"]],
        "again_when": ["items.measure"],
        "title": "{row.item}",
    }
    rows = [
        {"name": "x", "item": "A", "decision": "rejected", "measure": "m"},
        {"name": "y", "decision": "adopted"},
        {"name": "z", "decision": "rejected"},
    ]
    effects = only(rule(then=[{"require_approval": body}]), {"items": rows}).effects
    assert [(item.row_key, item.where, item.content, item.title.zh) for item in effects] == [
        ("x", "items[0]", {"items.measure": "m"}, "A"),
        ("z", "items[2]", {"items.measure": None}, "（空）"),
    ]


def test_oblige_counts_from_a_field_or_from_now() -> None:
    body = {
        "role": "Service",
        "title": "spare for {subject}",
        "due": "24 h",
        "from": "reported_at",
        "warn_before": "4 h",
        "escalate_to": "Boss",
    }
    (owed,) = only(rule(then=[{"oblige": body}]), {"subject": "S", "reported_at": "2026-03-30 20:00"}).effects
    assert (owed.rule, owed.role, owed.user) == ("r", "Service", None)
    assert (owed.due_at, owed.warn_at) == (datetime(2026, 3, 31, 12, tzinfo=UTC), datetime(2026, 3, 31, 8, tzinfo=UTC))
    assert [(step.to, step.after.length) for step in owed.deadline.escalations] == [("Boss", timedelta(0))]
    assert owed.title.en == "spare for S"
    (owed,) = only(
        rule(then=[{"oblige": {"user_field": "engineer", "title": "t", "due": "30 min"}}]), {"engineer": "li"}
    ).effects
    assert (owed.user, owed.due_at) == ("li", datetime(2026, 3, 31, 4, 30, tzinfo=UTC))


def test_fulfil_and_withdraw_point_at_this_record_or_a_linked_one() -> None:
    opens = rule("opens", then=[{"oblige": {"role": "R", "title": "t"}}], enabled=1)
    made = rule("closes", then=[{"fulfil": {"rule": "opens", "record": "customer"}}, {"withdraw": {"rule": "opens"}}])
    assert faults_of(opens, made) == []
    effects = judge(made, {"name": "V1", "customer": "C1"}).effects
    assert effects[0] == Fulfilled("closes", "opens", "Customer", "C1")
    assert isinstance(effects[1], Withdrawn)
    assert (effects[1].doctype, effects[1].name) == ("Visit", "V1")
    assert judge(made, {"name": "V1"}).effects[0] == effects[1]


def test_create_notify_hide() -> None:
    then = [
        {"create": {"doctype": "Customer", "values": {"customer_name": {"path": "subject"}, "credit_limit": 5}}},
        {"notify": {"role": "Boss", "message": "{subject}"}},
        {"notify": {"user_field": "engineer", "message": "x"}},
        {"hide": ["note"]},
    ]
    effects = only(rule(then=then), {"subject": "S"}).effects
    assert effects[0] == CreateRecord(
        "r", "Customer", {"customer_name": "S", "credit_limit": Decimal("5.00")}, key="Customer||"
    )
    assert isinstance(effects[1], Notify)
    assert effects[1].role == "Boss"
    assert effects[2:] == (FieldsHidden("r", ("note",)),)


def test_a_locked_field_cannot_be_changed() -> None:
    made = rule(then=[{"lock": ["total", "note"]}])
    assert only(made, {"total": 1}, old={"total": 1}).faults == ()
    assert only(made, {"total": 1}).faults == ()
    outcome = only(made, {"total": 2, "note": None}, old={"total": 1})
    assert [(fault.where, fault.text.zh) for fault in outcome.faults] == [("total", "总价已锁定，不能更改（原值 1.00）：r。")]
    assert outcome.effects == (FieldsLocked("r", ("total", "note")),)


def test_consequences_speak_of_the_record_after_values_were_set() -> None:
    one = rule("one", then=[{"set": {"level": 7}}], priority=900)
    two = rule("two", then=[{"warn": {"message": "level {level}"}}])
    assert judge([one, two], {}).warnings[0].text.en == "level 7"


def test_timers_count_from_the_field() -> None:
    from rulebook_samples import MODEL, record

    from server.rulebook.rulebook import Rulebook

    made = rule(
        on=[{"after": "12 h", "of": "reported_at"}, {"after": "-7 d", "of": "due_on"}],
        when={"all": [["fixed_at", "is", "not set"]]},
    )
    assert faults_of(made) == []
    rulebook = Rulebook.compile([made], MODEL)
    assert rulebook.timers(record(reported_at="2026-03-31 12:00"), "Visit", NOW) == {
        ("r", 0): datetime(2026, 3, 31, 16, tzinfo=UTC)
    }
    both = rulebook.timers(record(reported_at="2026-03-31 12:00", due_on="2026-03-31"), "Visit", NOW)
    assert {place: at.isoformat() for (_, place), at in both.items()} == {
        0: "2026-03-31T16:00:00+00:00",
        1: "2026-03-24T00:00:00+08:00",
    }
    assert rulebook.timers(record(reported_at="2026-03-31 12:00", docstatus=2), "Visit", NOW) == {}
    values = {"reported_at": "2026-03-31 00:00"}
    assert judge(made, values, event="time:r").matched == ("r",)
    assert judge(made, {**values, "fixed_at": "2026-03-31 11:59"}, event="time:r").matched == ()
    assert judge(made, values).matched == ()
    assert NOW.hour == 4


def test_a_place_that_is_only_said_where_it_is_given_leaves_nothing_behind() -> None:
    made = rule(then=[{"warn": {"message": {"zh": "回电 {subject} {note|given}", "en": "Call {subject} {note|given}"}}}])
    said = [only(made, {"subject": "110", "note": note}).warnings[0].text for note in (None, "Li")]
    assert [(text.zh, text.en) for text in said] == [("回电 110", "Call 110"), ("回电 110 Li", "Call 110 Li")]


def test_a_change_of_another_record_is_asked_for_by_name_and_value() -> None:
    made = rule(
        title="mark it", source=["S18-04"],
        then=[{"change": {"record": "customer", "take_back": True, "values": {"blocked": 1, "customer_name": {"path": "subject"}}}}],
    )  # fmt: skip
    (effect,) = only(made, {"customer": "C-1", "subject": "主泵"}).effects
    assert (effect.doctype, effect.name, dict(effect.values), effect.take_back) == (
        "Customer", "C-1", {"blocked": 1, "customer_name": "主泵"}, True,
    )  # fmt: skip
    assert effect.text.zh == "客户 C-1：冻结 = 是、名称 = 主泵"
    assert only(made, {"subject": "主泵"}).effects == (), "an empty link leads to nothing"
    each = rule(then=[{"change": {"record": "person", "each_row": "items", "values": {"blocked": 1}}}])
    rows = [{"name": "l1", "item": "泵", "person": "C-2"}, {"name": "l2", "item": "阀"}, {"name": "l3", "person": "C-3"}]
    assert [one.name for one in only(each, {"items": rows}).effects] == ["C-2", "C-3"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"record": "note", "values": {"blocked": 1}}, "leads to no record"),
        ({"record": "customer", "values": {"bloked": 1}}, "'bloked' is not a field of Customer. Did you mean"),
        ({"record": "custmer", "values": {"blocked": 1}}, "'custmer' is not a field"),
    ],
    ids=["no link", "no such field", "no such link"],
)
def test_a_change_that_leads_nowhere_is_named(change: dict[str, Any], said: str) -> None:
    assert said in " ".join(faults_of(rule(then=[{"change": change}])))


def test_assign_and_tag_are_read_aloud_and_their_faults_named() -> None:
    made = rule(
        then=[
            {"assign": {"role": "Clerk", "users": ["li"], "due": "2 working days", "note": {"zh": "处理 {subject}", "en": "see to {subject}"}}},
            {"tag": {"add": ["急件"], "remove": ["可缓"]}},
        ]
    )  # fmt: skip
    said = describe(made, MODEL)
    assert "其间由Clerk、li处理“处理 [主题]”，时限为此时起 2 个工作日；加标签“急件”、去掉标签“可缓”" in said.zh
    assert 'meanwhile it is assigned to Clerk, li: "see to [Subject]", due 2 working days from now' in said.en

    assigned, tagged = only(made, {"subject": "pump"}).effects
    assert [(key, item.role, item.user, item.title.en) for key, item in assigned.owed.items()] == [
        ("assign::Clerk", "Clerk", None, "see to pump"), ("assign::li", None, "li", "see to pump"),
    ]  # fmt: skip
    assert (tagged.add, tagged.remove) == (("急件",), ("可缓",))

    for then, told in (
        ({"assign": {"note": "x"}}, "say who sees to it"),
        ({"assign": {"user_field": "nobody"}}, "nobody"),
        ({"assign": {"user_field": "subject"}}, "is not a Link to a User"),
        ({"assign": {"users": ["li"], "from": "subject", "due": "1 h"}}, "not a field that holds a date"),
        ({"assign": {"users": ["li"], "note": "{nothing}"}}, "nothing"),
        ({"assign": {"users": ["li"], "until": "x"}}, "until"),
        ({"tag": {}}, "add or remove is needed"),
        ({"tag": {"add": ["a,b"]}}, "'a,b' is not a tag"),
        ({"tag": {"add": ["a"], "remove": ["a"]}}, "both put on and taken off"),
    ):
        shape = check_rule_shape({"name": "r", "applies_to": "Visit", "then": [then]}, "r.json")
        found = [fault.text.en for fault in shape] or faults_of(rule(then=[then]))
        assert told in " ".join(found), (told, found)
