"""Messages with places: `{total}`, `{row.item}`, `{@open_tickets}`, `{customer.credit_limit}`, `{deviation|abs}`.

Values appear as people read them. In a message about a row, `{row.x}` is the row's column and `{x}` the record's field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..core.text import EMPTY, Text
from .display import show
from .effects import Guarded
from .operands import FactReaders, Read, reader
from .operators import is_absent
from .paths import Frame, PathRefused, Resolved, resolve, shown_kind
from .place import Place
from .situation import FactQuery

PLACE = re.compile(r"\{([^{}]*)\}")
GIVEN = "given"  # says nothing where nothing is filled in
FILTERS: dict[str, Callable[[Any], Any]] = {
    "abs": lambda value: None if value is None else abs(value),
    GIVEN: lambda value: value,
}

Message = Callable[[Place], Text]
Readers = dict[str, tuple[Read, Resolved, str]]
HIDDEN = Text("****", "****")  # stands for what not every reader may see


def resolve_place(path: str, frame: Frame) -> Resolved:
    """What a place of a message means. Raises PathRefused."""
    return resolve(in_message(path, frame), frame)


def in_message(path: str, frame: Frame) -> str:
    """The path that a place of a message means: about a row, `{x}` is the record's field."""
    if frame.table is None or path.startswith(("@", "row.", "parent.", "user.")):
        return path
    return f"parent.{path}"


def title_question(found: Resolved, frame: Frame, read: Read) -> Callable[[Place], FactQuery | None] | None:
    """What asks for the title of the record that a link leads to; None where there is no title that everybody may read."""
    item = found.item
    target = frame.model.get(item.options or "") if item is not None and item.fieldtype == "Link" else None
    title = target.by_name.get(target.title_field or "") if target is not None else None
    if target is None or title is None or title.permlevel or title.mask or title.type.kind != "text" or title.type.is_secret:
        return None
    of, name, path = target.name, title.fieldname, f"{found.path}.{title.fieldname}"

    def question(place: Place) -> FactQuery | None:
        linked = read(place)
        return FactQuery(path, "first", of, name, (("name", "=", linked),)) if isinstance(linked, str) and linked else None

    return question


def _titled(found: Resolved, frame: Frame, read: Read) -> Read:
    """Reads a link as people read it: by the title of what it leads to."""
    question = title_question(found, frame, read)
    if question is None:
        return read

    def titled(place: Place) -> Any:
        asked = question(place)
        return (place.judgement.ask(asked) or read(place)) if asked is not None else read(place)

    return titled


def compile_message(text: Text, frame: Frame, facts: FactReaders) -> Message:
    """A function that fills the places of `text`. Raises PathRefused naming the place that means nothing."""
    readers = _readers(text, frame, facts)
    return (lambda place: _filled(text, _shown(readers, place))) if readers else (lambda place: text)


def compile_title(text: Text, frame: Frame, facts: FactReaders) -> Message:
    """The same for what stands before many people as one text: what not all of them may see is left out of it."""
    readers = _readers(text, frame, facts)
    hidden = {one.written: HIDDEN for one in _guarded(readers)}
    return (lambda place: _filled(text, _shown(readers, place) | hidden)) if readers else (lambda place: text)


def compile_told(text: Text, frame: Frame, facts: FactReaders) -> Callable[[Place], tuple[Text, tuple[Guarded, ...]]]:
    """The same for what several people are told: guarded places stand as they were written, their values beside the text."""
    readers = _readers(text, frame, facts)
    guarded = _guarded(readers)

    def fill(place: Place) -> tuple[Text, tuple[Guarded, ...]]:
        shown = _shown(readers, place)
        open_ones = shown | {one.written: Text.of(f"{{{one.written}}}") for one in guarded}
        return _filled(text, open_ones), tuple(replace(one, value=shown[one.written]) for one in guarded)

    return fill


def with_labels(text: Text, frame: Frame) -> Text:
    """The message before there is a record to fill it in: each place says what stands there, as `[Total]`."""

    def label(written: str) -> Text:
        try:
            found = resolve_place(written.partition("|")[0].strip(), frame).label
        except PathRefused:
            found = Text.of(written)
        return Text(f"[{found.zh}]", f"[{found.en}]")

    return _filled(text, {written: label(written) for written in PLACE.findall(text.zh) + PLACE.findall(text.en)})


def _guarded(readers: Readers) -> tuple[Guarded, ...]:
    return tuple(
        Guarded(written, item.permlevel, item.mask, (found.link.options or "") if found.link is not None else "")
        for written, (_, found, _) in readers.items()
        if (item := found.item) is not None and (item.permlevel or item.mask)
    )


def _shown(readers: Readers, place: Place) -> dict[str, Text]:
    shown = {}
    for written, (read, found, name) in readers.items():
        value = FILTERS[name](read(place)) if name else read(place)
        shown[written] = EMPTY if name == GIVEN and is_absent(value) else show(value, found.item, shown_kind(found))
    return shown


def _filled(text: Text, shown: Mapping[str, Text]) -> Text:
    zh, en = PLACE.sub(lambda match: shown[match[1]].zh, text.zh), PLACE.sub(lambda match: shown[match[1]].en, text.en)
    return Text(zh.rstrip(), en.rstrip())


def _readers(text: Text, frame: Frame, facts: FactReaders) -> Readers:
    """What reads each place. Raises PathRefused."""
    readers: Readers = {}
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
        readers[written] = (_titled(found, frame, reader(found, facts)), found, name.strip())
    return readers
