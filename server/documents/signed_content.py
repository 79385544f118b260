"""What an e-signature covers, and since when it is void.

It covers every field and row of the record, hidden ones and those filled in by rules included, except what the engine itself
moves on (`ENGINE_FIELDS`, `state_fields`); a rule may name single fields instead. The record's history says what changed afterwards: the first
entry that changed anything covered makes the signature void, for good, even when a later one restores the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..core.text import Text
from ..metadata.model import DocType, Model
from ..storage.audit import DOCTYPE_CHANGED
from ..storage.shapes import hash_signed, shape_of
from .snapshot import Snapshot

# Moved on by submitting, by the workflow and by renaming a DocType: no content that somebody typed.
ENGINE_FIELDS = frozenset({"docstatus", "workflow_state", "amended_from", DOCTYPE_CHANGED})

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Signature:
    """One e-signature with what has become of it. `voided_by` is the history entry that changed what was signed."""

    id: str
    number: int
    doctype: str
    name: str
    version: int
    signer: str
    full_name: str
    at: datetime
    meaning: str
    meaning_title: Text
    reason: str | None
    method: str
    content_hash: str
    covers: tuple[str, ...] = ()
    obligation: str | None = None
    voided_at: datetime | None = None
    voided_by: str | None = None
    changed: tuple[Row, ...] = field(default=(), hash=False)  # everything covered that changed since, as the history tells it
    is_tampered: bool = False  # the content differs although the history tells of no change

    @property
    def is_valid(self) -> bool:
        return self.voided_at is None and not self.is_tampered


def state_fields(snapshot: Snapshot, doctype: DocType) -> tuple[str, ...]:
    """The fields in which workflows keep the state of such a record, where they have names of their own, and those that a state sets
    when it is entered."""
    flows = [item for item in snapshot.workflows.by_digest.values() if item.document_type == doctype.name]
    set_by_states = {state.update_field for flow in flows for state in flow.states if state.update_field}
    return tuple(sorted(({flow.state_field for flow in flows} | set_by_states) - ENGINE_FIELDS))


def signed_hash(model: Model, doctype: DocType, record: Row, covers: Iterable[str] = (), leaves_out: Iterable[str] = ()) -> str:
    """`<shape>:<hash>` over what a signature covers; `leaves_out` are the `state_fields` when it was given."""
    key, shape = shape_of(model, doctype)
    return f"{key}:{hash_signed(shape, record, ENGINE_FIELDS | set(leaves_out), frozenset(covers))}"


def covered(changes: Iterable[Row], signature: Row) -> list[Row]:
    """Those changes of a history entry (or of a save under way) that concern what a signature (its row of the book) covers."""
    only, without = frozenset(signature["covers"] or ()), ENGINE_FIELDS | set(signature["leaves_out"] or ())
    return [
        change
        for change in changes
        if (name := change.get("table") or change.get("field")) and name not in without and (not only or name in only)
    ]


def judged(row: Row, entries: Iterable[Row], now_hash: str | None) -> Signature:
    """A signature as it stands: `row` of the book, `entries` of the record's history after it, the oldest first, and the hash of
    what it covers now (None: not known)."""
    covers = tuple(row["covers"] or ())
    voided_at, voided_by, changed = None, None, []
    for entry in entries:
        if touched := covered(entry["changes"], row):
            changed += touched
            if voided_at is None:
                voided_at, voided_by = entry["at"], entry["by"]
    same_shape = now_hash is not None and now_hash.partition(":")[0] == row["content_hash"].partition(":")[0]
    return Signature(
        id=row["id"], number=row["number"], doctype=row["doctype"], name=row["name"], version=row["version"], signer=row["signer"],
        full_name=row["full_name"], at=row["at"], meaning=row["meaning"], meaning_title=Text.of(row["meaning_title"]),
        reason=row["reason"], method=row["method"], content_hash=row["content_hash"], covers=covers, obligation=row["obligation"],
        voided_at=voided_at, voided_by=voided_by, changed=tuple(changed),
        is_tampered=voided_at is None and same_shape and now_hash != row["content_hash"],
    )  # fmt: skip
