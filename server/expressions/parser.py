"""Tokens to a tree, by precedence climbing.

The tree is nested tuples `(kind, ...)`, JSON-able as lists, the same that the browser evaluates:

    ("lit", value)  ("num", "12.50")  ("list", a, b ...)  ("path", "doc"|"parent"|"row"|"user", name, ...)
    ("get", tree, name)  ("at", tree, index)  ("not", a)  ("neg", a)  ("and", a, b)  ("or", a, b)  ("if", c, a, b)
    ("bin", sign, a, b)  ("call", function, args ...)  ("over", function, rows, body or None)
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from ..core.text import Text
from .borrowed import ALIASES, ARROWS, BORROWED
from .errors import ExpressionRefused
from .functions import AGGREGATES, FUNCTIONS
from .tokens import Token, tokenize

Tree = tuple[Any, ...]

MAX_DEPTH = 60
MAX_NODES = 1000
BINARY = {
    "??": 1, "||": 1, "|": 1, "&&": 2, "&": 2, "==": 3, "!=": 3, "===": 3, "!==": 3, "<": 4, "<=": 4, ">": 4, ">=": 4,
    "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
SAME = {"===": "==", "!==": "!=", "&": "&&", "|": "||"}
CONSTANTS: dict[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "None": None,
    "True": True,
    "False": False,
}
ROOTS = ("doc", "parent", "row", "user")
METHODS = {"includes": 1, "indexOf": 1, "startsWith": 1, "endsWith": 1, "toLowerCase": 0, "toUpperCase": 0, "trim": 0}


def parse_tree(source: str) -> Tree:
    """The tree of an expression. Raises ExpressionRefused with what is wrong and where."""
    return _Parser(tokenize(source)).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._nodes = 0
        self._rows: frozenset[str] = frozenset()  # what the rows are called within `row => ...`

    def whole(self) -> Tree:
        if self._at_end():
            raise ExpressionRefused(Text("表达式是空的", "the expression is empty"))
        tree = self._expression()
        if not self._at_end():
            raise self._unexpected()
        return tree

    def _at_end(self) -> bool:
        return self._peek.kind == "end"

    @property
    def _peek(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _is(self, *signs: str) -> bool:
        return self._peek.kind == "sign" and self._peek.value in signs

    def _take(self, sign: str) -> bool:
        if self._is(sign):
            self._at += 1
            return True
        return False

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._unexpected(sign)

    def _unexpected(self, wanted: str = "") -> ExpressionRefused:
        token = self._peek
        shown = str(token.value) or "结尾"
        shown_en = f'"{token.value}"' if token.value != "" else "the end"
        where = token.position + 1
        return ExpressionRefused(
            Text(
                f"第 {where} 个字符处不应是 {shown}" + (f"，应为 {wanted}" if wanted else ""),
                f"{shown_en} is not expected at character {where}" + (f"; expected {wanted}" if wanted else ""),
            ),
            token.position,
        )

    def _node(self, *parts: Any) -> Tree:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ExpressionRefused(
                Text(f"表达式过长，最多 {MAX_NODES} 个部分", f"the expression has more than {MAX_NODES} parts")
            )
        return parts

    def _deeper(self, read: Callable[[], Tree]) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionRefused(
                Text(f"表达式嵌套超过 {MAX_DEPTH} 层", f"the expression is nested deeper than {MAX_DEPTH}"), self._peek.position
            )
        try:
            return read()
        finally:
            self._depth -= 1

    def _expression(self) -> Tree:
        return self._deeper(self._conditional)

    def _conditional(self) -> Tree:
        condition = self._binary(1)
        if not self._take("?"):
            return condition
        yes = self._expression()
        self._need(":")
        return self._node("if", condition, yes, self._expression())

    def _binary(self, least: int) -> Tree:
        left = self._unary()
        while self._peek.kind == "sign" and BINARY.get(str(self._peek.value), 0) >= least:
            sign = str(self._next().value)
            right = self._binary(BINARY[sign] + 1)
            if sign == "??":
                left = self._node("if", self._node("bin", "!=", left, self._node("lit", None)), left, right)
                continue
            sign = SAME.get(sign, sign)
            kind = {"&&": "and", "||": "or"}.get(sign)
            left = self._node(kind, left, right) if kind else self._node("bin", sign, left, right)
        return left

    def _unary(self) -> Tree:
        if self._take("!"):
            return self._node("not", self._deeper(self._unary))
        if self._take("-"):
            return self._node("neg", self._deeper(self._unary))
        if self._take("+"):
            return self._deeper(self._unary)
        return self._postfix(self._primary())

    def _primary(self) -> Tree:
        token = self._next()
        if token.kind == "number":
            return self._node("num", str(token.value)) if isinstance(token.value, Decimal) else self._node("lit", token.value)
        if token.kind == "text":
            return self._node("lit", token.value)
        if token.kind == "sign" and token.value == "(":
            inner = self._expression()
            self._need(")")
            return inner
        if token.kind == "sign" and token.value == "[":
            return self._node("list", *self._arguments("]"))
        if token.kind == "name":
            return self._named(token)
        self._at -= 1
        raise self._unexpected()

    def _arguments(self, end: str) -> list[Tree]:
        found: list[Tree] = []
        while not self._take(end):
            found.append(self._expression())
            if not self._is(end):
                self._need(",")
        return found

    def _named(self, token: Token) -> Tree:
        name = str(token.value)
        if name in CONSTANTS:
            return self._node("lit", CONSTANTS[name])
        if self._is("("):
            return self._call(token)
        path = self._dotted(name)
        if name in self._rows:
            return self._node("path", "row", *path[1:])
        if (borrowed := self._borrowed(path)) is not None:
            return borrowed
        if (tuple(path), self._method_ahead()) in ((("cur_frm",), "is_new"), (("frm",), "is_new"), (("doc",), "is_new")):
            self._at += 2
            self._need("(")
            self._need(")")
            return self._node("path", "doc", "__islocal")
        for alias, meant in ALIASES.items():
            if tuple(path[: len(alias)]) == alias:
                return self._node("path", *meant, *path[len(alias) :])
        if path[0] in ROOTS:
            return self._node("path", *path)
        if path[0] in ("frappe", "cur_frm", "frm", "me", "window", "document", "new", "function", "this"):
            raise ExpressionRefused(
                Text(
                    f"不能使用“{'.'.join(path)}”：只有 doc、parent、row、user 和函数表",
                    f'"{".".join(path)}" cannot be used: there is only doc, parent, row, user and the functions',
                ),
                token.position,
            )
        return self._node("path", "doc", *path)

    def _method_ahead(self) -> str:
        """The name of the method that is called next; empty where none is."""
        name, called = (self._tokens[min(self._at + step, len(self._tokens) - 1)] for step in (1, 2))
        is_called = self._is(".", "?.") and name.kind == "name" and called.kind == "sign" and called.value == "("
        return str(name.value) if is_called else ""

    def _borrowed(self, path: list[str]) -> Tree | None:
        """A call of Frappe's page that a function of ours answers."""
        name = ".".join([*path, self._method_ahead()])
        if name not in BORROWED:
            return None
        self._at += 2
        return self._as_ours(name)

    def _as_ours(self, name: str) -> Tree:
        token = self._peek
        self._need("(")
        arguments = self._arguments(")")
        ours, places = BORROWED[name]
        if len(arguments) < len(places):
            raise self._wrong_number(name, token)
        taken = [arguments[place] for place in places]
        if ours == "has_role":
            return self._node("call", "contains", ("path", "user", "roles"), *taken)
        return self._node("call", ours, *taken)

    def _dotted(self, first: str) -> list[str]:
        """Names after dots, up to one that is called or is a method."""
        path = [first]
        while self._is(".", "?."):
            name = self._tokens[self._at + 1]
            if name.value == "[":  # `?.[`
                break
            if name.kind != "name":
                self._at += 1
                raise self._unexpected()
            called = self._tokens[self._at + 2]
            if name.value == "length" or (called.kind == "sign" and called.value == "("):
                break
            if str(name.value).startswith("__") and name.value not in ("__islocal", "__unsaved"):
                raise ExpressionRefused(Text(f"没有“{name.value}”", f'there is no "{name.value}"'), name.position)
            path.append(str(name.value))
            self._at += 2
        return path

    def _call(self, token: Token) -> Tree:
        name = str(token.value)
        if name in BORROWED:
            return self._as_ours(name)
        if name == "Boolean":
            return self._node("not", self._node("not", self._primary()))
        self._need("(")
        arguments = self._arguments(")")
        if name in AGGREGATES and arguments and self._is_rows(arguments[0], name, arguments):
            if len(arguments) > 2:
                raise self._wrong_number(name, token)
            return self._node("over", name, *self._rows_and_body(arguments))
        function = FUNCTIONS.get(name)
        if function is None:
            near = get_close_matches(name, [*FUNCTIONS, *AGGREGATES], 1)
            hint = Text(f"，是否指 {near[0]}？", f'; did you mean "{near[0]}"?') if near else Text("", "")
            raise ExpressionRefused(
                Text(f"没有函数 {name}{hint.zh}", f'there is no function "{name}"{hint.en}'), token.position
            )
        if not function.least <= len(arguments) <= function.most:
            raise self._wrong_number(name, token)
        return self._node("call", name, *arguments)

    def _wrong_number(self, name: str, token: Token) -> ExpressionRefused:
        return ExpressionRefused(
            Text(f"函数 {name} 的参数个数不对", f'"{name}" is given the wrong number of arguments'), token.position
        )

    def _is_rows(self, first: Tree, name: str, arguments: list[Tree]) -> bool:
        """`sum(items.amount)`, `count(items, row.qty > 0)`; `min(a, b)` of plain values is a function."""
        if first[0] != "path":
            return False
        if name in ("min", "max"):
            return len(arguments) == 1 or _reads_row(arguments[1])
        return True

    def _rows_and_body(self, arguments: list[Tree]) -> tuple[Tree, Tree | None]:
        rows = arguments[0]
        if len(arguments) == 2:
            return rows, arguments[1]
        if len(rows) > 3:  # items.amount: the column of every row
            return rows[:3], ("path", "row", *rows[3:])
        return rows, None

    def _postfix(self, tree: Tree) -> Tree:
        while True:
            if self._is(".", "?."):
                self._next()
                if self._is("["):  # `?.[`
                    continue
                token = self._next()
                name = str(token.value)
                if token.kind == "name" and self._is("("):
                    tree = self._method(tree, name, token)
                elif token.kind == "name" and not name.startswith("_"):
                    tree = self._node("get", tree, name)
                else:
                    self._at -= 1
                    raise self._unexpected()
            elif self._take("["):
                tree = self._node("at", tree, self._expression())
                self._need("]")
            else:
                return tree

    def _arrow(self, tree: Tree, name: str, token: Token) -> Tree:
        """`.some(row => row.qty > 0)`: an aggregate over child rows; `.filter(...)` only as far as it is counted."""
        bracket = self._take("(")
        row = str(self._next().value)
        if bracket:
            self._need(")")
        self._need("=>")
        outer, self._rows = self._rows, self._rows | {row}
        body = self._expression()
        self._rows = outer
        self._need(")")
        if name == "filter":
            if not (self._is(".") and self._tokens[self._at + 1].value == "length"):
                raise self._unexpected(".length")
            self._at += 2
        return self._node("over", ARROWS[name], tree, body)

    def _is_arrow(self) -> bool:
        """Whether `(row => ...` or `((row) => ...` comes next."""
        ahead = [str(token.value) for token in self._tokens[self._at : self._at + 5]]
        return ahead[2:3] == ["=>"] or (ahead[1:2] == ["("] and ahead[3:5] == [")", "=>"])

    def _method(self, tree: Tree, name: str, token: Token) -> Tree:
        if name in ARROWS and self._is_arrow():
            self._need("(")
            return self._arrow(tree, name, token)
        self._need("(")
        arguments = self._arguments(")")
        if name not in METHODS or len(arguments) != METHODS[name]:
            allowed = ", ".join(METHODS)
            raise ExpressionRefused(
                Text(f"不能调用 .{name}()，可用：{allowed}", f'".{name}()" cannot be called; there are {allowed}'),
                token.position,
            )
        function = {
            "includes": "contains",
            "indexOf": "index_of",
            "startsWith": "startswith",
            "endsWith": "endswith",
            "toLowerCase": "lower",
            "toUpperCase": "upper",
            "trim": "trim",
        }[name]
        return self._node("call", function, tree, *arguments)


def _reads_row(tree: Any) -> bool:
    if not isinstance(tree, tuple):
        return False
    return tree[:2] == ("path", "row") or any(_reads_row(part) for part in tree)
