"""Simulations in the browser: a rule (in force, or the draft in the editor) over a period, run in the background, kept at an address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..access.user import User
from ..core.errors import Fault, GuijuError, ValidationFailed
from ..core.text import Text
from ..documents.simulation.model import VERDICTS, decided_by, notes
from ..documents.simulation.runs import Run, SimulationRuns
from ..exchange.simulation_csv import case_lines
from ..rulebook.kinds import kind_label
from .access import Guarded
from .label import METADATA, Label
from .metadata_views import parse_piece

PORTION = 200
USUAL_DAYS = 90
STATES: Mapping[str, Text] = {
    "waiting": Text("排队中", "waiting"),
    "running": Text("进行中", "running"),
    "stopping": Text("正在停止", "stopping"),
    "done": Text("已完成", "done"),
    "stopped": Text("已停止，结果不完整", "stopped; the result is not whole"),
    "failed": Text("未完成", "failed"),
}


@dataclass(frozen=True)
class Month:
    """One column of the chart; heights in percent of the highest."""

    name: str
    judged: int
    matched: int
    judged_height: float
    matched_height: float


class SimulationsView(Guarded):
    """What was simulated, the form to begin another, and each run."""

    def __init__(self) -> None:
        super().__init__(
            name=Label("规则试算", "Simulation"), endpoint="admin_simulations", url="/admin/simulations", category=METADATA
        )

    @expose("/")
    def index(self) -> str:
        return self._page(request.args.get("rule", ""))

    def _page(self, rule: str, error: GuijuError | None = None) -> str:
        site = web.services()
        today = site.clock.now().astimezone(site.zone).date()
        rules = sorted(site.snapshot().rulebook.rules.values(), key=lambda item: item.name)
        return self.render(
            "guiju_admin/simulations.html", runs=site.simulation_runs.of(web.current_user()), rules=rules, rule=rule, states=STATES,
            error=error, first=request.form.get("first") or today - timedelta(days=USUAL_DAYS), last=request.form.get("last") or today,
            draft=request.form.get("json", ""),
        )  # fmt: skip

    @expose("/start", methods=("POST",))
    def start(self) -> Response | tuple[str, int]:
        """Begin a run of the rule named, or of the draft sent as `json`."""
        site = web.services()
        today = site.clock.now().astimezone(site.zone).date()
        try:
            rule = parse_piece(request.form["json"]) if request.form.get("json", "").strip() else request.form.get("rule", "")
            first, last = _day("first", today - timedelta(days=USUAL_DAYS)), _day("last", today)
            run = site.simulation_runs.start(web.current_user(), rule, first, last)
        except GuijuError as error:
            return self._page(request.form.get("rule", ""), error), 422
        return redirect(url_for("admin_simulations.run", id=run))

    @expose("/run")
    def run(self) -> str:
        site, user = web.services(), web.current_user()
        run = site.simulation_runs.get(user, request.args.get("id", ""))
        verdict, after = request.args.get("verdict", ""), request.args.get("after", 0, type=int)
        cases = site.simulation_runs.cases(user, run.id, verdict=verdict, after=after, limit=PORTION + 1)
        model = site.snapshot().model
        rule = site.snapshot().rulebook.rules.get(run.rule)
        title = Text.of((run.draft or {}).get("title")) if run.draft else rule.title if rule else Text.of(run.rule)
        return self.render(
            "guiju_admin/simulation.html", run=run, title=title or Text.of(run.rule), states=STATES, verdicts=VERDICTS, verdict=verdict,
            kind_label=kind_label, cases=cases[:PORTION], next=cases[PORTION - 1]["number"] if len(cases) > PORTION else None, months=_months(run),
            notes=notes(run.tally, {item.name: item.label for item in model}), decided_by=decided_by, of=Text.of,
            doctype=model[run.doctype].label if run.doctype in model else Text.of(run.doctype),
        )  # fmt: skip

    @expose("/stop", methods=("POST",))
    def stop(self) -> Response:
        run = request.form.get("id", "")
        web.services().simulation_runs.stop(web.current_user(), run)
        return redirect(url_for("admin_simulations.run", id=run))

    @expose("/csv")
    def csv(self) -> Response:
        site, user, language = web.services(), web.current_user(), web.language()
        run = site.simulation_runs.get(user, request.args.get("id", ""))
        answer = Response(case_lines(_all_cases(site.simulation_runs, run, user), language, site.zone), mimetype="text/csv")
        answer.headers.set("Content-Disposition", "attachment", filename=f"{run.rule}-{run.first}-{run.last}.csv")
        return answer


def _all_cases(runs: SimulationRuns, run: Run, user: User) -> Iterator[dict[str, Any]]:
    after = 0
    while portion := runs.cases(user, run.id, after=after, limit=1000):
        yield from portion
        after = portion[-1]["number"]


def _months(run: Run) -> list[Month]:
    found = run.tally.get("months") or {}
    most = max((counts["judged"] for counts in found.values()), default=0) or 1
    return [
        Month(name, counts["judged"], counts["matched"], 100 * counts["judged"] / most, 100 * counts["matched"] / most)
        for name, counts in sorted(found.items())
    ]


def _day(name: str, usual: date) -> date:
    typed = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else usual
    except ValueError:
        text = Text(f"“{typed}”不是日期，应如 2026-03-31。", f'"{typed}" is not a date; expected one like 2026-03-31.')
        raise ValidationFailed(text, [Fault(name, text)]) from None
