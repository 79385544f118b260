"""Source text to tokens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ..core.text import Text
from .errors import ExpressionRefused

MAX_SOURCE = 4000
MAX_DIGITS = 30

TokenKind = Literal["number", "text", "name", "sign", "end"]

_PATTERN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+\.\d*|\.\d+|\d+)
    |(?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
    |(?P<name>[A-Za-z_$][A-Za-z0-9_$]*)
    |(?P<sign>===|!==|=>|\?\?|\?\.(?!\d)|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:.,()\[\]&|])""",
    re.VERBOSE | re.ASCII,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    value: str | Decimal | int
    position: int


def tokenize(source: str) -> list[Token]:
    """The tokens of `source`, an end token last. Raises ExpressionRefused at what no expression contains."""
    if len(source) > MAX_SOURCE:
        raise ExpressionRefused(
            Text(
                f"表达式有 {len(source)} 个字符，最多 {MAX_SOURCE} 个",
                f"the expression has {len(source)} characters; at most {MAX_SOURCE} are allowed",
            )
        )
    tokens: list[Token] = []
    position = 0
    while position < len(source):
        found = _PATTERN.match(source, position)
        if found is None:
            raise _strange(source, position)
        kind = found.lastgroup
        text = found.group()
        if kind == "number":
            tokens.append(Token("number", _number(text, position), position))
        elif kind == "text":
            tokens.append(Token("text", _unescaped(text), position))
        elif kind == "name":
            tokens.append(Token("name", text, position))
        elif kind == "sign":
            tokens.append(Token("sign", text, position))
        position = found.end()
    tokens.append(Token("end", "", len(source)))
    return tokens


def _number(text: str, position: int) -> Decimal | int:
    if len(text) > MAX_DIGITS:
        raise ExpressionRefused(Text("数字过长", "the number is too long"), position)
    return int(text) if text.isdigit() else Decimal(text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found.group(1), found.group(1)), text[1:-1])


def _strange(source: str, position: int) -> ExpressionRefused:
    char = source[position]
    where = position + 1
    if char in "'\"":
        return ExpressionRefused(
            Text(f"第 {where} 个字符的引号没有结束", f"the quote at character {where} is not closed"), position
        )
    hint_zh, hint_en = "", ""
    if ord(char) > 127:
        hint_zh, hint_en = "，请用英文半角符号", "; use ASCII signs"
    if ord(char) > 127 and char.isalpha():
        hint_zh, hint_en = "，字段请写字段名（如 qty）而不是标题", "; write a field by its name, such as qty, not by its title"
    if char == "=":
        hint_zh, hint_en = "，比较请用 ==", "; compare with =="
    return ExpressionRefused(
        Text(
            f"第 {where} 个字符“{char}”不能用在表达式中{hint_zh}",
            f'"{char}" at character {where} cannot stand in an expression{hint_en}',
        ),
        position,
    )
