"""`@login` in what somebody writes: that person is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, column, select
from sqlalchemy import table as plain_table

from ..access.directory import load_user
from ..access.permissions import Permissions
from ..access.user import User
from ..core.text import Text
from ..metadata.model import Model
from ..storage import records
from ..storage.tables import table_name
from .tell import tell

# Chinese goes on without a space after a login ("@wangfang请看"), and a login may be Chinese: the longest one that there is counts.
PLACE = re.compile(r"(?<![A-Za-z0-9._-])@([^\W_][\w.@-]{0,139})")
MOST = 20
ASKED_ONE_BY_ONE = 1000  # logins; for more everybody is looked through: databases take so many values and no more

_users = plain_table(table_name("User"), column("name"), column("full_name"), column("enabled"))
Known = Mapping[str, str]  # logins with the names of the people


def mentioned(connection: Connection, text: str) -> list[str]:
    """The enabled users whom a text names, in its order."""
    places = list(dict.fromkeys(PLACE.findall(text)))[:MOST]
    wanted = {place[:length] for place in places for length in range(1, len(place) + 1)}
    if not wanted:
        return []
    asked = select(_users.c.name).where(_users.c.name.in_(sorted(wanted)), _users.c.enabled == 1)
    known = set(connection.execute(asked).scalars())
    found = (next((place[:length] for length in range(len(place), 0, -1) if place[:length] in known), None) for place in places)
    return list(dict.fromkeys(name for name in found if name))


def named(connection: Connection, texts: Iterable[str]) -> Known:
    """The people, enabled or not, whom any of the texts may name, by their logins."""
    places = {place for text in texts for place in PLACE.findall(text)}
    wanted = {place[:length] for place in places for length in range(1, len(place) + 1)}
    if not wanted:
        return {}
    return full_names(connection, wanted)


def full_names(connection: Connection, logins: Iterable[str]) -> Known:
    """The names of people by their logins."""
    wanted, asked = set(logins), select(_users.c.name, _users.c.full_name)
    if not wanted:
        return {}
    if len(wanted) <= ASKED_ONE_BY_ONE:
        asked = asked.where(_users.c.name.in_(sorted(wanted)))
    return {row.name: row.full_name or row.name for row in connection.execute(asked) if row.name in wanted}


def spoken(text: str, known: Known) -> Iterator[tuple[str, str]]:
    """A text in pieces: (what stands there, the name of the person that it mentions, or nothing)."""
    at = 0
    for found in PLACE.finditer(text):
        place = found.group(1)
        login = next((place[:length] for length in range(len(place), 0, -1) if place[:length] in known), None)
        if login is None:
            continue
        if found.start() > at:
            yield text[at : found.start()], ""
        at = found.start(1) + len(login)
        yield f"@{login}", known[login]
    if at < len(text):
        yield text[at:], ""


def tell_mentioned(
    connection: Connection,
    model: Model,
    at: datetime,
    text: str | None,
    by: User,
    doctype: str,
    name: str,
    *,
    key: str,
    but: frozenset[str] = frozenset(),
) -> None:
    """Tell everybody whom a comment on a record names, but who wrote it and those of `but`, who know. Of those who may not read the record the writer is told."""
    people = [person for person in mentioned(connection, text or "") if person != by.name and person not in but]
    if not people:
        return
    permissions, head = Permissions(model), records.heads(connection, model[doctype], [name]).get(name)
    known = [user for person in people if (user := load_user(connection, person)) is not None]
    readers = [user for user in known if head is not None and permissions.may(user, "read", doctype, head)]
    others = [user for user in known if user not in readers]
    if readers:
        said = "".join(
            f"@{person}" if person else piece for piece, person in spoken(text or "", named(connection, [text or ""]))
        )
        title = Text(f"{by.full_name} 提到了您：{said}", f"{by.full_name} mentions you: {said}")
        tell(connection, at, title, doctype, name, key=key, kind="mention", users=[user.name for user in readers])
    if others:
        zh, en = "、".join(user.full_name for user in others), ", ".join(user.full_name for user in others)
        title = Text(
            f"您提到的{zh}不能查看 {name}，没有收到通知；可先共享给此人。",
            f"{en}, whom you mention, may not read {name} and was not told; share it with them first.",
        )
        tell(connection, at, title, doctype, name, key=f"{key}:unread", kind="mention", user=by.name)
