"""Tells JavaScript beyond our expressions, as files written for Frappe hold it, from an expression with a mistake in it.

The first does no harm: the condition has no effect here, and the check says so. The second is refused.
"""

from __future__ import annotations

import re

_TEXTS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_SCRIPT = re.compile(
    r"=>|`|\b(?:frappe|cur_frm|frm|cur_dialog|erpnext|window|document|locals|me|this|moment|Object|Array|JSON|Math|Date|RegExp)\s*[.\[(]"
    r"|\b(?:typeof|instanceof|new|return|function|let|const|var|if)\b|\bin\s*\[|/[^/\s][^/]*/[gimsuy]*\.test\b"
    r"|\b(?:parseInt|parseFloat|Number|Boolean|String|isNaN|has_common|__)\s*\("
    r"|\.(?:filter|map|some|every|find|match|test|split|join|slice|substring|replace|reduce|forEach|get_value)\s*\("
)


def is_script(source: str) -> bool:
    """Whether `source` uses the browser or the language of scripts, so that it was never meant as an expression of ours."""
    return bool(_SCRIPT.search(_TEXTS.sub("''", source.removeprefix("eval:"))))
