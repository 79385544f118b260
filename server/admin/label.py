"""Menu words of Flask-Admin in the reader's language: it takes them once, when the views are made."""

from __future__ import annotations

from markupsafe import Markup, escape

from .. import web
from ..core.text import Text


class Label(str):
    """A word of the menu: one text as a key, shown in the language of whoever reads the page."""

    __slots__ = ("_text",)
    _text: Text

    def __new__(cls, zh: str, en: str) -> Label:
        made = super().__new__(cls, en)
        made._text = Text(zh, en)
        return made

    def __html__(self) -> Markup:
        return escape(self._text.to(web.language()))


METADATA = Label("元数据", "Metadata")
PEOPLE = Label("人员", "People")
OPERATION = Label("运行", "Operation")
