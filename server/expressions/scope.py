"""What an expression can see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Scope:
    """The record (`doc`), the record a child row belongs to (`parent`), the user, and the time.

    In a child row `doc` is the row, as in Frappe; `row` is another name for it.
    """

    doc: Mapping[str, Any]
    parent: Mapping[str, Any] | None = None
    user: Mapping[str, Any] = field(default_factory=dict)
    today: date | None = None
    now: datetime | None = None
