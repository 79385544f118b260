"""`TranslationService`: languages and how complete they are, editing, PO import and export.

Texts in Chinese and English are written where they belong: those of metadata are published as a change of it (and so have its history,
its undo and its export), those of the program are the program's. Every other language is a catalogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..access.user import SYSTEM_MANAGER, User
from ..core.errors import Fault, PermissionRefused, ValidationFailed
from ..core.text import Text
from ..core.translations import BUILT_IN
from ..exchange.packs import Source
from ..exchange.publisher import Publisher
from . import po
from .catalogues import PACK, SITE, Catalogues, Change, Translations, all_entries, by_english
from .entries import PROGRAM, ROLES, Entry
from .metadata_texts import with_text


@dataclass(frozen=True)
class LanguageState:
    """A language and how much of what the site says it knows."""

    code: str
    name: str
    translated: int
    total: int

    @property
    def per_cent(self) -> int:
        """Whole per cent, rounded down: 100 means that nothing is missing."""
        return self.translated * 100 // self.total if self.total else 100


@dataclass(frozen=True)
class Row:
    """An entry with its translation, as the page shows it."""

    entry: Entry
    text: str
    change: Change | None = None

    @property
    def is_missing(self) -> bool:
        return not self.text


@dataclass(frozen=True)
class Imported:
    """What an import did; `left_out` names the entries that it did not take, `undrawable` the characters that prints spell out."""

    language: str
    changed: int
    left_out: tuple[Fault, ...] = ()
    undrawable: str = ""


class TranslationService:
    """What the command line and the admin UI do with translations."""

    def __init__(self, catalogues: Catalogues, publisher: Publisher, undrawable: Callable[[str], str]) -> None:
        self._catalogues = catalogues
        self._publisher = publisher
        self._known: tuple[int, list[Entry]] = (-1, [])  # of one version of the metadata
        self._undrawable = undrawable  # the characters of a text that the print font does not have

    def entries(self) -> list[Entry]:
        """Everything there is to translate, the metadata's texts first."""
        version = self._publisher.snapshot().version
        if self._known[0] != version:
            self._known = version, all_entries(self._publisher.stored())
        return self._known[1]

    def languages(self) -> list[LanguageState]:
        """Chinese and English, then every language with a catalogue."""
        entries = self.entries()
        found = []
        for code in [*BUILT_IN, *self._catalogues.languages()]:
            texts = self._texts(code, entries)
            found.append(LanguageState(code, self.name_of(code), sum(1 for text in texts.values() if text), len(entries)))
        return found

    def rows(self, language: str, *, area: str | None = None, search: str = "") -> list[Row]:
        """The entries of an area (None: of all), those without a translation first."""
        language = po.code_of(language)
        entries = [item for item in self.entries() if (area is None or area in item.areas) and _may_edit(item, language)]
        texts = self._texts(language, entries)
        wanted = search.casefold().strip()
        rows = [Row(item, texts[item.key]) for item in entries]
        shown = [row for row in rows if not wanted or wanted in f"{row.entry.zh}\n{row.entry.en}\n{row.text}".casefold()]
        return sorted(shown, key=lambda row: not row.is_missing)

    def name_of(self, language: str) -> str:
        """What a language calls itself."""
        return BUILT_IN.get(language) or po.native_name(language)

    def with_changes(self, language: str, rows: Sequence[Row]) -> list[Row]:
        """The rows of one page, each with who translated it and when."""
        found = self._catalogues.history(language, [row.entry.key for row in rows])
        return [Row(row.entry, row.text, found.get(row.entry.key)) for row in rows]

    # Changing

    def save(self, user: User, language: str, texts: Mapping[str, str]) -> int:
        """Keep translations by the key of their entries, all or none; an empty one takes a translation out. Returns how many
        changed.

        Raises ValidationFailed with every wrong place.
        """
        _require_administrator(user)
        language = po.code_of(language)
        by_key = {item.key: item for item in self.entries()}
        given = {by_key[key]: _spaced_as(by_key[key].en, text) for key, text in texts.items() if key in by_key}
        faults = []
        for item, text in given.items():
            wrong = po.wrong_places(item.en, text, item.optional) if text else None
            if wrong is not None:
                faults.append(Fault(item.key, Text(f"“{item.en}”：{wrong.zh}。", f'"{item.en}": {wrong.en}.')))
        if faults:
            raise ValidationFailed(Text("译文未保存：", "The translations were not saved:"), faults)
        if language in BUILT_IN:
            return self._publish(user, language, given)
        return self._keep(language, {(item.context, item.en): text for item, text in given.items()}, by=user.name)

    def _keep(self, language: str, texts: Translations, *, by: str, origin: str = SITE) -> int:
        changed = self._catalogues.keep(language, texts, by=by, origin=origin)
        self._publisher.renew()
        return changed

    def _publish(self, user: User, language: str, given: Mapping[Entry, str]) -> int:
        """Chinese or English texts become part of the metadata that holds them."""
        changes = {}
        for item, text in given.items():
            new = Text(text, item.en) if language == "zh" else Text(item.zh, text)
            if text and new != Text(item.zh, item.en):
                changes[item.zh, item.en] = new
        if not changes:
            return 0
        pieces = [found for source in self._publisher.stored() if (found := with_text(source, changes)) is not None]
        self._publisher.publish(self._publisher.propose(pieces), by=user.name, origin=SITE)
        return len(changes)

    # PO files

    def export(self, language: str, *, missing_only: bool = False) -> bytes:
        """The catalogue of a language as a PO file, a new language's with nothing translated yet."""
        language = po.code_of(language)
        entries = self.entries()
        texts = self._texts(language, entries)
        wanted = [item for item in entries if not (missing_only and texts[item.key])]
        translations = {(item.context, item.en): texts[item.key] for item in wanted}
        if not missing_only and language not in BUILT_IN:
            translations |= {key: text for key, text in self._catalogues.of(language).items() if key not in translations}
        return po.write(language, wanted, translations)

    def import_po(self, user: User, content: bytes, *, language: str | None = None, name: str = "PO") -> Imported:
        """Take over a PO file, whole or not at all. Raises ValidationFailed with every fault.

        In Chinese and English only what metadata lacks is taken: what is written there is changed there.
        """
        _require_administrator(user)
        entries = self.entries()
        read = po.read(content, entries, language=language, source=name)
        if read.language not in BUILT_IN:
            changed = self._keep(read.language, read.translations, by=user.name)
            missing = self._undrawable("".join(read.translations.values()))
            return Imported(read.language, changed, read.left_out, missing)
        texts = by_english(read.translations)
        lacking = {item: texts[item.en] for item in entries if item.lacks(read.language) and item.en in texts}
        changed = self._publish(user, read.language, lacking)
        return Imported(read.language, changed, read.left_out)

    def prepared(self, files: Iterable[tuple[str, bytes]], sources: Iterable[Source]) -> Callable[[str], int]:
        """What puts the PO files of a pack in force, once they were found right. Raises ValidationFailed with every fault."""
        found = read_files(files, sources)
        return lambda by: self.keep_files(found, by=by)

    def keep_files(self, files: Iterable[po.Read], *, by: str) -> int:
        """Put what packs brought in force; what the site translated itself stays as it is."""
        return sum(
            self._keep(item.language, item.translations, by=by, origin=PACK) for item in files if item.language not in BUILT_IN
        )

    def _texts(self, language: str, entries: Iterable[Entry]) -> dict[str, str]:
        """By key what each entry reads in a language, empty where nobody has said it."""
        if language in BUILT_IN:
            return {item.key: "" if item.lacks(language) else (item.zh if language == "zh" else item.en) for item in entries}
        kept = self._catalogues.of(language)
        plain = by_english(kept)
        return {item.key: kept.get((item.context, item.en)) or plain.get(item.en, "") for item in entries}


def read_files(files: Iterable[tuple[str, bytes]], sources: Iterable[Source]) -> list[po.Read]:
    """The PO files of packs, checked against the metadata that they come with. Raises ValidationFailed with every fault."""
    given = list(files)
    entries = all_entries(sources) if given else []
    found: list[po.Read] = []
    faults: list[Fault] = []
    for name, content in given:
        try:
            found.append(po.read(content, entries, source=name))
        except ValidationFailed as refused:
            faults += refused.faults or (Fault(name, refused.text),)
    if faults:
        raise ValidationFailed(Text("内容包的译文有错误：", "The translations of the packs have faults:"), faults)
    return found


def _spaced_as(en: str, text: str) -> str:
    """What was typed, with the spaces around it that the English has: some texts follow others directly."""
    typed = text.strip().replace("\r\n", "\n")
    return en[: len(en) - len(en.lstrip())] + typed + en[len(en.rstrip()) :] if typed else ""


def _may_edit(item: Entry, language: str) -> bool:
    """In Chinese and English only what metadata says is written by the site, and neither what stands in the HTML of a
    print format nor what roles are called: that stands in their records."""
    in_json = any(
        area not in (PROGRAM, ROLES) and place.startswith(area) and f"{area}: html:" not in place
        for area in item.areas
        for place in item.references
    )
    return language not in BUILT_IN or in_json


def _require_administrator(user: User) -> None:
    if not (user.is_administrator or user.has_role(SYSTEM_MANAGER)):
        raise PermissionRefused(
            Text(
                f"翻译只能由角色“{SYSTEM_MANAGER}”修改。",
                f'Translations are changed by people with the role "{SYSTEM_MANAGER}".',
            )
        )


__all__ = ["PROGRAM", "ROLES", "Imported", "LanguageState", "Row", "TranslationService", "read_files"]
