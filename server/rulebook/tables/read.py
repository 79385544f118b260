"""Table JSON to `Table`, collecting every fault of its form. What the cells mean in their columns is the work of `check`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from ...core.text import EMPTY, Text, nearest
from ..faults import Faults
from .model import (
    AGGREGATES,
    HIT_POLICIES,
    INPUT_TYPES,
    MAX_COLUMNS,
    MAX_ROWS,
    OUTPUT_KINDS,
    TO_ROLES,
    Input,
    Output,
    Row,
    Table,
)

_KEYS = ("inputs", "outputs", "rows", "hit", "aggregate", "complete")
_TERMS = {
    "oblige": ("title", "due", "from", "warn_before", "escalate_to", "escalate", "calendar"),
    "notify": ("message", "via", "urgent"),
}  # fmt: skip
_APPROVAL_KEYS = ("title", "again_when", "allow_self", "show")


Terms = Callable[[str, Mapping[str, Any], str], Any]  # reads `oblige` or `notify`, whose role the cells say


def read_table(raw: Any, at: str, faults: Faults, terms: Terms, each: Any = None) -> Table | None:
    """The table that a JSON object says; None (with faults) when it has no columns or rows to speak of."""
    if not isinstance(raw, Mapping):
        faults.add(at, f"{raw!r} 应为对象", f"{raw!r} should be an object")
        return None
    faults.keys(raw, _KEYS, at)
    inputs = [_input(item, place, faults) for place, item in faults.items(raw.get("inputs"), f"{at}.inputs")]
    outputs = [_output(item, place, faults, terms) for place, item in faults.items(raw.get("outputs"), f"{at}.outputs")]
    if not inputs or not outputs or len(inputs) + len(outputs) > MAX_COLUMNS:
        faults.add(
            at,
            f"决策表须有输入列和输出列，合计不超过 {MAX_COLUMNS} 列",
            f"a table needs input and output columns, at most {MAX_COLUMNS} together",
        )
        return None
    hit = _word(raw, "hit", "unique", HIT_POLICIES, at, faults)
    aggregate = _word(raw, "aggregate", "list", AGGREGATES, at, faults)
    if aggregate != "list" and hit != "collect":
        faults.add(f"{at}.aggregate", "aggregate 只与 collect 同用", "aggregate goes with the hit policy collect only")
    shaped = [
        row
        for place, item in faults.items(raw.get("rows"), f"{at}.rows")
        if (row := _row(item, place, inputs, outputs, faults)) is not None
    ]
    if not shaped or len(shaped) > MAX_ROWS:
        faults.add(f"{at}.rows", f"决策表须有 1 到 {MAX_ROWS} 行", f"a table has 1 to {MAX_ROWS} rows")
    return Table(
        tuple(inputs),
        tuple(outputs),
        tuple(shaped[:MAX_ROWS]),
        cast(Any, hit),
        cast(Any, aggregate),
        bool(raw.get("complete")),
        each,
        at,
    )


def _word(raw: Mapping[str, Any], name: str, default: str, words: Sequence[str], at: str, faults: Faults) -> str:
    value = raw.get(name, default)
    if value in words:
        return str(value)
    listed = ", ".join(words)
    faults.add(
        f"{at}.{name}",
        f"没有 {value!r}，可用：{listed}。",
        f"{value!r} is not known; use one of {listed}.",
        nearest(value, words),
    )
    return default


def _input(raw: Any, at: str, faults: Faults) -> Input:
    if isinstance(raw, str) and raw:
        return Input(path=raw, at=at)
    if not isinstance(raw, Mapping):
        faults.add(at, f"{raw!r} 应为字段名或对象", f"{raw!r} should be a path or an object")
        return Input(at=at)
    faults.keys(raw, ("path", "expr", "type", "label"), at)
    path, expr = (faults.word(raw, name, at, needed=False) or "" for name in ("path", "expr"))
    if bool(path) == bool(expr):
        faults.add(at, "须有 path 或 expr 其中之一", "exactly one of path and expr is needed")
    kind = raw.get("type") or ""
    if expr and kind not in INPUT_TYPES:
        words = ", ".join(INPUT_TYPES)
        faults.add(
            f"{at}.type", f"表达式须写明类型：{words}", f"an expression needs its type: {words}", nearest(kind, INPUT_TYPES)
        )
        kind = "text"
    return Input(path, expr, str(kind), faults.text(raw, "label", at) if "label" in raw else EMPTY, at)


def _output(raw: Any, at: str, faults: Faults, read_terms: Terms) -> Output:
    kinds = [key for key in raw if key in OUTPUT_KINDS] if isinstance(raw, Mapping) else []
    if len(kinds) != 1:
        words = ", ".join(OUTPUT_KINDS)
        near = nearest(next(iter(raw), ""), OUTPUT_KINDS) if isinstance(raw, Mapping) else None
        faults.add(at, f"输出列须恰有一个：{words}。", f"an output column has exactly one of: {words}.", near)
        return Output("warn", at=at)
    kind = kinds[0]
    faults.keys(raw, (kind, "label", "values", "default"), at)
    body = raw[kind]
    field, approval, terms = "", {}, None
    if kind == "require_approval":
        if isinstance(body, Mapping):
            faults.keys(body, _APPROVAL_KEYS, f"{at}.{kind}")
            approval = _approval(body, f"{at}.{kind}", faults)
        elif body not in (None, "", {}, 1, True):
            faults.add(
                f"{at}.{kind}", f"{body!r} 应为对象，角色写在各行", f"{body!r} should be an object; the role stands in the rows"
            )
    elif kind in TO_ROLES:
        allowed = _TERMS[kind]
        if isinstance(body, Mapping):
            faults.keys(body, allowed, f"{at}.{kind}")
            terms = read_terms(
                kind, {key: value for key, value in body.items() if key in allowed} | {"role": "-"}, f"{at}.{kind}"
            )
        else:
            words = ", ".join(allowed)
            faults.add(
                f"{at}.{kind}",
                f"{body!r} 应为对象（{words}），角色写在各行",
                f"{body!r} should be an object ({words}); the role stands in the rows",
            )
    elif isinstance(body, str) and (body or kind != "set"):
        field = body
    elif kind == "set" or body not in (None, {}, 1, True):
        faults.add(f"{at}.{kind}", f"{body!r} 应为字段名", f"{body!r} should be the name of a field")
    values = raw.get("values") or []
    cells = tuple(str(_cell(item, place, faults)) for place, item in faults.items(values, f"{at}.values"))
    said = kind in ("block", "warn")
    default = _out(raw["default"], f"{at}.default", said, faults) if raw.get("default") not in (None, "") else None
    label = faults.text(raw, "label", at) if "label" in raw else EMPTY
    return Output(kind, field, label, cells, default, approval, terms, at)


def _approval(body: Mapping[str, Any], at: str, faults: Faults) -> dict[str, Any]:
    """The terms that all approvals of a column share, as `RequireApproval` takes them."""
    found: dict[str, Any] = {"allow_self": bool(body.get("allow_self"))}
    if "title" in body:
        found["title"] = faults.text(body, "title", at)
    for name in ("again_when", "show"):
        if body.get(name):
            found[name] = faults.words(body[name], f"{at}.{name}")
    return found


def _row(raw: Any, at: str, inputs: Sequence[Input], outputs: Sequence[Output], faults: Faults) -> Row | None:
    wanted = len(inputs) + len(outputs)
    if not isinstance(raw, list) or len(raw) != wanted:
        number = len(raw) if isinstance(raw, list) else raw
        faults.add(
            at,
            f"应为 {wanted} 格的列表（{len(inputs)} 个输入、{len(outputs)} 个输出），实为 {number!r}",
            f"should be a list of {wanted} cells ({len(inputs)} inputs, {len(outputs)} outputs), not {number!r}",
        )
        return None
    when = tuple(_cell(item, f"{at}[{index}]", faults) for index, item in enumerate(raw[: len(inputs)]))
    then = tuple(
        _out(item, f"{at}[{len(inputs) + index}]", output.is_said, faults)
        for index, (item, output) in enumerate(zip(raw[len(inputs) :], outputs, strict=True))
    )
    return Row(when, then, at)


def _cell(raw: Any, at: str, faults: Faults) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, str | int | float):
        return str(raw)
    faults.add(
        at,
        f'{raw!r} 应为文字：任意值写 "-"，空值写 "null"',
        f'{raw!r} should be a text: "-" for any value, "null" for an empty one',
    )
    return "-"


def _out(raw: Any, at: str, said: bool, faults: Faults) -> str | Text:
    """A cell of an output column; a text for people may come in two languages, `-` says nothing."""
    if not said or raw in ("", "-"):
        return _cell(raw, at, faults)
    return faults.text({"text": raw}, "text", at)
