"""The cells of decision tables: S-FEEL unary tests, read once into a `Cell` that decides and can be reasoned about.

    -   > 10   >= 5   [5..10]   (5..10]   3, 7   "a","b"   not("a")   != 3   true   null   2026-01-31   date("2026-01-31")

Numbers are exact. An empty field satisfies `-` and `null` only, as in the conditions of rules. A cell is a union of spans of
values, so that the same object answers a record (`holds`) and the analysis (`analyse`). Punctuation of a Chinese keyboard
(，（）“”≥≤≠) is read as its ASCII twin; a text may leave its quotes out where nothing else could be meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ...core.text import Text
from ..operators import ORDERED, is_absent

MAX_CELL = 1000  # characters
MAX_DIGITS = 18  # before the point, and after it: more than any field holds
Literal = Callable[[Any], Any]  # reads a literal as a value of the column; raises CellRefused

_TWINS = str.maketrans(
    {"，": ",", "（": "(", "）": ")", "［": "[", "］": "]", "“": '"', "”": '"', "＞": ">", "＜": "<", "＝": "=", "．": "."}
)
_WIDE = {"≥": ">=", "≤": "<=", "≠": "!=", "－": "-", "—": "-"}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>"(?:[^"\\]|\\.)*")
    | (?P<typed>(?P<function>date\ and\ time|date|time|duration)\s*\(\s*"(?P<inner>[^"]*)"\s*\))
    | (?P<not>not\s*(?=\())
    | (?P<dots>\.\.)
    | (?P<operator><=|>=|!=|<|>|=)
    | (?P<mark>[\[\](),])
    | (?P<day>\d{4}-\d\d-\d\d(?:[T\ ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?(?![\w-]))
    | (?P<clock>\d\d:\d\d(?::\d\d)?(?![\w:]))
    | (?P<number>[+-]?(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?![\w%]))
    | (?P<word>[^\s"\[\](),<>=!.][^"\[\](),<>=!]*?)(?=\s*(?:\.\.|[\[\](),<>=!]|$))
    )""",
    re.VERBOSE,
)
# What an output cell is read by; everything else in it is itself, however long it is.
_SAID = re.compile(r'(?P<text>"(?:[^"\\]|\\.)*")|(?:date\ and\ time|date|time|duration)\s*\(\s*"(?P<inner>[^"]*)"\s*\)')
_KEYWORDS = {"true": True, "false": False, "null": None}
_TYPED_KINDS = {"date": ("date", "datetime"), "date and time": ("datetime",), "time": ("time",)}


class CellRefused(ValueError):
    """A cell that says nothing here; `text` says why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


@dataclass(frozen=True, slots=True)
class Span:
    """The values between two ends; None is open to that side. A single value is a span of which both ends are it."""

    low: Any
    high: Any
    with_low: bool = True
    with_high: bool = True

    def holds(self, value: Any) -> bool:
        if self.low is not None and (value < self.low or (value == self.low and not self.with_low)):
            return False
        return self.high is None or value < self.high or (value == self.high and self.with_high)

    @property
    def is_point(self) -> bool:
        return self.low is not None and self.low == self.high and self.with_low and self.with_high

    @property
    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return bool(self.low > self.high or (self.low == self.high and not (self.with_low and self.with_high)))


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell admits: anything, or the values of its spans (`negated`: all others), and whether the empty value."""

    text: str
    anything: bool = False
    spans: tuple[Span, ...] = ()
    null: bool = False
    negated: bool = False

    def holds(self, value: Any) -> bool:
        """Whether `value` (as the column reads it; None for an empty field) satisfies the cell."""
        if self.anything:
            return True
        if is_absent(value):
            return self.null and not self.negated
        return any(span.holds(value) for span in self.spans) is not self.negated


def read_cell(text: str, kind: str, literal: Literal) -> Cell:
    """The cell of a column whose values are of `kind`. Raises CellRefused."""
    written = text.strip()
    if written in ("", "-", "－", "—"):
        return Cell("-", anything=True)
    if len(written) > MAX_CELL:
        raise CellRefused(f"超过 {MAX_CELL} 个字符", f"longer than {MAX_CELL} characters")
    return _Reader(written, kind, literal).cell()


def read_value(text: str) -> Any:
    """An output cell: the literal it holds, read by its field later; text without quotes is itself. None is `null`."""
    written = text.strip()
    if written in _KEYWORDS:
        return _KEYWORDS[written]
    match = _SAID.fullmatch(written)
    if match is None:
        return written
    return _unquoted(match["text"]) if match["text"] else match["inner"]


def quoted(text: str) -> str:
    """A text as FEEL writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _unquoted(text: str) -> str:
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda match: escapes.get(match[1], match[1]), text[1:-1])


def _ascii(text: str) -> str:
    """Chinese punctuation outside of quoted text as its ASCII twin."""
    parts = re.split(r'("(?:[^"\\]|\\.)*"|“[^”]*”)', text)
    for index, part in enumerate(parts):
        if index % 2:
            parts[index] = '"' + part[1:-1] + '"'
            continue
        part = part.translate(_TWINS)
        for wide, narrow in _WIDE.items():
            part = part.replace(wide, narrow)
        parts[index] = part
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    value: Any = None


class _Reader:
    """One cell, token by token."""

    def __init__(self, text: str, kind: str, literal: Literal) -> None:
        self.text = text
        self.kind = kind
        self.literal = literal
        self.tokens = self._tokens(_ascii(text))
        self.next = 0

    def _tokens(self, text: str) -> list[_Token]:
        found: list[_Token] = []
        place = 0
        while place < len(text):
            match = _TOKEN.match(text, place)
            if match is None or match.end() == place:
                rest = text[place:].strip()
                raise CellRefused(f"{self.text!r} 从 {rest!r} 起读不懂", f"{self.text!r} cannot be read from {rest!r} on")
            place = match.end()
            kind = match.lastgroup or ""
            if match["typed"]:
                found.append(self._typed(match["function"], match["inner"]))
            elif match["text"]:
                found.append(_Token("value", match["text"], _unquoted(match["text"])))
            elif kind == "word":
                found.append(self._word(match["word"].strip()))
            else:
                found.append(
                    _Token("value" if kind in ("number", "day", "clock") else kind, match[kind], self._plain(kind, match[kind]))
                )
        return found

    def _typed(self, function: str, inner: str) -> _Token:
        if self.kind not in _TYPED_KINDS.get(function, ()):
            raise CellRefused(f'{function}("{inner}") 与本列的类型不合', f'{function}("{inner}") does not fit this column')
        return _Token("value", inner, inner)

    def _word(self, word: str) -> _Token:
        if word in _KEYWORDS:
            return _Token("value", word, _KEYWORDS[word])
        if self.kind != "text":
            raise CellRefused(
                f"{word!r} 不是本列（{KIND_WORDS[self.kind].zh}）的值",
                f"{word!r} is no value of this column ({KIND_WORDS[self.kind].en})",
            )
        return _Token("value", word, word)

    def _plain(self, kind: str, text: str) -> Any:
        if kind == "number" and self.kind != "text":
            number = Decimal(text)
            places = number.as_tuple().exponent
            if number.adjusted() >= MAX_DIGITS or not isinstance(places, int) or places < -MAX_DIGITS:
                raise CellRefused(f"数字 {text} 的位数过多", f"the number {text} has too many digits")
            return int(number) if places >= 0 else number
        return text

    def cell(self) -> Cell:
        negated = bool(self._takes("not"))
        if negated:
            self._needs("mark", "(")
        spans, null, unequal = self._tests()
        if negated:
            self._needs("mark", ")")
        if self.next < len(self.tokens):
            rest = self.tokens[self.next].text
            raise CellRefused(f"{self.text!r}：{rest!r} 处多余", f"{self.text!r}: nothing may stand at {rest!r}")
        return Cell(self.text, spans=tuple(spans), null=null, negated=negated is not unequal)

    def _tests(self) -> tuple[list[Span], bool, bool]:
        """(spans, whether `null` is among them, whether the one test there is is `!=`)."""
        spans: list[Span] = []
        null = unequal = False
        while True:
            operator = self._takes("operator")
            if operator == "!=":
                unequal = True
                operator = "="
            found = self._compared(operator) if operator else self._span_or_value()
            null = null or found is None
            spans += [found] if found is not None else []
            if not self._takes("mark", ","):
                break
        if unequal and len(spans) + null > 1:
            raise CellRefused(f"{self.text!r}：!= 只能单独使用，请用 not(…)", f"{self.text!r}: != stands alone; use not(...)")
        return spans, null, unequal

    def _compared(self, operator: str) -> Span | None:
        if operator != "=":
            self._ordered(operator)
        value = self._value()
        if operator == "=":
            return None if value is None else Span(value, value)
        if value is None:
            raise CellRefused(f"{self.text!r}：不能与 null 比大小", f"{self.text!r}: null has no order")
        low = operator.startswith(">")
        closed = operator.endswith("=")
        return Span(value, None, closed, False) if low else Span(None, value, False, closed)

    def _span_or_value(self) -> Span | None:
        opening = next((mark for mark in "[(]" if self._takes("mark", mark)), "")
        if not opening:
            value = self._value()
            return None if value is None else Span(value, value)
        self._ordered("..")
        low = self._value()
        self._needs("dots", "..")
        high = self._value()
        closing = next((mark for mark in "])[" if self._takes("mark", mark)), "")
        if not closing or low is None or high is None:
            raise CellRefused(f"{self.text!r} 应为 [低..高]", f"{self.text!r} should be [low..high]")
        found = Span(low, high, opening == "[", closing == "]")
        if found.is_empty:
            raise CellRefused(f"{self.text!r} 不含任何值", f"{self.text!r} holds no value at all")
        return found

    def _ordered(self, what: str) -> None:
        if self.kind not in ORDERED:
            word = KIND_WORDS[self.kind]
            raise CellRefused(f"{self.text!r}：{word.zh}不能用 {what}", f"{self.text!r}: {what} is not possible for {word.en}")

    def _value(self) -> Any:
        if self.next >= len(self.tokens) or self.tokens[self.next].kind != "value":
            raise CellRefused(f"{self.text!r} 缺少值", f"{self.text!r}: a value is missing")
        token = self.tokens[self.next]
        self.next += 1
        return None if token.value is None else self.literal(token.value)

    def _takes(self, kind: str, text: str = "") -> str:
        if self.next < len(self.tokens):
            token = self.tokens[self.next]
            if token.kind == kind and (not text or token.text == text):
                self.next += 1
                return token.text.strip()
        return ""

    def _needs(self, kind: str, text: str) -> None:
        if not self._takes(kind, text):
            raise CellRefused(f"{self.text!r} 缺少 {text!r}", f"{self.text!r}: {text!r} is missing")


KIND_WORDS = {
    "number": Text("数字", "a number"),
    "text": Text("文字", "a text"),
    "check": Text("是否", "yes or no"),
    "date": Text("日期", "a date"),
    "datetime": Text("日期时间", "a date and time"),
    "time": Text("时间", "a time"),
}


def feel(cell: Cell, kind: str) -> str:
    """The cell as every FEEL reader takes it: texts in quotes, dates by their functions."""
    if cell.anything:
        return "-"
    tests = [_span(span, kind) for span in cell.spans] + (["null"] if cell.null else [])
    said = ", ".join(tests)
    return f"not({said})" if cell.negated else said


def _span(span: Span, kind: str) -> str:
    if span.is_point:
        return literal_text(span.low, kind)
    if span.high is None:
        return f"{'>=' if span.with_low else '>'} {literal_text(span.low, kind)}"
    if span.low is None:
        return f"{'<=' if span.with_high else '<'} {literal_text(span.high, kind)}"
    low, high = literal_text(span.low, kind), literal_text(span.high, kind)
    return f"{'[' if span.with_low else '('}{low}..{high}{']' if span.with_high else ')'}"


def literal_text(value: Any, kind: str) -> str:
    """A value of a column as FEEL writes it."""
    if value is None:
        return "null"
    if kind == "check":
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f'date and time("{value.isoformat()}")'
    if isinstance(value, date | time):
        return f'{"date" if isinstance(value, date) else "time"}("{value.isoformat()}")'
    if isinstance(value, int | Decimal):
        return f"{value:f}" if isinstance(value, Decimal) else str(value)
    return quoted(str(value))
