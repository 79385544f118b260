"""The analysis of everything published on a site: its rules, and the clauses that its records of Clause hold."""

from __future__ import annotations

from collections.abc import Callable

from ..rulebook.analysis import Finding, analyse
from ..storage import records
from ..storage.database import Database
from .clauses import CLAUSE, citations
from .snapshot import Snapshot


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
        return analyse(rules, snapshot.model, known, citations(snapshot))
