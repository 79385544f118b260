"""Why an expression was refused."""

from __future__ import annotations

from ..core.text import Text


class ExpressionRefused(ValueError):
    """The source is no expression of ours; `position` counts characters from 0."""

    def __init__(self, text: Text, position: int = 0) -> None:
        super().__init__(text.en)
        self.text = text
        self.position = position
