"""What the inbox shows: the obligations of one user, and the values of what is to be approved as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from ..access.user import User
from ..core.text import Text
from ..documents.bulk import MOST, BulkOutcome
from ..documents.inbox_items import InboxItem
from ..documents.owed_bulk import BULK_ACTS, OwedBulkAct, bulk_acts
from ..metadata.model import DocField
from ..obligations.model import BY_HAND
from ..site import Site
from .bulk_views import why
from .empty_state import EmptyState, nothing_decided, nothing_matches, nothing_owed
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

    @cached_property
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
    def narrowed_by(self) -> int:
        """How many filters are set."""
        return sum(map(bool, (self.whose, self.kind, self.rule, self.is_late)))

    @property
    def has_filters(self) -> bool:
        """Whether there is something to narrow: a single thing is seen without."""
        return self.state == "open" and (len(self.items) > 1 or self.narrowed_by > 0)

    @property
    def empty(self) -> EmptyState:
        """Why nothing is shown."""
        if self.items:
            return nothing_matches("/inbox", Text("待办", "what you owe"))
        return nothing_owed() if self.state == "open" else nothing_decided()

    @cached_property
    def choosable(self) -> frozenset[str]:
        """Those about which something may be done together with others; one alone has its own buttons."""
        found = [item.obligation.id for item in self.chosen if bulk_acts(item)] if self.state == "open" else []
        return frozenset(found if len(found) > 1 else ())

    @property
    def rules(self) -> list[tuple[str, str]]:
        """The rules that something is owed by, with their titles."""
        found = {
            item.obligation.rule: (BY_HAND if item.obligation.is_assigned else item.rule_title).to(self.language)
            for item in self.items
        }
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


class OwedBulkPage:
    """The obligations that were ticked (`n`) and what the user may do about them together."""

    def __init__(self, site: Site, user: User, chosen: MultiDict[str, str], language: str) -> None:
        self._language = language
        self._asked = chosen.get("action", "")
        self.items = site.inbox.those(user, list(dict.fromkeys(chosen.getlist("n")))[:MOST])
        self.inbox = InboxPage(site, user, "open", language)
        self.inbox.items = self.items

    @cached_property
    def acts(self) -> dict[OwedBulkAct, int]:
        """What may be done about any of them, and about how many; each is judged by itself."""
        found = Counter(act for item in self.items for act in bulk_acts(item))
        return {act: found[act] for act in BULK_ACTS if found[act]}

    @property
    def act(self) -> str:
        """What is asked for, or the first that may be."""
        return self._asked if self._asked in self.acts else next(iter(self.acts), "")

    def address(self, act: str) -> str:
        return f"/owed/bulk?{urlencode([*(('n', item.obligation.id) for item in self.items), ('action', act)])}"

    def refused(self, outcome: BulkOutcome | None, obligation: str) -> str:
        """Why nothing was done about one of them."""
        found = (error for name, error in (outcome.refused if outcome else ()) if name == obligation)
        return next((why(error, self._language) for error in found), "")
