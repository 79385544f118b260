"""Making models and bringing a database in line with them."""

from __future__ import annotations

from typing import Any

from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.storage import migrate
from server.storage.database import Database


def make_model(*doctypes: dict[str, Any]) -> Model:
    """A model from DocType JSON."""
    return Model({item["name"]: read_doctype(item) for item in doctypes}, 1)


def migrate_to(database: Database, model: Model) -> Model:
    """Bring the tables in line with the model."""
    with database.read() as connection:
        plan = migrate.propose(connection, model)
    migrate.apply(database, plan, by="tester")
    return model
