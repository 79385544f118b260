"""One file of cases, run by the server's evaluator and by the browser's: both must give the written value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from evaluators import in_browser, on_server

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
CASES = VECTORS["cases"]


@pytest.fixture(scope="module")
def browser() -> dict[str, Any]:
    expressions = [case["expression"] for case in CASES]
    return dict(zip(expressions, in_browser(VECTORS["scope"], expressions), strict=True))


@pytest.mark.parametrize("case", CASES, ids=[case["expression"] for case in CASES])
def test_both_evaluators_give_the_written_value(case: dict[str, Any], browser: dict[str, Any]) -> None:
    assert on_server(VECTORS["scope"], case["expression"]) == case["value"]
    assert browser[case["expression"]] == case["value"]
