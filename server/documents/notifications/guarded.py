"""The title of a notification as one receiver may read it: what a field hides or masks from them stays out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...access.permissions import Permissions
from ...access.sight import Sight
from ...access.user import User
from ...core.text import Text
from ...metadata.model import DocType
from ...rulebook.messages import HIDDEN
from ..complete import Record


@dataclass(frozen=True)
class GuardedTitle:
    """A title with the places that not everybody sees. `record` is what it is about, None when it is gone."""

    payload: Mapping[str, Any]
    permissions: Permissions
    doctype: DocType | None
    record: Record | None

    def for_reader(self, user: User | None) -> Text:
        """Filled for one person; for None, a group of whom nobody knows who reads, without what is guarded."""
        title = Text.of(self.payload["title"])
        zh, en = title.zh, title.en
        for one in self.payload.get("guarded") or ():
            value = Text.of(one["value"]) if user is not None and self._sees(user, one) else HIDDEN
            place = f"{{{one['written']}}}"
            zh, en = zh.replace(place, value.zh), en.replace(place, value.en)
        return Text(zh, en)

    def _sees(self, user: User, one: Mapping[str, Any]) -> bool:
        sight = self._sight(user, str(one["of"]))
        return one["level"] in sight.levels and (not one["mask"] or one["level"] in sight.full)

    def _sight(self, user: User, of: str) -> Sight:
        """Of a linked record what holds for every one of its kind that they may read."""
        if of:
            return self.permissions.sight(user, of)
        if self.doctype is None or self.record is None:
            return Sight()
        return self.permissions.sight(user, self.doctype.name, self.record)
