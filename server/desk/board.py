"""A list as a board: a lane for each choice of a field or each state of the workflow, cards that move from lane to lane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..core.text import Text
from ..documents.complete import Record
from ..metadata.model import DocField
from ..workflow.model import Workflow
from .list_columns import Column
from .list_groups import COUNT, place_of
from .list_state import FilterRow
from .phrases import PHRASES

if TYPE_CHECKING:
    from .list_page import ListPage

MOST_LANES, CARDS, LINES = 14, 20, 3
EMPTY = Text("（空）", "(none)")
TEXTS = {
    "offline": PHRASES["bulk.offline"],
    "comment_question": Text(
        "移动 {what} 须填写意见，意见记入历史。", "Moving {what} needs a comment; it is kept in the timeline."
    ),
    "comment": Text("意见", "Comment"),
    "reason_missing": Text("请填写“{label}”。", "Fill in “{label}”."),
    "final_question": Text(
        "{what} 移到“{lane}”后不能收回。确定移动？", "Once {what} is in “{lane}” this cannot be taken back. Move it?"
    ),
    "move": Text("移动", "Move"),
    "close": PHRASES["form.give_up"],
}


@dataclass(frozen=True)
class Lane:
    """One choice: its cards, the newest in the list's order, and how many there are in all."""

    key: str
    title: str
    color: str
    count: int
    rows: tuple[Record, ...]
    address: str | None  # of the list of all its records
    is_final: bool = False  # whether what is moved here cannot be taken back


class Board:
    """The board of one list."""

    def __init__(self, page: ListPage, flow: Workflow | None) -> None:
        self._page = page
        self._flow = flow

    @cached_property
    def fields(self) -> list[DocField]:
        """What a board can go by: choices of which there are not too many, the workflow's state first."""
        found = [
            item for item in self._page.filter_fields if item.fieldtype == "Select" and 2 <= len(item.choices) <= MOST_LANES
        ]
        found = [item for item in found if item.fieldname in self._page.doctype.by_name]
        state = self._flow.state_field if self._flow else None
        first = (self._page.doctype.extra.get("kanban_field"), state, "status")
        return sorted(found, key=lambda item: first.index(item.fieldname) if item.fieldname in first else len(first))

    @property
    def field(self) -> DocField | None:
        return next((item for item in self.fields if item.fieldname == self._page.state.by), next(iter(self.fields), None))

    @cached_property
    def lanes(self) -> list[Lane]:
        """All lanes in the order of the choices; one for those without a choice where there are any."""
        item = self.field
        if item is None:
            return []
        counts = {
            row[item.fieldname] or "": row[COUNT]
            for row in self._page.grouped(item.fieldname, [("count", "name", COUNT)], None)
        }
        choices = self._page.ordered_choices(item) or ()
        keys = sorted({*counts, *item.choices}, key=lambda key: place_of(key, choices))
        return [self._lane(item, key, counts.get(key, 0)) for key in keys]

    def _lane(self, item: DocField, key: str, count: int) -> Lane:
        row = FilterRow(item.fieldname, "=", key) if key else FilterRow(item.fieldname, "is", "not set")
        rows = self._page.rows_where([row], CARDS) if count else []
        title = item.choice_label(key) if key else EMPTY
        is_final = self._flow is not None and self._flow.state_field == item.fieldname and self._is_final(self._flow, key)
        address = self._page.narrowed(row)
        return Lane(key, title.to(self._page.language), self._page.color(key), count, tuple(rows), address, is_final)

    @staticmethod
    def _is_final(flow: Workflow, state: str) -> bool:
        """Whether a hand that moves a card there is asked once more; what needs a comment asks for that."""
        leading = [each for each in flow.transitions if each.next_state == state and not each.when and not each.needs_comment]
        return any(flow.is_final(each) for each in leading)

    @property
    def rows(self) -> list[Record]:
        return [row for lane in self.lanes for row in lane.rows]

    @cached_property
    def lines(self) -> list[Column]:
        """What a card says below its title."""
        by = self.field.fieldname if self.field else ""
        return [column for column in self._page.columns if column.role == "value" and column.fieldname != by][:LINES]

    @property
    def texts(self) -> dict[str, str]:
        """What the script says and asks."""
        return {key: text.to(self._page.language) for key, text in TEXTS.items()}

    @property
    def may_move(self) -> bool:
        """Whether the user may move any card; each is judged by itself when it is moved."""
        return self._page.may("write")

    def title(self, row: Mapping[str, Any]) -> str:
        return self._page.title(row)
