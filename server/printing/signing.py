"""Signatures never stand alone on the last page: a signed sheet must show something of what was signed.

The short table before a row of signature boxes moves on with it. Runs on cleaned HTML; `page_breaks` does the keeping.
"""

from __future__ import annotations

import re

MAX_ROWS = 8
_BEFORE_SIGNATURES = re.compile(
    r'<table ([^>]*?)class="((?:fields|grid)[^"]*)"([^>]*)>((?:(?!</?table).)*)</table>'
    r'(?=\s*(?:<h[23]>[^<]*</h[23]>\s*)?<table class="signing")',
    re.DOTALL,
)


def with_what_is_signed(html: str) -> str:
    """The document with the table before each row of signatures kept with it, where that table is short."""

    def kept(found: re.Match[str]) -> str:
        before, style, after, rows = found.groups()
        if rows.count("<tr") > MAX_ROWS:
            return found[0]
        return f'<table {before}class="{style} kept"{after}>{rows}</table>'

    return _BEFORE_SIGNATURES.sub(kept, html)
