"""Text in two languages.

Every label, message and title that a person reads is a `Text`. Stored values stay language-neutral; a `Text` is turned into
one language only at the edge (template, REST answer, PDF). Chinese comes first: it is the language of the procedures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DEFAULT_LANGUAGE: Language = "zh"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in Chinese and English; where a language is missing the other one stands in."""

    zh: str
    en: str

    @classmethod
    def of(cls, value: str | Mapping[str, Any] | Text | None) -> Text:
        """Read the metadata form: a plain string, or `{"zh": ..., "en": ...}` with at least one of the two."""
        if value is None:
            return EMPTY
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls(value, value)
        zh, en = value.get("zh"), value.get("en")
        if not all(part is None or isinstance(part, str) for part in (zh, en)) or not (zh or en):
            raise ValueError('a text is a string or {"zh": "...", "en": "..."}')
        return cls(zh or en or "", en or zh or "")

    def to(self, language: str) -> str:
        """The text in `language` ("zh" or "en"; anything else reads as Chinese)."""
        return self.en if language == "en" else self.zh

    def format(self, **values: object) -> Text:
        """Both languages with `{name}` places filled; a `Text` among the values is used in its own language."""
        zh = {key: value.zh if isinstance(value, Text) else value for key, value in values.items()}
        en = {key: value.en if isinstance(value, Text) else value for key, value in values.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def to_json(self) -> str | dict[str, str]:
        """The metadata form again: a string where both languages agree."""
        return self.zh if self.zh == self.en else {"zh": self.zh, "en": self.en}

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


EMPTY = Text("", "")


def in_row(table: Text, index: int, text: Text) -> Text:
    """A sentence about a value, said of the row `index` (from 0) of the child table called `table`."""
    return Text(f"“{table.zh}”第 {index + 1} 行，{text.zh}", f'"{table.en}" row {index + 1}, {text.en}')


def nearest(word: object, words: Iterable[str]) -> Text:
    """`Did you mean ...?` in both languages, empty when nothing is near."""
    found = get_close_matches(str(word), list(words), 1, 0.6)
    return Text(f"是否指“{found[0]}”？", f' Did you mean "{found[0]}"?') if found else Text("", "")


def language_of(value: str | None) -> Language:
    """The supported language nearest to a browser's or a user's wish ("zh-CN", "en-GB", None)."""
    return "en" if (value or "").lower().startswith("en") else DEFAULT_LANGUAGE
