"""Text in two languages, and in those that a catalogue knows.

Every label, message and title that a person reads is a `Text`. Stored values stay language-neutral; a `Text` is turned into
one language only at the edge (template, REST answer, PDF). Chinese comes first: it is the language of the procedures.
Further languages are looked up by the two (`translations`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from json.encoder import encode_basestring as _quoted
from typing import Any

from . import translations

Language = str  # "zh", "en", or a language that has a catalogue ("de", "pt-BR")
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
        """The text in `language`; what a catalogue does not know, or a language without one, reads as English."""
        if language == "zh":
            return self.zh
        if language == "en":
            return self.en
        found = translations.catalogue(language)
        return self.en if found is None else found.to(self.zh, self.en)

    def format(self, **values: object) -> Text:
        """Both languages with `{name}` places filled; a `Text` among the values is used in its own language."""
        zh = {key: value.zh if isinstance(value, Text) else value for key, value in values.items()}
        en = {key: value.en if isinstance(value, Text) else value for key, value in values.items()}
        return Filled(self.zh.format(**zh), self.en.format(**en), self, values)

    def to_json(self) -> str | dict[str, str]:
        """The metadata form again: a string where both languages agree."""
        return self.zh if self.zh == self.en else {"zh": self.zh, "en": self.en}

    def kept(self) -> str:
        """For a column of plain text, which people write as well: `to_json` as one string. `read` reads it."""
        return self.zh if self.zh == self.en else f'{{"zh": {_quoted(self.zh)}, "en": {_quoted(self.en)}}}'

    @classmethod
    def read(cls, kept: str) -> Text:
        """What `kept` wrote, to the letter, or what a person did: it may look alike and hold what no page can show."""
        if kept.startswith('{"zh": '):
            try:
                raw = json.loads(kept)
                if list(raw) == ["zh", "en"] and json.dumps(raw, ensure_ascii=False) == kept:
                    return cls.of(raw)
            except (ValueError, RecursionError):
                pass
        return cls(kept, kept)

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)


@dataclass(frozen=True, slots=True)
class Filled(Text):
    """A text whose places were filled: it remembers them, so that a catalogue is asked for the sentence, not for the result."""

    sentence: Text = field(compare=False)
    values: Mapping[str, object] = field(compare=False)

    def to(self, language: str) -> str:
        if language in translations.BUILT_IN:
            return self.en if language == "en" else self.zh
        values = {key: value.to(language) if isinstance(value, Text) else value for key, value in self.values.items()}
        return translations.fill(self.sentence.to(language), values)


EMPTY = Text("", "")


def in_row(table: Text, index: int, text: Text) -> Text:
    """A sentence about a value, said of the row `index` (from 0) of the child table called `table`."""
    return Text(f"“{table.zh}”第 {index + 1} 行，{text.zh}", f'"{table.en}" row {index + 1}, {text.en}')


def nearest(word: object, words: Iterable[str]) -> Text:
    """`Did you mean ...?` in both languages, empty when nothing is near."""
    found = get_close_matches(str(word), list(words), 1, 0.6)
    return Text(f"是否指“{found[0]}”？", f' Did you mean "{found[0]}"?') if found else Text("", "")


def language_of(value: str | None) -> Language:
    """The language nearest to a browser's or a user's wish ("zh-CN", "de_AT", None): one with a catalogue, else Chinese."""
    return nearest_language(value) or DEFAULT_LANGUAGE


def nearest_language(value: str | None) -> Language | None:
    """The language that there is for a tag, its region aside where need be; None when there is none."""
    wanted = (value or "").partition(".")[0].replace("_", "-").lower()
    offered = {code.lower(): code for code in translations.languages()}
    return offered.get(wanted) or offered.get(wanted.partition("-")[0])
