"""What the scripts of child tables say: rows, blocks of cells, what could not be read of a pasted one."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

GRID_TEXTS: Mapping[str, Text] = {
    "row_more": Text("此行的更多操作", "More for this row"),
    "insert_above": Text("在上方插入行", "Insert a row above"),
    "insert_below": Text("在下方插入行", "Insert a row below"),
    "duplicate_row": Text("复制此行", "Duplicate this row"),
    "paste_left": Text(
        "有 {number} 格未粘入：超出表格，或该列不可填写。",
        "{number} cells were left out: beyond the table, or in a column that is closed.",
    ),
    "paste_faults": Text(
        "{number} 格不能识别，内容按原样保留，请逐格改正：",
        "{number} cells could not be read; their text is kept as it stood. Please correct them:",
    ),
    "paste_more": Text("另有 {number} 处", "and {number} more"),
    "row_number": Text("第 {number} 行", "Row {number}"),
    "paste_unread": Text(
        "连接不上服务器，粘贴的内容按原样保留，保存时再核对。",
        "The server cannot be reached; what was pasted is kept as it stood and checked when it is saved.",
    ),
}
