"""Catalogues: what texts read in languages beyond Chinese and English.

A catalogue maps the English of a text to its translation. Sentences that carry values are made by f-strings all over the program,
so they arrive filled: they are read back by their `Template`, whose Chinese and English must both fit, and filled again in the
other language. Chinese and English themselves never come here. Where catalogues come from stands in `translating`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

PLACE = re.compile(r"\{([@\w][\w.@]*(?:\|\w+)?)\}")  # {name}, {row.qty}, {@fact}, {deviation|abs}, {0}
BUILT_IN = {"zh": "中文", "en": "English"}
_WORD = re.compile(r"[A-Za-z]{2,}")
_LONGEST = 4000  # characters of a filled sentence that is still read back
_MOST_STEPS = 400  # of reading one back: what people typed must not make it slow
_FEW_LETTERS = 8
_MOST_KEPT = 4096  # answers remembered by a catalogue


@dataclass(frozen=True)
class Template:
    """A sentence with places in both languages; `texts` are the places that hold texts of ours, not values."""

    zh: str
    en: str
    texts: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> frozenset[str]:
        """The whole English words that every filling of this holds."""
        fixed = PLACE.sub("\0", self.en)
        whole = (
            f for f in _WORD.finditer(fixed) if "\0" not in (fixed[f.start() - 1 : f.start()], fixed[f.end() : f.end() + 1])
        )
        return frozenset(found[0] for found in whole)

    @cached_property
    def is_weak(self) -> bool:
        """Whether it says so little that a label could be taken for it ("{label} of {table}", "{table}的{label}")."""
        letters = sum(map(len, _WORD.findall(PLACE.sub(" ", self.en))))
        return 0 < letters < _FEW_LETTERS and len("".join(PLACE.sub("", self.zh).split())) < 2

    @cached_property
    def _sides(self) -> tuple[list[str], list[str]]:
        return PLACE.split(self.zh), PLACE.split(self.en)  # literal, place, literal, place, ... literal

    def read(self, zh: str, en: str) -> tuple[dict[str, str], dict[str, str]] | None:
        """What stands in the places of a filled sentence, in Chinese and in English; None when this is not its template."""
        budget = [_MOST_STEPS]
        for in_zh in _readings(self._sides[0], zh, {}, budget):
            fixed = {name: value for name, value in in_zh.items() if name not in self.texts}
            for in_en in _readings(self._sides[1], en, fixed, budget):
                return in_zh, in_en
        if not any(name in self.texts for name in self._sides[1][1::2]):  # values may be words: a choice, a yes
            for in_zh in _readings(self._sides[0], zh, {}, budget):
                for in_en in _readings(self._sides[1], en, {}, budget):
                    return in_zh, in_en
        return None


def _readings(side: list[str], text: str, fixed: Mapping[str, str], budget: list[int]) -> Iterator[dict[str, str]]:
    """The ways to cut `text` along the literals of `side`, the shortest values first; `fixed` values are given."""
    if text.startswith(side[0]):
        yield from _rest(side, 1, text, len(side[0]), dict(fixed), budget)


def _rest(
    side: list[str], at: int, text: str, start: int, found: dict[str, str], budget: list[int]
) -> Iterator[dict[str, str]]:
    if at >= len(side):
        if start == len(text):
            yield found
        return
    name, literal = side[at], side[at + 1]
    if name in found:
        end = start + len(found[name])
        if text.startswith(found[name] + literal, start):
            yield from _rest(side, at + 2, text, end + len(literal), found, budget)
        return
    is_last = at + 2 >= len(side)
    end = len(text) - len(literal) if is_last else start
    while budget[0] > 0:
        budget[0] -= 1
        end = text.find(literal, max(end, start))
        if end < 0:
            return
        yield from _rest(side, at + 2, text, end + len(literal), {**found, name: text[start:end]}, budget)
        end += 1
        if is_last:
            return


@dataclass(frozen=True, eq=False)
class Catalogue:
    """One language's translations: by the English alone, and by Chinese and English where one English means two things."""

    language: str
    name: str
    plain: Mapping[str, str]
    by_both: Mapping[tuple[str, str], str] = field(default_factory=dict)
    templates: tuple[Template, ...] = ()  # those that have a translation
    _kept: dict[tuple[str, str], str | None] = field(default_factory=dict, init=False, repr=False)

    def __reduce__(self) -> Any:
        """Print processes get a catalogue with each job: without what it remembers."""
        return Catalogue, (self.language, self.name, self.plain, self.by_both, self.templates)

    def translation(self, zh: str, en: str) -> str | None:
        """What a text reads in this language; None when nobody has translated it."""
        exact = self.by_both.get((zh, en)) or self.plain.get(en)
        if exact is not None or not self.templates:
            return exact
        if (zh, en) not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[zh, en] = self._filled(zh, en)
        return self._kept[zh, en]

    def to(self, zh: str, en: str) -> str:
        """The translation, else Chinese for a kind of Chinese and English for all others."""
        return self.translation(zh, en) or (zh if self.language.partition("-")[0] == "zh" else en)

    def _filled(self, zh: str, en: str) -> str | None:
        if len(zh) + len(en) > _LONGEST:
            return None
        for template in self._candidates(en):
            read = template.read(zh, en)
            values = self._values(template, *read) if read else None
            if values is not None:
                translated = self.by_both.get((template.zh, template.en)) or self.plain[template.en]
                return fill(translated, values)
        return None

    def _values(self, template: Template, in_zh: Mapping[str, str], in_en: Mapping[str, str]) -> dict[str, str] | None:
        """What to fill in: a value as it is; a text, or what differs in the two languages, translated in its turn.

        None when a label was taken for a weak template: then its parts are no texts of ours.
        """
        values = dict(in_en)
        for name, english in in_en.items():
            chinese = in_zh.get(name, english)
            if name in template.texts or chinese != english:
                if template.is_weak and self.translation(chinese, english) is None:
                    return None
                values[name] = self._text(chinese, english)
        return values

    def _text(self, zh: str, en: str) -> str:
        """A text within a sentence, or several of them one after the other."""
        found = self.translation(zh, en)
        if found is None and ", " in en and zh.count("、") == en.count(", "):
            parts = zip(zh.split("、"), en.split(", "), strict=True)
            return ", ".join(self.to(*part) for part in parts)
        return found or self.to(zh, en)

    def _candidates(self, en: str) -> Iterator[Template]:
        index, wordless = self._index
        found = {id(item): item for word in set(_WORD.findall(en)) for item in index.get(word, ())}
        yield from sorted(found.values(), key=_says_most)
        yield from wordless

    @cached_property
    def _index(self) -> tuple[dict[str, list[Template]], list[Template]]:
        """Templates by their rarest word; those without any."""
        often: dict[str, int] = {}
        for template in self.templates:
            for word in template.words:
                often[word] = often.get(word, 0) + 1
        index: dict[str, list[Template]] = {}
        for template in self.templates:
            if template.words:
                index.setdefault(min(template.words, key=lambda word: (often[word], word)), []).append(template)
        return index, sorted((template for template in self.templates if not template.words), key=_says_most)


def _says_most(template: Template) -> int:
    """Sorts the sentence with the most text of its own first: "{label}: {text}." before "{place}: {text}"."""
    return -len(PLACE.sub("", template.en))


def places(text: str) -> frozenset[str]:
    """The places of a sentence."""
    return frozenset(PLACE.findall(text))


def fill(text: str, values: Mapping[str, object]) -> str:
    """The sentence with its places filled; one that has no value stays as it is written."""
    return PLACE.sub(lambda found: str(values.get(found[1], found[0])), text)


# In force: a process serves one site

_in_force: Mapping[str, Catalogue] = {}


def put_in_force(catalogues: Iterable[Catalogue]) -> None:
    """From now on texts are given in these languages too, and in no others."""
    global _in_force
    _in_force = {item.language: item for item in catalogues}


def catalogue(language: str) -> Catalogue | None:
    return _in_force.get(language)


def further_languages() -> tuple[str, ...]:
    """Those beside Chinese and English."""
    return tuple(_in_force)


def languages() -> Mapping[str, str]:
    """The languages that a person can choose, each with its own name for itself."""
    return {**BUILT_IN, **{code: item.name for code, item in _in_force.items()}}
