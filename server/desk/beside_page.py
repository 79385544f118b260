"""What people arranged about a record beside its content, as its page shows it: comments among the versions, followers, whose it is, tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from ..access.user import User
from ..documents.attachments import Attachment
from ..documents.comments import Comment
from ..documents.following import Follower
from ..documents.inbox_items import InboxItem
from ..documents.mentions import Known, spoken
from ..documents.tag_book import Tag
from ..rulebook.assigning import BY_ASSIGN
from ..site import Site
from .timeline import TimelineEntry


@dataclass(frozen=True)
class Told:
    """One thing in the timeline: a comment, or a version."""

    at: datetime
    comment: Comment | None = None
    entry: TimelineEntry | None = None


def told(
    entries: Iterable[TimelineEntry], comments: Iterable[Comment], since: datetime | None, until: datetime | None
) -> list[Told]:
    """Versions and the comments of their time (from `since` on, before `until`), the newest first."""
    said = [
        Told(item.at, item) for item in comments if (since is None or item.at >= since) and (until is None or item.at < until)
    ]
    return sorted([*said, *(Told(entry.at, entry=entry) for entry in entries)], key=lambda one: one.at, reverse=True)


class Beside:
    """What lies beside one record, for one reader who may read it."""

    def __init__(self, site: Site, user: User, doctype: str, name: str, may_write: bool, owed: Iterable[InboxItem]) -> None:
        self._site = site
        self._user = user
        self.doctype = doctype
        self.name = name
        self.may_write = may_write
        self._owed = owed

    @cached_property
    def comments(self) -> list[Comment]:
        return self._site.comments.of_record(self._user, self.doctype, self.name)

    @cached_property
    def _known(self) -> Known:
        return self._site.comments.named(item.text for item in self.comments)

    def parts(self, comment: Comment) -> Iterator[tuple[str, str]]:
        """What a comment says in pieces: (text, the name of the person whom it mentions, or nothing)."""
        return spoken(comment.text, self._known)

    @cached_property
    def followers(self) -> list[Follower]:
        return self._site.following.followers(self._user, self.doctype, self.name)

    @property
    def is_followed(self) -> bool:
        return any(item.user == self._user.name for item in self.followers)

    @property
    def assigned(self) -> list[InboxItem]:
        """What of it was given to somebody, by a person or a rule, and is not done."""
        return [item for item in self._owed if item.obligation.is_assigned or item.obligation.row_key.startswith(BY_ASSIGN)]

    @cached_property
    def tags(self) -> list[Tag]:
        return self._site.tags.of_record(self._user, self.doctype, self.name)

    @cached_property
    def files(self) -> list[Attachment]:
        return self._site.attachments.of_record(self._user, self.doctype, self.name)

    def rule_title(self, tag: Tag, language: str) -> str:
        """The rule that put a word on; nothing for a person."""
        return self._site.snapshot().rulebook.title(tag.rule).to(language) if tag.rule else ""
