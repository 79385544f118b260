"""Values that PostgreSQL neither holds nor looks for: a text with a zero byte, a number out of its range."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError

from ..core.errors import ValidationFailed
from ..core.text import Text
from . import mariadb

OUT_OF_RANGE = (None, "22003", "22021")  # None: the driver refuses before the server sees it


def unfit(error: DBAPIError) -> ValidationFailed | None:
    """The error for people where a value is one of these; None where something else is wrong."""
    if not isinstance(error, DataError) or mariadb.number_of(error.orig) is not None:
        return None
    if getattr(error.orig, "sqlstate", None) not in OUT_OF_RANGE:
        return None
    return ValidationFailed(
        Text(
            "其中有数据库不能保存或查找的内容：空字符，或过大的数。",
            "It holds what the database can neither keep nor look for: a zero byte, or a number too large.",
        )
    )
