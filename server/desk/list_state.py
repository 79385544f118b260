"""The address of a list is its whole state: search, filters, order, columns, grouping, shape. Read here, and written again with changes.

q=东岭  f=status&o=%3D&v=Open (again for each filter)  match=any  sort=due:asc,name:desc  cols=customer,status  group=due&unit=month
totals=1 (subtotals alone)  as=board|calendar|gallery  by=status (what the shape goes by)  at=2026-06 (where a calendar stands)
after=… (paging)  view=… (a saved view as it stands)  from=… (what came of a saved view)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

SHAPES = ("list", "board", "calendar", "gallery")
MAX_FILTERS = 20


@dataclass(frozen=True)
class FilterRow:
    fieldname: str
    operator: str
    value: str


@dataclass(frozen=True)
class ListState:
    """What an address asks of a list; nothing of it is judged yet."""

    q: str = ""
    filters: tuple[FilterRow, ...] = ()
    is_any: bool = False
    sort: str = ""
    columns: tuple[str, ...] = ()
    group: str = ""
    unit: str = ""
    only_totals: bool = False
    shape: str = "list"
    by: str = ""

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> ListState:
        """The state of an address. Columns may come as one text or as a form's many boxes, an order as `sort` or as a form's rows."""
        shape = args.get("as", "")
        return cls(
            q=args.get("q", "").strip(),
            filters=tuple(
                FilterRow(name, operator, value)
                for name, operator, value in zip(args.getlist("f"), args.getlist("o"), args.getlist("v"), strict=False)
                if name and (value or operator == "is")
            )[:MAX_FILTERS],
            is_any=args.get("match") == "any",
            sort=_sort(args),
            columns=tuple(dict.fromkeys(name for part in args.getlist("cols") for name in part.split(",") if name)),
            group=args.get("group", ""),
            unit=args.get("unit", ""),
            only_totals=args.get("totals") == "1",
            shape=shape if shape in SHAPES else "list",
            by=args.get("by", ""),
        )

    @classmethod
    def of_query(cls, query: str) -> ListState:
        """The state of a saved view."""
        return cls.read(MultiDict(parse_qsl(query, keep_blank_values=True)))

    def pairs(self, **changes: str) -> list[tuple[str, str]]:
        """The state as the pairs of an address, single parts of it replaced by `changes` (nothing takes a part away)."""
        found = [
            (key, value) for row in self.filters for key, value in (("f", row.fieldname), ("o", row.operator), ("v", row.value))
        ]
        plain = {
            "q": self.q, "match": "any" if self.is_any else "", "sort": self.sort, "cols": ",".join(self.columns), "group": self.group,
            "unit": self.unit, "totals": "1" if self.only_totals else "", "as": self.shape if self.shape != "list" else "", "by": self.by,
        }  # fmt: skip
        return found + [(key, value) for key, value in {**plain, **changes}.items() if value]

    @property
    def query(self) -> str:
        """The state as the query of an address, as a saved view keeps it."""
        return urlencode(self.pairs())

    def without(self, row: FilterRow | None) -> ListState:
        """The same without one filter."""
        return replace(self, filters=tuple(each for each in self.filters if each != row))

    def with_quick(self, fieldname: str, value: str) -> ListState:
        """The same with a one-click filter of a field in place of the one before; an empty value takes it away."""
        kept = tuple(row for row in self.filters if not (row.fieldname == fieldname and row.operator == "="))
        return replace(self, filters=(*kept, FilterRow(fieldname, "=", value)) if value else kept)

    def unsaid(self, *keys: str) -> list[tuple[str, str]]:
        """The pairs but those of `keys`: what a form that changes these carries along unseen."""
        return [(key, value) for key, value in self.pairs() if key not in keys]


def _sort(args: MultiDict[str, str]) -> str:
    """`field:asc,field:desc`."""
    if "sort" in args or "sort_by" not in args:
        return args.get("sort", "")
    rows = zip(args.getlist("sort_by"), args.getlist("sort_way"), strict=False)
    return ",".join(f"{name}:{way}" for name, way in dict(row for row in rows if row[0]).items())
