"""SQL functions that SQLite lacks: exact sums of decimals. The sums of PostgreSQL and MariaDB are exact by themselves."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, func

from .types import ExactDecimal


def _number(value: Any) -> Decimal:
    return Decimal(repr(value) if isinstance(value, float) else value)


class _Sum:
    def __init__(self) -> None:
        self.total: Decimal | None = None

    def step(self, value: Any) -> None:
        if value is not None:
            self.total = (self.total or Decimal(0)) + _number(value)

    def finalize(self) -> str | None:
        return None if self.total is None else format(self.total, "f")


class _Average(_Sum):
    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def step(self, value: Any) -> None:
        super().step(value)
        self.count += value is not None

    def finalize(self) -> str | None:
        return None if self.total is None else format(round(self.total / self.count, 10).normalize(), "f")


def install_functions(connection: sqlite3.Connection) -> None:
    """Make the functions known to one SQLite connection."""
    connection.create_aggregate("exact_sum", 1, _Sum)  # type: ignore[arg-type]
    connection.create_aggregate("exact_avg", 1, _Average)  # type: ignore[arg-type]


def exact_sum(connection: Connection, column: ColumnElement[Any], places: int = 0) -> ColumnElement[Any]:
    """The sum of a column without rounding, as a Decimal."""
    name = "exact_sum" if connection.dialect.name == "sqlite" else "sum"
    return getattr(func, name)(column, type_=ExactDecimal(places))  # type: ignore[no-any-return]


def exact_average(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The mean of a column to ten decimals, as a Decimal."""
    if connection.dialect.name == "sqlite":
        return func.exact_avg(column, type_=ExactDecimal())
    if connection.dialect.name == "mariadb":
        return func.round(func.avg(column), 10, type_=ExactDecimal())
    return func.trim_scale(func.round(func.avg(column), 10), type_=ExactDecimal())
