"""How the fields of a DocType are laid out for somebody who may read some of its levels."""

from __future__ import annotations

from desk_tool_crib import LOAN

from server.desk.form_layout import Tab, layout
from server.metadata.load import read_doctype

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
