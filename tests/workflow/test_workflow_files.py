"""Workflow files: Frappe's load unchanged, ours say what they mean, and everything that is wrong is named at once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
from workflow_shop import FRAPPES, REQUEST, workflow

from server.core.errors import MetadataInvalid
from server.exchange.packs import Source
from server.exchange.reading import check_sources
from server.expressions import Scope
from server.workflow.conditions import condition
from server.workflow.model import Parallel
from server.workflow.read import read_workflow

DEPARTMENT = {
    "name": "Department", "autoname": "field:title",
    "fields": [{"fieldname": "title", "fieldtype": "Data", "label": "Title"}, {"fieldname": "leader", "fieldtype": "Link", "options": "User"}],
    "permissions": [{"role": "All", "read": 1}],
}  # fmt: skip
USER = {
    "name": "User", "autoname": "field:login", "fields": [{"fieldname": "login", "fieldtype": "Data", "label": "Login"}],
    "permissions": [{"role": "All", "read": 1}],
}  # fmt: skip


def faults_of(*workflows: dict[str, Any], doctype: dict[str, Any] = REQUEST) -> list[str]:
    kinds = {"Department": DEPARTMENT, "User": USER, doctype["name"]: doctype}
    sources = [Source("DocType", f"doctypes/{name}.json", raw) for name, raw in kinds.items()]
    sources += [Source("Workflow", "flow.json" if index == 0 else "other.json", raw) for index, raw in enumerate(workflows)]
    try:
        check_sources(sources)
    except MetadataInvalid as refused:
        return [fault.text.en for fault in refused.faults]
    return []


def changed(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    made = deepcopy(workflow())
    change(made)
    return made


def test_a_file_of_frappes_loads_as_it_is() -> None:
    assert faults_of(FRAPPES) == []
    found = read_workflow(FRAPPES)
    assert [state.doc_status for state in found.states] == [0, 1, 0, 2]
    assert not found.transitions[0].allow_self_approval
    assert found.transitions[1].allow_self_approval
    assert found.raw == FRAPPES  # unknown properties are kept


def test_what_frappe_lets_pass_in_its_own_file_is_only_told() -> None:
    endless = deepcopy(FRAPPES) | {
        "states": FRAPPES["states"][:1], "transitions": [FRAPPES["transitions"][1] | {"next_state": "Open", "condition": "frappe.db.exists('A')"}],
    }  # fmt: skip
    assert faults_of(endless) == []
    del endless["modified"]
    said = " | ".join(faults_of(endless))
    assert "has no end" in said
    assert "frappe.db.exists" in said


@pytest.mark.parametrize(
    ("python", "doc", "holds"),
    [
        ("doc.amount > 1000 and doc.kind == 'a'", {"amount": 1001, "kind": "a"}, True),
        ("doc.amount > 1000 and doc.kind == 'a'", {"amount": 1000, "kind": "a"}, False),
        ("not doc.kind", {"kind": None}, True),
        ("doc.kind in ['a', 'b'] or doc.amount is None", {"kind": "b", "amount": 3}, True),
        ("doc.kind not in ('a', 'b')", {"kind": "b"}, False),
        ("doc.settled == True", {"settled": 1}, True),
        ("doc.get('amount', 0) >= 5", {"amount": None}, False),
        ("0 < doc.amount < 10", {"amount": 10}, False),
        ("doc.owner == frappe.session.user", {"owner": "ann"}, True),
        ("doc.amount > 1 && doc.kind != 'a'", {"amount": 2, "kind": "b"}, True),
    ],
)
def test_conditions_in_python_are_read(python: str, doc: dict[str, Any], holds: bool) -> None:
    assert condition(python).truth(Scope(doc=doc, user={"name": "ann"})) is holds


def test_a_condition_is_never_run_as_python() -> None:
    for source in ("__import__('os').system('x')", "doc.__class__.__mro__", "(lambda: 1)()", "[x for x in doc.items]"):
        with pytest.raises(ValueError):
            condition(source)


def test_steps_in_sequence_and_parallel_are_read() -> None:
    steps = [
        {"step": "review", "by": [{"user_field": "reviewer"}, {"department_head": "department"}], "needs": "all", "due": "2 d"},
        {"parallel": [{"step": "a", "by": {"role": "Quality"}, "needs": "60%"}, {"sequence": [{"step": "b", "by": {"role": "Boss"}}]}], "needs": 1},
    ]  # fmt: skip
    made = changed(lambda raw: raw["states"][1].update(steps=steps))
    assert faults_of(made) == []
    state = read_workflow(made).by_name["Countersigning"]
    assert [step.name for step in state.steps.steps()] == ["review", "a", "b"]
    assert isinstance(state.steps.parts[1], Parallel)
    assert state.steps.parts[1].needs.needed(2) == 1


BROKEN: list[tuple[str, Callable[[dict[str, Any]], None], str]] = [
    ("unknown DocType", lambda raw: raw.update(document_type="Requst"), 'document_type: \'Requst\' is not a record type with records. Did you mean "Request"?'),
    ("unknown role", lambda raw: raw["transitions"][0].update(allowed="Clark"), 'transitions[0].allowed: \'Clark\' is not a role'),
    ("unknown state", lambda raw: raw["transitions"][0].update(next_state="Countersign"), 'transitions[0].next_state: "Countersign" is not a state. Did you mean "Countersigning"?'),
    ("unreachable state", lambda raw: raw["states"].append({"state": "Lost", "doc_status": 0, "allow_edit": "Clerk"}), 'states[3]: no transition leads to the state "Lost"'),
    ("no end", lambda raw: raw["transitions"].append({"state": "Approved", "action": "Again", "next_state": "Approved", "allowed": "Clerk"}), "transitions: the workflow has no end"),
    ("duplicate transitions", lambda raw: raw["transitions"].append(raw["transitions"][0] | {"next_state": "Approved"}), "transitions[3]: the same as transitions[0]"),
    ("condition", lambda raw: raw["transitions"][0].update(condition="doc.amount >"), "transitions[0].condition: condition 'doc.amount >' cannot be read"),
    ("field in a condition", lambda raw: raw["transitions"][0].update(condition="doc.amuont > 1"), "'amuont', which is no field. Did you mean \"amount\"?"),
    ("docstatus back", lambda raw: raw["transitions"].append({"state": "Approved", "action": "Back", "next_state": "Draft", "allowed": "Clerk"}), "doc_status cannot go from 1 to 0"),
    ("first state submitted", lambda raw: raw["states"][0].update(doc_status=1), "its doc_status should be 0"),
    ("doc_status", lambda raw: raw["states"][0].update(doc_status="3"), "states[0].doc_status: '3' should be 0, 1 or 2"),
    ("state field of another kind", lambda raw: raw.update(workflow_state_field="amount"), "field amount (Currency) cannot hold a state"),
    ("nowhere when approved", lambda raw: raw["transitions"].pop(1), 'the steps of state "Countersigning" lead nowhere once approved'),
    ("same step twice", lambda raw: raw["states"][1]["steps"].append({"step": "quality", "by": {"role": "Boss"}}), '"quality" is the name of states[1].steps[0].parallel[0] already'),
    ("unknown word in a step", lambda raw: raw["states"][1]["steps"].append({"step": "x", "by": {"role": "Boss"}, "need": 2}), "'need' is not known here"),
    ("approver", lambda raw: raw["states"][1]["steps"].append({"step": "x", "by": {"rolle": "Boss"}}), 'an approver has exactly one of'),
    ("approver's field", lambda raw: raw["states"][1]["steps"].append({"step": "x", "by": {"user_field": "kind"}}), "field kind should be a Link to User"),
    ("unknown other step", lambda raw: raw["states"][1]["steps"].append({"step": "x", "by": {"role": "Boss"}, "different_from": "qualty"}), '"qualty" is not another step. Did you mean "quality"?'),
    ("more than there are", lambda raw: raw["states"][1]["steps"][0].update(needs=4), "4 must agree, and there are 3 branches"),
    ("table column", lambda raw: raw["states"][1]["steps"].append({"step": "x", "by": {"table": "signers.boss"}}), "'signers.boss' is not a column of a table here"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "said"), [item[1:] for item in BROKEN], ids=[item[0] for item in BROKEN])
def test_what_is_wrong_is_named_at_its_place(change: Callable[[dict[str, Any]], None], said: str) -> None:
    faults = faults_of(changed(change))
    assert any(said in fault for fault in faults), faults


def test_all_faults_are_told_at_once() -> None:
    made = changed(
        lambda raw: [change(raw) for name, change, _ in BROKEN if name in ("unknown role", "unreachable state", "approver")]
    )
    assert len(faults_of(made)) == 3


def test_a_submitted_state_needs_a_submittable_doctype() -> None:
    plain = REQUEST | {"is_submittable": 0}
    assert any("Request is not submittable" in fault for fault in faults_of(workflow(), doctype=plain))


def test_only_one_workflow_of_a_doctype_is_active() -> None:
    assert any(
        'has the active workflow "Countersigning" already' in fault for fault in faults_of(workflow(), workflow(name="Second"))
    )
    assert faults_of(workflow(), workflow(name="Second", is_active=0)) == []


def test_a_decision_table_is_checked_like_one_of_a_rule() -> None:
    table = {
        "inputs": ["kind", "amount"],
        "outputs": ["who"],
        "hit": "first",
        "rows": [['"a"', "> 10", "Bos"], ["-", "-", "Quality"]],
    }
    made = changed(
        lambda raw: (
            raw.update(tables={"signers": table}),
            raw["states"][1]["steps"].append({"step": "x", "by": {"table": "signers.who"}}),
        )
    )
    faults = faults_of(made)
    assert len(faults) == 1
    assert "tables.signers" in faults[0]
    assert "'Bos' is not a role" in faults[0]
    table["rows"][0][2] = "Boss"
    assert faults_of(made) == []
