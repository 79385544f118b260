"""The measured defects of durable-rules 2.0.28, each reproduced in a process of its own.

They say why `durable.py` gives the engine so little: an upgrade that changes one of them should be noticed, and read. The
numbers are those of the list that the design cites. Left out: 3 (2 again, with text), 5 (threads of `Host`, a matter of
seconds and chance), 26 (24 again), 30 (memory lost by `delete_ruleset`).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("durable_defects.py")
NO, YES = "no error: ['r']", "error"

SEEN: list[tuple[str, str, Any]] = [
    ("09 64 matches at once", "sixty_four_matches", "no error: 64"),
    ("09 65 matches at once fail", "sixty_five_matches", YES),
    ("10 one condition in 257 rules", "one_condition_in_257_rules", YES),
    ("11 null beside a correlated rule", "null_beside_a_correlated_rule", YES),
    ("12 records whose names have one hash join", "records_of_one_hash_join", ["r"]),
    ("13 properties whose names have one hash are one", "properties_of_one_hash_are_one", ["r"]),
    ("14 generated ids collide", "generated_ids_collide", 65710),
    ("15 long strings are equal", "long_strings_are_equal", ["r"]),
    ("16 either of two fires twice", "either_of_two_fires_twice", ["r", "r"]),
    ("17 negation depends on order", "negation_depends_on_order", [["r"], []]),
    ("18 100 and 100.0 do not join", "whole_and_decimal_do_not_join", [["r"], []]),
    ("19 a string is not less than its continuation", "order_of_strings", [[], [], ["r"]]),
    ("20 numbers and strings are mixed up", "numbers_and_strings", [["r"]] * 5),
    ("21 whole numbers are clamped", "large_whole_numbers", [["r"], []]),
    ("22 numbers with an exponent", "numbers_with_an_exponent", [YES, YES]),
    ("23 an event is consumed by one rule", "an_event_is_consumed_by_one_rule", [1, 5]),
    ("24 a failing action is swallowed", "a_failing_action_is_swallowed", True),
    ("25 a batch leaves facts behind", "a_batch_leaves_facts_behind", [1, ["r"]]),
    ("27 too many properties", "too_many_properties", [NO, YES]),
    ("28 too many records", "too_many_records", [True, "MemoryError"]),
    ("29 too many patterns", "too_many_patterns", [NO, YES]),
    ("31 regular expressions", "regular_expressions", ["no error: []", "no error: []", NO, NO]),
    ("grammar: a second key is ignored", "a_second_key_is_ignored", ["r"]),
    ("grammar: an unknown alias matches", "an_unknown_alias_matches", NO),
]


def run(name: str, timeout: float = 30, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), name], capture_output=True, text=True, timeout=timeout, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(("name", "expected"), [case[1:] for case in SEEN], ids=[case[0] for case in SEEN])
def test_wrong_answer(name: str, expected: Any) -> None:
    found = run(name)
    assert found.returncode == 0, found.stderr[-1000:]
    assert json.loads(found.stdout) == expected


# Reads of freed memory: on some runs the process survives them, so a run that does not show the defect proves nothing.
BY_CHANCE = pytest.mark.xfail(strict=False, reason="undefined behaviour shows on most runs, not on each")
FILLS = ("255", "165", "0")  # the GNU C library fills fresh memory with that byte; crashes depend on what lies there


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="relies on a switch of the GNU C library")
@pytest.mark.parametrize(
    "name",
    [
        pytest.param("delete_state_before_any_action", id="01 delete_state before any action", marks=BY_CHANCE),
        pytest.param("two_correlated_rules", id="02 two correlated rules", marks=BY_CHANCE),
        pytest.param("integer_division_by_zero", id="04 division by zero"),
        # Not among the 31, found here: why conclusions are properties of the one fact, and never facts of their own.
        pytest.param("retract_after_a_join_has_fired", id="32 retracting the facts of a join that fired", marks=BY_CHANCE),
    ],
)
def test_the_process_is_killed(name: str) -> None:
    assert any(run(name, MALLOC_PERTURB_=fill).returncode < 0 for fill in FILLS)


@pytest.mark.parametrize(
    "name",
    ["absence_matches_the_engines_own_fact", "a_rule_that_posts_again"],
    ids=["06 absence matches the engine's own fact", "07 a rule that posts again"],
)
def test_rules_fire_without_end(name: str) -> None:
    assert run(name).returncode == 7  # ENDLESS, after thousands of firings


def test_08_a_thousand_different_conditions_never_come_back() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        run("a_thousand_different_conditions", timeout=4)
