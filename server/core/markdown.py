"""Markdown (CommonMark with tables) to harmless HTML, for the desk and for paper."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

_READER = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def markdown_html(text: str) -> str:
    """The HTML of a Markdown text. HTML inside it is shown as it was typed; a line break stays one, as on the form."""
    return nh3.clean(_READER.render(text))
