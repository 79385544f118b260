"""docs/compliance.md: every line of the checklists is answered, and every test that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TEXT = (ROOT / "docs" / "compliance.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))
ANSWERS = {row[0]: row[1] for row in re.findall(r"^\| (1[\d.]+\S*) \| .*? \| (done|partly|procedure) \|", TEXT, re.M)}
ASKED = (
    *(f"11.10({letter})" for letter in "abcdefghijk"), "11.30", "11.50(a)", "11.50(b)", "11.70",
    *(f"11.100({letter})" for letter in "abc"), "11.200(a)(1)", "11.200(a)(1)(i)", "11.200(a)(1)(ii)", "11.200(a)(2)",
    "11.200(a)(3)", "11.200(b)", *(f"11.300({letter})" for letter in "abcde"), *(f"13({number})" for number in range(1, 5)),
)  # fmt: skip


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    assert re.search(rf"^def {name}\(", (ROOT / file).read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("paragraph", ASKED)
def test_every_paragraph_is_answered(paragraph: str) -> None:
    assert paragraph in ANSWERS


def test_what_is_called_done_names_a_test() -> None:
    lines = [line for line in TEXT.splitlines() if "| done |" in line]
    assert lines
    assert [line for line in lines if "::" not in line and "JSON over REST" not in line] == []
