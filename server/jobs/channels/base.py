"""What a channel is: one small object that hands one message to one address and says what became of it.

A channel knows nothing of the database, of people or of preferences. It is called outside any transaction, from its own
thread, and may take as long as its timeout; it never raises for what the other side does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from ...core.errors import Fault
from ...core.text import EMPTY, Text

TIMEOUT_SECONDS = 10.0
MAX_LOGGED = 4000  # characters of a request or an answer that the log keeps

Result = Literal["sent", "again", "refused"]


@dataclass(frozen=True, slots=True)
class Message:
    """What is said, in the receiver's language. `key` stays the same however often it is tried."""

    key: str
    subject: str
    body: str
    url: str = ""
    link_text: str = ""
    urgent: bool = False
    mentions: tuple[str, ...] = ()  # mobile numbers of the people meant, for channels into a group
    content: Mapping[str, Any] | None = None  # what a program is sent, as data
    enclosures: tuple[tuple[str, bytes], ...] = ()  # files by their names, for channels that carry them


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What the administrator has set for one channel, secrets opened, and what the site allows."""

    values: Mapping[str, Any]
    now: datetime
    private_hosts: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        return str(self.values.get(name) or "").strip()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt.

    `again` is tried later, after `pause` when the other side asked for one; `refused` never. `is_away` says that the whole
    target does not answer, so that other messages to it need not find out one by one.
    """

    result: Result
    request: str = ""
    answer: str = ""
    error: Text = EMPTY
    pause: timedelta | None = None
    is_away: bool = False


class Channel(Protocol):
    """One way out of the product."""

    name: str
    label: Text
    is_personal: bool  # reaches one person at an address of theirs; else a group or a program at the channel's own address
    address: str  # what of a person's user record it uses: "email", "phone" (to mention them), or nothing

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        """What is wrong with the settings that the administrator typed; secrets may still be sealed."""
        ...

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        """Hand the message over. `address` is the person's own, empty for a channel into a group."""
        ...


def missing(values: Mapping[str, Any], names: Mapping[str, Text]) -> list[Fault]:
    """A fault for each of the settings that a channel needs and that is empty."""
    return [
        Fault(name, Text(f"此类通道须填写{label.zh}。", f"This type of channel needs {label.en}."))
        for name, label in names.items()
        if not str(values.get(name) or "").strip()
    ]


def unreachable(request: str, error: Exception) -> Outcome:
    """The other side cannot be reached, or the connection to it broke."""
    what = f"{type(error).__name__}: {error}"
    return Outcome("again", request, error=Text(f"连接失败（{what}）", f"the connection failed ({what})"), is_away=True)


def logged(text: str) -> str:
    """A request or an answer as the log keeps it."""
    return text if len(text) <= MAX_LOGGED else f"{text[:MAX_LOGGED]}…"
