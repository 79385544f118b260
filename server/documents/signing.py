"""`SigningService`: e-signatures on records. A drawn picture of a name (field type Signature) is something else.

A signature binds who (user and full name), when, its meaning, a reason and the hash of everything it covers, proven with the
signer's own password or code at that moment. It stands in the book of signatures and in the record's history, written together.
`sign` does it within the transaction of whoever changes the record (a workflow's transition, a submission).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..access.identity import Credentials, Identity, Proof
from ..access.permissions import Permissions
from ..access.user import User
from ..access.vault import Vault
from ..core.clock import Clock
from ..core.errors import Fault, PermissionRefused, StaleVersion, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..metadata.model import CANCELLED, DocType
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..storage import audit, records, signatures
from ..storage.database import Database
from ..storage.verification import Finding, is_tracked
from .complete import Record
from .loading import readable
from .meanings import meaning_title, meanings
from .owed_signatures import refuse_signer
from .signed_content import Signature, judged, signed_hash, state_fields
from .snapshot import Snapshot
from .versions import seen_changes

MAX_REASON = 2000
NOT_SIGNED = Text("未签名：", "Nothing was signed:")


@dataclass(frozen=True, slots=True)
class Signing:
    """What somebody signs a record for: a meaning and a reason, and the obligation that asked for it, if any."""

    meaning: str
    reason: str | None = None
    obligation: str | None = None
    covers: tuple[str, ...] = ()  # the fields it covers; none named: everything
    is_asked: bool = False  # whoever calls has looked that this person is asked for it


def sign(
    connection: Connection,
    snapshot: Snapshot,
    doctype: DocType,
    name: str,
    proof: Proof,
    signing: Signing,
    now: datetime,
    vault: Vault,
) -> Signature:
    """Sign a record as it stands in this transaction: everything that changes it is written before, the signature last.

    For a workflow's transition, or whatever else signs together with a change: get the `proof` from `Identity.prove` *before* the
    transaction begins (it takes its time, and counts guesses), write the change, then call this on the same connection. What the
    transition itself moves on (`signed_content.ENGINE_FIELDS`) is not covered, so that later transitions do not make it void.
    An owed signature (`signing.obligation`) is met by it. Raises PermissionRefused (not the one who is asked), ValidationFailed.
    """  # fmt: skip
    user = proof.user
    records.hold(connection, doctype, name)
    record = readable(connection, snapshot.model, Permissions(snapshot.model), user, doctype, name)
    _refuse_unsignable(doctype, record)
    owed = ObligationBook(connection).get(signing.obligation) if signing.obligation else None
    if owed is not None:
        signing = _as_owed(connection, owed, record, doctype, user, signing)
    elif not signing.is_asked and not may_sign_freely(snapshot, user, doctype, record):
        raise PermissionRefused(
            Text(
                f"{doctype.label.zh} {name} 没有要求您签名，您也无权修改它，不能签名。",
                f"{doctype.label.en} {name} asks for no signature of yours, and you may not change it: you cannot sign it.",
            )
        )
    title = meaning_title(connection, snapshot.model, signing.meaning)
    covers = _covers(doctype, signing.covers)
    leaves_out = state_fields(snapshot, doctype)
    content = signed_hash(snapshot.model, doctype, record, covers, leaves_out)
    signature_id = new_id(16)
    told = {
        "field": None, "signature": signature_id, "meaning": signing.meaning, "title": title.to_json(), "content_hash": content,
        "old": None, "new": signing.meaning,
    }  # fmt: skip
    link = audit.append_version(
        connection, doctype=doctype.name, name=name, version=record["version"], action=signatures.SIGNED, by=user.name, at=now,
        changes=[told], content_hash=audit.content_hash(record, snapshot.model, doctype), reason=signing.reason,
    )  # fmt: skip
    if owed is not None:
        ObligationBook(connection).settle(
            owed.id, state="met", decided_by=user.name, decided_at=now, comment=signing.reason, content_hash=content
        )
    row = signatures.append(
        connection,
        {
            "id": signature_id, "doctype": doctype.name, "name": name, "seq": audit.seq_of(connection, doctype.name, name, link),
            "version": record["version"], "signer": user.name, "full_name": user.full_name, "at": now, "meaning": signing.meaning,
            "meaning_title": title.to_json(), "reason": signing.reason, "method": proof.method, "content_hash": content,
            "covers": list(covers) or None, "leaves_out": list(leaves_out) or None, "obligation": signing.obligation, "link": link,
        },
        vault.stamp,
    )  # fmt: skip
    return judged(row, (), content)


def _of_approval(item: Obligation, doctype: DocType, name: str, signing: Signing) -> Signing:
    """With the meaning that a workflow's step asks for; whether this person is asked is looked at when it is decided."""
    meaning = str(item.terms.get("signature") or "")
    if (item.doctype, item.name) != (doctype.name, name) or not meaning or signing.meaning not in ("", meaning):
        text = Text(f"“{item.title.zh}”不以这个签名批准。", f'"{item.title.en}" is not approved with this signature.')
        raise ValidationFailed(NOT_SIGNED, [Fault("meaning", text)])
    return replace(signing, meaning=meaning, obligation=None, is_asked=True)


def _as_owed(
    connection: Connection, owed: Obligation, record: Record, doctype: DocType, user: User, signing: Signing
) -> Signing:
    """With the meaning and the fields that the obligation asks for."""
    if (owed.doctype, owed.name) != (doctype.name, record["name"]):
        raise PermissionRefused(
            Text(f"“{owed.title.zh}”不是这张单据的待签事项。", f'"{owed.title.en}" is not owed on this record.')
        )
    refuse_signer(connection, owed, user)
    terms = owed.signature or {}
    if signing.meaning not in ("", terms["meaning"]):
        text = Text(
            f"“{owed.title.zh}”要求的签名含义是“{terms['meaning']}”，不是“{signing.meaning}”。",
            f'"{owed.title.en}" asks for the meaning "{terms["meaning"]}", not "{signing.meaning}".',
        )
        raise ValidationFailed(NOT_SIGNED, [Fault("meaning", text)])
    return replace(signing, meaning=terms["meaning"], covers=tuple(terms.get("covers") or ()))


def _refuse_unsignable(doctype: DocType, record: Record) -> None:
    label, name = doctype.label, record["name"]
    if not is_tracked(doctype):
        raise ValidationFailed(
            Text(
                f"{label.zh}不记录修改历史，不能签名：签名之后的更改将无从得知。请管理员为它打开“记录更改”。",
                f"{label.en} keeps no history and cannot be signed: nobody could tell what changed afterwards. An administrator can turn on Track Changes.",
            )
        )
    if record.get("docstatus") == CANCELLED:
        raise ValidationFailed(
            Text(f"{label.zh} {name} 已作废，不能签名。", f"{label.en} {name} is cancelled and cannot be signed.")
        )


def _covers(doctype: DocType, named: Iterable[str]) -> tuple[str, ...]:
    """The fields by name; a field that is there no more is refused, since nothing of it could be signed."""
    unknown = [name for name in named if name not in doctype.by_name]
    if unknown:
        names = ", ".join(unknown)
        text = Text(f"{doctype.label.zh}没有字段 {names}。", f"{doctype.label.en} has no field {names}.")
        raise ValidationFailed(NOT_SIGNED, [Fault("covers", text)])
    return tuple(sorted(set(named)))


def may_sign_freely(snapshot: Snapshot, user: User, doctype: DocType, record: Record) -> bool:
    """Whether the user may sign without being asked to: who may change the record."""
    return (
        not user.is_administrator
        and is_tracked(doctype)
        and record.get("docstatus") != CANCELLED
        and Permissions(snapshot.model).may(user, "write", doctype.name, record)
    )


def signatures_of(connection: Connection, snapshot: Snapshot, doctype: DocType, record: Record) -> list[Signature]:
    """The signatures of a record as they stand now, the first one first."""
    rows = signatures.of_record(connection, doctype.name, str(record["name"]))
    if not rows:
        return []
    entries = list(reversed(audit.history(connection, doctype.name, str(record["name"]))))
    places = {entry["hash"]: index for index, entry in enumerate(entries)}

    def now(row: Mapping[str, Any]) -> str:
        return signed_hash(snapshot.model, doctype, record, row["covers"] or (), row["leaves_out"] or ())

    return [judged(row, entries[places[row["link"]] + 1 :], now(row)) for row in rows]


def refuse_signed(connection: Connection, doctype: DocType, name: str, done: Text) -> None:
    """Raises ValidationFailed for a record that somebody signed, also when the signature is void: it stays as it is called."""
    if not signatures.of_record(connection, doctype.name, name):
        return
    raise ValidationFailed(
        Text(
            f"{doctype.label.zh} {name} 已有电子签名，不能{done.zh}：签名须与单据一并保存。",
            f"{doctype.label.en} {name} bears e-signatures and cannot be {done.en}: a signature stays with its record.",
        )
    )


class SigningService:
    """Signing one record; its signatures; verifying the book."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        snapshots: Callable[[], Snapshot],
        identity: Identity,
        vault: Vault,
        decide: Callable[..., object],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`decide` is `InboxService.decide`: some steps of workflows are approved with a signature."""
        self._decide = decide
        self._database = database
        self._clock = clock
        self._snapshots = snapshots
        self._identity = identity
        self._vault = vault
        self._wake = wake

    def sign(
        self,
        user: User,
        doctype: str,
        name: str,
        signing: Signing,
        given: Credentials,
        *,
        version: int,
        token: str | None = None,
    ) -> Signature:
        """Sign the record at the `version` that the signer read; `token` is that of their session.

        Raises what `Identity.prove` and `sign` raise, and StaleVersion when the record was changed since it was read.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        reason = (signing.reason or "").strip() or None
        if reason and len(reason) > MAX_REASON:
            text = Text(f"原因最多 {MAX_REASON:,} 个字符。", f"A reason has at most {MAX_REASON:,} characters.")
            raise ValidationFailed(NOT_SIGNED, [Fault("reason", text)])
        signing = replace(signing, reason=reason)
        proof = self._identity.prove(user, given, token)
        approval = self._approval(signing.obligation)

        if approval is not None:
            signing = _of_approval(approval, found, name, signing)

        def run(connection: Connection) -> Signature:
            records.hold(connection, found, name)
            record = readable(connection, snapshot.model, Permissions(snapshot.model), proof.user, found, name)
            if record["version"] != version:
                raise StaleVersion(
                    Text(
                        f"{found.label.zh} {name} 在您查看后已更改（现为第 {record['version']} 版），未签名。请重新查看后再签。",
                        f"{found.label.en} {name} was changed after you opened it (it is at version {record['version']} now); nothing was signed. Read it again, then sign.",
                    ),
                    (),
                    record["version"],
                    record.get("modified_by"),
                )
            return sign(connection, snapshot, found, name, proof, signing, self._clock.now(), self._vault)

        if approval is not None:
            made: list[Signature] = []
            self._decide(proof.user, approval.id, "approved", reason, approval.content_hash, lambda c: made.append(run(c)))
            return made[0]
        with self._database.write() as connection:
            signed = run(connection)
        self._wake()
        return signed

    def _approval(self, obligation: str | None) -> Obligation | None:
        """The approval that is given with an e-signature, where the obligation is one."""
        if not obligation:
            return None
        with self._database.read() as connection:
            item = ObligationBook(connection).get(obligation)
        return item if item.kind == "approval" else None

    def of_record(self, user: User, doctype: str, name: str) -> list[Signature]:
        """The signatures of a record for a reader, the first one first; what changed since only as far as they see the fields.

        Raises NotFound, PermissionRefused.
        """
        snapshot = self._snapshots()
        found = snapshot.record_type(doctype)
        permissions = Permissions(snapshot.model)
        with self._database.read() as connection:
            record = readable(connection, snapshot.model, permissions, user, found, name)
            signed = signatures_of(connection, snapshot, found, record)
        sight = permissions.sight(user, doctype, record)
        return [replace(item, changed=tuple(seen_changes(snapshot.model, found, item.changed, sight))) for item in signed]

    def may_sign(self, user: User, doctype: str, record: Record) -> bool:
        """Whether this user may sign this record without being asked to."""
        snapshot = self._snapshots()
        return may_sign_freely(snapshot, user, snapshot.doctype(doctype), record)

    def meanings(self) -> dict[str, Text]:
        """Every meaning that a signature can have."""
        with self._database.read() as connection:
            return meanings(connection, self._snapshots().model)

    def verify(self) -> list[Finding]:
        """Everything about signatures that was changed behind the program's back."""
        with self._database.read() as connection:
            return list(signatures.verify(connection, self._vault.stamp))
