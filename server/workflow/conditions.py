"""The conditions of transitions: our expressions, or Python as Frappe's files hold it, put into ours.

`doc.total > 1000 and doc.status in ("Open", "Held")` is read as a syntax tree and written again; nothing of it is ever run as
Python. What has no counterpart here (`frappe.db.get_value`) is refused.
"""

from __future__ import annotations

import ast
import json
from functools import lru_cache

from ..core.text import Text
from ..expressions import Expression, ExpressionRefused, parse

_BOOLEAN = {ast.And: "&&", ast.Or: "||"}
_COMPARED = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
}
_ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"}
_PLAIN_CALLS = {"len", "flt", "cint", "abs", "round", "min", "max"}
_LONGEST = 4000


@lru_cache(maxsize=1024)
def condition(source: str) -> Expression:
    """The expression that a condition says. Raises ExpressionRefused."""
    return parse(in_our_words(source) or source)  # Python first: `0 < doc.x < 9` and `True` mean something else in ours


def in_our_words(source: str) -> str | None:
    """A Python condition as one of ours; None when it is no Python, or holds what has no counterpart."""
    if len(source) > _LONGEST:
        return None
    try:
        tree = ast.parse(source.strip(), mode="eval")
        return _written(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _written(node: ast.AST) -> str:
    match node:
        case ast.BoolOp(op=op, values=values):
            return "(" + f" {_BOOLEAN[type(op)]} ".join(map(_written, values)) + ")"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"!({_written(operand)})"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-({_written(operand)})"
        case ast.BinOp(op=op, left=left, right=right) if type(op) in _ARITHMETIC:
            return f"({_written(left)} {_ARITHMETIC[type(op)]} {_written(right)})"
        case ast.IfExp(test=test, body=body, orelse=other):
            return f"({_written(test)} ? {_written(body)} : {_written(other)})"
        case ast.Compare(left=left, ops=ops, comparators=others):
            return _comparisons(left, ops, others)
        case ast.Constant(value=value):
            return _constant(value)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return "[" + ", ".join(map(_written, items)) + "]"
        case ast.Attribute() | ast.Name():
            return _path(node)
        case ast.Call():
            return _call(node)
    raise ValueError(type(node).__name__)


def _comparisons(left: ast.expr, ops: list[ast.cmpop], others: list[ast.expr]) -> str:
    parts = []
    for op, right in zip(ops, others, strict=True):
        one, other = _written(left), _written(right)
        if isinstance(op, ast.In):
            parts.append(f"in_list({other}, {one})")
        elif isinstance(op, ast.NotIn):
            parts.append(f"!in_list({other}, {one})")
        else:
            parts.append(f"({one} {_COMPARED[type(op)]} {other})")
        left = right
    return "(" + " && ".join(parts) + ")"


def _constant(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    raise ValueError(type(value).__name__)


def _path(node: ast.AST) -> str:
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise ValueError("path")
    names.insert(0, node.id)
    if names == ["frappe", "session", "user"]:
        return "user.name"
    if names[0] != "doc" or len(names) != 2:
        raise ValueError(".".join(names))
    return ".".join(names)


def _call(node: ast.Call) -> str:
    if node.keywords:
        raise ValueError("keywords")
    match node.func:
        case ast.Attribute(value=ast.Name(id="doc"), attr="get") if node.args and isinstance(node.args[0], ast.Constant):
            name = str(node.args[0].value)
            if not name.isidentifier():
                raise ValueError(name)
            return f"doc.{name}" if len(node.args) == 1 else f"coalesce(doc.{name}, {_written(node.args[1])})"
        case ast.Name(id=name) if name in _PLAIN_CALLS:
            return f"{name}({', '.join(map(_written, node.args))})"
        case ast.Attribute(attr=name) if ast.unparse(node.func) in (f"frappe.utils.{name}",) and name in _PLAIN_CALLS:
            return f"{name}({', '.join(map(_written, node.args))})"
        case ast.Attribute() if ast.unparse(node) == "frappe.get_roles()":
            return "user.roles"
    raise ValueError(ast.unparse(node.func))


def refusal_of(source: str) -> Text | None:
    """Why a condition cannot be read; None when it can."""
    try:
        condition(source)
    except ExpressionRefused as refused:
        return refused.text
    return None
