"""Collects the faults of one rule file while it is read: the place, both languages, the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from ..calendars.term import Term
from ..core.errors import Fault
from ..core.text import EMPTY, Text, nearest
from .durations import EXPECTED, EXPECTED_TERM, parse_duration, parse_term

ENOUGH = 200  # a file that is wrong altogether need not be reported to its last comma


class Faults:
    """The faults of one file so far."""

    def __init__(self, file: str, rule: str | None = None) -> None:
        self.file = file
        self.rule = rule
        self.found: list[Fault] = []

    def add(self, path: str, zh: str, en: str, near: Text | None = None) -> None:
        if len(self.found) >= ENOUGH:
            return
        place = f"{self.file}: {path}" if self.file and path else self.file or path
        hint = near or EMPTY
        zh_start, en_start = (f"{place}：", f"{place}: ") if place else ("", "")
        self.found.append(Fault(place, Text(f"{zh_start}{zh}{hint.zh}", f"{en_start}{en}{hint.en}"), rule=self.rule))

    def take(self, others: Faults, at: str, own: Mapping[str, Any]) -> None:
        """The faults of a version that stands at `at` and says the keys `own`; what it has from its rule was named there."""
        for fault in others.found:
            path = fault.where.removeprefix(f"{self.file}: ") if self.file else fault.where
            if re.split(r"[.\[]", path, maxsplit=1)[0] in own and len(self.found) < ENOUGH:
                place = f"{self.file}: {at}.{path}" if self.file else f"{at}.{path}"
                text = Text(*(said.replace(fault.where, place, 1) for said in (fault.text.zh, fault.text.en)))
                self.found.append(Fault(place, text, rule=self.rule))

    def refused(self, path: str, text: Text) -> None:
        self.add(path, text.zh, text.en)

    def keys(self, item: Mapping[str, Any], allowed: Sequence[str], at: str) -> None:
        """Name every key that is not allowed here."""
        for key in item:
            if key not in allowed and not str(key).startswith("_"):
                place = f"{at}.{key}" if at else str(key)
                words = ", ".join(allowed)
                self.add(
                    place,
                    f"不认识 {key!r}，可用：{words}。",
                    f"{key!r} is not known here; allowed: {words}.",
                    nearest(key, allowed),
                )

    def items(self, value: Any, at: str) -> Iterator[tuple[str, Any]]:
        """The members of a list with their places; a fault when it is no list."""
        if not isinstance(value, list):
            self.add(at, f"{value!r} 应为列表", f"{value!r} should be a list")
            return
        for index, item in enumerate(value):
            yield f"{at}[{index}]", item

    def text(self, raw: Mapping[str, Any], name: str, at: str) -> Text:
        """A text in one or two languages; empty (with a fault) when it is something else."""
        value = raw.get(name)
        try:
            return Text.of(value or None)
        except (ValueError, AttributeError):
            place = f"{at}.{name}" if at else name
            self.add(
                place, f'{value!r} 应为文字或 {{"zh": …, "en": …}}', f'{value!r} should be a text or {{"zh": ..., "en": ...}}'
            )
            return EMPTY

    def words(self, value: Any, at: str) -> tuple[str, ...]:
        """A list of names; a fault when it is something else or empty."""
        if isinstance(value, list) and value and all(isinstance(item, str) and item for item in value):
            return tuple(value)
        self.add(at, f"{value!r} 应为字段名的列表", f"{value!r} should be a list of field names")
        return ()

    def word(self, raw: Mapping[str, Any], name: str, at: str, *, needed: bool = True) -> str | None:
        value = raw.get(name)
        if isinstance(value, str) and value:
            return value
        if value is not None or needed:
            self.add(f"{at}.{name}", f"{value!r} 应为文字", f"{value!r} should be a text")
        return None

    def duration(self, value: Any, at: str) -> timedelta | None:
        try:
            return parse_duration(value)
        except ValueError:
            self.add(at, f"{value!r}：{EXPECTED.zh}", f"{value!r}: {EXPECTED.en}")
            return None

    def term(self, value: Any, at: str) -> Term | None:
        """A length of time by the clock or in working time; a fault when it is neither."""
        try:
            return parse_term(value)
        except ValueError:
            self.add(at, f"{value!r}：{EXPECTED_TERM.zh}", f"{value!r}: {EXPECTED_TERM.en}")
            return None
