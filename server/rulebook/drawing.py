"""What every consequence is drawn with: what it is compiled from, where it is drawn, and what it draws into."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..core.errors import Fault
from ..metadata.model import DocField
from .conditions import row_test
from .effects import Effect
from .gather import Holds
from .model import EachRow, Rule
from .operands import FactReaders
from .paths import Frame, unknown
from .place import Place


@dataclass
class Drawn:
    """What was drawn so far."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Making:
    """What compiling a consequence needs to know."""

    rule: Rule
    frame: Frame
    facts: FactReaders


Draw = Callable[[Place, Drawn], None]


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """The places a consequence is drawn for: the record itself, or the rows that `each_row` chooses."""

    each: EachRow | None
    frame: Frame
    test: Holds | None

    def places(self, place: Place) -> Iterator[tuple[Place, str, str]]:
        """(place, path prefix of its fields, row key)."""
        if self.each is None or self.test is None:
            yield place, "", ""
            return
        for row in place.rows(self.each.table):
            if self.test(row):
                where = f"{self.each.table}[{row.index}]"
                yield row, where, str(row.doc.get("name") or where)


def row_places(each: EachRow | None, making: Making) -> RowPlaces:
    """Where a consequence is drawn, compiled. Raises PathRefused."""
    if each is None:
        return RowPlaces(None, making.frame, None)
    frame = making.frame.rows(each.table)
    return RowPlaces(each, frame, row_test(each.where, frame, making.facts))


def joined(prefix: str, name: str | None) -> str:
    """The path of a field, below that of its row."""
    return f"{prefix}.{name}" if prefix and name else prefix or name or ""


def field_here(name: str, frame: Frame) -> DocField:
    """The field of that name, of the record or of its row. Raises PathRefused."""
    item = frame.here.by_name.get(name)
    if item is None or item.type.is_layout:
        raise unknown(name, frame.here, [one.fieldname for one in frame.here.data_fields])
    return item
