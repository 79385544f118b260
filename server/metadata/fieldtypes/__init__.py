"""The registry of field types: one small object per type, one module per family.

`kind` says how the value is stored (`storage.types` knows the SQL), `widget` how the form shows it, `operators` what lists
may ask. Installed packages add types through the entry point group `guiju.fieldtypes`.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import entry_points

from .attachments import ATTACHMENT_TYPES
from .base import FieldType, Kind, Print, ValueRefused
from .choices import CHOICE_TYPES
from .color import COLOR_TYPES
from .geolocation import GEOLOCATION_TYPES
from .layout import LAYOUT_TYPES
from .links import LINK_TYPES
from .numbers import NUMBER_TYPES
from .password import PASSWORD_TYPES
from .phone import PHONE_TYPES
from .tables import TABLE_TYPES
from .texts import TEXT_TYPES
from .times import TIME_TYPES

__all__ = ["FieldType", "Kind", "Print", "ValueRefused", "field_type", "field_types", "is_field_type"]


@cache
def field_types() -> dict[str, FieldType]:
    """All registered field types by Frappe's name."""
    families = (
        TEXT_TYPES, CHOICE_TYPES, NUMBER_TYPES, TIME_TYPES, LINK_TYPES, ATTACHMENT_TYPES, TABLE_TYPES, LAYOUT_TYPES,
        PHONE_TYPES, COLOR_TYPES, GEOLOCATION_TYPES, PASSWORD_TYPES,
    )  # fmt: skip
    found = {item.name: item for family in families for item in family}
    for entry in entry_points(group="guiju.fieldtypes"):
        plugged: FieldType = entry.load()
        found[plugged.name] = plugged
    return found


def field_type(name: str) -> FieldType:
    """The field type called `name`; KeyError when there is none (`check` reports that with the nearest right word)."""
    return field_types()[name]


def is_field_type(name: str) -> bool:
    return name in field_types()
