"""How the fields of a DocType are laid out for somebody who may read some of its levels."""

from __future__ import annotations

from desk_tool_crib import LOAN

from server.desk.form_layout import Tab, layout
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.workflow.read import read_workflow
from server.workflow.statefield import with_state_fields

EVERYBODY, COST = frozenset({0}), frozenset({0, 1})


def laid_out(levels: frozenset[int]) -> dict[str, list[list[list[str]]]]:
    """Tabs by their label: sections, columns, fieldnames."""
    tabs: tuple[Tab, ...] = layout(read_doctype(LOAN), levels)
    return {
        tab.label.zh: [[[item.fieldname for item in column.fields] for column in section.columns] for section in tab.sections]
        for tab in tabs
    }


def test_breaks_make_tabs_sections_and_columns_and_what_is_empty_or_hidden_is_left_out() -> None:
    assert laid_out(COST) == {
        "基本信息": [[["tool", "kind"], ["borrower", "qty", "lent_at", "price"]]],
        "附件": [[["parts"]]],
        "成本": [[["cost_note"]]],
    }


def test_a_tab_of_which_nothing_may_be_read_is_not_there() -> None:
    assert laid_out(EVERYBODY) == {"基本信息": [[["tool", "kind"], ["borrower", "qty", "lent_at"]]], "附件": [[["parts"]]]}


def test_the_state_field_that_a_workflow_made_is_not_on_the_form_and_one_that_was_drawn_stays() -> None:
    flow = {
        "doctype": "Workflow",
        "name": "Lending",
        "document_type": LOAN["name"],
        "is_active": 1,
        "states": [{"state": "Lent", "doc_status": "0"}],
    }
    loan = read_doctype(LOAN)
    for state_field, is_shown in (("workflow_state", False), ("kind", True)):
        ruled = with_state_fields(Model({loan.name: loan}), [read_workflow(flow | {"workflow_state_field": state_field})])[
            loan.name
        ]
        assert state_field in ruled.by_name
        laid = [item.fieldname for tab in layout(ruled, COST) for section in tab.sections for item in section.fields]
        assert (state_field in laid) is is_shown
