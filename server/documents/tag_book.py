"""Which record bears which word: put on, taken off, read, within the caller's transaction; what rules do to them. The service is `tags`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, select

from ..access.user import User
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..rulebook.effects import Tagged
from ..storage import records
from ..storage.system import tag_link as table
from ..storage.upserts import upsert
from .about_record import About
from .snapshot import Snapshot

if TYPE_CHECKING:
    from .save_path import SavePath

DOCTYPE = "Tag"
LONGEST, MOST = 60, 30
_OF_RECORDS = (  # made once: every page of a record asks
    select(table.c.name, table.c.tag, table.c.rule)
    .where(table.c.doctype == bindparam("the_doctype"), table.c.name.in_(bindparam("the_names", expanding=True)))
    .order_by(table.c.at, table.c.tag)
)
COLORS = ("Gray", "Blue", "Green", "Orange", "Red", "Purple")


@dataclass(frozen=True)
class Tag:
    """A word on a record. `rule` is the rule that put it there, if one did."""

    tag: str
    color: str
    rule: str = ""


class TagEffects:
    """What rules do to the words on a record, within its save."""

    def __init__(self, path: SavePath) -> None:
        self._path = path

    def apply(self, name: str, effect: Tagged) -> None:
        path = self._path
        for word in effect.remove:
            take_off(path.connection, path.doctype.name, name, word)
        for word in effect.add:
            found = path.model.get(DOCTYPE)
            if found is not None and not records.exists(path.connection, found, [word]):
                path.make(DOCTYPE, new_tag(word), User.administrator())
            row = {
                "doctype": path.doctype.name,
                "name": name,
                "tag": word,
                "by": path.user.name,
                "rule": effect.rule,
                "at": path.now,
            }
            connection = path.connection
            connection.execute(upsert(connection, table, row, ("doctype", "name", "tag")))


def as_word(tag: str) -> str:
    """A word as it is kept. Raises ValidationFailed for what is none."""
    word = " ".join(tag.replace("\x00", "").split())
    if not word or len(word) > LONGEST or any(mark in word for mark in ",，\n"):
        said = Text(f"标签应有 1 至 {LONGEST} 个字符，不含逗号。", f"A tag has 1 to {LONGEST} characters and no comma.")
        raise ValidationFailed(said, [Fault("tag", said)])
    return word


def put(connection: Connection, about: About, word: str, by: User, at: datetime) -> bool:
    """Put a word on a record; whether it was not there before. Raises ValidationFailed beyond `MOST`."""
    mine = (table.c.doctype == about.doctype.name, table.c.name == about.name)
    there = set(connection.execute(select(table.c.tag).where(*mine)).scalars())
    if word in there:
        return False
    if len(there) >= MOST:
        said = Text(f"一张单据最多 {MOST} 个标签。", f"A record bears at most {MOST} tags.")
        raise ValidationFailed(said, [Fault("tag", said)])
    row = {"doctype": about.doctype.name, "name": about.name, "tag": word, "by": by.name, "rule": "", "at": at}
    connection.execute(upsert(connection, table, row, ("doctype", "name", "tag")))
    return True


def take_off(connection: Connection, doctype: str, name: str, word: str) -> bool:
    """Whether the word was there."""
    mine = (table.c.doctype == doctype, table.c.name == name, table.c.tag == word)
    return connection.execute(delete(table).where(*mine)).rowcount > 0


def of_records(connection: Connection, snapshot: Snapshot, doctype: str, names: Iterable[str]) -> dict[str, list[Tag]]:
    """The words by record, each in the order in which they were put on."""
    rows = connection.execute(_OF_RECORDS, {"the_doctype": doctype, "the_names": sorted(names)}).all()
    colors = _colors(connection, snapshot, {row.tag for row in rows})
    found: dict[str, list[Tag]] = {}
    for row in rows:
        found.setdefault(row.name, []).append(Tag(row.tag, colors[row.tag], row.rule or ""))
    return found


def bearing(connection: Connection) -> dict[str, set[str]]:
    """The DocTypes of the records that bear each word."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(table.c.tag, table.c.doctype).distinct()):
        found.setdefault(row.tag, set()).add(row.doctype)
    return found


def forget(connection: Connection, doctype: str, name: str) -> None:
    """A record is deleted; with a Tag the word is taken off every record."""
    connection.execute(delete(table).where(table.c.doctype == doctype, table.c.name == name))
    if doctype == DOCTYPE:
        connection.execute(delete(table).where(table.c.tag == name))


def new_tag(word: str) -> dict[str, Any]:
    return {"tag": word, "color": color_of(word)}


def color_of(word: str) -> str:
    """The colour that a new word begins with: always the same one for the same word."""
    return COLORS[sum(map(ord, word)) % len(COLORS)]


def _colors(connection: Connection, snapshot: Snapshot, words: set[str]) -> dict[str, str]:
    found = snapshot.model.get(DOCTYPE)
    heads = records.heads(connection, found, words) if found is not None and words else {}
    return {word: str((heads.get(word) or {}).get("color") or color_of(word)) for word in words}
