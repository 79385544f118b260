"""What can go wrong, said so that the reader knows what to do.

A `Fault` is one thing wrong at one place. An error carries a `Text` in both languages, all its faults at once, the HTTP
status of its kind and the name that Frappe's REST clients expect. Nothing here knows HTTP beyond that number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from .text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: where it is, what it says, and which clauses ask for it.

    `where` is a path that a form can jump to (`items[3].qty`, 1-based nowhere: rows count from 0) or a place in a file
    (`doctypes/after_sales/service_ticket.json: fields[7].options`); empty when it concerns the whole record.
    """

    where: str
    text: Text
    clauses: tuple[str, ...] = ()
    rule: str | None = None

    def to_json(self, language: str) -> dict[str, Any]:
        return {
            "where": self.where,
            "message": self.text.to(language),
            "clauses": list(self.clauses),
            "rule": self.rule,
        }


class GuijuError(Exception):
    """Base of all errors that a person is meant to read."""

    status: ClassVar[int] = 500
    exc_type: ClassVar[str] = "ServerError"

    def __init__(self, text: Text, faults: Sequence[Fault] = ()) -> None:
        super().__init__(text.en)
        self.text = text
        self.faults = tuple(faults)

    def lines(self, language: str) -> list[str]:
        """The sentence and every fault, ready to be shown one under the other."""
        return [self.text.to(language), *(fault.text.to(language) for fault in self.faults)]


class ValidationFailed(GuijuError):
    """The record (or the metadata) is not acceptable as it stands; `faults` holds all the reasons."""

    status = 417
    exc_type = "ValidationError"


class MetadataInvalid(ValidationFailed):
    """A DocType, rule or print format has faults; nothing of it was applied."""

    @classmethod
    def of(cls, faults: Iterable[Fault]) -> MetadataInvalid:
        found = tuple(faults)
        text = Text(
            f"元数据有 {len(found)} 处错误，未作任何更改。", f"The metadata has {len(found)} faults; nothing was changed."
        )
        return cls(text, found)

    def __str__(self) -> str:
        return "\n".join(self.lines("en"))


class PermissionRefused(GuijuError):
    """`roles` are the names of those that may; the text names them after what it says."""

    status = 403
    exc_type = "PermissionError"

    def __init__(self, text: Text, faults: Sequence[Fault] = (), roles: Sequence[str] = ()) -> None:
        super().__init__(_naming(text, roles, {}), faults)
        self.roles = tuple(roles)
        self._said = text

    def called(self, titles: Mapping[str, str]) -> Text:
        """The text with the roles as people call them, by name; English ones keep their names."""
        return _naming(self._said, self.roles, titles)


def _naming(text: Text, roles: Sequence[str], titles: Mapping[str, str]) -> Text:
    if not roles:
        return text
    zh = "、".join(titles.get(role, role) for role in roles)
    return Text(f"{text.zh}有此权限的角色：{zh}。", f"{text.en} Roles that may: {', '.join(roles)}.")


class NotSignedIn(GuijuError):
    status = 401
    exc_type = "AuthenticationError"


class NotFound(GuijuError):
    status = 404
    exc_type = "DoesNotExistError"


class DuplicateValue(ValidationFailed):
    """A unique value, or the record's name, exists already."""

    status = 409
    exc_type = "DuplicateEntryError"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field that two editors see differently: what the store holds now, and what this editor sent."""

    fieldname: str
    label: Text
    theirs: Any
    mine: Any


class StaleVersion(GuijuError):
    """Somebody else saved the record meanwhile; `differences` names the fields, nothing was written."""

    status = 409
    exc_type = "TimestampMismatchError"

    def __init__(
        self, text: Text, differences: Sequence[FieldDifference], current_version: int, modified_by: str | None = None
    ) -> None:
        super().__init__(text)
        self.differences = tuple(differences)
        self.current_version = current_version
        self.modified_by = modified_by


@dataclass(frozen=True, slots=True)
class Reference:
    """A record that refers to another."""

    doctype: str
    name: str
    label: Text


class LinkExists(GuijuError):
    """The record cannot be deleted or cancelled: others refer to it; `referring` are those that its reader may open."""

    status = 417
    exc_type = "LinkExistsError"

    def __init__(self, text: Text, referring: Sequence[Reference] = (), summary: Text | None = None) -> None:
        super().__init__(text)
        self.referring = tuple(referring)
        self.summary = summary or text  # what to say where `referring` stand below it as links


class TooLarge(GuijuError):
    status = 413
    exc_type = "RequestEntityTooLarge"


class TooManyAttempts(GuijuError):
    status = 429
    exc_type = "RateLimitExceededError"


class StorageUnavailable(GuijuError):
    """The database is locked or gone; nothing was saved and the request may be repeated."""

    status = 503
    exc_type = "DatabaseUnavailable"


class MetadataMoved(StorageUnavailable):
    """Other metadata came into force than this request works on; nothing was saved and the request may be repeated."""


class DatabaseBusy(StorageUnavailable):
    """Somebody else holds what is asked for; the same thing tried again in a moment may succeed."""


@dataclass(slots=True)
class FaultList:
    """Collects faults so that all of them are reported at once.

    >>> faults = FaultList()
    >>> faults.add("qty", Text("数量必填", "Quantity is required"))
    >>> bool(faults)
    True
    """

    faults: list[Fault] = field(default_factory=list)

    def add(self, where: str, text: Text, clauses: Iterable[str] = (), rule: str | None = None) -> None:
        self.faults.append(Fault(where, text, tuple(clauses), rule))

    def __bool__(self) -> bool:
        return bool(self.faults)

    def __iter__(self) -> Any:
        return iter(self.faults)
