"""Stories: what happened in the demo company over the past months, written as chances and lived through by the services.

A story is a file of `fixtures/demo/stories/` (the format: README of `fixtures/`). All stories are told together, moment after moment,
under a clock that is turned back: numbers, rules, approvals, deadlines and breaches come about as they would have, and the same
story always tells the same. What a rule refuses ends that case, as it would have; how many is counted.
"""

from __future__ import annotations

import heapq
import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ..access.user import User
from ..core.clock import TurnedClock
from ..core.errors import GuijuError
from ..documents.complete import Record
from ..documents.files import FileService
from ..documents.queries import QueryService
from ..documents.service import DocumentService

_MOMENT = re.compile(r"@(moment|day)(?:([+-])(\d{1,5})(min|h|d))?\Z")
_CHOICE = re.compile(r"@(\w+)\.(\w+)\Z")
_SPAN = re.compile(r"(\d{1,5})(min|h|d)(?:\.\.(\d{1,5})(min|h|d))?\Z")
_MINUTES = {"min": 1, "h": 60, "d": 1440}
_MONTH = 30.44 * 1440  # minutes
_MONDAY, _SATURDAY = 0, 5
_OPENS, _CLOSES = 8, 17  # people enter and decide between these hours
_LEFT_OUT = object()
_CASES = 500  # records that a choice is drawn from, at most
_PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAAAwCAAAAACEICPDAAAANUlEQVR42mO4DgUnoIBUPsOoAcPKgC1QQCp/1IDhZcBoXhg1YDQvjBowmhdGDRgtD0YNgAIAi7Z+iIMifY4AAAAASUVORK5CYII="
)

Names = Mapping[str, str]


@dataclass(frozen=True, order=True)
class _Turn:
    """What comes next in one case: the steps that are left, from this moment on."""

    at: datetime
    order: int
    case: _Case = field(compare=False)
    steps: Sequence[Mapping[str, Any]] = field(compare=False)


@dataclass(frozen=True)
class _Case:
    """One thing that happened: its chances, the alternatives that fell to it, and the record that it is about now."""

    story: str
    doctype: str
    dice: Random
    chosen: Mapping[str, Mapping[str, Any]]
    name: str = ""
    by: str = ""
    earlier: Mapping[str, str] = field(default_factory=dict)  # the records of this case by their DocTypes


@dataclass
class Told:
    """What came of the stories: records that were made, cases that a rule ended, and the first refusal in its words."""

    records: int = 0
    refused: int = 0
    first_refusal: GuijuError | None = None


class StoryTeller:
    """Plays stories into a site whose clock it turns."""

    def __init__(
        self,
        documents: DocumentService,
        make_from: Callable[[User, str, str, str], Record],
        queries: QueryService,
        files: FileService,
        user_named: Callable[[str], User],
        approve: Callable[[User, str, str], None],
        waive: Callable[[User, str, str, str], None],
        sign: Callable[[User, str, str, str], None],
        opened: Callable[[str, str, str], str | None],
        sweep: Callable[[], object],
        read_news: Callable[[datetime], None],
        clock: TurnedClock,
        zone: ZoneInfo,
    ) -> None:
        self._documents = documents
        self._make_from = make_from
        self._queries = queries
        self._files = files
        self._user_named = cache(user_named)  # nobody's roles change in a story
        self._approve = approve
        self._waive = waive
        self._sign = sign
        self._opened = opened
        self._sweep = sweep
        self._read_news = read_news
        self._clock = clock
        self._zone = zone
        self._turns: list[_Turn] = []
        self._watched: list[tuple[str, Mapping[str, Any], Random, set[str]]] = []  # file, story, dice, records seen
        self._names: Names = {}
        self._count = 0
        self.told = Told()

    def tell(self, stories: Iterable[tuple[str, Mapping[str, Any]]], months: int, names: Names) -> Iterator[datetime]:
        """Live through the last `months`, yielding the beginning of each day; afterwards the clock is released.

        `names` are what `@ref:KEY` stands for. Only for a site in which nobody works yet. KeyError: no such KEY.
        """
        self._names = names
        until = self._clock.now()
        since = until - timedelta(days=round(months * _MONTH / 1440))
        for file, raw in stories:
            if "watches" in raw:
                self._watched.append((file, raw, Random(file), set()))
            else:
                self._plan(file, raw, since, until)
        try:
            day = since
            while day < until:
                self._live(day, min(day + timedelta(days=1), until))
                yield day
                day += timedelta(days=1)
        finally:
            self._clock.release()

    def _plan(self, file: str, raw: Mapping[str, Any], since: datetime, until: datetime) -> None:
        """When each case of a story begins: as many a month as it says, in no order, more in some seasons; `each`: so many for every
        alternative of that choice, evenly."""
        dice = Random(file)
        minutes = round((until - since) / timedelta(minutes=1))
        number = round(raw["per_month"] * minutes / _MONTH)
        choices, each = {name: self._cases(one, until) for name, one in (raw.get("choices") or {}).items()}, raw.get("each")
        for of_each in choices[each] if each else ({},):
            for index in range(number):
                share = (index + 0.4 + 0.4 * dice.random()) / number if each else None
                at = self._at_work(self._moment(raw, since, minutes, share, dice), dice)
                chosen = {name: self._choice(cases, at, until, dice) for name, cases in choices.items() if name != each}
                if not each or _exists(of_each, at, until):
                    case = _Case(file, raw["doctype"], Random(dice.random()), {**chosen, str(each): of_each}, by=raw["as"])
                    self._push(at, case, [{**raw, "make": None, "enter": True}, *raw.get("then", ())])

    def _moment(self, raw: Mapping[str, Any], since: datetime, minutes: int, share: float | None, dice: Random) -> datetime:
        """When a case begins: at this share of the time, or at any moment, of which months with a high `season` have more."""
        if share is not None:
            return since + timedelta(minutes=round(share * minutes))
        season: Mapping[str, float] = raw.get("season") or {}
        most = max(season.values(), default=1)
        while True:
            at = since + timedelta(minutes=dice.randrange(minutes))
            if not season or dice.random() * most < season.get(str(at.astimezone(self._zone).month), 1):
                return at

    def _cases(self, cases: Any, until: datetime) -> Sequence[Mapping[str, Any]]:
        """The alternatives of a choice: as they are written, or records that are there by then."""
        if not isinstance(cases, Mapping):
            return list(cases)
        wanted, often = cases.get("where") or {}, cases.get("often") or {}
        found = self._queries.list(
            User.administrator(),
            cases["records"],
            filters=[(name, "in", values) for name, values in wanted.items()],
            fields=["name", *cases["fields"], *([cases["since"]] if "since" in cases else [])],
            order_by="name asc",
            limit=_CASES,
        ).rows
        return [
            {**row, "weight": often.get(row["name"], 1)}
            | ({"for_days": (until.date() - row[cases["since"]]).days} if "since" in cases else {})
            for row in found
        ]

    def _choice(self, cases: Sequence[Mapping[str, Any]], at: datetime, until: datetime, dice: Random) -> Mapping[str, Any]:
        """One of the alternatives by their weights."""
        open_ones = [case for case in cases if _exists(case, at, until)]
        return dice.choices(open_ones, [case.get("weight", 1) for case in open_ones])[0]

    def _push(self, at: datetime, case: _Case, steps: Sequence[Mapping[str, Any]]) -> None:
        self._count += 1
        heapq.heappush(self._turns, _Turn(at, self._count, case, steps))

    def _live(self, since: datetime, until: datetime) -> None:
        """One day: at the beginning of a week, what has fallen due is seen before anybody does anything. Every day would take a third longer."""
        if since.astimezone(self._zone).weekday() == _MONDAY:
            self._clock.turn(since)
            self._sweep()
            self._read_news(since)  # the week begins with what one was told in the last
            self._look_out(since, until)
        while self._turns and self._turns[0].at < until:
            turn = heapq.heappop(self._turns)
            self._clock.turn(turn.at)
            self._take(turn)

    def _look_out(self, at: datetime, until: datetime) -> None:
        """A case for every record that has come up by itself and that a story watches for."""
        for file, raw, dice, seen in self._watched:
            doctype = raw["watches"]
            names = [row["name"] for row in self._queries.list(User.administrator(), doctype, limit=_CASES).rows]
            for name in sorted(set(names) - seen):
                seen.add(name)
                chosen = {
                    key: self._choice(self._cases(one, until), at, until, dice)
                    for key, one in (raw.get("choices") or {}).items()
                }
                case = _Case(file, doctype, Random(dice.random()), chosen, name, raw["as"], {doctype: name})
                wait = self._span(self._value(raw["then"][0].get("after", "10min"), case, at), case.dice)
                self._push(self._at_work(at + wait, dice), case, raw["then"])

    def _take(self, turn: _Turn) -> None:
        step, *further = turn.steps
        case = turn.case
        if case.dice.random() < step.get("share", 1):
            try:
                case, own = self._carry_out(step, case, turn.at)
            except GuijuError as refusal:
                if again := step.get("again_after"):
                    self._push(self._at_work(turn.at + self._span(again, case.dice), case.dice), case, turn.steps)
                    return
                self.told.refused += 1
                self.told.first_refusal = self.told.first_refusal or refusal
                return
            further = [*own, *further]
        if further:
            wait = self._span(self._value(further[0].get("after", "10min"), case, turn.at), case.dice)
            at = turn.at + wait
            self._push(at if further[0].get("any_hour") else self._at_work(at, case.dice), case, further)

    def _carry_out(self, step: Mapping[str, Any], case: _Case, at: datetime) -> tuple[_Case, Sequence[Mapping[str, Any]]]:
        """Do one step; answers the case after it, and the steps that the record just made brings along."""
        own: Sequence[Mapping[str, Any]] = ()
        by = self._user_named(str(self._value(step.get("as") or case.by, case, at)))
        if of := step.get("of"):
            case = replace(case, doctype=of, name=case.earlier[of])
        if (opened := step.get("opened")) and (made := self._opened(case.doctype, case.name, opened)):
            case, own = self._about(case, opened, made), step.get("then", ())
        elif opened:
            return case, ()  # no rule had reason to
        values = self._value(step.get("values") or {}, case, at)
        values = self._with_pictures(values, by)
        if step.get("enter"):
            case = self._about(case, case.doctype, self._documents.save(by, case.doctype, values).name)
        elif made := step.get("make"):
            drawn = self._make_from(by, made, case.doctype, case.name)
            case = self._about(case, made, self._documents.save(by, made, {**_typed(drawn), **values}).name)
            own = step.get("then", ())
        elif values:
            self._documents.save(by, case.doctype, values, name=case.name)
        if rows := step.get("rows"):
            self._documents.save(by, case.doctype, self._in_rows(rows, by, case, at), name=case.name)
        if step.get("approve"):
            self._approve(by, case.doctype, case.name)
        if reason := step.get("waive"):
            self._waive(by, case.doctype, case.name, reason)
        if reason := step.get("sign"):
            self._sign(by, case.doctype, case.name, reason)
        if step.get("submit"):
            self._documents.submit(by, case.doctype, case.name)
        if action := step.get("action"):
            self._documents.transition(by, case.doctype, case.name, action, comment=step.get("comment"))
        return case, own

    def _about(self, case: _Case, doctype: str, name: str) -> _Case:
        """The case once this record of it has been made."""
        self.told.records += 1
        return replace(case, doctype=doctype, name=name, earlier={**case.earlier, doctype: name})

    def _in_rows(self, rows: Mapping[str, Any], by: User, case: _Case, at: datetime) -> dict[str, Any]:
        """Columns filled in every row of child tables that are there; `"@row.qty"` is another column of the row."""
        record = self._documents.load(by, case.doctype, case.name)
        return {
            table: [
                {"name": row["name"], **{key: self._value(_of_row(value, row), case, at) for key, value in columns.items()}}
                for row in record[table]
            ]
            for table, columns in rows.items()
        }

    def _with_pictures(self, value: Any, by: User) -> Any:
        """`{"picture": "caption.png"}` uploaded by whoever does the step: a small grey one."""
        if isinstance(value, list):
            return [self._with_pictures(item, by) for item in value]
        if isinstance(value, Mapping):
            if value.keys() == {"picture"}:
                return self._files.upload(by, BytesIO(_PICTURE), value["picture"])
            return {key: self._with_pictures(item, by) for key, item in value.items()}
        return value

    def _value(self, value: Any, case: _Case, at: datetime) -> Any:
        """A value of the story as it falls out for this case at this moment."""
        if isinstance(value, Mapping):
            if {"one_of"} == value.keys() or {"between"} == value.keys():
                return self._value(self._drawn(value, case.dice), case, at)
            fallen = {key: self._value(item, case, at) for key, item in value.items()}
            return {key: item for key, item in fallen.items() if item is not _LEFT_OUT}
        if isinstance(value, list):
            return [self._value(item, case, at) for item in value]
        if not isinstance(value, str) or not value.startswith("@"):
            return value
        if value.startswith("@ref:"):
            return self._names[value.removeprefix("@ref:")]
        if found := _CHOICE.match(value):
            chosen = case.chosen[found.group(1)]
            return self._value(chosen[found.group(2)], case, at) if found.group(2) in chosen else _LEFT_OUT
        if moment := _MOMENT.match(value):
            kind, sign, number, unit = moment.groups()
            shift = timedelta(minutes=int(number) * _MINUTES[unit]) if unit else timedelta()
            then = at - shift if sign == "-" else at + shift
            return then.isoformat() if kind == "moment" else then.astimezone(self._zone).date().isoformat()
        return value

    def _drawn(self, value: Any, dice: Random) -> Any:
        """`{"one_of": [...]}`, `{"one_of": {value: weight}}` and `{"between": [from, to]}`, drawn; anything else as it is."""
        if isinstance(value, Mapping) and "between" in value:
            return dice.randint(*value["between"])
        if isinstance(value, Mapping) and "one_of" in value:
            offered = value["one_of"]
            if isinstance(offered, Mapping):
                return dice.choices(list(offered), list(offered.values()))[0]
            return dice.choice(offered)
        return value

    def _span(self, text: str, dice: Random) -> timedelta:
        """`"20min..6h"`: a time between the two, rather short than long."""
        found = _SPAN.match(text)
        if found is None:
            raise ValueError(f'"{text}" is not a span of time such as "20min..6h"')
        low = int(found.group(1)) * _MINUTES[found.group(2)]
        high = int(found.group(3)) * _MINUTES[found.group(4)] if found.group(3) else low
        return timedelta(minutes=low + (high - low) * dice.random() ** 2)

    def _at_work(self, at: datetime, dice: Random) -> datetime:
        """The moment itself when people are at work, Monday to Friday by day; else soon after they come back."""
        local = at.astimezone(self._zone)
        if local.weekday() < _SATURDAY and _OPENS <= local.hour < _CLOSES:
            return at
        opens = local.replace(hour=_OPENS, minute=0, second=0, microsecond=0)
        if local.hour >= _CLOSES or opens < local:
            opens += timedelta(days=1)
        while opens.weekday() >= _SATURDAY:
            opens += timedelta(days=1)
        return opens + timedelta(minutes=dice.randrange(180))


def _exists(alternative: Mapping[str, Any], at: datetime, until: datetime) -> bool:
    """Whether an alternative was there already: `for_days` says since how many days."""
    return (until - at).days <= alternative.get("for_days", 100_000)


def _of_row(value: Any, row: Mapping[str, Any]) -> Any:
    return row[value.removeprefix("@row.")] if isinstance(value, str) and value.startswith("@row.") else value


def _typed(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a form would send of an unsaved record: its values, not the marks that the program keeps."""
    kept = ("docstatus", "owner", "version", "name", "modified", "creation", "modified_by")
    return {name: value for name, value in record.items() if name not in kept}
