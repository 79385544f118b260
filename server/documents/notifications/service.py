"""`NotificationService`: what a person is told and has chosen; what the administrator sees of messages; testing a channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from ...access.user import User
from ...core.clock import Clock
from ...core.errors import NotFound
from ...core.ids import new_id
from ...core.settings import Settings
from ...core.text import Text
from ...core.values import to_json
from ...jobs import messages
from ...jobs.channels import Message, Outcome, channels
from ...jobs.messages import Asked
from ...storage import records
from ...storage.database import Database
from ..snapshot import Snapshot
from . import channel_book, preferences
from .channel_book import Listed, SettingsBook
from .preferences import Preferences

TEST_SUBJECT = Text("规矩：测试消息", "Guiju: a test message")
TEST_BODY = Text("这是一条测试消息，说明此通道可用。", "This is a test message; the channel works.")
STALLED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Choices:
    """What a person may choose from, and has chosen."""

    preferences: Preferences
    channels: list[Listed]
    email: str
    phone: str

    def wants(self, channel: Listed, kind: str) -> bool:
        return self.preferences.wants(channel.name, kind, channel.defaults)

    def unreached(self, address: str) -> list[str]:
        """The channels that need an `email` or `phone` of this person which their user record lacks."""
        if getattr(self, address):
            return []
        return [item.name for item in self.channels if item.channel.address == address]


@dataclass(frozen=True)
class Backlog:
    """How the messages of one channel stand."""

    channel: str
    waiting: int
    given_up: int
    sent: int


class NotificationService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        settings: Settings,
        book: SettingsBook,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._settings = settings
        self._book = book
        self._wake = wake

    # A person's own

    def choices(self, user: User) -> Choices:
        snapshot = self._snapshots()
        users = snapshot.model.get("User")
        with self._database.read() as connection:
            chosen = preferences.load(connection, [user.name])[user.name]
            found = channel_book.listed(connection, snapshot)
            row = records.heads(connection, users, {user.name}).get(user.name, {}) if users else {}
        return Choices(chosen, found, str(row.get("email") or ""), str(row.get("phone") or ""))

    def choose(self, user: User, body: Mapping[str, Any]) -> None:
        """Keep a person's choices. Raises ValidationFailed with every fault."""
        with self._database.write() as connection:
            known = [item.name for item in channel_book.listed(connection, self._snapshots())]
            preferences.keep(connection, user.name, preferences.read(body, known), self._clock.now())

    # The administrator's

    def log(self, asked: Asked) -> list[dict[str, Any]]:
        with self._database.read() as connection:
            return messages.log(connection, asked)

    def message(self, message_id: int) -> dict[str, Any]:
        """Raises NotFound."""
        with self._database.read() as connection:
            return messages.one(connection, message_id)

    def send_again(self, message_id: int) -> None:
        """Raises NotFound when it is waiting already."""
        with self._database.write() as connection:
            messages.send_again(connection, message_id, self._clock.now())
        self._wake()

    def backlog(self) -> list[Backlog]:
        """The messages of each channel by what became of them."""
        with self._database.read() as connection:
            found = messages.counts(connection)
        return [
            Backlog(name, found.get((name, "pending"), 0) + found.get((name, "claimed"), 0), *(
                found.get((name, state), 0) for state in ("dead", "done")
            ))
            for name in sorted({*channels(), *(channel for channel, _ in found)})
        ]  # fmt: skip

    def stalled(self) -> dict[str, int]:
        """Messages by channel that should have left a quarter of an hour ago: nobody sends, or the target is away."""
        with self._database.read() as connection:
            return messages.overdue(connection, self._clock.now() - STALLED_AFTER)

    def targets(self) -> list[tuple[str, str]]:
        """What can be tested: (channel, target), channels first, then webhooks."""
        snapshot = self._snapshots()
        with self._database.read() as connection:
            found = [(item.channel.name, item.name) for item in channel_book.listed(connection, snapshot)]
            hooks = snapshot.model.get(channel_book.WEBHOOK)
            rows = records.heads(connection, hooks, None) if hooks else {}
        return [*found, *(("webhook", name) for name, row in sorted(rows.items()) if row.get("enabled"))]

    def test(self, user: User, channel: str, target: str, address: str = "") -> Outcome:
        """Send a test message now, and say what the other side answered. It is not queued and not tried again.

        Raises NotFound, SealBroken.
        """
        with self._database.read() as connection:
            settings = self._settings_of(connection, channel, target)
        language = user.language
        message = Message(
            key=f"test:{new_id(16)}", subject=TEST_SUBJECT.to(language), body=TEST_BODY.to(language), url=self._settings.base_url,
            link_text=self._settings.base_url,
            content={"event": "test", "at": to_json(self._clock.now()), "by": user.name, "text": TEST_BODY.to(language)},
        )  # fmt: skip
        return channels()[channel].send(message, address.strip(), settings)

    def _settings_of(self, connection: Connection, channel: str, target: str) -> Any:
        settings = self._book.of(connection, channel, target) if channel in channels() else None
        if settings is None:
            raise NotFound(Text(f"没有启用的通道“{target}”。", f'There is no enabled channel "{target}".'))
        return settings
