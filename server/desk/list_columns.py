"""The columns of a list: those that the record type begins with, those that there are, and those that an address chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from ..access.sight import Sight
from ..core.text import Text
from ..metadata.model import DocField, DocType
from ..workflow.model import Workflow

Role = Literal["title", "state", "moment", "value"]
DEFAULT_FIELDS = 7  # beside name, title, state and time
MAX_COLUMNS = 40
UNSHOWN = {"signature", "geolocation", "password"}  # what has no words in a cell
SUMMED = ("Currency", "Float", "Int")

# What every record has, as fields: so that lists show, filter and sort by them as by any other.
STANDARD: Mapping[str, DocField] = {
    item.fieldname: item
    for item in (
        DocField("name", "Data", Text("编号", "Number")),
        DocField("modified", "Datetime", Text("更新时间", "Changed")),
        DocField("modified_by", "Link", Text("更新人", "Changed by"), options="User"),
        DocField("creation", "Datetime", Text("创建时间", "Created")),
        DocField("owner", "Link", Text("创建人", "Created by"), options="User"),
        DocField(
            "docstatus", "Select", Text("单据状态", "Document state"), options="0\n1\n2",
            option_labels={"0": Text("草稿", "Draft"), "1": Text("已提交", "Submitted"), "2": Text("已作废", "Cancelled")},
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """One column; `is_plain` where the reader may sort by it."""

    item: DocField
    role: Role
    is_plain: bool

    @property
    def fieldname(self) -> str:
        return self.item.fieldname

    @property
    def label(self) -> Text:
        return STATE_LABEL if self.role == "state" else self.item.label or Text(self.fieldname, self.fieldname)

    @property
    def is_summed(self) -> bool:
        """Whether the values of the column add up to something."""
        return (
            self.role == "value" and self.is_plain and self.item.fieldtype in SUMMED and not self.item.type.choices(self.item)
        )


STATE_LABEL = Text("状态", "State")


class Columns:
    """The columns of one record type for one reader."""

    def __init__(self, doctype: DocType, sight: Sight, flow: Workflow | None) -> None:
        self._doctype = doctype
        self._sight = sight
        self.state_field = _state_field(doctype, flow)

    @property
    def has_title(self) -> bool:
        """Whether a title stands beside the name: not where the name is made of it, nor where the reader does not see it."""
        title = self._doctype.by_name.get(self._doctype.title_field or "")
        return title is not None and self._doctype.autoname != f"field:{title.fieldname}" and self._sight.sees(title)

    def default(self) -> list[Column]:
        """Title, list fields, state, time of change."""
        title = self._doctype.title_field if self.has_title else None
        fields = [
            item.fieldname
            for item in self._doctype.list_columns
            if self._sight.sees(item) and item.fieldname not in (self._doctype.title_field, self.state_field)
        ]
        return self.named([title or "", *fields[:DEFAULT_FIELDS], self.state_field or "", "modified"])

    def named(self, names: Iterable[str]) -> list[Column]:
        """The columns of these names, without those that there are not or that the reader may not see."""
        there = {column.fieldname: column for column in self.offered}
        return [there[name] for name in dict.fromkeys(names) if name in there][:MAX_COLUMNS]

    @cached_property
    def offered(self) -> list[Column]:
        """Every column that the reader may choose, in form order, then what every record has."""
        standard = [item for name, item in STANDARD.items() if name != "name" and self._offers(name)]
        fields = [
            item
            for item in self._doctype.stored_fields
            if self._sight.sees(item) and not item.hidden and not item.type.is_secret and item.type.widget not in UNSHOWN
        ]
        for name in (self._doctype.title_field, self.state_field):  # title and state are shown though their field is hidden
            item = self._doctype.by_name.get(name or "")
            if item is not None and item not in fields and self._sight.sees(item):
                fields.append(item)
        return [self._column(item) for item in (*fields, *standard)]

    def _offers(self, name: str) -> bool:
        return name != "docstatus" or self._doctype.is_submittable

    def _column(self, item: DocField) -> Column:
        is_standard = STANDARD.get(item.fieldname) is item
        role: Role = "value"
        if item.fieldname == self.state_field:
            role = "state"
        elif item.fieldname == self._doctype.title_field and self.has_title:
            role = "title"
        elif is_standard and item.fieldtype == "Datetime":
            role = "moment"
        return Column(item, role, is_standard or self._sight.sees_plainly(item))


def _state_field(doctype: DocType, flow: Workflow | None) -> str | None:
    """The field whose value is the coloured mark of a row: that of the workflow, the record's own status, its docstatus."""
    if flow is not None and not flow.override_status:
        return flow.state_field
    if "status" in doctype.by_name:
        return "status"
    return "docstatus" if doctype.is_submittable else None
