"""An expression in words, for people who read no code: `today() <= add_days(period_to, 1)` is "today is no later than 1 day after To".

What has no words here (rare functions, paths that name nothing) leaves the whole expression as it was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.text import Text
from ..expressions import ExpressionRefused, parse
from ..metadata.model import DocField
from .display import join, show
from .paths import Frame, PathRefused, Resolved, resolve

Tree = Sequence[Any]

_EQUAL = {"==": Text("等于", "is"), "!=": Text("不等于", "is not")}
_SIZE = {
    "<": Text("小于", "is less than"), "<=": Text("不大于", "is at most"),
    ">": Text("大于", "is more than"), ">=": Text("不小于", "is at least"),
}  # fmt: skip
_DAY = {
    "<": Text("早于", "is before"), "<=": Text("不晚于", "is no later than"),
    ">": Text("晚于", "is after"), ">=": Text("不早于", "is no earlier than"),
}  # fmt: skip
_SIGNS = {"+": "+", "-": "−", "*": "×", "/": "÷"}
_DATED = frozenset(("today", "now", "date", "add_days", "add_months"))
_LATER = {"add_days": (Text("天", "day"), "days"), "add_months": (Text("个月", "month"), "months")}
_CALLS: Mapping[str, Text] = {
    "today": Text("今天", "today"),
    "now": Text("现在", "now"),
    "date": Text("{0}的日期", "the day of {0}"),
    "year": Text("{0}的年份", "the year of {0}"),
    "month": Text("{0}的月份", "the month of {0}"),
    "day": Text("{0}是几号", "the day of the month of {0}"),
    "days_between": Text("{0}到{1}的天数", "the days from {0} to {1}"),
    "hours_between": Text("{0}到{1}的小时数", "the hours from {0} to {1}"),
    "floor": Text("{0}（舍去小数）", "{0} rounded down"),
    "ceil": Text("{0}（进一取整）", "{0} rounded up"),
    "abs": Text("{0}的绝对值", "{0} without its sign"),
    "len": Text("{0}的长度", "the length of {0}"),
    "startswith": Text("{0}以{1}开头", "{0} begins with {1}"),
    "endswith": Text("{0}以{1}结尾", "{0} ends with {1}"),
}
_OVER: Mapping[str, Text] = {
    "sum": Text("“{table}”中{body}的合计", 'the sum of {body} in "{table}"'),
    "avg": Text("“{table}”中{body}的平均值", 'the average of {body} in "{table}"'),
    "min": Text("“{table}”中{body}的最小值", 'the least {body} in "{table}"'),
    "max": Text("“{table}”中{body}的最大值", 'the greatest {body} in "{table}"'),
    "any": Text("“{table}”有一行满足 {body}", 'a row of "{table}" has {body}'),
    "all": Text("“{table}”各行都满足 {body}", 'every row of "{table}" has {body}'),
    "count": Text("“{table}”中满足 {body} 的行数", 'the number of rows of "{table}" with {body}'),
}
_TRUTHS = frozenset(("any", "all", "count"))  # what these ask of a row is a condition


class _Wordless(Exception):
    """A part that has no words."""


def spoken(source: str, frame: Frame, *, is_condition: bool = False) -> Text:
    """The expression as people say it; as it was typed where a part of it has no words."""
    try:
        tree = parse(source).tree
        return _truth(tree, frame) if is_condition else _said(tree, frame)
    except (ExpressionRefused, PathRefused, _Wordless):
        return Text.of(source)


def _said(tree: Tree, frame: Frame) -> Text:
    kind = tree[0]
    if kind == "num":
        return Text.of(tree[1])
    if kind == "lit":
        return _literal(tree[1], None)
    if kind == "path":
        return _path(tree, frame).label
    if kind == "list":
        return join([_said(part, frame) for part in tree[1:]])
    if kind == "neg":
        return _filled(Text("−{0}", "−{0}"), [_part(tree[1], frame)])
    if kind == "bin":
        return _binary(tree, frame)
    if kind == "if":
        return _either(tree[1], tree[2], tree[3], frame)
    if kind == "over":
        return _over(tree, frame)
    if kind == "call":
        return _call(tree[1], tree[2:], frame)
    if kind == "get" and tree[2] == "length":
        return _filled(Text("“{0}”的行数", 'the number of rows of "{0}"'), [_said(tree[1], frame)])
    return _logic(tree, frame)


def _truth(tree: Tree, frame: Frame) -> Text:
    """A part of which only is asked whether it holds: a field is filled in, or ticked."""
    if tree[0] == "path":
        return _has(tree, frame, True)
    return _said(tree, frame)


def _has(tree: Tree, frame: Frame, wanted: bool) -> Text:
    said = _said(tree, frame)
    if tree[0] == "path" and _path(tree, frame).kind == "check":
        return _filled(Text("{0}已勾选", "{0} is ticked") if wanted else Text("{0}未勾选", "{0} is not ticked"), [said])
    return _filled(Text("{0}已填", "{0} is filled in") if wanted else Text("{0}未填", "{0} is empty"), [said])


def _logic(tree: Tree, frame: Frame) -> Text:
    if tree[0] == "not":
        inner = tree[1]
        if inner[0] == "path":
            return _has(inner, frame, False)
        if inner[:2] == ["call", "is_set"]:
            return _has(inner[2], frame, False)
        return _filled(Text("并非（{0}）", "not ({0})"), [_truth(inner, frame)])
    if tree[0] not in ("and", "or"):
        raise _Wordless
    if tree[0] == "and" and len(tree) == 3 and tree[2] == ["call", "is_set", tree[1]]:
        return _has(tree[1], frame, True)
    parts = [_truth(part, frame) for part in tree[1:]]
    mixed = [part[0] in ("and", "or") and part[0] != tree[0] for part in tree[1:]]
    parts = [_filled(Text("（{0}）", "({0})"), [part]) if inside else part for part, inside in zip(parts, mixed, strict=True)]
    zh, en = (" 且 ", " and ") if tree[0] == "and" else (" 或 ", " or ")
    return Text(zh.join(part.zh for part in parts), en.join(part.en for part in parts))


def _binary(tree: Tree, frame: Frame) -> Text:
    _, sign, left, right = tree
    if sign == "??":
        return _else([left, right], frame)
    if sign in _SIGNS:
        one, other = _part(left, frame), _part(right, frame)
        return Text(f"{one.zh} {_SIGNS[sign]} {other.zh}", f"{one.en} {_SIGNS[sign]} {other.en}")
    dated = _is_dated(left, frame) or _is_dated(right, frame)
    word = _EQUAL.get(sign) or (_DAY if dated else _SIZE).get(sign)
    if word is None:
        raise _Wordless
    one, other = _beside(left, right, frame), _beside(right, left, frame)
    return Text(f"{one.zh}{word.zh} {other.zh}", f"{one.en} {word.en} {other.en}")


def _beside(tree: Tree, other: Tree, frame: Frame) -> Text:
    """One side of a comparison: a literal reads as a value of the field that it is compared with."""
    if tree[0] == "lit" and other[0] == "path":
        return _literal(tree[1], _path(other, frame).item)
    return _said(tree, frame)


def _literal(value: Any, item: DocField | None) -> Text:
    return Text(f"“{value}”", f'"{value}"') if isinstance(value, str) and item is None else show(value, item)


def _part(tree: Tree, frame: Frame) -> Text:
    """An operand of a calculation, in brackets where it is one itself."""
    said = _said(tree, frame)
    return _filled(Text("（{0}）", "({0})"), [said]) if tree[0] in ("bin", "if", "and", "or") else said


def _call(name: str, given: Sequence[Tree], frame: Frame) -> Text:
    if name == "if":
        return _either(given[0], given[1], given[2], frame)
    if name == "is_set":
        return _has(given[0], frame, True)
    if name == "coalesce":
        return _else(given, frame)
    if name in _LATER:
        return _later(name, given[0], given[1], frame)
    if name == "concat":
        parts = [_said(part, frame) for part in given]
        return Text(" & ".join(part.zh for part in parts), " & ".join(part.en for part in parts))
    if name in ("contains", "in_list"):
        is_one = Text("{1}为 {0} 之一", "{1} is one of {0}") if given[0][0] == "list" else Text("{0}含{1}", "{0} contains {1}")
        return _filled(is_one, [_said(part, frame) for part in given])
    if name == "round":
        places = given[1][1] if len(given) > 1 and given[1][0] in ("lit", "num") else 0
        said = _part(given[0], frame)
        return Text(f"{said.zh}（四舍五入到 {places} 位小数）", f"{said.en} rounded to {places} places")
    if name in ("min", "max"):
        which = Text("{0}中最小的", "the least of {0}") if name == "min" else Text("{0}中最大的", "the greatest of {0}")
        return _filled(which, [join([_said(part, frame) for part in given])])
    if name not in _CALLS:
        raise _Wordless
    return _filled(_CALLS[name], [_part(part, frame) for part in given])


def _later(name: str, day: Tree, much: Tree, frame: Frame) -> Text:
    one, many = _LATER[name]
    said, before = _said(day, frame), much[0] == "neg"
    number = _part(much[1] if before else much, frame)
    zh = f"{said.zh}{'之前' if before else '之后'} {number.zh} {one.zh}"
    return Text(zh, f"{number.en} {one.en if number.en == '1' else many} {'before' if before else 'after'} {said.en}")


def _else(given: Sequence[Tree], frame: Frame) -> Text:
    first, *others = [_said(part, frame) for part in given if part != ["lit", ""]]
    if not others:
        return first
    return Text(
        f"{first.zh}（未填则为{'、'.join(part.zh for part in others)}）",
        f"{first.en} (else {', '.join(part.en for part in others)})",
    )


def _either(condition: Tree, then: Tree, other: Tree, frame: Frame) -> Text:
    found = [_truth(condition, frame), _said(then, frame), _said(other, frame)]
    return _filled(Text("若{0}则{1}，否则{2}", "{1} if {0}, else {2}"), found)


def _over(tree: Tree, frame: Frame) -> Text:
    _, name, rows, body = tree
    if name not in _OVER or body is None or rows[:2] != ["path", "doc"] or len(rows) != 3:
        raise _Wordless
    inner = frame.record().rows(rows[2])
    table = _path(rows, frame.record()).label
    said = _truth(body, inner) if name in _TRUTHS else _said(body, inner)
    pattern = _OVER[name]
    return Text(pattern.zh.format(table=table.zh, body=said.zh), pattern.en.format(table=table.en, body=said.en))


def _path(tree: Tree, frame: Frame) -> Resolved:
    root, names = tree[1], tree[2:]
    prefix = [] if root in ("doc", "row") else [root]
    return resolve(".".join([*prefix, *names]), frame)


def _is_dated(tree: Tree, frame: Frame) -> bool:
    if tree[0] == "call":
        return tree[1] in _DATED
    return tree[0] == "path" and _path(tree, frame).kind in ("date", "datetime")


def _filled(pattern: Text, parts: Sequence[Text]) -> Text:
    return Text(pattern.zh.format(*(part.zh for part in parts)), pattern.en.format(*(part.en for part in parts)))
