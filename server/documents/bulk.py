"""`BulkService`: one change of many records, each by its own save.

Every record is judged like a single one (permission, rules, approvals), in its own transaction: one that is refused keeps no other
from being changed, and what happened to each is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import GuijuError, StorageUnavailable, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocField, DocType, Model
from .service import DocumentService

MOST = 500  # in one go; more are changed in several
UNCHANGEABLE = {"attach", "attach-image", "signature", "password", "geolocation", "dynamic-link", "editor", "code", "html-editor", "markdown"}  # fmt: skip


@dataclass
class BulkOutcome:
    """What became of the records: those that were changed, and those that were refused with the reason."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, GuijuError]] = field(default_factory=list)


def changeable(model: Model, user: User, doctype: DocType) -> list[DocField]:
    """The fields that this user may give one value in many records, in form order."""
    levels, sight = Permissions(model).levels(user, "write", doctype.name), Permissions(model).sight(user, doctype.name)
    return [
        item
        for item in doctype.stored_fields
        if item.permlevel in levels
        and sight.sees_plainly(item)
        and item.type.widget not in UNCHANGEABLE
        and not (item.hidden or item.read_only or item.is_computed or item.set_only_once or item.unique)
        and item.fieldname not in ("naming_series", "amended_from")
    ]


class BulkService:
    """The same change for many records."""

    def __init__(self, documents: DocumentService) -> None:
        self._documents = documents

    def change(self, user: User, doctype: str, names: Iterable[str], values: Mapping[str, Any]) -> BulkOutcome:
        """Give the fields in `values` these values. Raises ValidationFailed for more than `MOST` records."""
        return each(names, lambda name: self._documents.save(user, doctype, values, name=name))

    def submit(self, user: User, doctype: str, names: Iterable[str]) -> BulkOutcome:
        return each(names, lambda name: self._documents.submit(user, doctype, name))

    def cancel(self, user: User, doctype: str, names: Iterable[str], reason: str) -> BulkOutcome:
        return each(names, lambda name: self._documents.cancel(user, doctype, name, reason=reason))

    def delete(self, user: User, doctype: str, names: Iterable[str]) -> BulkOutcome:
        return each(names, lambda name: self._documents.delete(user, doctype, name))


def each(names: Iterable[str], act: Callable[[str], object]) -> BulkOutcome:
    """Do it with one after the other. Raises ValidationFailed for more than `MOST`."""
    wanted = list(dict.fromkeys(names))
    if len(wanted) > MOST:
        raise ValidationFailed(
            Text(
                f"选择了 {len(wanted)} 条，一次最多 {MOST} 条，请分几次处理。",
                f"{len(wanted)} records are chosen; at most {MOST} are changed in one go. Do it in several steps.",
            )
        )
    outcome = BulkOutcome()
    for position, name in enumerate(wanted):
        try:
            act(name)
        except StorageUnavailable as error:  # it would be the same for each of the rest, after a wait
            outcome.refused += [(left, error) for left in wanted[position:]]
            break
        except GuijuError as error:
            outcome.refused.append((name, error))
        else:
            outcome.done.append(name)
    return outcome
