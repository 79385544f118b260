"""Single values of a site in `gj_site`: the metadata version that every process watches, the recorded schema."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Text, bindparam, select, type_coerce

from .system import site
from .upserts import upsert

METADATA_VERSION = "metadata_version"
FORMER_NAMES = "former_names"
_VALUE = select(site.c.value).where(site.c.key == bindparam("the_key"))  # made once: every request asks for the version


def get(connection: Connection, key: str, default: Any = None) -> Any:
    """The value kept under `key`."""
    row = connection.execute(_VALUE, {"the_key": key}).first()
    return default if row is None else row.value


def text_of(connection: Connection, key: str) -> str | None:
    """The JSON kept under `key` as it is written."""
    return connection.execute(select(type_coerce(site.c.value, Text())).where(site.c.key == key)).scalar()


def put(connection: Connection, key: str, value: Any) -> None:
    """Keep `value` (anything JSON can hold) under `key`."""
    connection.execute(upsert(connection, site, {"key": key, "value": value}, ["key"], {"value": value}))


def former_names(connection: Connection) -> dict[str, str]:
    """What DocTypes were called before, with what they were called next; never a circle."""
    return dict(get(connection, FORMER_NAMES, {}))


def note_former_name(connection: Connection, old: str, new: str) -> None:
    """A DocType was renamed."""
    put(connection, FORMER_NAMES, {name: next_ for name, next_ in former_names(connection).items() if name != new} | {old: new})


def metadata_version(connection: Connection) -> int:
    """The number of the metadata in force; 0 for a site without any."""
    return int(get(connection, METADATA_VERSION, 0))


def bump_metadata_version(connection: Connection) -> int:
    """Count the metadata version on; every process reloads when it sees the new number."""
    version = metadata_version(connection) + 1
    put(connection, METADATA_VERSION, version)
    return version
