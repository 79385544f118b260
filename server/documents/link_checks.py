"""Step 3 of the save path: where the links of a record lead."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from ..core.errors import FaultList
from ..core.text import Text
from ..metadata.model import CANCELLED, DOCTYPE, DocField, DocType, Model
from ..storage import records
from .complete import Record
from .life_cycle import Action
from .validate import links_of

if TYPE_CHECKING:
    from .save_path import SavePath


def refuse_dangling(path: SavePath, action: Action, record: Record, old: Record | None) -> None:
    """Every link leads somewhere and will until this is written; nothing is submitted upon what is cancelled."""
    links = list(links_of(path.model, path.doctype, record))
    before = {(target, name) for _, _, target, name in links_of(path.model, path.doctype, old or {})}
    asked: dict[str, set[str]] = {}
    for _, _, target, name in links:
        if target in path.model:
            asked.setdefault(target, set()).add(name)
    known: dict[str, Container[str]] = {DOCTYPE: path.model.doctypes}
    cancelled: set[tuple[str, str]] = set()
    others: dict[str, tuple[DocType, set[str]]] = {}
    for target, names in sorted(asked.items()):
        found = path.model[target]
        upon = action == "submit" and found.is_submittable
        held = names if upon else {name for name in names if (target, name) not in before}
        records.hold_links(path.connection, found, held, in_state=upon)
        if upon:
            heads = records.heads(path.connection, found, names)
            known[target] = set(heads)
            cancelled |= {(target, name) for name, head in heads.items() if head["docstatus"] == CANCELLED}
        else:
            others[target] = found, names
    known |= records.exist_together(path.connection, others)
    _judge(path.model, links, known, cancelled, path.faults)


def name_dangling(connection: Connection, model: Model, doctype: DocType, record: Record, faults: FaultList) -> None:
    """The same for a record that is only being typed: where its links lead now, without keeping anything as it is."""
    links = list(links_of(model, doctype, record))
    known: dict[str, Container[str]] = {DOCTYPE: model.doctypes}
    targets = {target for _, _, target, _ in links if target in model}
    asked = {of: (model[of], {name for _, _, other, name in links if other == of}) for of in targets}
    known |= records.exist_together(connection, asked)
    _judge(model, links, known, set(), faults)


def _judge(
    model: Model,
    links: Sequence[tuple[str, DocField, str, str]],
    known: Mapping[str, Container[str]],
    cancelled: set[tuple[str, str]],
    faults: FaultList,
) -> None:
    for where, item, target, name in links:
        if target in known and name not in known[target]:
            label = Text("单据类型", "Record type") if target == DOCTYPE else model[target].label
            faults.add(
                where,
                Text(
                    f"{item.label.zh}：没有编号为“{name}”的{label.zh}，请从列表中选择。",
                    f'{item.label.en}: there is no {label.en} "{name}"; choose one from the list.',
                ),
            )
        elif (target, name) in cancelled and item.fieldname != "amended_from":
            faults.add(
                where,
                Text(
                    f"{item.label.zh}：{name} 已作废，不能据此提交，请另选。",
                    f"{item.label.en}: {name} is cancelled; nothing is submitted upon it. Choose another one.",
                ),
            )
