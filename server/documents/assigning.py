"""`AssignmentService`: giving a record to somebody to see to. An assignment is an obligation like those of rules: it stands in the
person's inbox, comes due, and is done, passed on or waived there; who gave it may take it back.

Who may change a record may assign it to anybody who may read it; to oneself whoever may read it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.fieldtypes.times import iso_text
from ..obligations.book import ObligationBook
from ..obligations.model import ASSIGNED, Obligation
from ..storage.database import Database
from .about_record import About, about_record, keep_note
from .bulk import BulkOutcome, each
from .mentions import tell_mentioned
from .snapshot import Snapshot
from .tell import tell
from .titles import titles_of
from .who_reads import person_who_reads

LONGEST_NOTE = 500
KEPT = "assigned"  # how the history calls it


class AssignmentService:
    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        zone: ZoneInfo,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone
        self._wake = wake

    def assign(
        self, user: User, doctype: str, name: str, people: Sequence[str], *, note: str = "", due: str = ""
    ) -> list[Obligation]:
        """Give a record to each of `people`, with a `note` and until `due` (a day, until its end, or a time; in the site's zone).

        Raises NotFound, PermissionRefused, ValidationFailed (nobody, an unknown person or one who may not read the record, one who
        has it already, a due time that has passed).
        """
        logins = list(dict.fromkeys(one.strip() for one in people if one.strip()))
        said, due_at, now = _worded(note), self._due(due), self._clock.now()
        if not logins:
            raise _unfit("assign_to", Text("分配给谁？请选择人员。", "Assign to whom? Choose somebody."))
        with self._database.write() as connection:
            action = "read" if logins == [user.name] else "write"
            about = about_record(connection, self._snapshots(), user, doctype, name, action)
            made = [self._open(connection, about, user, login, said, due_at, now) for login in logins]
            key = f"mention:assign:{made[0].id}"
            tell_mentioned(connection, about.snapshot.model, now, said, user, doctype, name, key=key, but=frozenset(logins))
        self._wake()
        return made

    def assign_many(
        self, user: User, doctype: str, names: Iterable[str], people: Sequence[str], *, note: str = "", due: str = ""
    ) -> BulkOutcome:
        """The same for many records, each by itself. Raises ValidationFailed for what would be wrong with every one."""
        _worded(note)
        self._due(due)
        if not any(one.strip() for one in people):
            raise _unfit("assign_to", Text("分配给谁？请选择人员。", "Assign to whom? Choose somebody."))
        return each(names, lambda name: self.assign(user, doctype, name, people, note=note, due=due))

    def of_record(self, user: User, doctype: str, name: str) -> list[Obligation]:
        """The assignments of a record that are still owed. Raises NotFound, PermissionRefused."""
        with self._database.read() as connection:
            about_record(connection, self._snapshots(), user, doctype, name)
            return _open_ones(connection, doctype, name)

    def _open(
        self, connection: Connection, about: About, user: User, login: str, note: str, due_at: datetime | None, now: datetime
    ) -> Obligation:
        other = person_who_reads(connection, about.permissions, about.doctype, about.record, login)
        if any(item.owed_by_user == other.name for item in _open_ones(connection, about.doctype.name, about.name)):
            text = Text(
                f"{about.name} 已分配给 {other.full_name}，尚未完成。",
                f"{about.name} is assigned to {other.full_name} already.",
            )
            raise _unfit("assign_to", text)
        item = Obligation(
            id=new_id(16), kind="obligation", rule=ASSIGNED, row_key=other.name, doctype=about.doctype.name, name=about.name,
            title=Text(note, note) if note else self._title(connection, about, other), owed_by_user=other.name, opened_at=now,
            opened_by=user.name, due_at=due_at, counted_from=now,
        )  # fmt: skip
        ObligationBook(connection).open(item)
        if other.name != user.name:
            title = Text(f"{user.full_name} 分配给您：{item.title.zh}", f"{user.full_name} assigns to you: {item.title.en}")
            tell(connection, now, title, item.doctype, item.name, key=f"assigned:{item.id}", kind="assignment", user=other.name)
        to = Text(f"给 {other.full_name}：{item.title.zh}", f"to {other.full_name}: {item.title.en}").kept()
        keep_note(connection, about, KEPT, user, now, to)
        return item

    def _title(self, connection: Connection, about: About, other: User) -> Text:
        """What it is called without a note: to see to this record, by the title that the person reads."""
        label = about.doctype.label
        title = titles_of(connection, about.snapshot, other, about.doctype, [about.record]).get(about.name, about.name)
        which = about.name if title == about.name else f"{about.name} {title}"
        return Text(f"处理{label.zh} {which}", f"See to {label.en} {which}")

    def _due(self, due: str) -> datetime | None:
        """A day lasts until its end. Raises ValidationFailed for what is no day, or has passed."""
        text = iso_text(due)
        if not text:
            return None
        try:
            if len(text) <= 10:
                at = datetime.combine(date.fromisoformat(text) + timedelta(days=1), time(), self._zone) - timedelta(minutes=1)
            else:
                at = datetime.fromisoformat(text)
                at = at.replace(tzinfo=self._zone) if at.tzinfo is None else at
        except (ValueError, OverflowError):
            raise _unfit(
                "date", Text(f"“{text[:30]}”不是日期，应如 2026-11-30。", f'"{text[:30]}" is not a day such as 2026-11-30.')
            ) from None
        if at <= self._clock.now():
            raise _unfit("date", Text(f"期限 {text} 已过。", f"The due time {text} has passed."))
        return at


def _open_ones(connection: Connection, doctype: str, name: str) -> list[Obligation]:
    return [item for item in ObligationBook(connection).of_record(doctype, name, ASSIGNED) if item.is_owed]


def _worded(note: str) -> str:
    said = " ".join(note.replace("\x00", "").split())
    if len(said) > LONGEST_NOTE:
        raise _unfit("description", Text(f"说明最多 {LONGEST_NOTE} 个字符。", f"A note has at most {LONGEST_NOTE} characters."))
    return said


def _unfit(field: str, text: Text) -> ValidationFailed:
    return ValidationFailed(text, [Fault(field, text)])
