"""Step 5 of the save path: approvals and signatures that a record owes, and those it still lacks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..core.errors import FaultList
from ..core.text import Text
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation, reference
from ..rulebook.effects import ApprovalNeeded, SignatureNeeded
from ..rulebook.situation import Outcome
from ..storage import records
from . import approvals, owed_signatures
from .changes import differences
from .complete import Record

if TYPE_CHECKING:
    from .save_path import Intent, SavePath


def settle(path: SavePath, intent: Intent, record: Record, old: Record | None, outcome: Outcome) -> list[Obligation]:
    """What approvals and signatures are asked for is owed from now on; what is still missing. Raises ValidationFailed where that blocks."""
    book, doctype, name = ObligationBook(path.connection), path.doctype.name, record["name"]
    # Of a new record nothing was approved or signed, whatever a deleted one of that name had been.
    known = [] if old is None else book.of_record(doctype, name)
    if intent.action == "cancel":
        reason = Text("单据已作废", "the record was cancelled")
        book.void(known, reason, path.now)
        book.owe_again(reference(doctype, name))
        return []
    needed = [effect for effect in outcome.effects if isinstance(effect, ApprovalNeeded)]
    missing = approvals.reconcile(book, known, doctype, name, needed, path.user.name, path.now)
    signing = [effect for effect in outcome.effects if isinstance(effect, SignatureNeeded)]

    def changes() -> list[dict[str, Any]]:
        return differences(path.model, path.doctype, old, record)

    unsigned = owed_signatures.reconcile(book, known, doctype, name, signing, changes, path.user.name, path.now)
    faults = FaultList()
    if intent.action == "submit":
        approvals.refuse_unapproved(missing, _role_titles(path) if missing else {}, faults)
    steps = {intent.action, intent.move.action if intent.move else ""}
    if blocking := [item for step in sorted(steps) for item in owed_signatures.blocking(unsigned, step)]:
        owed_signatures.refuse_unsigned(blocking, _role_titles(path) | _full_names(path, blocking), faults)
    if faults:
        raise path.refused(intent, faults, name)
    return [*missing, *unsigned]


def _full_names(path: SavePath, owed: Iterable[Obligation]) -> dict[str, str]:
    """The people who owe these by their logins."""
    users = path.model.get("User")
    logins = {item.owed_by_user for item in owed if item.owed_by_user}
    if users is None or not logins:
        return {}
    return {name: str(row.get("full_name") or name) for name, row in records.heads(path.connection, users, logins).items()}


def _role_titles(path: SavePath) -> dict[str, str]:
    """What people call the roles."""
    roles = path.model.get("Role")
    return (
        {}
        if roles is None
        else {name: roles.title_of(row) for name, row in records.heads(path.connection, roles, None).items()}
    )
