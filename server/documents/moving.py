"""Records moved by hand on a board or a calendar: to another choice, another state of their workflow, another day.

Nothing is changed here: a choice and a day are saved, a state is reached by the transition that leads to it, each by the path of every
change, so that whatever stands against it is told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from zoneinfo import ZoneInfo

from ..access.user import User
from ..core.clock import Clock
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocField
from ..workflow.choices import open_to, state_of
from ..workflow.model import Workflow
from .complete import Record
from .save_path import Saved
from .service import DocumentService
from .snapshot import Snapshot
from .stale import moved_on

LOOK_AGAIN = Text("请刷新页面，看清它现在的样子再移动。", "Load the page again and see how it stands now before you move it.")


class MovingService:
    """Moves one record."""

    def __init__(self, documents: DocumentService, clock: Clock, snapshots: Callable[[], Snapshot], zone: ZoneInfo) -> None:
        self._documents = documents
        self._clock = clock
        self._snapshots = snapshots
        self._zone = zone

    def to_choice(
        self,
        user: User,
        doctype: str,
        name: str,
        fieldname: str,
        to: str,
        *,
        version: int | None = None,
        comment: str | None = None,
    ) -> Saved:
        """Give a field another of its choices; that of the workflow's state is changed by the transition that leads there.

        `version` is the one that the mover saw. Raises what saving and transitions raise (StaleVersion), and ValidationFailed where no
        transition leads there.
        """
        snapshot = self._snapshots()
        self._field(snapshot, doctype, fieldname)
        flow = snapshot.workflows.get(doctype)
        record = self._seen(user, doctype, name, version)
        if flow is None or flow.state_field != fieldname:
            return self._documents.save(user, doctype, {fieldname: to}, name=name, version=record["version"])
        action = self._action(flow, record, user, to)
        return self._documents.transition(user, doctype, name, action, version=record["version"], comment=comment)

    def to_day(
        self, user: User, doctype: str, name: str, fieldname: str, day: date, further: str = "", *, version: int | None = None
    ) -> Saved:
        """Move a date, or a moment with its time of day, to another day; `further` (where a span ends) moves as many days along."""
        snapshot = self._snapshots()
        item = self._field(snapshot, doctype, fieldname)
        record = self._seen(user, doctype, name, version)
        before = record.get(fieldname)
        if item.type.kind not in ("date", "datetime"):
            raise _unfit(fieldname, Text(f"“{item.label.zh}”不是日期。", f'"{item.label.en}" is no date.'))
        values = {fieldname: self._on(before, day) if item.type.kind == "datetime" else day}
        end = record.get(further) if further in snapshot.doctype(doctype).by_name else None
        if isinstance(before, date) and isinstance(end, date):
            try:
                values[further] = end + (day - self._day(before))
            except OverflowError:
                raise _unfit(fieldname, Text(f"{day} 超出日历。", f"{day} lies beyond the calendar.")) from None
        return self._documents.save(user, doctype, values, name=name, version=record["version"])

    def _seen(self, user: User, doctype: str, name: str, version: int | None) -> Record:
        """The record as it is; raises StaleVersion where that is not the version that the mover saw."""
        record = self._documents.load(user, doctype, name)
        if version is not None and version != record["version"]:
            raise moved_on(self._snapshots().doctype(doctype), record, LOOK_AGAIN)
        return record

    def _field(self, snapshot: Snapshot, doctype: str, fieldname: str) -> DocField:
        found = snapshot.record_type(doctype).by_name.get(fieldname)
        if found is None:
            raise _unfit(fieldname, Text(f"没有字段“{fieldname}”。", f'There is no field "{fieldname}".'))
        return found

    def _action(self, flow: Workflow, record: Record, user: User, to: str) -> str:
        """The action that leads to a state, one that the user may take where there is one."""
        here = state_of(flow, record)
        leading = [item for item in flow.actions_from(here.name) if item.next_state == to]
        if not leading:
            there = [flow.by_name[item.next_state].title for item in flow.actions_from(here.name)]
            title = flow.by_name[to].title if to in flow.by_name else Text(to, to)
            zh, en = "、".join(dict.fromkeys(text.zh for text in there)), ", ".join(dict.fromkeys(text.en for text in there))
            raise ValidationFailed(
                Text(
                    f"{record['name']} 不能由“{here.title.zh}”直接到“{title.zh}”。"
                    + (f"可以到：{zh}。" if zh else "由此没有可走的步骤。"),
                    f'{record["name"]} does not go from "{here.title.en}" to "{title.en}". '
                    + (f"It may go to: {en}." if en else "No action leads on."),
                )
            )
        mine = {item.action for item in open_to(flow, record, user, self._clock.now())}
        return next((item.action for item in leading if item.action in mine), leading[0].action)

    def _on(self, before: object, day: date) -> datetime:
        """The moment on another day at the same time by the site's clock; 9 in the morning where there was none."""
        at = before.astimezone(self._zone).time() if isinstance(before, datetime) else datetime(2000, 1, 1, 9).time()
        return datetime.combine(day, at, self._zone)

    def _day(self, value: date) -> date:
        return value.astimezone(self._zone).date() if isinstance(value, datetime) else value


def _unfit(fieldname: str, text: Text) -> ValidationFailed:
    return ValidationFailed(text, [Fault(fieldname, text)])
