"""Simulations that are kept: asked for in the browser, run in the background, their result at an address of its own.

A run is a row with a lease, like the outbox: a thread of this process takes it, writes down how far it is every second, and
gives it back when the site closes; the run of a process that died is begun again. Its rows are all that it writes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import structlog
from sqlalchemy import Connection, delete, func, insert, select, update

from ...access.user import User
from ...core.clock import Clock
from ...core.errors import GuijuError, NotFound
from ...core.ids import new_id
from ...core.text import Text
from ...jobs import tasks
from ...jobs.queue_thread import QueueThread
from ...storage.database import Database
from ...storage.system import simulation as table
from ...storage.system import simulation_case as cases
from .judging import Simulation
from .service import SimulationService

State = Literal["waiting", "running", "stopping", "done", "stopped", "failed"]
LEASE = timedelta(seconds=60)
WRITE_EVERY_SECONDS = 1.0
KEPT_CASES = 10_000  # of one run; all are counted
KEPT_RUNS = 30  # of one user
ENDED = ("done", "stopped", "failed")

log = structlog.get_logger("guiju.simulation")


@dataclass(frozen=True)
class Run:
    """One kept run as its owner sees it. `kept` cases can be looked at."""

    id: str
    by: str
    at: datetime
    state: State
    rule: str
    doctype: str
    draft: Mapping[str, Any] | None
    first: date
    last: date
    tally: Mapping[str, Any]
    error: Text | None
    kept: int = 0

    @property
    def is_ended(self) -> bool:
        return self.state in ENDED

    @property
    def percent(self) -> int:
        total = self.tally.get("total") or 0
        return 100 if self.state == "done" else min(99, 100 * (self.tally.get("read") or 0) // total) if total else 0


class SimulationRuns:
    def __init__(
        self, database: Database, clock: Clock, service: SimulationService, user_named: Callable[[str], User], wake: Callable[[], None]
    ) -> None:  # fmt: skip
        self._database = database
        self._clock = clock
        self._service = service
        self._user_named = user_named
        self._wake = wake
        self.queue = QueueThread("simulation", self._is_any_waiting, self.run_next)

    # For people

    def start(self, user: User, rule: str | Mapping[str, Any], first: date, last: date) -> str:
        """Put a run of a rule in force (its name) or of a draft (its JSON) in the queue; returns its id.

        Raises what `SimulationService` raises: a faulty draft, a rule that is not there, records that the user may not read.
        """
        opened = self._open(user, rule, first, last).request.rule
        row = {
            "id": new_id(16), "by": user.name, "at": self._clock.now(), "state": "waiting", "rule": opened.name,
            "doctype": opened.applies_to, "draft": None if isinstance(rule, str) else dict(rule), "first": first.isoformat(),
            "last": last.isoformat(), "tally": {},
        }  # fmt: skip
        with self._database.write() as connection:
            connection.execute(insert(table).values(row))
            self._forget_old(connection, user)
        self._wake()
        return str(row["id"])

    def _open(self, user: User, rule: str | Mapping[str, Any], first: date, last: date) -> Simulation:
        if isinstance(rule, str):
            return self._service.of_published(user, rule, first, last)
        return self._service.of_draft(user, rule, first, last)

    def _forget_old(self, connection: Connection, user: User) -> None:
        asked = select(table.c.id).where(table.c.by == user.name).order_by(table.c.at.desc(), table.c.id)
        old = connection.execute(asked.offset(KEPT_RUNS).limit(1000)).scalars().all()
        if old:
            connection.execute(delete(cases).where(cases.c.simulation.in_(old)))
            connection.execute(delete(table).where(table.c.id.in_(old)))

    def of(self, user: User) -> list[Run]:
        """The user's own runs, the newest first: what a run tells is what they may read."""
        asked = select(table).where(table.c.by == user.name).order_by(table.c.at.desc(), table.c.id).limit(KEPT_RUNS)
        with self._database.read() as connection:
            return [_run(dict(row)) for row in connection.execute(asked).mappings()]

    def get(self, user: User, run_id: str) -> Run:
        """One of them. Raises NotFound."""
        number = select(func.count()).select_from(cases).where(cases.c.simulation == run_id)
        with self._database.read() as connection:
            row = connection.execute(select(table).where(table.c.id == run_id, table.c.by == user.name)).mappings().first()
            kept = int(connection.execute(number).scalar_one())
        if row is None:
            raise NotFound(Text("没有这次试算，或不是您的。", "There is no such simulation of yours."))
        return _run(dict(row), kept)

    def cases(self, user: User, run_id: str, *, verdict: str = "", after: int = 0, limit: int = 200) -> list[dict[str, Any]]:
        """Its cases in the order of time, each with its `number`; of one verdict, if asked."""
        self.get(user, run_id)
        asked = select(cases.c.number, cases.c.body).where(cases.c.simulation == run_id, cases.c.number > after)
        if verdict:
            asked = asked.where(cases.c.verdict == verdict)
        with self._database.read() as connection:
            return [
                {**row.body, "number": row.number} for row in connection.execute(asked.order_by(cases.c.number).limit(limit))
            ]

    def stop(self, user: User, run_id: str) -> None:
        """End a run before it is through; what was judged stays. Raises NotFound."""
        self.get(user, run_id)
        with self._database.write() as connection:
            tasks.stop(connection, table, run_id)

    # In the background

    def _is_any_waiting(self) -> bool:
        with self._database.read() as connection:
            return tasks.is_any_free(connection, table, self._clock.now())

    def run_next(self) -> bool:
        """Run the oldest that waits, to its end; False when none does."""
        me, now = new_id(12), self._clock.now()
        with self._database.write() as connection:
            row = tasks.take(connection, table, me, now, now + LEASE, tally={})
            if row is None:
                return False
            connection.execute(delete(cases).where(cases.c.simulation == row["id"]))
        if row["state"] == "running":
            self._run(_run(row), me)
        return True

    def _run(self, run: Run, me: str) -> None:
        diary = _Diary(self._database, self._clock, run.id, me, self.queue.is_closing)
        try:
            user = self._user_named(run.by)
            simulation = self._open(user, run.draft or run.rule, run.first, run.last)
            for portion in simulation.cases(diary.is_stopped):
                diary.note(portion, simulation)
            back = self.queue.is_closing() and simulation.is_stopped
            diary.end("waiting" if back else "stopped" if simulation.is_stopped else "done", simulation)
        except GuijuError as error:
            diary.fail(error.text)
        except Exception as error:
            log.exception("simulation failed", simulation=run.id, rule=run.rule)
            said = f"{type(error).__name__}: {error}"[:500]
            diary.fail(
                Text(
                    f"试算中断（{said}）。若其间发布了元数据，请重新试算。",
                    f"The simulation broke off ({said}). If metadata was published meanwhile, run it again.",
                )
            )


class _Diary:
    """What a run writes down of itself, about once a second; whether it was told to stop is read there too."""

    def __init__(self, database: Database, clock: Clock, run_id: str, me: str, is_closing: Callable[[], bool]) -> None:
        self._database = database
        self._clock = clock
        self._mine = (table.c.id == run_id, table.c.leased_by == me)
        self._id = run_id
        self._is_closing = is_closing
        self._waiting: list[dict[str, Any]] = []
        self._number = 0
        self._written = time.monotonic()
        self._told_to_stop = False

    def is_stopped(self) -> bool:
        return self._told_to_stop or self._is_closing()

    def note(self, portion: list[Any], simulation: Simulation) -> None:
        for case in portion:
            if self._number < KEPT_CASES:
                self._number += 1
                body = case.to_json()
                self._waiting.append({"simulation": self._id, "number": self._number, "verdict": case.verdict, "body": body})
        if time.monotonic() - self._written >= WRITE_EVERY_SECONDS:
            self._write(simulation, {"lease_until": self._clock.now() + LEASE}, ("running",))

    def end(self, state: State, simulation: Simulation) -> None:
        self._write(simulation, {"state": state, "lease_until": None}, ("running", "stopping"))

    def fail(self, text: Text) -> None:
        with self._database.write() as connection:
            said = {"state": "failed", "error": {"zh": text.zh, "en": text.en}, "lease_until": None}
            connection.execute(update(table).where(*self._mine).values(said))

    def _write(self, simulation: Simulation, values: Mapping[str, Any], states: tuple[str, ...]) -> None:
        with self._database.write() as connection:
            change = update(table).where(*self._mine, table.c.state.in_(states))
            noted = connection.execute(change.values(tally=simulation.tally.to_json(), **values)).rowcount
            self._told_to_stop = not noted
            if self._waiting and noted:
                connection.execute(insert(cases), self._waiting)
                self._waiting = []
        self._written = time.monotonic()


def _run(row: Mapping[str, Any], kept: int = 0) -> Run:
    return Run(
        row["id"], row["by"], row["at"], row["state"], row["rule"], row["doctype"], row["draft"], date.fromisoformat(row["first"]),
        date.fromisoformat(row["last"]), row["tally"] or {}, Text.of(row["error"]) if row["error"] else None, kept,
    )  # fmt: skip
