"""A zero byte in what is looked for: found nothing or refused in words, on every database; never an error of the program."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import select

from server.core.errors import ValidationFailed
from server.site import Site
from server.storage.system import comment


def test_a_zero_byte_is_refused_or_finds_nothing(any_site: Site) -> None:
    found = None
    with suppress(ValidationFailed), any_site.database.read() as connection:
        found = connection.execute(select(comment.c.id).where(comment.c.text == "a\x00b")).first()
    with any_site.database.read() as connection:
        assert connection.execute(select(comment.c.id)).first() is found is None
