"""Everything that the scripts of a form say, gathered from the words beside each part: `texts.<key>` there."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text
from .capture_words import CAPTURE_TEXTS
from .grid_words import GRID_TEXTS
from .merge_words import MERGE_TEXTS
from .phrases import FORM_TEXTS
from .preview_words import PREVIEW_TEXTS

FORM_WORDS: Mapping[str, Text] = {**FORM_TEXTS, **GRID_TEXTS, **MERGE_TEXTS, **CAPTURE_TEXTS, **PREVIEW_TEXTS}
