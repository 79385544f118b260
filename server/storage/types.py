"""SQL types by `Kind`: exact decimals, aware UTC times and JSON text that behave the same on SQLite, PostgreSQL and MariaDB.

Text columns compare by code point (`COLLATE "C"` on PostgreSQL, `utf8mb4_nopad_bin` on MariaDB), so that order and paging are the
same everywhere and no index breaks when the operating system's collation changes. They carry no length, but where they stand in a
key or an index on MariaDB. Integers are BIGINT from the first day.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import BigInteger, Date, Dialect, Integer, Numeric, Text, Time, cast, types
from sqlalchemy.dialects import mysql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from ..core.values import plain_number, to_decimal, to_json
from ..metadata.fieldtypes import Kind, times
from ..metadata.fieldtypes.numbers import INT_LIMIT, MAX_DIGITS, DecimalType
from ..metadata.model import DocField
from . import mariadb

Converter = Callable[[Any], Any]


_ANY_DIGITS = Context(prec=80)


class _Numeric(types.UserDefinedType[Any]):
    """NUMERIC without precision on both databases; on SQLite the affinity that keeps 15 digits."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "NUMERIC"


class ExactDecimal(types.TypeDecorator[Decimal]):
    """A decimal of at most 15 digits, read back with `places` decimals as it was written.

    SQLite keeps a double: the nearest one to 15 digits is written, and its shortest text is exactly those digits again.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, places: int = 0) -> None:
        super().__init__()
        self.places = places
        self._unit = Decimal(1).scaleb(-places)

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "mariadb":
            return dialect.type_descriptor(
                mysql.DECIMAL(53, 38)
            )  # 15 digits before the point and as many after it as there can be
        return dialect.type_descriptor(_Numeric() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        number = value if type(value) is Decimal else to_decimal(value)
        if number is None:
            raise ValueError(f"{value!r} is not a finite number")
        if dialect.name != "sqlite":
            return number
        return int(number) if number == number.to_integral_value() and abs(number) <= INT_LIMIT else float(number)

    def result_processor(self, dialect: Dialect, coltype: object) -> Converter | None:
        """Every number of every row passes here: on SQLite by one call instead of three."""
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)
        unit, least = self._unit, -self.places

        def exact(value: Any) -> Decimal | None:
            if value is None:
                return None
            number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
            exponent = number.as_tuple().exponent
            return number.quantize(unit) if isinstance(exponent, int) and exponent > least else number

        return exact

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
        if dialect.name == "mariadb":  # which fills up with zeros
            number = number.normalize(_ANY_DIGITS)
            number = number.quantize(Decimal(1), context=_ANY_DIGITS) if number.as_tuple().exponent > 0 else number  # type: ignore[operator]
        exponent = number.as_tuple().exponent
        return number.quantize(self._unit) if isinstance(exponent, int) and exponent > -self.places else number


class UtcDatetime(types.TypeDecorator[datetime]):
    """An aware moment in UTC; on SQLite text of fixed width, so that it sorts."""

    impl = types.DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        if dialect.name == "mariadb":
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else types.DateTime(timezone=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; storage keeps aware times only")
        if dialect.name == "sqlite":
            return _text_of_moment(value)
        moment = value if value.tzinfo is UTC else value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "mariadb" else moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Converter | None:
        return _moment_of_text if dialect.name == "sqlite" else super().result_processor(dialect, coltype)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


@lru_cache(maxsize=64)
def _text_of_moment(value: datetime) -> str:
    """Remembered, for everything that one transaction writes is of one moment."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _moment_of_text(value: Any) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class JsonText(types.TypeDecorator[Any]):
    """A JSON value kept as text, on every database the same characters (hashes are made of them)."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        return dialect.type_descriptor(mariadb.text_type() if dialect.name == "mariadb" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dump_json(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class MetadataText(JsonText):
    """The same with keys in the order in which somebody wrote them: metadata is read by people, and exported for git."""

    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else dump_json(value, sort_keys=False)


def dump_json(value: Any, *, sort_keys: bool = True) -> str:
    """Compact JSON; exact numbers and times in their JSON form."""
    option = orjson.OPT_PASSTHROUGH_DATETIME | (orjson.OPT_SORT_KEYS if sort_keys else 0)
    try:
        return orjson.dumps(value, default=to_json, option=option).decode()
    except TypeError:  # an integer of more than 64 bits, a key that is no text: rare, and the standard library writes them
        return json.dumps(to_json(value), ensure_ascii=False, sort_keys=sort_keys, separators=(",", ":"))


def text_type(size: int = 0) -> types.TypeEngine[str]:
    """Text; `size` is how many characters it may have at most on MariaDB, where it stands in a key or an index."""
    return Text().with_variant(Text(collation="C"), "postgresql").with_variant(mariadb.text_type(size), "mariadb")


def id_type() -> types.TypeEngine[int]:
    """For numbers that the database gives out."""
    return BigInteger().with_variant(Integer(), "sqlite")


def column_type(kind: Kind, places: int = 0, size: int = 0) -> types.TypeEngine[Any]:
    """The SQL type of a kind of value."""
    made: dict[str, Callable[[], types.TypeEngine[Any]]] = {
        "text": lambda: text_type(size),
        "integer": BigInteger,
        "decimal": lambda: ExactDecimal(places),
        "date": Date,
        "datetime": UtcDatetime,
        "time": lambda: Time().with_variant(mysql.TIME(fsp=6), "mariadb"),
        "json": JsonText,
    }
    return made[kind]()


class as_text(GenericFunction[str]):  # noqa: N801 - reads as the function that it is
    """A value as the text that a search looks at: a number without the zeros behind it."""

    type = Text()
    inherit_cache = True


@compiles(as_text)
def _as_text(element: as_text, compiler: Any, **options: Any) -> str:
    return str(compiler.process(cast(element.clauses.clauses[0], Text()), **options))


@compiles(as_text, "mariadb")
def _as_text_on_mariadb(element: as_text, compiler: Any, **options: Any) -> str:
    value = element.clauses.clauses[0]
    said = f"CAST({compiler.process(value, **options)} AS CHAR)"
    return f"TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM {said}))" if isinstance(value.type, ExactDecimal) else said


def field_places(item: DocField) -> int:
    """Decimals that a field shows, 0 for what is not a decimal."""
    return item.type.precision(item) if isinstance(item.type, DecimalType) else 0


# Values of a kind


def _to_integer(value: Any) -> int:
    if type(value) is int and -INT_LIMIT <= value <= INT_LIMIT:
        return value
    number = to_decimal(int(value) if isinstance(value, bool) else value)
    if number is None or number != number.to_integral_value() or abs(number) > INT_LIMIT:
        raise ValueError(value)
    return int(number)


def _to_number(value: Any) -> Decimal:
    if type(value) is Decimal and _is_short(value):
        return value
    number = to_decimal(int(value) if isinstance(value, bool) else value)
    if number is None:
        raise ValueError(value)
    if len(plain_number(abs(number)).replace(".", "").strip("0")) > MAX_DIGITS or number.adjusted() >= MAX_DIGITS:
        raise ValueError(value)
    return number


def _is_short(value: Decimal) -> bool:
    """Most are; the digits of such a number are no more than its characters."""
    return value.is_finite() and -MAX_DIGITS < value.adjusted() < MAX_DIGITS and len(format(value, "f")) <= MAX_DIGITS


def _to_text(value: Any) -> str:
    if type(value) is str and "\x00" not in value:
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    if isinstance(value, Decimal):
        return plain_number(value)
    text = dump_json(value) if isinstance(value, dict | list) else str(value)
    if "\x00" in text:
        raise ValueError(value)
    return text


def _to_date(value: Any) -> date:
    """A moment is a date only where a day of the site begins: the time of any other would be lost."""
    if isinstance(value, datetime):
        local = value.astimezone(times.SITE_ZONE)
        if local.time() != time():
            raise ValueError(value)
        return local.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value).strip())


def _to_datetime(value: Any) -> datetime:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), times.SITE_ZONE).astimezone(UTC)
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).astimezone(UTC)


def _to_time(value: Any) -> time:
    return value if isinstance(value, time) else time.fromisoformat(str(value).strip())


def _to_json_value(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


MOMENTS = ("date", "datetime", "time")

_CONVERTERS: dict[str, Converter] = {
    "text": _to_text,
    "integer": _to_integer,
    "decimal": _to_number,
    "date": _to_date,
    "datetime": _to_datetime,
    "time": _to_time,
    "json": _to_json_value,
}


def convert(kind: Kind, value: Any) -> Any:
    """The value as its kind keeps it (a whole number given for a decimal becomes a Decimal ...). 0 is no moment but the empty
    of a Check, which a field that was a Check for a while has in every record.

    Raises ValueError when it does not fit: not a number, more than 15 digits, text with a NUL character.
    """
    if value is None or (kind in MOMENTS and type(value) is int and value == 0):
        return None
    return _CONVERTERS[kind](value)
