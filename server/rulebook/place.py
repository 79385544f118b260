"""Where a condition is judged: the record or one of its rows (`Place`), within one judgement of one event (`Judgement`)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ..calendars.hours import Calendar
from ..calendars.record import standard
from ..core.errors import StorageUnavailable
from ..expressions import Scope
from ..metadata.fieldtypes import times
from .operators import Moment, as_day
from .situation import CalendarSource, FactQuery, FactSource, ManyFacts, Situation

log = logging.getLogger("guiju.rulebook")


class NotGathered(LookupError):
    """A fact that no decision needed; an explanation does not gather it."""


class Judgement:
    """One evaluation: what is common to all places in it. After `seal` no fact is gathered any more."""

    def __init__(self, situation: Situation, source: FactSource, conclusions: set[str]) -> None:
        self.situation = situation
        self.conclusions = conclusions
        self.spoken: dict[str, str] = {}  # for each group the rule of it that matched first
        self.decisions: dict[object, Any] = {}  # of decision tables: each decides once
        self._source = source
        self._cache: dict[FactQuery, Any] = {}
        self._calendars: dict[str | None, Calendar] = {}
        self._sealed = False

    @cached_property
    def moment(self) -> Moment:
        return Moment(self.situation.now, as_day(self.situation.now))

    @cached_property
    def user(self) -> Mapping[str, Any]:
        """Of the person on whose behalf is judged, what rules and formulas may read."""
        person = self.situation.user
        return {
            "name": person.name,
            "full_name": person.full_name,
            "roles": sorted(person.roles),
            "department": person.department,
        }

    def ask(self, query: FactQuery) -> Any:
        """The answer to a question, asked once per judgement."""
        if query not in self._cache:
            if self._sealed:
                raise NotGathered(query.name)
            self._cache[query] = self._source.value(query, self.situation)
        return self._cache[query]

    def gather(self, queries: Iterable[FactQuery]) -> None:
        """Ask several questions at once, where the source can answer many together."""
        wanted = [query for query in dict.fromkeys(queries) if query not in self._cache]
        if len(wanted) < 2 or not isinstance(self._source, ManyFacts):
            return
        try:
            answers = self._source.answers(wanted)
        except StorageUnavailable:
            raise
        except Exception as error:  # one of them is wrong: asked by itself, it fails for the rule that needs it alone
            log.warning("facts could not be gathered together: %r", error)
            return
        self._cache.update(zip(wanted, answers, strict=True))

    def calendar(self, field: str | None = None) -> Calendar:
        """The work calendar that measures the record (see `CalendarSource`), looked up once per judgement."""
        if field not in self._calendars:
            if self._sealed:
                raise NotGathered(field or "calendar")
            source = self._source
            known = source.calendar(self.situation, field) if isinstance(source, CalendarSource) else None
            self._calendars[field] = known or standard(times.SITE_ZONE)
        return self._calendars[field]

    def seal(self) -> None:
        self._sealed = True


class Place:
    """The record (`parent` is None) or a row of it, with its values before."""

    __slots__ = ("_scope", "doc", "index", "judgement", "old", "parent")

    def __init__(
        self,
        judgement: Judgement,
        doc: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        parent: Place | None = None,
        index: int = 0,
    ) -> None:
        self.judgement = judgement
        self.doc = doc
        self.old = old
        self.parent = parent
        self.index = index
        self._scope: Scope | None = None

    @property
    def root(self) -> Place:
        return self.parent or self

    @property
    def scope(self) -> Scope:
        """What expressions see from here."""
        if self._scope is None:
            moment = self.judgement.moment
            parent = self.parent.doc if self.parent else None
            self._scope = Scope(doc=self.doc, parent=parent, user=self.judgement.user, today=moment.today, now=moment.now)
        return self._scope

    def rows(self, table: str) -> Iterator[Place]:
        """The rows of a child table as places, each with its values before (matched by row name)."""
        before: dict[Any, Mapping[str, Any]] = {}
        if self.old is not None:
            before = {row.get("name"): row for row in self.old.get(table) or () if row.get("name")}
        for index, row in enumerate(self.doc.get(table) or ()):
            yield Place(self.judgement, row, before.get(row.get("name")), self, index)
