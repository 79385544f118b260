"""What the life cycle of a record allows: which action in which docstatus, which fields still change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from ..core.errors import FaultList, ValidationFailed
from ..core.text import Text
from ..metadata.model import CANCELLED, DRAFT, SUBMITTED, DocType, Model
from .changes import merge
from .complete import Record

Action = Literal["create", "save", "submit", "cancel"]

ALLOWED: Mapping[str, tuple[int, ...]] = {"save": (DRAFT, SUBMITTED), "submit": (DRAFT,), "cancel": (SUBMITTED,)}
STATES = {DRAFT: Text("草稿", "a draft"), SUBMITTED: Text("已提交", "submitted"), CANCELLED: Text("已作废", "cancelled")}
DONE = {"save": Text("修改", "changed"), "submit": Text("提交", "submitted"), "cancel": Text("作废", "cancelled")}


def check(doctype: DocType, action: Action, old: Record) -> None:
    """Refuse an action that the docstatus of a record does not allow. Raises ValidationFailed."""
    if old["docstatus"] in ALLOWED[action] and (action == "save" or doctype.is_submittable):
        return
    state, done = STATES[old["docstatus"]], DONE[action]
    raise ValidationFailed(
        Text(
            f"{doctype.label.zh} {old['name']} 现为{state.zh}，不能{done.zh}。",
            f"{doctype.label.en} {old['name']} is {state.en}; it cannot be {done.en}.",
        )
    )


def refuse_amending(doctype: DocType, record: Record) -> None:
    """Raises ValidationFailed for a record that is not cancelled: only such a one is taken the place of."""
    if record["docstatus"] != CANCELLED or "amended_from" not in doctype.by_name:
        name = record["name"]
        raise ValidationFailed(
            Text(
                f"{doctype.label.zh} {name} 未作废，不能修订。请先作废。",
                f"{doctype.label.en} {name} is not cancelled; cancel it before amending.",
            )
        )


def retained_until(doctype: DocType, record: Record) -> datetime | None:
    """Until when nobody may delete this record; None when it may go.

    A draft of a DocType that is submitted is no record yet; everything else is kept for `retention_years` from its creation.
    """
    if not doctype.retention_years or doctype.is_submittable:
        return None
    made: datetime = record["creation"]
    try:
        return made.replace(year=made.year + doctype.retention_years)
    except ValueError:  # made on 29 February
        return made.replace(year=made.year + doctype.retention_years, day=28)


def refuse_retained(doctype: DocType, record: Record, now: datetime) -> None:
    """Raises ValidationFailed while the record must be kept, citing the clauses of its DocType."""
    until = retained_until(doctype, record)
    if until is None or now >= until:
        return
    name, years, day = record["name"], doctype.retention_years, until.date().isoformat()
    clauses = f"（条款 {'、'.join(doctype.source)}）" if doctype.source else ""
    cited = f" (clauses {', '.join(doctype.source)})" if doctype.source else ""
    raise ValidationFailed(
        Text(
            f"{doctype.label.zh} {name} 须保存 {years} 年{clauses}，{day} 之前不能删除；填错的可在单据内更正或注明。",
            f"{doctype.label.en} {name} is kept for {years} years{cited} and cannot be deleted before {day}; "
            "correct it or note in it what was wrong.",
        )
    )


def refuse_fixed(
    model: Model, doctype: DocType, old: Record, sent: Record, faults: FaultList, *, by_rule: bool = False
) -> None:
    """Read-only and set-only-once fields keep their value; a submitted record takes only `allow_on_submit`.

    A field that is read-only is closed to people; what a rule puts there (`by_rule`) is what it is for.
    """
    for name, value in sent.items():
        item = doctype.by_name[name]
        if item.is_computed or (item.fetch_from and item.read_only) or same(model, doctype, name, old.get(name), value):
            continue
        if old["docstatus"] == SUBMITTED and not item.allow_on_submit:
            faults.add(
                name,
                Text(
                    f"{item.label.zh}：单据已提交，此字段不可更改。",
                    f"{item.label.en}: the record is submitted; this field can no longer be changed.",
                ),
            )
        elif (item.read_only and not by_rule) or name == "amended_from" or (item.set_only_once and old.get(name) is not None):
            faults.add(
                name,
                Text(
                    f"{item.label.zh}：此字段为只读，不可更改。",
                    f"{item.label.en}: this field is read-only and cannot be changed.",
                ),
            )


def same(model: Model, doctype: DocType, fieldname: str, old: Any, new: Any) -> bool:
    """Whether a field was sent as it was; what is computed in its rows does not count."""
    item = doctype.by_name[fieldname]
    if not item.type.holds_rows:
        return bool(old == new)
    before, after = old or [], merge(doctype, {fieldname: old}, {fieldname: new})[fieldname]
    child = model.child(item)
    computed = {column.fieldname for column in child.fields if column.is_computed or (column.fetch_from and column.read_only)}
    ignored = {"idx", "name"} | computed
    return len(before) == len(after) and all(
        all(b.get(key) == value for key, value in a.items() if key not in ignored) for b, a in zip(before, after, strict=True)
    )
