"""How often somebody may guess a password: failures are counted per login, per address, and per both together.

An attempt is written down as failed before the password is looked at, so that guesses sent at the same moment count as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from ..core.errors import TooManyAttempts
from ..core.text import Text
from ..storage import locks
from ..storage.system import login_attempt as table

WINDOW = timedelta(minutes=15)
KEPT = timedelta(days=30)
LONGEST_LOGIN = 160  # no user has one of more than 140; what somebody types beyond is not kept


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` failures within the window, counted over the attempts that agree in the named columns."""

    columns: tuple[str, ...]
    most: int


# One person mistyping; one address trying many logins; many addresses trying one login.
LIMITS = (Limit(("login", "address"), 5), Limit(("address",), 30), Limit(("login",), 50))


class SignInPaused(TooManyAttempts):
    """Too many failures; `retry_at` is when the next attempt is allowed."""

    def __init__(self, retry_at: datetime, now: datetime, zone: ZoneInfo) -> None:
        self.retry_at = retry_at
        self.retry_after_seconds = max(1, int((retry_at - now).total_seconds()) + 1)
        minutes = -(-self.retry_after_seconds // 60)
        clock = retry_at.astimezone(zone).strftime("%H:%M")
        super().__init__(
            Text(
                f"登录失败次数过多，请在 {clock} 之后（约 {minutes} 分钟后）再试。",
                f"Too many failed sign-ins; try again after {clock} (in about {minutes} minute{'s' if minutes > 1 else ''}).",
            )
        )


def begin(connection: Connection, login: str, address: str, now: datetime, zone: ZoneInfo) -> int:
    """Write down an attempt, as failed for now, and return its number. Raises SignInPaused past a limit."""
    login = login[:LONGEST_LOGIN]
    locks.take(connection, "sign-in")  # counting and writing down must be one step
    waits = [
        at
        for limit in LIMITS
        if (at := _blocking_failure(connection, limit, {"login": login, "address": address}, now)) is not None
    ]
    if waits:
        raise SignInPaused(max(waits) + WINDOW, now, zone)
    inserted = connection.execute(insert(table).values(login=login, address=address, at=now, ok=0))
    return int(inserted.inserted_primary_key[0]) if inserted.inserted_primary_key else 0


def succeed(connection: Connection, attempt: int, login: str, now: datetime) -> None:
    """The attempt was right: failures of this login before it count no more."""
    connection.execute(update(table).where(table.c.id == attempt).values(ok=1))
    connection.execute(delete(table).where(table.c.login == login, table.c.at < now - KEPT))


def withdraw(connection: Connection, attempt: int) -> None:
    """It was no attempt: something that is asked for was left empty."""
    connection.execute(delete(table).where(table.c.id == attempt))


def _blocking_failure(connection: Connection, limit: Limit, asked: dict[str, str], now: datetime) -> datetime | None:
    """When the failure happened whose ageing out of the window allows the next attempt; None when one is allowed now."""
    same: list[ColumnElement[bool]] = [table.c[name] == asked[name] for name in limit.columns]
    failures = [*same, table.c.ok == 0, table.c.at > now - WINDOW]
    if "login" in limit.columns:
        last_right = select(func.max(table.c.id)).where(and_(*same, table.c.ok == 1)).scalar_subquery()
        failures.append(table.c.id > func.coalesce(last_right, 0))
    nth = select(table.c.at).where(*failures).order_by(table.c.at.desc(), table.c.id.desc()).offset(limit.most - 1).limit(1)
    found: datetime | None = connection.execute(nth).scalar_one_or_none()
    return found
