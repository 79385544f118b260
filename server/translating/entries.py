"""What there is to translate: one entry for each English text, with its Chinese and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..core.ids import digest
from ..core.translations import PLACE, Template, places

PROGRAM = ""  # the area of the program's own texts; others are named by their piece of metadata
ROLES = "Role"  # of the roles that metadata names; what they are called in Chinese stands in their records
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Entry:
    """A text and its places in files or metadata. `context` is its Chinese where the same English stands for several texts."""

    zh: str
    en: str
    context: str = ""
    references: tuple[str, ...] = ()
    areas: tuple[str, ...] = (PROGRAM,)
    texts: frozenset[str] = frozenset()  # places that hold texts of ours
    optional: frozenset[str] = frozenset()  # places that a translation may leave out: a plural's "s"

    @property
    def key(self) -> str:
        """What pages and the database know it by."""
        return key_of(self.context, self.en)

    @property
    def is_template(self) -> bool:
        return bool(places(self.en))

    def lacks(self, language: str) -> bool:
        """Whether Chinese (or English) is missing: one string stands for both, and it is in the other language."""
        if self.areas == (ROLES,):
            return False
        return self.zh == self.en and bool(_LETTER.search(self.en)) and has_chinese(self.en) == (language == "en")


def key_of(context: str, en: str) -> str:
    return digest(f"{context}\0{en}")[:20]


def has_chinese(text: str) -> bool:
    return bool(_CHINESE.search(text))


def is_worth_translating(en: str) -> bool:
    """Whether it says anything beside its places."""
    return bool(_LETTER.search(PLACE.sub("", en)))


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Each text once, in order of first appearance, with all its references; a context where the Chinese tells two apart."""
    found: dict[tuple[str, str], Entry] = {}
    for item in entries:
        known = found.get((item.zh, item.en))
        found[item.zh, item.en] = item if known is None else _joined(known, item)
    chinese: dict[str, int] = {}
    for _, en in found:
        chinese[en] = chinese.get(en, 0) + 1
    return [replace(item, context=item.zh) if chinese[item.en] > 1 and item.zh != item.en else item for item in found.values()]


def _joined(first: Entry, second: Entry) -> Entry:
    return replace(
        first,
        references=tuple(dict.fromkeys(first.references + second.references)),
        areas=tuple(dict.fromkeys(first.areas + second.areas)),
        texts=first.texts | second.texts,
        optional=first.optional & second.optional,
    )


def templates(entries: Iterable[Entry]) -> list[Template]:
    return [Template(item.zh, item.en, item.texts) for item in entries if item.is_template]
