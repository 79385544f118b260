"""What other records say, read on the connection of the running transaction: for rules (`FactSource`) and for `fetch_from`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Connection

from ..metadata.model import Model
from ..rulebook.situation import FactQuery, Situation
from ..storage import query, records


class DatabaseFacts:
    """Facts under one transaction; the same question is asked once.

    Facts are read without the user's permissions: a rule holds for everybody alike, whoever happens to save.
    """

    def __init__(self, connection: Connection, model: Model) -> None:
        self._connection = connection
        self._model = model
        self._known: dict[Any, Any] = {}

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        doctype = self._model.get(fact.doctype)
        if doctype is None:
            return None
        key = (fact.function, fact.doctype, fact.field, repr(fact.where), fact.order_by)
        if key not in self._known:
            function = cast(query.AggregateFunction, fact.function)
            where = list(fact.where)
            self._known[key] = query.aggregate(self._connection, doctype, function, fact.field, where, order_by=fact.order_by)
        return self._known[key]

    def lookup(self, doctype: str, names: frozenset[str], fieldnames: frozenset[str]) -> Mapping[str, Mapping[str, Any]]:
        """Fields of linked records by name, for `fetch_from`; empty when their DocType is not there."""
        found = self._model.get(doctype)
        return {} if found is None else records.heads(self._connection, found, names)
