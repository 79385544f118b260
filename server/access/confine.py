"""What a user permission says of one DocType: a field that may lead only to certain records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..metadata.model import DocType


@dataclass(frozen=True)
class Confine:
    """A field (`name` for the records themselves) that is empty or one of `allowed`.

    Of a Dynamic Link it speaks only where the field `kind_field` holds the DocType `target`.
    """

    fieldname: str
    allowed: frozenset[str]
    target: str
    kind_field: str | None = None

    def admits(self, record: Mapping[str, Any]) -> bool:
        if self.kind_field and record.get(self.kind_field) != self.target:
            return True
        value = record.get(self.fieldname)
        return value in (None, "") or value in self.allowed


def confines(doctype: DocType, only: Mapping[str, frozenset[str]]) -> Iterator[Confine]:
    """What `only` (`User.works_with`) says of a DocType; a field with `ignore_user_permissions` is not asked."""
    if doctype.name in only:
        yield Confine("name", only[doctype.name], doctype.name)
    for item in doctype.fields:
        if item.ignore_user_permissions:
            continue
        if item.fieldtype == "Link" and (item.options or "") in only:
            yield Confine(item.fieldname, only[item.options or ""], item.options or "")
        elif item.fieldtype == "Dynamic Link" and (item.options or "") in doctype.by_name:
            for target, allowed in only.items():
                yield Confine(item.fieldname, allowed, target, item.options)
