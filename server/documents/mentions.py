"""`@login` in what somebody writes: that person is told."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, column, select
from sqlalchemy import table as plain_table

from ..core.text import Text
from ..storage.tables import table_name
from .tell import tell

# Chinese goes on without a space after a login ("@wangfang请看"), and a login may be Chinese: the longest one that there is counts.
PLACE = re.compile(r"(?<![A-Za-z0-9._-])@([^\W_][\w.@-]{0,139})")
MOST = 20

_users = plain_table(table_name("User"), column("name"), column("enabled"))


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


def tell_mentioned(
    connection: Connection, at: datetime, title: Text, text: str, by: str, doctype: str, name: str, *, key: str
) -> None:
    """Tell everybody whom `text` names, but who wrote it. Who may not read the record sees nothing of it, as always."""
    people = [user for user in mentioned(connection, text) if user != by]
    if people:
        tell(connection, at, title, doctype, name, key=key, kind="mention", users=people)
