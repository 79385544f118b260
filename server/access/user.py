"""The person, or program, in whose name something is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..core.text import DEFAULT_LANGUAGE, Language

ADMINISTRATOR = "Administrator"
EVERYBODY = "All"  # the role that every user has
SYSTEM_MANAGER = "System Manager"  # the role that administers; it has no free pass on records


@dataclass(frozen=True, slots=True)
class User:
    """A user as one request sees them; `name` is what records keep as owner and signer."""

    name: str
    full_name: str = ""
    roles: frozenset[str] = frozenset()
    language: Language = DEFAULT_LANGUAGE
    department: str | None = None
    enabled: bool = True
    # user permissions: by DocType the only records of it that this user works with; a DocType that is not named is free
    only: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    # further such records for one DocType alone: by the DocType they concern
    only_in: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict, hash=False)
    # what a link of a new record begins with, by the DocType it leads to
    defaults: Mapping[str, str] = field(default_factory=dict, hash=False)
    # what others shared with this user: by DocType the records, each with what may be done to it
    shared: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "roles", self.roles | {EVERYBODY})
        object.__setattr__(self, "full_name", self.full_name or self.name)

    @classmethod
    def administrator(cls, language: Language = DEFAULT_LANGUAGE) -> User:
        """The built-in user who may do everything; there is no record of it, so nobody can lock the site by editing it."""
        return cls(ADMINISTRATOR, ADMINISTRATOR, frozenset({SYSTEM_MANAGER}), language)

    @property
    def is_administrator(self) -> bool:
        return self.name == ADMINISTRATOR

    def has_role(self, role: str) -> bool:
        return role in self.roles

    def works_with(self, doctype: str) -> Mapping[str, frozenset[str]]:
        """The records that this user's records of a DocType may link to, by the DocType these are of; what is not named is free."""
        here = self.only_in.get(doctype)
        if not here:
            return self.only
        return {**self.only, **{name: names | self.only.get(name, frozenset()) for name, names in here.items()}}

    def unconfined(self) -> User:
        """The same user without user permissions: for a link that is not to ask them (`ignore_user_permissions`)."""
        return replace(self, only={}, only_in={})
