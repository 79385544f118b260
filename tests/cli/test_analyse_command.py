"""`guiju rules analyse`: what is wrong with rules seen together, for people and for scripts."""

from __future__ import annotations

import json
from pathlib import Path

from console_session import run

RULES = [
    {"name": f"urgent-{level}", "title": level, "applies_to": "Service Ticket", "when": {"all": [["urgency", "=", "Urgent"]]},
     "then": [{"set": {"resolution": level}}]}
    for level in ("one", "two")
]  # fmt: skip
DEAD = {**RULES[0], "name": "dead", "when": {"all": [["urgency", "=", "Urgent"], ["urgency", "=", "Normal"]]}}


def test_the_built_in_rules_have_no_findings() -> None:
    assert run("rules", "analyse") == (0, "0 findings.\n")


def test_findings_are_told_with_an_example_and_as_json(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    for raw in (*RULES, DEAD):
        (tmp_path / "rules" / f"{raw['name']}.json").write_text(json.dumps(raw), "utf-8")
    status, said = run("rules", "analyse", str(tmp_path))
    assert status == 1
    assert 'The rule "one" (dead) never matches' in said
    assert "have the same condition, yet set" in said
    assert "For example: Urgency = Urgent." in said
    assert "2 项发现。" in run("rules", "analyse", str(tmp_path), language="zh")[1]
    found = json.loads(run("rules", "analyse", str(tmp_path), "--json")[1])
    assert [(item["kind"], item["rules"], item["example"]) for item in found] == [
        ("never", ["dead"], {}), ("contradiction", ["urgent-one", "urgent-two"], {"urgency": "Urgent"}),
    ]  # fmt: skip
    assert "never matches" in run("check", str(tmp_path))[1]
