"""What docs/rules.md shows is what the rulebook takes: every example is right, every word is explained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from server.assets import builtin_pack
from server.exchange.packs import read_packs
from server.exchange.reading import read_sources
from server.rulebook.check import check_rule_shape, check_rules
from server.rulebook.model import CONSEQUENCES
from server.rulebook.operators import OPERATORS
from server.rulebook.read import read_rule
from server.rulebook.testing import run_tests

TEXT = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]


@pytest.mark.parametrize("raw", EXAMPLES, ids=lambda raw: raw["name"])
def test_every_example_is_right(raw: dict[str, Any]) -> None:
    assert check_rule_shape(raw, "docs/rules.md") == []
    model, _ = read_sources(read_packs([builtin_pack()]).sources)
    rules = [read_rule(example) for example in EXAMPLES]
    files = {rule.name: rule.name for rule in rules}
    assert [fault for fault in check_rules(rules, model, files, model.roles) if fault.rule == raw["name"]] == []
    assert [result.message.en for result in run_tests([read_rule(raw)], model) if not result.passed] == []


def test_every_operator_and_consequence_is_explained() -> None:
    assert [word for word in (*OPERATORS, *CONSEQUENCES) if f"`{word}`" not in TEXT] == []
