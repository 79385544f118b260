"""Why an expression was refused, or has no value."""

from __future__ import annotations

from ..core.text import Text


class ExpressionRefused(ValueError):
    """The source is no expression of ours; `position` counts characters from 0."""

    def __init__(self, text: Text, position: int = 0) -> None:
        super().__init__(text.en)
        self.text = text
        self.position = position


class OutOfRange(ArithmeticError):
    """A result is larger than any number or later than any date that can be kept; to read it as "empty" would be a lie."""

    text = Text("计算结果超出范围", "the result is out of range")

    def __init__(self) -> None:
        super().__init__(self.text.en)
