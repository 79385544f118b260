"""A list filtered by the words on its records, under Frappe's name for them (`_user_tags`)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..storage.filters import literal_pattern
from ..storage.system import tag_link as table

FIELD = "_user_tags"
OPERATORS = ("=", "!=", "in", "not in", "like", "not like", "is")


def tagged(doctype: str, operator: str, value: Any) -> tuple[str, str, Select[Any]]:
    """A filter by words, as a filter by name. Raises ValidationFailed for an operator that means nothing here."""
    operator = operator.strip().lower()
    if operator not in OPERATORS:
        words = ", ".join(OPERATORS)
        said = Text(f"标签可用的运算符：{words}。", f"Tags are filtered by {words}.")
        raise ValidationFailed(said, [Fault(FIELD, said)])
    asked = select(table.c.name).where(table.c.doctype == doctype)
    negated = operator in ("!=", "not in", "not like")
    if operator == "is":
        negated = str(value or "").strip().lower() == "not set"
    elif operator in ("like", "not like"):
        asked = asked.where(table.c.tag.ilike(literal_pattern(str(value or "").strip("% ")), escape="\\"))
    else:
        listed = value if isinstance(value, list | tuple | set) else str(value or "").split(",")
        asked = asked.where(table.c.tag.in_([str(part).strip() for part in listed]))
    return "name", "not in" if negated else "in", asked
