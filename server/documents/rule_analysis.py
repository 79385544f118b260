"""The analysis of everything published on a site: its rules, and the clauses that its records of Clause hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..rulebook.analysis import Finding, analyse
from ..storage import records
from ..storage.database import Database
from .snapshot import Snapshot

CLAUSE = "Clause"


class RuleAnalysis:
    def __init__(self, database: Database, snapshots: Callable[[], Snapshot]) -> None:
        self._database = database
        self._snapshots = snapshots

    def findings(self) -> list[Finding]:
        """What is found about the rules in force; about clauses where the site keeps them."""
        snapshot = self._snapshots()
        rules = snapshot.rulebook.rules.values()
        doctype = snapshot.model.get(CLAUSE)
        if doctype is None:
            return analyse(rules, snapshot.model)
        with self._database.read() as connection:
            clauses = sorted(records.heads(connection, doctype, None))
        known = dict.fromkeys(clauses, ()) if clauses else None
        return analyse(rules, snapshot.model, known, set(_cited(snapshot)))


def _cited(snapshot: Snapshot) -> Iterator[str]:
    """Clauses that record types, their fields, print formats, reports and workflows cite."""
    for doctype in snapshot.model:
        yield from doctype.source
        yield from (clause for item in doctype.fields for clause in item.source)
    for found in snapshot.print_formats.values():
        yield from found.source
    for report in snapshot.reports.values():
        yield from report.source
    for flow in snapshot.workflows.in_force.values():
        yield from flow.source
