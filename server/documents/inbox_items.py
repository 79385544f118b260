"""`InboxItem`: an obligation as a page shows it to one reader, with titles and what they may do about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.sight import Sight
from ..access.user import User
from ..core.text import Text
from ..metadata.model import Model
from ..obligations.due_book import DueBook, KeptPause
from ..obligations.model import RULE_WAITS, Obligation
from ..rulebook.operators import as_day
from ..storage import records
from .complete import Record
from .in_charge import OwedAct, acts_of
from .masking import shown_value
from .may_decide import giver_of, is_own, refusal
from .owed_signatures import may_sign
from .snapshot import Snapshot
from .standins import standing_in
from .titles import titles_of


@dataclass(frozen=True)
class ShownPause:
    """A time in which the clock stood, with the people by their names and the reason in words."""

    kept: KeptPause
    by: str
    ended_by: str
    reason: Text


@dataclass(frozen=True)
class InboxItem:
    """An obligation as a page shows it. `may_act` says whether this reader may decide it now, `is_own` that they may not
    because they asked for it themselves."""

    obligation: Obligation
    doctype_label: Text
    record_title: str
    rule_title: Text
    owed_by: str
    decided_by_name: str
    may_act: bool
    is_own: bool = False
    may_sign: bool = False  # whether this reader is asked to sign it now
    in_place_of: str = ""  # the person in whose place this reader may decide it
    decided_for_name: str = ""
    pauses: tuple[ShownPause, ...] = ()
    acts: tuple[OwedAct, ...] = ()  # what this reader may do about it beside deciding and signing

    @property
    def meaning(self) -> str:
        """What a signature given for it means; empty where none is asked for."""
        return str((self.obligation.signature or {}).get("meaning") or self.obligation.terms.get("signature") or "")

    @property
    def is_signed_for(self) -> bool:
        """Whether this reader approves it, but with an e-signature only."""
        return self.may_act and bool(self.obligation.terms.get("signature"))

    def owed_by_in(self, language: str) -> str:
        """Who owes it. Titles of roles are in the language of the house; their names are English."""
        return Text(self.owed_by, self.obligation.owed_by_role or self.owed_by).to(language)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.obligation, name)


def shown_items(
    connection: Connection, snapshot: Snapshot, user: User, found: Iterable[Obligation], now: datetime
) -> list[InboxItem]:
    """With titles; obligations about records the user may not read are left out. One query per DocType, not per row."""
    found = list(found)
    if not found:
        return []
    permissions = Permissions(snapshot.model)
    by_doctype: dict[str, set[str]] = {}
    for item in found:
        by_doctype.setdefault(item.doctype, set()).add(item.name)
    known: dict[tuple[str, str], Record] = {}
    titles: dict[tuple[str, str], str] = {}
    for doctype, names in by_doctype.items():
        if (model := snapshot.model.get(doctype)) is not None:
            heads = records.heads(connection, model, names)
            known |= {(doctype, name): record for name, record in heads.items()}
            named = titles_of(connection, snapshot, user, model, heads.values())
            titles |= {(doctype, name): title for name, title in named.items()}
    involved = {name or "" for item in found for name in (item.decided_by, item.owed_by_user, item.decided_for)}
    waited = DueBook(connection).pauses_of(item.id for item in found if item.kind == "obligation")
    involved |= {item.opened_by for item in found if item.is_assigned}
    involved |= {name or "" for kept in waited.values() for one in kept for name in (one.by, one.ended_by)}
    people = _people(connection, snapshot, involved)
    roles = _roles(connection, snapshot, {item.owed_by_role or "" for item in found})
    standins = standing_in(connection, snapshot.model, user, as_day(now))
    shown: list[InboxItem] = []
    for item in found:
        record = known.get((item.doctype, item.name))
        if record is None or not permissions.may(user, "read", item.doctype, record):
            continue
        sight = permissions.sight(user, item.doctype, record)
        shown.append(
            InboxItem(
                obligation=replace(item, content=_seen_content(snapshot.model, item, sight)),
                doctype_label=snapshot.model[item.doctype].label,
                record_title=titles[item.doctype, item.name],
                rule_title=_given_by(item, people) if item.is_assigned else snapshot.because(item.rule, item.doctype),
                owed_by=people.get(item.owed_by_user or "", "") or roles.get(item.owed_by_role or "", item.owed_by_role or ""),
                decided_by_name=people.get(item.decided_by or "", item.decided_by or ""),
                may_act=refusal(item, user, standins) is None,
                may_sign=may_sign(item, user),
                in_place_of=giver.full_name if (giver := giver_of(item, user, standins)) is not None else "",
                decided_for_name=people.get(item.decided_for or "", item.decided_for or ""),
                pauses=tuple(_shown_pause(kept, people) for kept in waited.get(item.id, ())),
                acts=acts_of(item, user, snapshot.rulebook),
                is_own=item.is_owed and item.owed_by(user.name, user.roles) and is_own(item, user),
            )
        )
    return shown


def _given_by(item: Obligation, people: Mapping[str, str]) -> Text:
    """What a person asks for is theirs, as what a rule asks for is the rule's."""
    giver = people.get(item.opened_by, item.opened_by)
    return Text(f"{giver} 分配", f"assigned by {giver}")


def _shown_pause(kept: KeptPause, people: Mapping[str, str]) -> ShownPause:
    by, ended_by = (people.get(name or "", name or "") for name in (kept.by, kept.ended_by))
    return ShownPause(kept, by, ended_by, RULE_WAITS if kept.reason == RULE_WAITS.en else Text(kept.reason, kept.reason))


def _people(connection: Connection, snapshot: Snapshot, names: set[str]) -> dict[str, str]:
    users = snapshot.model.get("User")
    if users is None:
        return {}
    return {name: str(row.get("full_name") or name) for name, row in records.heads(connection, users, names - {""}).items()}


def _roles(connection: Connection, snapshot: Snapshot, names: set[str]) -> dict[str, str]:
    roles = snapshot.model.get("Role")
    if roles is None:
        return {}
    return {name: roles.title_of(row) for name, row in records.heads(connection, roles, names - {""}).items()}


def _seen_content(model: Model, item: Obligation, sight: Sight) -> dict[str, Any]:
    """What is asked about, by path (`total`, `items.rate`), without what the reader does not see in the record itself."""
    doctype, found = model[item.doctype], {}
    for path, value in item.content.items():
        head, _, column = path.partition(".")
        field = doctype.by_name.get(head)
        if field is not None and field.type.holds_rows and column:
            field = model.child(field).by_name.get(column) if sight.sees(field) else field
        if field is None or sight.sees(field):
            found[path] = value if field is None else shown_value(field, value, sight)
    return found
