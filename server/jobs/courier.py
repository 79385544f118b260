"""Couriers: a thread for each channel that sends its messages one by one, outside any transaction.

So a mail server that hangs holds up no save, no notification in the product and no other channel. A target that does not answer
is left alone for a while, and its other messages wait without being tried.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from ..core.clock import Clock
from ..core.errors import GuijuError
from ..core.ids import new_id
from ..core.text import Text
from ..storage.database import Database
from . import messages
from .channels import Channel, ChannelSettings, Message, Outcome
from .digest import message_of
from .messages import Claimed
from .worker import Worker

FIRST_ABSENCE = timedelta(seconds=30)
LONGEST_ABSENCE = timedelta(minutes=10)
POLL_SECONDS = 5.0

# What a message wants enclosed -> file name and PDF, or why it is left out
Enclose = Callable[[Mapping[str, Any]], tuple[str, bytes] | Text]
# (connection, channel name, target) -> its settings now; None when it is gone or disabled
SettingsOf = Callable[[Connection, str, str], ChannelSettings | None]

log = structlog.get_logger("guiju.courier")


class Courier:
    """Sends what is due on one channel. Several may run, in several processes."""

    def __init__(self, database: Database, clock: Clock, channel: Channel, settings_of: SettingsOf, enclose: Enclose) -> None:
        self._enclose = enclose
        self._database = database
        self._clock = clock
        self._channel = channel
        self._settings_of = settings_of
        self._name = f"{socket.gethostname()}:{os.getpid()}:{channel.name}:{new_id(6)}"
        self._away: dict[str, tuple[datetime, timedelta]] = {}  # target -> (until when, how long that was)
        self.stopping = threading.Event()

    def sweep(self) -> int:
        """Send everything that is due; returns how many were sent. Raises only when the database is away."""
        sent = 0
        while not self.stopping.is_set() and (claimed := self._claim()) is not None:
            sent += self._send(claimed)
        return sent

    def _claim(self) -> Claimed | None:
        now = self._clock.now()
        away = [target for target, (until, _) in self._away.items() if until > now]
        with self._database.read() as connection:
            if messages.next_due(connection, self._channel.name, now, away) is None:
                return None
        with self._database.write() as connection:
            return messages.claim(connection, self._channel.name, self._name, now, away)

    def _send(self, claimed: Claimed) -> int:
        outcome = self._attempt(claimed)
        self._note_absence(claimed.target, outcome)
        with self._database.write() as connection:
            state = messages.settle(connection, claimed, self._name, self._clock.now(), outcome)
        if outcome.result != "sent":
            log.warning(
                "not sent", channel=self._channel.name, target=claimed.target, message=claimed.ids[0], state=state,
                attempt=max(claimed.attempts), error=outcome.error.en,
            )  # fmt: skip
        return outcome.result == "sent"

    def _attempt(self, claimed: Claimed) -> Outcome:
        try:
            with self._database.read() as connection:
                settings = self._settings_of(connection, self._channel.name, claimed.target)
            if settings is None:
                return Outcome("refused", error=_gone(claimed.target))
            try:
                message, left_out = self._written(claimed)
            except GuijuError as error:  # nothing that the channel could help: it goes on with other messages
                return Outcome("again", error=error.text)
            outcome = self._channel.send(message, claimed.address, settings)
            return replace(outcome, error=left_out[0]) if left_out and outcome.result == "sent" else outcome
        except GuijuError as error:  # a secret that another site key sealed
            return Outcome("again", error=error.text, is_away=True)
        except Exception as error:  # a fault of a channel ends nothing but this attempt
            log.exception("channel failed", channel=self._channel.name, target=claimed.target)
            what = f"{type(error).__name__}: {error}"
            return Outcome("again", error=Text(f"通道出错：{what}", f"the channel failed: {what}"))

    def _written(self, claimed: Claimed) -> tuple[Message, list[Text]]:
        """The message with what is enclosed in it, made for its receiver as the record is now, and why something is left out."""
        message = message_of(claimed.key, claimed.payloads)
        wanted = [payload["attach"] for payload in claimed.payloads if payload.get("attach")]
        if not wanted or self._channel.name != "email":
            return message, []
        enclosed = [self._enclose(one) for one in wanted]
        left_out = [one for one in enclosed if isinstance(one, Text)]
        notes = [one.to(str(claimed.payloads[0].get("language") or "zh")) for one in left_out]
        enclosures = tuple(one for one in enclosed if isinstance(one, tuple))
        return replace(message, body="\n\n".join([message.body, *notes]), enclosures=enclosures), left_out

    def _note_absence(self, target: str, outcome: Outcome) -> None:
        if not outcome.is_away:
            self._away.pop(target, None)
            return
        _, before = self._away.get(target, (None, timedelta(0)))
        length = outcome.pause or min(max(before * 2, FIRST_ABSENCE), LONGEST_ABSENCE)
        self._away[target] = (self._clock.now() + length, length)


def _gone(target: str) -> Text:
    return Text(f"通道“{target}”已停用或删除", f'the channel "{target}" is disabled or was removed')


class PostOffice:
    """The couriers of every channel, each in its own thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channels: Mapping[str, Channel],
        settings_of: SettingsOf,
        enclose: Enclose,
    ) -> None:
        self._couriers = [Courier(database, clock, channel, settings_of, enclose) for channel in channels.values()]
        self._workers = [
            Worker(database, clock, {}, [courier.sweep], POLL_SECONDS, name=f"guiju-{channel}")
            for channel, courier in zip(channels, self._couriers, strict=True)
        ]

    def start(self) -> None:
        for courier, worker in zip(self._couriers, self._workers, strict=True):
            courier.stopping.clear()
            worker.start()

    def stop(self) -> None:
        for courier in self._couriers:
            courier.stopping.set()
        for worker in self._workers:
            worker.stop()

    def wake(self) -> None:
        for worker in self._workers:
            worker.wake()

    def run_once(self) -> int:
        """Send what is due now, one channel after the other; for commands and tests."""
        return sum(courier.sweep() for courier in self._couriers)


__all__ = ["Courier", "Enclose", "PostOffice", "SettingsOf"]
