"""Translations in the database: who changed which when, and the catalogues that every process reads out of them.

They count with the metadata's version: whatever is derived from metadata in some language (forms, layouts) is made anew when a
translation changes, as it is when a label does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from ..core import translations as in_force
from ..core.clock import Clock
from ..core.translations import Catalogue, places
from ..exchange.packs import Source
from ..storage import site_state
from ..storage.database import Database
from ..storage.system import translation as table
from ..storage.system import translation_history
from .entries import Entry, has_chinese, key_of, merged, templates
from .metadata_texts import metadata_entries
from .po import native_name
from .program_texts import program_entries

Translations = Mapping[tuple[str, str], str]  # (context, English) to the translation
PACK, SITE = "pack", "site"


@dataclass(frozen=True)
class Change:
    """One translation as it was changed: by whom and when."""

    text: str
    before: str
    by: str
    at: datetime


class Catalogues:
    """The translations of one site."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def put_in_force(self, connection: Connection, sources: Iterable[Source]) -> None:
        """Make the catalogues of this process what the database holds; `sources` is the metadata in force."""
        rows = connection.execute(select(table.c.language, table.c.context, table.c.source, table.c.text)).all()
        by_language: dict[str, dict[tuple[str, str], str]] = {}
        for row in rows:
            by_language.setdefault(row.language, {})[row.context, row.source] = row.text
        known = templates(all_entries(sources)) if by_language else []
        in_force.put_in_force(made(language, texts, known) for language, texts in sorted(by_language.items()))

    def of(self, language: str) -> dict[tuple[str, str], str]:
        """Every translation of one language."""
        ask = select(table.c.context, table.c.source, table.c.text).where(table.c.language == language)
        with self._database.read() as connection:
            return {(row.context, row.source): row.text for row in connection.execute(ask)}

    def history(self, language: str, keys: Iterable[str]) -> dict[str, Change]:
        """The last change of each of these entries."""
        asked = select(translation_history).where(
            translation_history.c.language == language, translation_history.c.key.in_(list(keys))
        )
        with self._database.read() as connection:
            rows = connection.execute(asked.order_by(translation_history.c.id)).all()
        return {row.key: Change(row.text, row.before, row.by, row.at) for row in rows}

    def keep(self, language: str, changes: Translations, *, by: str, origin: str = SITE) -> int:
        """Keep these translations (an empty one takes its entry out), in one transaction; returns how many changed.

        What a pack brings does not replace what the site has changed.
        """
        with self._database.write() as connection:
            there = {row.key: row for row in connection.execute(select(table).where(table.c.language == language))}
            rows, history, gone = [], [], []
            for (context, source), text in changes.items():
                key = key_of(context, source)
                before = there.get(key)
                if (before.text if before else "") == text or (before and origin == PACK and before.origin == SITE):
                    continue
                said = {"language": language, "key": key, "text": text, "origin": origin, "by": by, "at": self._clock.now()}
                history.append(said | {"before": before.text if before else ""})
                gone += [key] if before else []
                rows += [said | {"context": context, "source": source}] if text else []
            if not history:
                return 0
            _write(connection, language, gone, rows, history)
            site_state.bump_metadata_version(connection)
        return len(history)

    def languages(self) -> dict[str, int]:
        """The languages with a catalogue, each with its number of translations."""
        with self._database.read() as connection:
            found: dict[str, int] = {}
            for (language,) in connection.execute(select(table.c.language).order_by(table.c.language)):
                found[language] = found.get(language, 0) + 1
        return found


def _write(
    connection: Connection, language: str, gone: list[str], rows: list[dict[str, Any]], history: list[dict[str, Any]]
) -> None:
    for start in range(0, len(gone), 500):  # a database takes only so many parameters
        some = gone[start : start + 500]
        connection.execute(delete(table).where(table.c.language == language, table.c.key.in_(some)))
    if rows:
        connection.execute(insert(table), rows)
    connection.execute(insert(translation_history), history)


def all_entries(sources: Iterable[Source]) -> list[Entry]:
    """Everything there is to translate: the metadata's texts first, then the program's."""
    return merged([*metadata_entries(sources), *program_entries()])


def made(language: str, texts: Translations, known: Iterable[Any]) -> Catalogue:
    """The catalogue of one language."""
    plain = by_english(texts)
    by_both = {key: text for key, text in texts.items() if key[0]}
    usable = tuple(item for item in known if places(item.en) and ((item.zh, item.en) in by_both or item.en in plain))
    return Catalogue(language, native_name(language), plain, by_both, usable)


def by_english(texts: Translations) -> dict[str, str]:
    """Translations by the English alone. A context of ours is Chinese and means one text only; others (Frappe's files name a
    DocType there) serve every text that has no translation of its own."""
    found = {source: text for (context, source), text in texts.items() if not context}
    for (context, source), text in texts.items():
        if not has_chinese(context):
            found.setdefault(source, text)
    return found
