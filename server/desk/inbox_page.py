"""What the inbox shows: the obligations of one user, and the values of what is to be approved as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from ..access.user import User
from ..core.text import Text
from ..documents.inbox import InboxItem
from ..metadata.model import DocField
from ..site import Site
from .form_values import read_text


class InboxPage:
    """One user's inbox, open or done (`state`)."""

    def __init__(self, site: Site, user: User, state: str, language: str, chosen: Mapping[str, str] | None = None) -> None:
        """`chosen` narrows what is open: `whose` (me, role), `kind`, `rule`, `late`."""
        chosen = chosen or {}
        self.whose, self.kind, self.rule = (chosen.get(key, "") for key in ("whose", "kind", "rule"))
        self.is_late = chosen.get("late") == "1"
        self._site = site
        self._user = user
        self.state = state
        self.language = language
        self._model = site.snapshot().model

    @cached_property
    def items(self) -> list[InboxItem]:
        return self._site.inbox.items(self._user, state=self.state)

    @property
    def chosen(self) -> list[InboxItem]:
        """Those that the filters let through."""
        return [item for item in self.items if self.state != "open" or self._is_chosen(item)]

    def _is_chosen(self, item: InboxItem) -> bool:
        owed = item.obligation
        mine = owed.owed_by_user == self._user.name
        return (
            (not self.whose or (self.whose == "me") == mine)
            and self.kind in ("", owed.kind)
            and self.rule in ("", owed.rule)
            and (not self.is_late or owed.state in ("late", "escalated"))
        )

    @property
    def rules(self) -> list[tuple[str, str]]:
        """The rules that something is owed by, with their titles."""
        found = {item.obligation.rule: item.rule_title.to(self.language) for item in self.items}
        return sorted(found.items(), key=lambda pair: pair[1])

    def values(self, item: InboxItem) -> list[tuple[str, str]]:
        """The content that is asked about, as (label, text), in the order of the form."""
        found = []
        for path, field, label in self._fields(item):
            value = item.obligation.content[path]
            if isinstance(value, dict | list) or value is None:
                continue
            found.append((label.to(self.language), self._text(field, value)))
        return found

    def _fields(self, item: InboxItem) -> Iterator[tuple[str, DocField | None, Text]]:
        """The paths of the content (`total`, `comments.reason`) with the fields that they name."""
        doctype = self._model[item.obligation.doctype]
        order = {field.fieldname: index for index, field in enumerate(doctype.fields)}
        for path in sorted(item.obligation.content, key=lambda path: order.get(path.partition(".")[0], len(order))):
            head, _, column = path.partition(".")
            field = doctype.by_name.get(head)
            if field is not None and column and field.type.holds_rows:
                field = self._model.child(field).by_name.get(column)
            yield path, field, field.label if field else Text(path, path)

    def _text(self, field: DocField | None, value: object) -> str:
        if field is None:
            return str(value)
        return read_text(field, value, self._site.zone, self.language, self._titles)

    @cached_property
    def _titles(self) -> dict[tuple[str, str], str]:
        """Titles of the linked records of all items, one query per linked DocType."""
        names: dict[str, set[str]] = {}
        for item in self.items:
            for path, field, _ in self._fields(item):
                value = item.obligation.content[path]
                if field is not None and field.fieldtype == "Link" and isinstance(value, str):
                    names.setdefault(field.options or "", set()).add(value)
        return {
            (target, name): title
            for target, wanted in names.items()
            for name, title in self._site.queries.titles(self._user, target, wanted).items()
        }
