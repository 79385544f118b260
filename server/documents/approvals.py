"""Step 5 of the save path: the approvals that rules ask for, held against those that were given.

An approval is bound to the hash of what was approved. Rules say on every save which approvals the record needs now; what was
approved with the same content stands, anything else is asked for again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ..core.errors import FaultList
from ..core.ids import new_id
from ..core.text import Text
from ..obligations.book import ObligationBook
from ..obligations.model import Obligation
from ..rulebook.effects import ApprovalNeeded
from .tell import tell

CONTENT_CHANGED = Text("内容已更改，须重新审批", "the content was changed, so approval is asked for again")
NOT_NEEDED = Text("不再满足该规则的条件，无须审批", "the rule no longer applies, so no approval is needed")


def reconcile(
    book: ObligationBook,
    known: Iterable[Obligation],
    doctype: str,
    name: str,
    needed: Sequence[ApprovalNeeded],
    by: str,
    now: datetime,
) -> list[Obligation]:
    """Bring the record's approvals, among what is `known` about it, in line with what rules need now; returns those that are not
    approved yet."""
    existing = [item for item in known if item.kind == "approval" and not item.is_of_workflow]
    wanted = {(need.rule, need.row_key): need for need in needed}
    for item in existing:
        need = wanted.get((item.rule, item.row_key))
        if item.is_owed and need is None:
            book.void([item], NOT_NEEDED, now)
        elif item.is_owed and need is not None and item.content_hash != need.content_hash:
            book.void([item], CONTENT_CHANGED, now)
    missing: list[Obligation] = []
    for key, need in wanted.items():
        same = [item for item in existing if (item.rule, item.row_key) == key and item.content_hash == need.content_hash]
        if any(item.is_approved for item in same[:1]):
            continue
        waiting = next((item for item in same if item.is_owed or item.decision == "rejected"), None)
        if waiting is None:
            waiting = _asked(need, doctype, name, by, now)
            book.open(waiting)
            asked = Text(f"待审批：{waiting.title.zh}", f"To approve: {waiting.title.en}")
            tell(
                book.connection, now, asked, doctype, name, key=f"owed:{waiting.id}", kind="approval", role=waiting.owed_by_role
            )
        missing.append(waiting)
    return missing


def _asked(need: ApprovalNeeded, doctype: str, name: str, by: str, now: datetime) -> Obligation:
    return Obligation(
        id=new_id(16),
        kind="approval",
        rule=need.rule,
        row_key=need.row_key,
        doctype=doctype,
        name=name,
        title=need.title,
        clauses=need.clauses,
        owed_by_role=need.role,
        opened_at=now,
        opened_by=by,
        content=need.shown or need.content,
        content_hash=need.content_hash,
        allow_self=need.allow_self,
    )


def refuse_unapproved(missing: Iterable[Obligation], role_titles: Mapping[str, str], faults: FaultList) -> None:
    """A record with approvals still owed cannot be submitted: one fault each, naming who must decide what."""
    for item in missing:
        role = item.owed_by_role or ""
        clauses_zh = f"（条款 {'、'.join(item.clauses)}）" if item.clauses else ""
        clauses_en = f" (clause {', '.join(item.clauses)})" if item.clauses else ""
        if item.decision == "rejected":
            text = Text(
                f"{item.title.zh}：{item.decided_by} 已驳回，意见：{item.comment}。请修改后重新送审{clauses_zh}。",
                f"{item.title.en}: rejected by {item.decided_by} with the comment: {item.comment}. Change the record and ask again{clauses_en}.",
            )
        else:
            text = Text(
                f"{item.title.zh}：尚待{role_titles.get(role, role)}审批，批准后方可提交{clauses_zh}。",
                f"{item.title.en}: waiting for the approval of {role} before it can be submitted{clauses_en}.",
            )
        faults.add("", text, item.clauses, item.rule)
