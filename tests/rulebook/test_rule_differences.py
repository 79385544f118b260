"""Two versions of a rule are compared in the words in which the rule is read aloud."""

from __future__ import annotations

from typing import Any

import pytest

from server.assets import builtin_pack
from server.exchange.packs import read_packs
from server.exchange.reading import read_sources
from server.metadata.model import Model
from server.rulebook.differences import rule_differences

RULE: dict[str, Any] = {
    "name": "r", "applies_to": "Service Ticket", "when": {"all": [["urgency", "=", "Urgent"], ["customer", "is", "set"]]},
    "then": [{"table": {"hit": "first", "inputs": ["urgency"], "outputs": [{"set": "dispatch_hours"}], "rows": [["-", "3"], ["-", "7"]]}}],
    "tests": [{"title": "one", "doc": {"urgency": "Urgent"}, "then": []}],
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Model:
    return read_sources([source for source in read_packs([builtin_pack()]).sources if source.kind == "DocType"])[0]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, {}, id="nothing"),
        pytest.param(
            {"when": {"all": [["urgency", "=", "Emergency"], ["customer", "is", "set"]]}},
            {"when": ["condition: Urgency is Urgent → Urgency is Emergency"]}, id="a condition changed",
        ),
        pytest.param(
            {"when": {"all": [["urgency", "=", "Urgent"]]}}, {"when": ["condition taken away: Customer is filled in"]}, id="a condition gone",
        ),
        pytest.param(
            {"then": [{"table": {**RULE["then"][0]["table"], "rows": [["-", "3"], ["-", "8"]]}}]},
            {"then": ["row of the table: - | 7 → - | 8"]}, id="a row of a table",
        ),
        pytest.param(
            {"then": [{"table": {**RULE["then"][0]["table"], "hit": "collect", "complete": 1}}]},
            {"then": ['settings of "Decision table" changed: hit, complete']}, id="settings that are not read aloud",
        ),
        pytest.param(
            {"tests": [{"title": "one", "doc": {"urgency": "Urgent"}, "then": ["set"]}]},
            {"tests": ['test "one" changed: expected nothing → Set values']}, id="what a test expects",
        ),
    ],
)  # fmt: skip
def test_what_differs_is_said_under_its_key(model: Model, changes: dict[str, Any], expected: dict[str, list[str]]) -> None:
    found = rule_differences(RULE, {**RULE, **changes}, model)

    assert {key: [text.en for text in texts] for key, texts in found.items()} == expected
