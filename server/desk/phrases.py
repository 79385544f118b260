"""The fixed texts of the desk, in both languages, gathered from the words of each part: `t("list.new")` in a page or a view.

Labels of record types are metadata and stand elsewhere; what scripts say is in `form_words`.
"""

from __future__ import annotations

from collections.abc import Mapping

from .. import web
from ..core.text import Text
from .beside_words import BESIDE
from .list_words import LISTS
from .owed_words import OWED
from .record_words import RECORD
from .shell_words import SHELL
from .signing_words import SIGNING

PHRASES: Mapping[str, Text] = {**SHELL, **OWED, **LISTS, **RECORD, **BESIDE, **SIGNING}


def t(key: str, **values: object) -> str:
    """A fixed text in the reader's language, its places filled."""
    text = PHRASES[key]
    return (text.format(**values) if values else text).to(web.language())
