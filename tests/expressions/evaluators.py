"""Both evaluators behind one function each, values in the form of `vectors.json`: numbers as `{"$n": "12.5"}`."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from needs import require_program

from server.expressions import Scope, parse
from server.expressions.operators import plain

ROOT = Path(__file__).parent.parent.parent
TWIN = ROOT / "server" / "desk" / "static" / "guiju" / "expressions.js"
DATES = ("date", "later")
MOMENTS = ("at", "end", "now")

RUNNER = """
import { evaluate, Exact, number } from "%s";
import { readFileSync } from "node:fs";
const shown = (value) => {
  if (value === undefined || value === null) return null;
  if (value instanceof Exact || typeof value === "number") return { $n: number(value).toString() };
  if (Array.isArray(value)) return value.map(shown);
  return value;
};
const { scope, trees } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(trees.map((tree) => shown(evaluate(tree, scope)))));
"""


def in_browser(scope: Any, expressions: Sequence[str]) -> list[Any]:
    """The values that the browser's evaluator gives, all from one process."""
    sent = json.dumps({"scope": scope, "trees": [parse(expression).tree for expression in expressions]})
    node = require_program("node")
    script = RUNNER % TWIN.as_uri()
    done = subprocess.run([node, "--input-type=module", "-e", script], input=sent, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[Any] = json.loads(done.stdout)
    return found


def on_server(scope: Any, expression: str) -> Any:
    return shown(parse(expression).evaluate(_scope(json.dumps(scope))))


@lru_cache(maxsize=8)
def _scope(text: str) -> Scope:
    """The scope as the server has it: dates and times typed, numbers exact."""
    scope = json.loads(text, object_hook=lambda found: Decimal(found["$n"]) if "$n" in found else found)
    doc = scope["doc"]
    doc |= {name: date.fromisoformat(doc[name]) for name in DATES if name in doc}
    doc |= {name: datetime.fromisoformat(doc[name]) for name in MOMENTS if name in doc}
    return Scope(
        doc=doc,
        parent=scope["parent"],
        user=scope["user"],
        today=date.fromisoformat(scope["today"]),
        now=datetime.fromisoformat(scope["now"]),
    )


def shown(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return {"$n": plain(Decimal(value))}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [shown(item) for item in value]
    if isinstance(value, dict):
        return {key: shown(item) if isinstance(item, Decimal) else item for key, item in value.items()}
    return value
