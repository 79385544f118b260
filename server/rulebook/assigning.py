"""`assign` and `tag` compiled: who is given the record to see to, and the words that are put on it or taken off.

Both say how things stand, not what happens once: an assignment goes when its rule does not hold any more, and each save puts the
words as the rules say (`documents` carries it out).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..core.text import Text
from .drawing import Draw, Drawn, Making, RowPlaces
from .effects import Assigned, Owed, Tagged
from .gather import instant
from .messages import compile_title
from .model import Assign, SetTags
from .obliging import counted, time_reader
from .operands import Read, reader
from .paths import PathRefused, resolve
from .place import Place

LONGEST_TAG = 60
BY_ASSIGN = "assign:"  # begins the row keys of what `assign` opens


def compile_assign(item: Assign, making: Making, rows: RowPlaces) -> Draw:
    """Draws one `Assigned` with what is owed by each role and person that it names. Raises PathRefused."""
    frame, rule = rows.frame, making.rule
    title = compile_title(item.note or rule.title, frame, making.facts)
    person = _person(item.user_field, rows, making)
    start = time_reader(item.from_, frame, making.facts) if item.from_ else None
    deadline = item.deadline

    def owners(one: Place, place: Place) -> Iterator[tuple[str | None, str | None]]:
        named = [(item.role, None)] if item.role else []
        people = [*item.users, *([person(one)] if person else [])]
        yield from named
        yield from ((None, str(name)) for name in dict.fromkeys(people) if name)
        if not named and not any(people):  # an empty field would leave nobody: then who made the record has it
            yield None, str(place.doc.get("owner") or place.judgement.user["name"])

    def draw(place: Place, drawn: Drawn) -> None:
        now = place.judgement.situation.now
        calendar = place.judgement.calendar(None) if deadline.needs_calendar else None
        owed: dict[str, Owed] = {}
        for one, _, key in rows.places(place):
            begin = start(one) if start else None
            at = instant(begin) or now
            found = counted(deadline, at, calendar)
            for role, user in owners(one, place):
                row_key = f"{BY_ASSIGN}{key}:{role or user}"
                owed[row_key] = Owed(
                    rule=rule.name, title=title(one), role=role, user=user, due_at=found.due, warn_at=found.warn, clauses=rule.source,
                    row_key=row_key, deadline=deadline, counted_from=at, calendar=calendar.name if calendar else None,
                    is_estimated=found.is_estimated, counts_from_now=begin is None,
                )  # fmt: skip
        drawn.effects.append(Assigned(rule.name, owed))

    return draw


def _person(path: str | None, rows: RowPlaces, making: Making) -> Read | None:
    if path is None:
        return None
    found = resolve(path, rows.frame)
    if found.item is not None and (found.item.fieldtype != "Link" or found.item.options != "User"):
        raise PathRefused(Text(f"{path!r} 不是链接到人员（User）的字段", f"{path!r} is not a Link to a User"))
    return reader(found, making.facts)


def compile_tags(item: SetTags, making: Making) -> Callable[[Place, Drawn], None]:
    effect = Tagged(making.rule.name, item.add, item.remove)
    return lambda place, drawn: drawn.effects.append(effect)
