"""What a person chose: which channel for which kind, what waits for the daily digest, when it is to be quiet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import Connection, select

from ...core.errors import FaultList, ValidationFailed
from ...core.text import Text, nearest
from ...storage.system import notification_settings as table
from ...storage.upserts import upsert
from .kinds import KINDS

CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
DIGEST_HOUR = 8


@dataclass(frozen=True, slots=True)
class When:
    """The moment at which a message leaves; `is_digest` when it leaves with others."""

    at: datetime
    is_digest: bool = False


@dataclass(frozen=True, slots=True)
class Preferences:
    """One person's choices. A channel that is not named in `channels` goes by its own defaults."""

    channels: Mapping[str, frozenset[str]] = field(default_factory=dict)  # channel -> kinds
    digest: frozenset[str] = frozenset()  # kinds that wait for it
    digest_hour: int = DIGEST_HOUR
    quiet_from: time | None = None
    quiet_to: time | None = None
    zone: str = ""  # empty: the site's

    def wants(self, channel: str, kind: str, defaults: Iterable[str]) -> bool:
        return kind in self.channels.get(channel, frozenset(defaults))

    def when(self, now: datetime, kind: str, site_zone: ZoneInfo, *, urgent: bool) -> When:
        """At once, at the next digest, or when the quiet hours end; what is urgent never waits."""
        zone = ZoneInfo(self.zone) if self.zone else site_zone
        if urgent:
            return When(now)
        if kind in self.digest:
            return When(_next(now, time(self.digest_hour), zone), is_digest=True)
        if self.quiet_from is not None and self.quiet_to is not None:
            here = now.astimezone(zone).time()
            if _is_between(here, self.quiet_from, self.quiet_to):
                return When(_next(now, self.quiet_to, zone))
        return When(now)

    def to_json(self) -> dict[str, Any]:
        return {
            "channels": {name: sorted(kinds) for name, kinds in sorted(self.channels.items())},
            "digest": sorted(self.digest), "digest_hour": self.digest_hour, "quiet_from": _clock(self.quiet_from),
            "quiet_to": _clock(self.quiet_to), "zone": self.zone,
        }  # fmt: skip


def _is_between(here: time, start: time, end: time) -> bool:
    return start <= here < end if start <= end else here >= start or here < end


def _next(now: datetime, at: time, zone: ZoneInfo) -> datetime:
    """The next time that clocks of the zone show `at`, after now; an hour that a clock change leaves out counts as the one after."""
    local = now.astimezone(zone)
    for days in (0, 1):
        found = datetime.combine(local.date() + timedelta(days=days), at, zone).astimezone(now.tzinfo)
        if found > now:
            return found
    return now


def _clock(value: time | None) -> str | None:
    return None if value is None else value.strftime("%H:%M")


def read(body: Mapping[str, Any], channels: Iterable[str] | None = None) -> Preferences:
    """What was stored or sent, as preferences. Raises ValidationFailed with every fault; `channels` are those that there are."""
    faults = FaultList()
    known = None if channels is None else set(channels)
    chosen: dict[str, frozenset[str]] = {}
    for name, kinds in dict(body.get("channels") or {}).items():
        if known is not None and name not in known:
            near = nearest(name, known)
            faults.add("channels", Text(f"没有通道“{name}”。{near.zh}", f'There is no channel "{name}".{near.en}'))
        chosen[str(name)] = _kinds(kinds, "channels", faults)
    begin, end = (_time(body.get(name), name, faults) for name in ("quiet_from", "quiet_to"))
    if (begin is None) != (end is None) and not faults:
        faults.add("quiet_from", Text("免打扰时段须填写开始和结束两个时间。", "Quiet hours need both a beginning and an end."))
    found = Preferences(
        chosen, _kinds(body.get("digest") or (), "digest", faults), _hour(body.get("digest_hour"), faults), begin, end,
        _zone(body.get("zone"), faults),
    )  # fmt: skip
    if faults:
        raise ValidationFailed(Text("通知设置未保存：", "The notification settings were not saved:"), tuple(faults))
    return found


def _kinds(value: Any, where: str, faults: FaultList) -> frozenset[str]:
    for kind in value:
        if kind not in KINDS:
            near = nearest(kind, KINDS)
            faults.add(where, Text(f"没有通知种类“{kind}”。{near.zh}", f'There is no kind "{kind}" of notification.{near.en}'))
    return frozenset(value)


def _hour(value: Any, faults: FaultList) -> int:
    text = str(DIGEST_HOUR if value in (None, "") else value)
    if text.isascii() and text.isdigit() and int(text) < 24:
        return int(text)
    faults.add("digest_hour", Text(f"汇总时间“{text[:20]}”应为 0 到 23 的整点。", f'The hour "{text[:20]}" should be 0 to 23.'))
    return DIGEST_HOUR


def _time(value: Any, where: str, faults: FaultList) -> time | None:
    if value in (None, ""):
        return None
    found = CLOCK.fullmatch(str(value))
    if found is None:
        faults.add(
            where, Text(f"“{str(value)[:20]}”应为时间，如 22:00。", f'"{str(value)[:20]}" should be a time such as 22:00.')
        )
        return None
    return time(int(found[1]), int(found[2]))


def _zone(value: Any, faults: FaultList) -> str:
    if not value or value in available_timezones():
        return str(value or "")
    near = nearest(value, available_timezones())
    text = str(value)[:60]
    faults.add("zone", Text(f"没有时区“{text}”。{near.zh}", f'There is no time zone "{text}".{near.en}'))
    return ""


# Storage


def load(connection: Connection, users: Iterable[str]) -> dict[str, Preferences]:
    """The choices of these people; who never chose has the defaults."""
    names = sorted(users)
    rows = connection.execute(select(table.c.user, table.c.body).where(table.c.user.in_(names)))
    found = {row.user: read(row.body or {}) for row in rows}
    return {name: found.get(name, Preferences()) for name in names}


def keep(connection: Connection, user: str, preferences: Preferences, now: datetime) -> None:
    values = {"user": user, "body": preferences.to_json(), "at": now}
    connection.execute(upsert(connection, table, values, ["user"], {"body": values["body"], "at": now}))


__all__ = ["Preferences", "When", "keep", "load", "read"]
