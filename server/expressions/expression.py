"""`Expression`: a parsed and compiled source, the tree for the browser, and what it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from .compile import Frame, Run, StepsUsedUp, compile_tree
from .errors import OutOfRange
from .operators import truth
from .parser import Tree, parse_tree
from .scope import Scope

FIELDNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Expression:
    """One expression, ready to be evaluated any number of times. Immutable."""

    __slots__ = ("_run", "reads", "source", "tree")

    def __init__(self, source: str, tree: Tree) -> None:
        self.source = source
        self.tree: list[Any] = _listed(tree)
        self.reads: frozenset[str] = frozenset(_reads(tree, None))
        self._run: Run = compile_tree(tree)

    def evaluate(self, scope: Scope) -> Any:
        """The value: None, bool, int, Decimal, str, date, datetime or a list. Never raises; what cannot be computed is None."""
        try:
            return self.compute(scope)
        except OutOfRange:
            return None

    def compute(self, scope: Scope) -> Any:
        """The value as `evaluate` gives it, where "cannot be computed" must not pass for "empty": raises OutOfRange."""
        try:
            return self._run(Frame(scope))
        except (StepsUsedUp, RecursionError):
            raise OutOfRange from None

    def truth(self, scope: Scope) -> bool:
        return truth(self.evaluate(scope))

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"


@lru_cache(maxsize=4096)
def parse(source: str) -> Expression:
    """Parse an expression; a leading `eval:` and a last semicolon are passed over. Raises ExpressionRefused."""
    plain = (
        source.replace("\u00a0", " ").strip().removeprefix("eval:").rstrip("; \t\n")
    )  # real files end some conditions with a semicolon
    return Expression(source, parse_tree(plain))


@lru_cache(maxsize=4096)
def parse_condition(source: str) -> Expression:
    """The form of `depends_on`: a bare fieldname, which holds when the field is filled, or `eval:` and an expression.

    Child rows are filled when there is one: Frappe shows what depends on a table once it has rows.
    """
    stripped = source.strip()
    if FIELDNAME.match(stripped):
        path = ("path", "doc", stripped)
        return Expression(source, ("and", path, ("call", "is_set", path)))
    return parse(source)


def _listed(tree: Any) -> Any:
    return [_listed(part) for part in tree] if isinstance(tree, tuple) else tree


def _reads(tree: Any, rows: str | None) -> Iterator[str]:
    """Dotted paths; `row` within an aggregate is the table it runs over."""
    if not isinstance(tree, tuple) or not tree:
        return
    if tree[0] == "path":
        root, names = tree[1], tree[2:]
        prefix = (rows or "doc") if root == "row" else root
        yield ".".join([prefix, *names])
    elif tree[0] == "over":
        yield from _reads(tree[2], rows)
        table = next(_reads(tree[2], rows), rows)
        yield from _reads(tree[3], table)
    else:
        for part in tree[1:]:
            yield from _reads(part, rows)
