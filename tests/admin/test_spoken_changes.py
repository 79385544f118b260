"""What differs between two versions, a line each, as an administrator reads it."""

from __future__ import annotations

from typing import Any

from server.admin.spoken_changes import spoken_changes

STEP = {"role": "Quality Engineer", "title": {"zh": "质量", "en": "Quality"}}
ANOTHER = {"role": "Leader in Charge", "title": {"zh": "分管领导", "en": "Leader in charge"}}


def workflow(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"name": "Countersigning", "states": [{"state": "Signing", "steps": [{"parallel": list(steps), "decide": "all"}]}]}


def test_a_step_that_is_added_or_removed_is_named_and_not_spelled_out_with_all_others() -> None:
    [added] = spoken_changes(workflow(STEP), workflow(STEP, ANOTHER), "en")
    [removed] = spoken_changes(workflow(STEP, ANOTHER), workflow(STEP), "zh")

    assert added.endswith("+ Leader in charge")
    assert removed.endswith("− 分管领导")


def test_rows_that_change_at_several_places_are_named_one_by_one() -> None:
    [said] = spoken_changes(workflow(STEP), workflow(STEP | {"role": "Finance"}, ANOTHER), "en")

    assert said.endswith("− Quality · + Quality · + Leader in charge")


def test_a_row_without_a_title_is_shown_as_it_is_written() -> None:
    [said] = spoken_changes(workflow({"role": "Finance"}), workflow({"role": "Finance"}, {"user": "chenjing"}), "en")

    assert said.endswith('+ {"user": "chenjing"}')
