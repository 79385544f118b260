"""What the form says of another's changes: merged, to choose between, kept as a draft."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

MERGE_TEXTS: Mapping[str, Text] = {
    "merged": Text("他人同时更改了：{fields}，已一并采用。", "Changed by somebody else meanwhile and taken over: {fields}."),
    "changed_meanwhile": Text(
        "您编辑期间单据已被他人更改，两边的更改没有冲突。请看过后继续。",
        "Somebody else changed the record while you were editing; the changes do not collide. Have a look before you go on.",
    ),
    "go_on": Text("继续", "Go on"),
    "comma": Text("、", ", "),
    "rows": Text("{number} 行", "{number} rows"),
}
