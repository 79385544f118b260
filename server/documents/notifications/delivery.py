"""One notification delivered: a row for everybody concerned, and a message for each channel that carries it to them.

Runs in the worker, in the transaction that takes the entry out of the outbox: all of it is there, once, or none. Sending is the
couriers' work, later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, column, select
from sqlalchemy import table as plain_table

from ...access.directory import load_user
from ...access.permissions import Permissions
from ...access.user import EVERYBODY, User
from ...core.settings import Settings
from ...core.text import EMPTY, Text
from ...jobs import messages
from ...jobs.channels import in_app
from ...jobs.messages import Letter
from ...jobs.outbox import Delivery
from ...metadata.model import DocType
from ...storage import records
from ...storage.tables import table_name
from .. import masking
from ..complete import Record
from ..snapshot import Snapshot
from ..titles import titles_of
from . import channel_book, preferences, texts
from .channel_book import Listed
from .guarded import GuardedTitle
from .preferences import Preferences, When
from .texts import Filling, Template

_users = plain_table(table_name("User"), column("name"), column("enabled"))
_roles = plain_table(table_name("Has Role"), column("parent"), column("parenttype"), column("role"))
LINK_TEXT = Text("打开单据", "Open the record")
ADDRESSES = ("email", "phone")


@dataclass(frozen=True)
class Receiver:
    """Somebody who is told, with what their messages need."""

    user: User
    email: str
    phone: str
    preferences: Preferences


class Deliverer:
    """The handler of outbox entries of kind `notification`."""

    def __init__(self, snapshots: Callable[[], Snapshot], settings: Settings, zone: ZoneInfo) -> None:
        self._snapshots = snapshots
        self._settings = settings
        self._zone = zone

    def __call__(self, connection: Connection, delivery: Delivery, now: datetime) -> None:
        payload = delivery.payload
        key = str(payload.get("key") or delivery.key)
        names = receivers(connection, payload)
        snapshot = self._snapshots()
        title = guarded_title(connection, snapshot, payload)
        for name in names:
            reader = load_user(connection, name) if payload.get("guarded") else None
            in_app.keep(connection, name, {**payload, "title": title.for_reader(reader).to_json()}, key, now)
        self._note_unknown(connection, snapshot, payload, key, now)
        if found := channel_book.listed(connection, snapshot):
            Messages(connection, snapshot, self._settings, self._zone, payload, key, now).write(names, found)

    def _note_unknown(
        self, connection: Connection, snapshot: Snapshot, payload: Mapping[str, Any], key: str, now: datetime
    ) -> None:
        """A channel that a rule names and that there is not: given up in the log, where the administrator finds it."""
        known = {item.name for item in channel_book.listed(connection, snapshot)} if payload.get("via") else set()
        for name in payload.get("via") or ():
            if name not in known:
                letter = Letter(
                    key=f"{name}:{key}", channel="", target=str(name), payload={}, due_at=now, kind=str(payload.get("kind") or ""),
                    doctype=payload.get("doctype"), name=payload.get("name"),
                )  # fmt: skip
                messages.give_up(connection, letter, now, _unknown(str(name)))


def _unknown(name: str) -> Text:
    return Text(f"没有启用的通道“{name}”", f'there is no enabled channel "{name}"')


class Messages:
    """The messages of one notification."""

    def __init__(
        self,
        connection: Connection,
        snapshot: Snapshot,
        settings: Settings,
        zone: ZoneInfo,
        payload: Mapping[str, Any],
        key: str,
        now: datetime,
    ) -> None:
        self._connection = connection
        self._snapshot = snapshot
        self._settings = settings
        self._zone = zone
        self._payload = payload
        self._key = key
        self._now = now
        self._kind = str(payload.get("kind") or "rule")
        self._urgent = bool(payload.get("urgent"))
        self._permissions = Permissions(snapshot.model)
        self._doctype: DocType | None = snapshot.model.get(str(payload.get("doctype") or ""))
        self._record: Record | None = None
        self._title = guarded_title(connection, snapshot, payload)

    def write(self, names: Iterable[str], found: list[Listed]) -> None:
        """Who chose a channel, or is named by one that the rule chose, is written to; never about what they may not read."""
        via = set(self._payload.get("via") or ())
        wanted = [item for item in found if item.name in via]
        people = preferences.load(self._connection, names)
        carried = {
            item.name: [name for name, chosen in people.items() if item in wanted or self._wants(item, chosen)]
            for item in found
        }
        if not wanted and not any(carried.values()):
            return
        if self._doctype is not None:
            self._record = records.load(
                self._connection, self._snapshot.model, self._doctype, str(self._payload.get("name") or "")
            )
            if self._record is None:
                return  # deleted since: nobody is sent to look for it
        receivers = self._receivers({name for names in carried.values() for name in names}, people)
        template = texts.chosen(
            texts.templates(self._connection, self._snapshot), self._kind, str(self._payload.get("doctype") or "")
        )
        for item in found:
            told = [receivers[name] for name in carried[item.name] if name in receivers]
            if item.is_personal:
                for receiver in told:
                    self._to_person(item, receiver, template)
            elif told or item in wanted:
                self._to_group(item, told, template)

    def _wants(self, item: Listed, chosen: Preferences) -> bool:
        return chosen.wants(item.name, self._kind, item.defaults)

    def _receivers(self, names: set[str], people: Mapping[str, Preferences]) -> dict[str, Receiver]:
        """Those who may read the record, with their addresses."""
        users = self._snapshot.model.get("User")
        rows = records.heads(self._connection, users, names) if users else {}
        found = {}
        for name in sorted(names):
            user = load_user(self._connection, name)
            if user is None or not user.enabled or not self._may_read(user):
                continue
            row = rows.get(name) or {}
            email, phone = (str(row.get(part) or "").strip() for part in ADDRESSES)
            found[name] = Receiver(user, email, phone, people[name])
        return found

    def _may_read(self, user: User) -> bool:
        return self._doctype is None or self._permissions.may(user, "read", self._doctype.name, self._record)

    def _to_person(self, item: Listed, receiver: Receiver, template: Template | None) -> None:
        if not receiver.email:  # their settings page says that the address is missing
            return
        language = receiver.user.language
        when = receiver.preferences.when(self._now, self._kind, self._zone, urgent=self._urgent)
        bundle = f"digest:{item.name}:{receiver.user.name}:{when.at.isoformat()}" if when.is_digest else ""
        self._write(item, f"{item.name}:{receiver.user.name}:{self._key}", when, receiver, language, template, bundle)

    def _to_group(self, item: Listed, told: list[Receiver], template: Template | None) -> None:
        """One message for all of them, in the site's language, which mentions them by mobile number."""
        nobody = Receiver(User("", roles=frozenset()), "", "", Preferences())
        phones = tuple(receiver.phone for receiver in told if receiver.phone)
        self._write(item, f"{item.name}:{self._key}", When(self._now), nobody, self._settings.language, template, "", phones)

    def _write(
        self,
        item: Listed,
        key: str,
        when: When,
        receiver: Receiver,
        language: str,
        template: Template | None,
        bundle: str,
        mentions: tuple[str, ...] = (),
    ) -> None:
        subject, body = texts.words(template, self._filling(receiver.user, language), language)
        url = self._url()
        payload: dict[str, Any] = {
            "subject": subject, "body": body, "url": url, "link_text": LINK_TEXT.to(language) if url else "", "language": language,
            "urgent": self._urgent, "mentions": list(mentions), "home": f"{self._base}/notifications" if self._base else "",
        }  # fmt: skip
        if self._payload.get("attach") and receiver.user.name and self._doctype is not None:
            payload["attach"] = {
                "doctype": self._doctype.name, "name": self._payload["name"], "format": self._payload["attach"],
                "user": receiver.user.name, "language": language,
            }  # fmt: skip
        letter = Letter(
            key=key, channel=item.channel.name, target=item.name, payload=payload, due_at=when.at, kind=self._kind,
            user=receiver.user.name, address=receiver.email, doctype=self._payload.get("doctype"), name=self._payload.get("name"),
            bundle=bundle, is_held=when.at > self._now,
        )  # fmt: skip
        messages.write(self._connection, letter, self._now)

    @property
    def _base(self) -> str:
        return self._settings.base_url.rstrip("/")

    def _url(self) -> str:
        if not self._base or self._doctype is None:
            return f"{self._base}/inbox" if self._base else ""
        return f"{self._base}/form/{quote(self._doctype.name, safe='')}/{quote(str(self._payload['name']), safe='')}"

    def _filling(self, user: User, language: str) -> Filling:
        record, title = self._seen(user)
        return Filling(
            title=self._title.for_reader(user if user.name else None), doctype=self._doctype.label if self._doctype else EMPTY,
            name=str(self._payload.get("name") or ""), record_title=title, url=self._url(),
            clauses=tuple(self._payload.get("clauses") or ()), person=user.full_name, company=self._settings.company_in(language),
            model=self._doctype, record=record,
        )  # fmt: skip

    def _seen(self, user: User) -> tuple[Record, str]:
        """What this user sees of the record, and its title; a group sees no fields."""
        if self._doctype is None or self._record is None or not user.name:
            return {}, ""
        shown = masking.visible(self._snapshot.model, self._permissions, user, self._doctype, self._record)
        named = titles_of(self._connection, self._snapshot, user, self._doctype, [self._record])
        return shown, named.get(str(self._record["name"]), "")


def guarded_title(connection: Connection, snapshot: Snapshot, payload: Mapping[str, Any]) -> GuardedTitle:
    """The record is loaded only where something of the title is guarded."""
    doctype = snapshot.model.get(str(payload.get("doctype") or ""))
    is_guarded = doctype is not None and payload.get("guarded")
    record = (
        records.load(connection, snapshot.model, doctype, str(payload.get("name") or "")) if doctype and is_guarded else None
    )
    return GuardedTitle(payload, Permissions(snapshot.model), doctype, record)


def receivers(connection: Connection, payload: Mapping[str, Any]) -> list[str]:
    """The one person meant; else everybody named and everybody enabled who has the role."""
    if payload.get("user"):
        return [str(payload["user"])]
    named = [str(name) for name in payload.get("users") or ()]
    role = payload.get("role")
    if not role:
        return list(dict.fromkeys(named))
    asked = select(_users.c.name).where(_users.c.enabled == 1).order_by(_users.c.name)
    if role != EVERYBODY:
        having = select(_roles.c.parent).where(_roles.c.parenttype == "User", _roles.c.role == role)
        asked = asked.where(_users.c.name.in_(having))
    return list(dict.fromkeys([*named, *connection.execute(asked).scalars()]))
