"""The field that holds the state of a record: made where a DocType has none, as Frappe does, and closed to typing in either case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.text import Text
from ..metadata.model import DocField, DocState, DocType, Model
from .model import State, Workflow

LABEL = Text("流程状态", "Workflow State")


def with_state_fields(model: Model, workflows: Iterable[Workflow], past: Iterable[Workflow] = ()) -> Model:
    """The model in which every DocType with a workflow has its state field; one that is not active keeps the values, and closes no
    field. `past` are versions that records may still run under: their states are known too."""
    known = sorted((item for item in workflows if item.document_type in model), key=lambda item: item.is_active)
    ruling = {item.document_type: item for item in known}  # the active one, where there is one
    if not ruling:
        return model
    earlier: dict[str, list[Workflow]] = {}
    for item in past:
        earlier.setdefault(item.document_type, []).append(item)
    changed = {
        name: _with_state_field(model[name], workflow, earlier.get(name, ()))
        for name, workflow in ruling.items()
        if workflow.is_active or workflow.state_field not in model[name].by_name
    }
    return Model({item.name: changed.get(item.name, item) for item in model}, model.version)


def is_made(item: DocField) -> bool:
    """Whether this is a state field that a workflow made, not one that the DocType's designer put somewhere."""
    return item.read_only and item.label == LABEL


def _with_state_field(doctype: DocType, workflow: Workflow, past: Iterable[Workflow]) -> DocType:
    states: dict[str, State] = dict(workflow.by_name)
    for one in past:
        if one.state_field == workflow.state_field:
            states = {**one.by_name, **states}
    there = doctype.by_name.get(workflow.state_field)
    labels = {name: state.title for name, state in states.items()}
    if there is None:
        item = DocField(
            workflow.state_field, "Select", label=LABEL, options="\n".join(states), option_labels=labels, in_list_view=True,
            in_standard_filter=True, search_index=True, position=len(doctype.fields),
        )  # fmt: skip
        fields = (*doctype.fields, _closed(item))
    else:
        options = "\n".join(dict.fromkeys((*there.choices, *states))) if there.fieldtype == "Select" else there.options
        made = _closed(replace(there, options=options, option_labels=labels | dict(there.option_labels)))
        fields = tuple(made if item is there else item for item in doctype.fields)
    coloured = {item.title for item in doctype.states}
    pills = tuple(DocState(name, state.color) for name, state in states.items() if name not in coloured)
    return replace(doctype, fields=fields, states=(*doctype.states, *pills))


def _closed(item: DocField) -> DocField:
    """Nobody types into it, and it changes as long as the record lives."""
    return replace(
        item, read_only=True, no_copy=True, allow_on_submit=True, reqd=False, unique=False, set_only_once=False,
        mandatory_depends_on=None, fetch_from=None,
    )  # fmt: skip
