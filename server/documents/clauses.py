"""The words of the clauses that metadata cites: of DocType `Clause`, where the site has it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from ..core.text import Text
from ..metadata.model import Model
from ..storage import records

CLAUSE = "Clause"


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
