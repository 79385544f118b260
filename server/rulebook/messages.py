"""Messages with places: `{total}`, `{row.item}`, `{@open_tickets}`, `{customer.credit_limit}`, `{deviation|abs}`.

Values appear as people read them. In a message about a row, `{row.x}` is the row's column and `{x}` the record's field.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..core.text import Text
from .display import show
from .operands import FactReaders, Read, reader
from .paths import Frame, PathRefused, Resolved, resolve, shown_kind
from .place import Place

PLACE = re.compile(r"\{([^{}]*)\}")
FILTERS: dict[str, Callable[[Any], Any]] = {"abs": lambda value: None if value is None else abs(value)}

Message = Callable[[Place], Text]


def resolve_place(path: str, frame: Frame) -> Resolved:
    """What a place of a message means. Raises PathRefused."""
    if frame.table is None or path.startswith("@"):
        return resolve(path, frame)
    if path.startswith(("row.", "parent.", "user.")):
        return resolve(path, frame)
    return resolve(f"parent.{path}", frame)


def compile_message(text: Text, frame: Frame, facts: FactReaders) -> Message:
    """A function that fills the places of `text`. Raises PathRefused naming the place that means nothing."""
    readers: dict[str, tuple[Read, Resolved, str]] = {}
    for written in dict.fromkeys(PLACE.findall(text.zh) + PLACE.findall(text.en)):
        path, _, name = written.partition("|")
        if name and name.strip() not in FILTERS:
            words = ", ".join(FILTERS)
            raise PathRefused(
                Text(
                    f"占位 {{{written}}}：没有 {name!r}，可用：{words}",
                    f"place {{{written}}}: {name!r} is not known; use one of {words}",
                )
            )
        try:
            found = resolve_place(path.strip(), frame)
        except PathRefused as refused:
            raise PathRefused(
                Text(f"占位 {{{written}}}：{refused.text.zh}", f"place {{{written}}}: {refused.text.en}")
            ) from None
        readers[written] = (reader(found, facts), found, name.strip())
    if not readers:
        return lambda place: text

    def fill(place: Place) -> Text:
        shown = {}
        for written, (read, found, name) in readers.items():
            value = FILTERS[name](read(place)) if name else read(place)
            shown[written] = show(value, found.item, shown_kind(found))
        return Text(PLACE.sub(lambda match: shown[match[1]].zh, text.zh), PLACE.sub(lambda match: shown[match[1]].en, text.en))

    return fill
