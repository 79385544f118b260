"""Clauses of the procedures: their words, of DocType `Clause` where the site has it, and what in force cites them.

How each is implemented, tested and used is `exchange.clause_coverage`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from ..core.text import Text
from ..metadata.model import Model
from ..storage import records
from ..workflow.model import Workflow
from .snapshot import Snapshot

CLAUSE = "Clause"
Kind = Literal["DocType", "Rule", "Workflow", "Print Format", "Report"]


@dataclass(frozen=True, order=True)
class Citation:
    """A piece of metadata in force that cites a clause."""

    kind: Kind
    name: str


def citations(snapshot: Snapshot) -> dict[str, tuple[Citation, ...]]:
    """What cites each clause: each piece once, whichever of its parts cites it. Rules that are switched off do not count."""
    found: dict[str, set[Citation]] = {}
    for clause, citation in _cited(snapshot):
        found.setdefault(clause, set()).add(citation)
    return {clause: tuple(sorted(pieces)) for clause, pieces in found.items()}


def _cited(snapshot: Snapshot) -> Iterator[tuple[str, Citation]]:
    for doctype in snapshot.model:
        for clause in (*doctype.source, *(clause for item in doctype.fields for clause in item.source)):
            yield clause, Citation("DocType", doctype.name)
    for rule in snapshot.rulebook.rules.values():
        if rule.enabled:
            yield from ((clause, Citation("Rule", rule.name)) for clause in rule.source)
    for flow in snapshot.workflows.in_force.values():
        yield from ((clause, Citation("Workflow", flow.name)) for clause in _cited_by_flow(flow))
    for form in snapshot.print_formats.values():
        yield from ((clause, Citation("Print Format", form.name)) for clause in form.source)
    for report in snapshot.reports.values():
        yield from ((clause, Citation("Report", report.name)) for clause in report.source)


def _cited_by_flow(flow: Workflow) -> Iterator[str]:
    parts = (flow.states, flow.transitions, flow.steps.values())
    yield from flow.source
    yield from (clause for some in parts for part in some for clause in part.source)


def clause_texts(connection: Connection, model: Model, codes: Iterable[str]) -> dict[str, Text]:
    """What each clause says, as far as it is known: the words of the procedure, and in English what is to be seen."""
    doctype = model.get(CLAUSE)
    wanted = sorted(set(codes))
    if doctype is None or not wanted or not {"text", "expectation"} <= set(doctype.by_name):
        return {}
    heads = records.heads(connection, doctype, wanted)
    return {
        code: Text(head["text"] or "", head["expectation"] or head["text"] or "")
        for code, head in heads.items()
        if head["text"]
    }
