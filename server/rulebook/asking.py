"""What conditions will ask other records, known before they are judged: so that many questions become one.

An `Ask` yields the questions that a condition, message or value has at a place. It may yield more than the decision will need,
never less than would be answered the same: what is not announced here is asked when it is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from ..core.text import Text
from .gather import QueryFact
from .messages import PLACE, in_message
from .model import Change, Compare, Condition, Consequence, Create, Group, Operand, Rows, SetFields
from .operands import FactReaders, link_question
from .paths import Frame, PathRefused, resolve
from .place import Place
from .situation import FactQuery

Ask = Callable[[Place], Iterator[FactQuery]]


def asks_of(conditions: Iterable[Condition], frame: Frame, facts: FactReaders) -> tuple[Ask, ...]:
    """The questions of conditions judged in `frame`."""
    found: list[Ask] = []
    for item in conditions:
        if isinstance(item, Compare):
            found += _paths([item.path, *_operand(item.value)], frame, facts)
        elif isinstance(item, Group):
            found += asks_of(item.items, frame, facts)
        elif isinstance(item, Rows):
            found += _paths(_operand(item.count), frame, facts)
            inner = asks_of(item.where, frame.rows(item.table), facts)
            found += [_each_row(item.table, inner)] if inner else []
    return tuple(dict.fromkeys(found))


def asks_of_consequences(items: Iterable[Consequence], frame: Frame, facts: FactReaders) -> tuple[Ask, ...]:
    """The questions of what a rule then says and sets about the record and about each row."""
    found: list[Ask] = []
    for item in items:
        each = getattr(item, "each", None)
        inner = frame.rows(each.table) if each is not None else frame
        asks = [*asks_of(each.where if each is not None else (), inner, facts), *_paths(_said(item, inner), inner, facts)]
        found += [_each_row(each.table, tuple(asks))] if each is not None and asks else asks
    return tuple(dict.fromkeys(found))


def _said(item: Consequence, frame: Frame) -> list[str]:
    """The paths that a consequence reads where it is drawn."""
    paths: list[str] = []
    if isinstance(item, SetFields | Create | Change):
        paths += [path for _, operand in item.values for path in _operand(operand)]
    for part in ("message", "title"):
        text = getattr(item, part, None)
        if isinstance(text, Text):
            pieces = (piece.partition("|")[0].strip() for piece in PLACE.findall(text.zh) + PLACE.findall(text.en))
            paths += [in_message(piece, frame) for piece in pieces]
    return [
        *paths,
        *getattr(item, "show", ()),
        *filter(None, (getattr(item, part, None) for part in ("user_field", "from_", "per", "record"))),
    ]


def _operand(operand: Operand) -> list[str]:
    if operand.kind == "path":
        return [operand.value]
    if isinstance(operand.value, tuple):
        return [path for part in operand.value for path in _operand(part)]
    return []


def _paths(paths: Iterable[str], frame: Frame, facts: FactReaders) -> Iterator[Ask]:
    for path in dict.fromkeys(paths):
        try:
            found = resolve(path, frame)
        except PathRefused:
            continue  # told where it is written
        if found.source == "fact":
            fact = facts[found.name]
            if isinstance(fact, QueryFact):
                yield _asked(fact.question, up=not found.is_of_row)
        elif found.source == "link":
            yield _asked(link_question(found), up=bool(found.level))


def _asked(question: Callable[[Place], FactQuery | None], *, up: bool) -> Ask:
    def ask(place: Place) -> Iterator[FactQuery]:
        found = question(place.root if up else place)
        if found is not None:
            yield found

    return ask


def _each_row(table: str, inner: tuple[Ask, ...]) -> Ask:
    def ask(place: Place) -> Iterator[FactQuery]:
        for row in place.rows(table):
            for one in inner:
                yield from one(row)

    return ask
