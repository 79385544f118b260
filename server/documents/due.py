"""`DueService`: what falls due. Warns before, marks late, escalates step by step, waits and goes on, counts anew when a calendar changes.

Every step is one short transaction over rows that are claimed one by one, so that several workers, of which one may be killed,
neither miss nor double any; what was done is written down, so that a clock that is set back repeats nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from ..access.permissions import Permissions
from ..access.user import User
from ..calendars import china
from ..core.clock import Clock
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..jobs.outbox import Delivery, enqueue
from ..obligations.due_book import DueBook, KeptPause
from ..obligations.model import Obligation
from ..storage import records, site_state
from ..storage.database import Database
from .counting import Counting
from .in_charge import in_hand
from .snapshot import Snapshot
from .tell import tell

AT_ONCE = 200  # in one transaction: short enough for people who wait for SQLite's only writer
MOST_IN_A_SWEEP = 10_000
RECOUNT = "recount"  # the kind of outbox entry that counts deadlines anew
RECOUNTED_AT_ONCE = 500
ANNOUNCED_YEARS = "announced_years"
MAX_REASON = 2000


class DueService:
    def __init__(
        self, database: Database, clock: Clock, snapshots: Callable[[], Snapshot], wake: Callable[[], None] = lambda: None
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._wake = wake
        self._years_noticed = False

    # The sweep

    def sweep(self) -> int:
        """Do what has come due; called by the worker every few seconds. Returns how many steps were done."""
        self._notice_new_years()
        done = 0
        while done < MOST_IN_A_SWEEP:
            now = self._clock.now()
            with self._database.read() as connection:
                if not DueBook(connection).is_any_due(now):
                    break
            with self._database.write() as connection:
                some = _do_what_is_due(DueBook(connection), now)
            if not some:
                break  # another worker holds what is left
            done += some
        if done:
            self._wake()
        return done

    # Waiting, by hand

    def pause(self, user: User, obligation_id: str, reason: str) -> Obligation:
        """Stop the clock of an obligation, for example while the customer is asked; the reason is kept with it.

        Raises PermissionRefused (neither owed by this person nor escalated to them), ValidationFailed (settled, waiting already,
        without a reason).
        """
        reason = reason.strip()
        if not reason or len(reason) > MAX_REASON:
            text = Text(f"暂停须填写原因，最多 {MAX_REASON} 个字符。", f"Say why it waits, in at most {MAX_REASON} characters.")
            raise ValidationFailed(text, [Fault("reason", text)])
        with self._database.write() as connection:
            due = DueBook(connection)
            item = in_hand(connection, self._snapshots(), user, obligation_id, "pause").item
            due.pause(item, self._clock.now(), user.name, reason)
            return due.book.get(item.id)

    def resume(self, user: User, obligation_id: str) -> Obligation:
        """Let the clock go on; the due time moves by what it stood. Raises as `pause` does."""
        with self._database.write() as connection:
            due = DueBook(connection)
            item = in_hand(connection, self._snapshots(), user, obligation_id, "resume").item
            Counting(connection, self._snapshots().model).go_on(item, self._clock.now(), user.name)
            resumed = due.book.get(item.id)
        self._wake()
        return resumed

    def pauses(self, user: User, doctype: str, name: str) -> dict[str, list[KeptPause]]:
        """When the obligations of a record waited and why, by their ids. Nothing for who may not read the record."""
        with self._database.read() as connection:
            model = self._snapshots().model
            found = model.get(doctype)
            head = None if found is None else records.heads(connection, found, [name]).get(name)
            if head is None or not Permissions(model).may(user, "read", doctype, head):
                return {}
            due = DueBook(connection)
            return due.pauses_of(item.id for item in due.book.of_record(doctype, name))

    # Counting anew

    def recount(self, connection: Connection, delivery: Delivery, now: datetime) -> None:
        """Count the deadlines in working time anew, some at a time, each portion leaving an entry for the next: a calendar changed."""
        counting = Counting(connection, self._snapshots().model)
        after = str(delivery.payload.get("after") or "")
        some = DueBook(connection).counted_in_calendars(after, RECOUNTED_AT_ONCE)
        for item in some:
            counting.count_anew(item, now, before=item)
        if len(some) == RECOUNTED_AT_ONCE:
            enqueue(
                connection, RECOUNT, {"after": some[-1].id}, f"{delivery.key.partition(':after:')[0]}:after:{some[-1].id}", now
            )

    def _notice_new_years(self) -> None:
        """A newer version of the package may know the notice of a year that was estimated: once per process."""
        if self._years_noticed:
            return
        known = max(china.announced_years())
        with self._database.read() as connection:
            noticed = site_state.get(connection, ANNOUNCED_YEARS, 0)
        if noticed != known:
            with self._database.write() as connection:
                site_state.put(connection, ANNOUNCED_YEARS, known)
                if noticed:
                    ask_for_recount(connection, f"years:{known}", self._clock.now())
        self._years_noticed = True


def ask_for_recount(connection: Connection, because: str, now: datetime) -> None:
    """Deadlines in working time are to be counted anew after this transaction."""
    enqueue(connection, RECOUNT, {}, f"{RECOUNT}:{because}", now)


def _do_what_is_due(due: DueBook, now: datetime) -> int:
    warned, late = due.claim_warnings(now, AT_ONCE), due.claim_late(now, AT_ONCE)
    for item in warned:
        _tell_owner(due, item, now, "warn", Text(f"即将到期：{item.title.zh}", f"Due soon: {item.title.en}"))
    for item in late:
        _tell_owner(due, item, now, "late", Text(f"已超期：{item.title.zh}", f"Late: {item.title.en}"))
    escalated = due.claim_escalations(now, AT_ONCE)
    for item in escalated:
        title = Text(f"超期升级：{item.title.zh}", f"Escalated because late: {item.title.en}")
        key = f"escalate:{item.id}:{item.level}:{_due(item)}"
        tell(due.connection, now, title, item.doctype, item.name, key=key, kind="due", role=item.escalate_to, urgent=True)
    return len(warned) + len(late) + len(escalated)


def _tell_owner(due: DueBook, item: Obligation, now: datetime, what: str, title: Text) -> None:
    key = f"{what}:{item.id}:{_due(item)}"  # told again when it comes due at another time
    tell(
        due.connection, now, title, item.doctype, item.name, key=key, kind="due", role=item.owed_by_role, user=item.owed_by_user
    )


def _due(item: Obligation) -> str:
    return item.due_at.isoformat(timespec="seconds") if item.due_at else ""
