"""Couriers on every database: several at once send each message once; an installed package's channel is one like ours."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Any

import pytest

from server.core.clock import SettableClock
from server.core.errors import Fault
from server.core.text import Text
from server.jobs import channels as registry
from server.jobs import messages
from server.jobs.channels import ChannelSettings, Message, Outcome
from server.jobs.courier import Courier, PostOffice
from server.jobs.messages import Letter
from server.printing.service import PrintFailed
from server.storage.database import Database


class Notice:
    """A channel that keeps what it is given."""

    name = "notice"
    label = Text("布告", "Notice")
    is_personal = True
    address = "email"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        return []

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        self.sent.append(message.subject)
        return Outcome("sent")


def nothing_enclosed(wanted: Any) -> Text:
    raise AssertionError(wanted)


def settings_of(clock: SettableClock) -> Any:
    return lambda _connection, _channel, _target: ChannelSettings({}, clock.now())


def write(database: Database, clock: SettableClock, number: int, **values: Any) -> None:
    letter = Letter(f"k{number}", "notice", "board", {"subject": str(number)}, clock.now(), name=str(number % 7), doctype="D")
    with database.write() as connection:
        messages.write(connection, letter, clock.now())


def test_several_couriers_send_each_message_once_and_in_the_order_of_its_record(
    database: Database, clock: SettableClock
) -> None:
    notice = Notice()
    for number in range(40):
        write(database, clock, number)
        write(database, clock, number)  # the same key again
    couriers = [Courier(database, clock, notice, settings_of(clock), nothing_enclosed) for _ in range(3)]
    threads = [threading.Thread(target=courier.sweep) for courier in couriers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    couriers[0].sweep()  # what waited for one that another courier held
    assert sorted(notice.sent, key=int) == [str(number) for number in range(40)]
    for record in range(7):
        about = [int(subject) for subject in notice.sent if int(subject) % 7 == record]
        assert about == sorted(about)


def test_a_channel_of_an_installed_package_is_found(
    database: Database, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = EntryPoint("notice", f"{__name__}:Notice", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry] if group == registry.ENTRY_POINTS else [])
    registry.channels.cache_clear()
    try:
        found = registry.channels()
        write(database, clock, 1)
        office = PostOffice(database, clock, found, settings_of(clock), nothing_enclosed)
        assert office.run_once() == 1
        assert list(found)[-1] == "notice"
    finally:
        registry.channels.cache_clear()


class Broken(Notice):
    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        raise ValueError("a fault of the channel")


@pytest.fixture
def running(database: Database, clock: SettableClock) -> Iterator[PostOffice]:
    office = PostOffice(database, clock, {"notice": Broken()}, settings_of(clock), nothing_enclosed)
    office.start()
    yield office
    office.stop()


def test_a_channel_that_fails_in_its_thread_is_tried_again_later(
    running: PostOffice, database: Database, clock: SettableClock
) -> None:
    write(database, clock, 1)
    for _ in range(100):
        running.wake()
        with database.read() as connection:
            (row,) = messages.log(connection, messages.Asked())
        if row["error"]:
            break
        threading.Event().wait(0.02)
    assert (row["state"], row["error"]["en"]) == ("pending", "the channel failed: ValueError: a fault of the channel")


def test_what_cannot_be_enclosed_keeps_no_other_message_waiting(database: Database, clock: SettableClock) -> None:
    def no_print(wanted: Any) -> Text:
        raise PrintFailed(Text("打印失败", "printing failed"))

    mail = Notice()
    mail.name = "email"
    with database.write() as connection:
        for number, more in enumerate(({"attach": {"name": "R-1"}}, {})):
            payload = {"subject": str(number), "body": "", **more}
            messages.write(
                connection,
                Letter(f"m{number}", "email", "post", payload, clock.now(), name=str(number), doctype="D"),
                clock.now(),
            )

    Courier(database, clock, mail, settings_of(clock), no_print).sweep()

    assert mail.sent == ["1"]
