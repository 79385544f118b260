"""Signatures that rules ask for, held against those that were given; and who may give one that is owed.

Rules say on every save which signatures the record needs now. One that was given and is not void stands; anything else is owed
again. What is owed is one obligation in the inbox of whoever is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from ..access.user import User
from ..core.errors import FaultList, PermissionRefused, ValidationFailed
from ..core.ids import new_id
from ..core.text import Text
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..rulebook.effects import SignatureNeeded
from ..storage import audit, signatures
from .signed_content import covered
from .tell import tell

CHANGED = Text("对签名的要求已更改", "what is to be signed was changed")
NOT_NEEDED = Text("不再满足该规则的条件，无须签名", "the rule no longer applies, so no signature is needed")

Changes = Callable[[], Sequence[Mapping[str, Any]]]


def reconcile(
    book: ObligationBook,
    known: Iterable[Obligation],
    doctype: str,
    name: str,
    needed: Sequence[SignatureNeeded],
    changes: Changes,
    by: str,
    now: datetime,
) -> list[Obligation]:
    """Bring the record's owed signatures, among what is `known` about it, in line with what rules need now; returns those that are
    not given, or void.

    `changes` tells those of the save under way, which the history does not tell yet.
    """  # fmt: skip
    existing = [item for item in known if item.kind == "signature"]
    wanted = {(need.rule, need.meaning): need for need in needed}
    if not existing and not wanted:
        return []
    for item in existing:
        need = wanted.get((item.rule, item.row_key))
        if item.is_owed and (need is None or _terms(need) != (item.owed_by_role, item.owed_by_user, item.signature)):
            book.void([item], NOT_NEEDED if need is None else CHANGED, now)
    standing = _standing(book.connection, doctype, name, changes) if existing else frozenset()
    missing: list[Obligation] = []
    for key, need in wanted.items():
        same = [item for item in existing if (item.rule, item.row_key) == key and _terms(need)[2] == item.signature]
        if any(item.id in standing for item in same):
            continue
        same = [item for item in same if _terms(need) == (item.owed_by_role, item.owed_by_user, item.signature)]
        owed = next((item for item in same if item.is_owed), None)
        missing.append(owed or _ask(book, need, doctype, name, by, now))
    return missing


def _terms(need: SignatureNeeded) -> tuple[str | None, str | None, dict[str, Any]]:
    terms = {"meaning": need.meaning, "covers": list(need.covers), "distinct": need.distinct, "before": need.before}
    return need.role, need.user, terms


def _standing(connection: Connection, doctype: str, name: str, changes: Changes) -> frozenset[str]:
    """The obligations whose signatures are not void, nor made so by these changes."""
    given = [row for row in signatures.of_record(connection, doctype, name) if row["obligation"]]
    if not given:
        return frozenset()
    entries = list(reversed(audit.history(connection, doctype, name)))
    places = {entry["hash"]: index for index, entry in enumerate(entries)}
    under_way = changes()

    def is_void(row: Mapping[str, Any]) -> bool:
        later = [change for entry in entries[places[row["link"]] + 1 :] for change in entry["changes"]]
        return bool(covered([*later, *under_way], row))

    return frozenset(row["obligation"] for row in given if not is_void(row))


def _ask(book: ObligationBook, need: SignatureNeeded, doctype: str, name: str, by: str, now: datetime) -> Obligation:
    role, user, terms = _terms(need)
    item = Obligation(
        id=new_id(16), kind="signature", rule=need.rule, row_key=need.meaning, doctype=doctype, name=name, title=need.title, clauses=need.clauses,
        owed_by_role=role, owed_by_user=user, opened_at=now, opened_by=by, allow_self=need.allow_self, signature=terms,
    )  # fmt: skip
    book.open(item)
    asked = Text(f"待签名：{item.title.zh}", f"To sign: {item.title.en}")
    tell(book.connection, now, asked, doctype, name, key=f"owed:{item.id}", kind="approval", role=role, user=user)
    return item


def blocking(missing: Iterable[Obligation], action: str) -> list[Obligation]:
    """Those that must be given before this action: `submit`, or the name of a workflow's transition."""
    return [item for item in missing if (item.signature or {}).get("before") == action]


def refuse_unsigned(missing: Iterable[Obligation], titles: Mapping[str, str], faults: FaultList) -> None:
    """One fault for each signature that is owed, naming who must sign what. For a workflow's transition as for a submission."""
    for item in missing:
        asked = item.owed_by_user or item.owed_by_role or ""
        zh = f"（条款 {'、'.join(item.clauses)}）" if item.clauses else ""
        en = f" (clause {', '.join(item.clauses)})" if item.clauses else ""
        text = Text(
            f"{item.title.zh}：尚待{titles.get(asked, asked)}电子签名{zh}。",
            f"{item.title.en}: waiting for the e-signature of {titles.get(asked, asked) if item.owed_by_user else asked}{en}.",
        )
        faults.add("", text, item.clauses, item.rule)


def may_sign(item: Obligation, user: User) -> bool:
    """Whether this user is the one who is asked for this signature now."""
    is_own = item.opened_by == user.name and not item.allow_self
    return item.kind == "signature" and item.is_owed and item.owed_by(user.name, user.roles) and not is_own


def refuse_signer(connection: Connection, item: Obligation, user: User) -> None:
    """Raises ValidationFailed (nothing is owed any more), PermissionRefused (somebody else is asked, or must be)."""
    if item.kind != "signature" or not item.is_owed:
        raise ValidationFailed(
            Text(f"“{item.title.zh}”已经处理，无须再签。", f'"{item.title.en}" is settled already; nothing is left to sign.')
        )
    if not item.owed_by(user.name, user.roles):
        asked = item.owed_by_user or item.owed_by_role
        raise PermissionRefused(Text(f"“{item.title.zh}”须由{asked}签名。", f'"{item.title.en}" is for {asked} to sign.'))
    if not may_sign(item, user):
        raise PermissionRefused(
            Text(
                "不能签自己提交的内容，请由另一位有权人签名。",
                "Nobody signs here what they sent in themselves; another person who is asked must sign.",
            )
        )
    if _is_for_another(connection, item, user):
        raise PermissionRefused(
            Text(
                f"“{item.title.zh}”须由另一人签名：您已在此单据上签过名。",
                f'"{item.title.en}" is for a different person to sign: you signed this record already.',
            )
        )


def _is_for_another(connection: Connection, item: Obligation, user: User) -> bool:
    """Whether this user gave another signature on the record, and one of the two wants a person who gave no other.

    The same one may be given again, once a change has made it void.
    """
    given = [row for row in signatures.of_record(connection, item.doctype, item.name) if row["signer"] == user.name]
    asked = {one.id: one for one in ObligationBook(connection).those([row["obligation"] for row in given if row["obligation"]])}
    owed = [asked.get(row["obligation"]) for row in given]
    others = [one for one in owed if one is None or (one.rule, one.row_key) != (item.rule, item.row_key)]
    return bool(others) and any((one.signature or {}).get("distinct") for one in (item, *others) if one is not None)
