"""Lists: pages by key, filters with one meaning on every database, capped counts, exact aggregates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event, select, update
from storage_samples import CUSTOMER, LINE, NOW, QUOTATION, quotation

from server.core.errors import ValidationFailed
from server.metadata.model import DocType, Model
from server.storage import query, readings, records
from server.storage.database import Database
from server.storage.filters import search_condition
from server.storage.tables import record_table


@pytest.fixture
def model(site: Callable[..., Model]) -> Model:
    return site(CUSTOMER, LINE, QUOTATION)


@pytest.fixture
def doctype(model: Model) -> DocType:
    return model["Service Quotation"]


def fill(database: Database, model: Model, rows: list[dict[str, Any]]) -> None:
    with database.write() as connection:
        connection.execute(delete(record_table(model["Service Quotation"])))
        for index, values in enumerate(rows):
            records.insert(
                connection,
                model,
                model["Service Quotation"],
                quotation(f"QT-{index:03}", **{"items": [], "subject": None} | values),
            )


def names(database: Database, doctype: DocType, *filters: query.Filter, **more: Any) -> list[str]:
    with database.read() as connection:
        rows = query.select_page(
            connection, doctype, columns=["name"], filters=filters, **{"order_by": "name asc", "limit": 500} | more
        )
    return [row["name"] for row in rows]


SORTED = {
    "modified": st.integers(0, 5).map(lambda days: NOW + timedelta(days=days)),
    "total": st.none() | st.decimals(-3, 3, places=1),
    "subject": st.none() | st.sampled_from(["A", "a", "主轴", "轴承", "Z", "'"]),
    "quantity": st.none() | st.integers(-2, 2),
    "valid_to": st.none() | st.sampled_from([date(2026, 1, 1), date(2025, 12, 31)]),
    "name": st.nothing(),
}


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("field", SORTED)
@given(content=st.data())
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_by_key_visit_every_row_once_in_order(
    database: Database, model: Model, doctype: DocType, field: str, direction: str, content: st.DataObject
) -> None:
    one = st.fixed_dictionaries({} if field == "name" else {field: SORTED[field]})
    rows = content.draw(st.lists(one, min_size=1, max_size=14))
    size = content.draw(st.integers(1, 5))
    fill(database, model, rows)
    order_by, after = f"{field} {direction}", None
    seen: list[dict[str, Any]] = []
    with database.read() as connection:
        for _ in range(len(rows) + 2):
            page = query.select_page(connection, doctype, columns=["subject"], order_by=order_by, limit=size, after=after)
            seen += page
            if len(page) < size:
                break
            after = query.encode_cursor(page[-1], order_by)
        whole = query.select_page(connection, doctype, columns=["subject"], order_by=order_by, limit=500)
    assert seen == whole
    assert sorted(row["name"] for row in seen) == [f"QT-{index:03}" for index in range(len(rows))]
    keys = [(row[field] is not None, "" if row[field] is None else row[field], row["name"]) for row in seen]
    assert [key[0] for key in keys] == sorted((key[0] for key in keys), reverse=direction == "desc")  # empty first, or last
    filled = [key[1:] for key in keys if key[0]]
    assert filled == sorted(filled, reverse=direction == "desc")


@pytest.mark.parametrize(
    "order_by", ["subject asc, total desc", "quantity desc, valid_to asc, name desc", "total desc, modified desc"]
)
@given(content=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_by_key_visit_every_row_once_in_an_order_by_several_columns(
    database: Database, model: Model, doctype: DocType, order_by: str, content: st.DataObject
) -> None:
    fields = [part.split()[0] for part in order_by.split(", ")]
    one = st.fixed_dictionaries({field: SORTED[field] for field in fields if field != "name"})
    rows = content.draw(st.lists(one, min_size=1, max_size=14))
    size = content.draw(st.integers(1, 5))
    fill(database, model, rows)
    seen: list[dict[str, Any]] = []
    after = None
    with database.read() as connection:
        for _ in range(len(rows) + 2):
            page = query.select_page(connection, doctype, columns=fields, order_by=order_by, limit=size, after=after)
            seen += page
            if len(page) < size:
                break
            after = query.encode_cursor(page[-1], order_by)
        whole = query.select_page(connection, doctype, columns=fields, order_by=order_by, limit=500)
    assert seen == whole
    assert sorted(row["name"] for row in seen) == [f"QT-{index:03}" for index in range(len(rows))]


ROWS = [
    {"subject": "更换主轴", "total": Decimal("100.00"), "urgent": 1, "quantity": 0, "valid_to": date(2026, 1, 31)},
    {"subject": "100% 检查_A", "total": Decimal("99.99"), "urgent": 0, "quantity": 5, "valid_to": date(2026, 2, 1)},
    {"subject": "Spindle\\Case", "total": None, "urgent": 0, "quantity": None, "valid_to": None},
    {"subject": None, "total": Decimal("-5"), "urgent": 0, "quantity": 7, "valid_to": date(2026, 2, 28), "reported_at": None},
]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        pytest.param([("total", "=", "100")], "0", id="equal, whatever the zeros"),
        pytest.param([("total", "!=", 100)], "123", id="not equal includes empty"),
        pytest.param([("total", ">=", Decimal("99.99"))], "01", id="at least"),
        pytest.param([("total", "<", 100)], "13", id="less leaves empty out"),
        pytest.param([("total", "<", None)], "", id="less than nothing is nobody"),
        pytest.param([("total", "between", [-5, "99.99"])], "13", id="between includes both ends"),
        pytest.param([("valid_to", "between", "2026-02-01,2026-02-28")], "13", id="between dates as text"),
        pytest.param([("subject", "like", "%主轴%")], "0", id="like"),
        pytest.param([("subject", "like", "spindle%")], "2", id="like ignores case"),
        pytest.param([("subject", "like", r"100\% %")], "1", id="an escaped wildcard"),
        pytest.param([("subject", "like", "%\\")], "", id="a pattern that ends in the escape"),
        pytest.param([("subject", "not like", "%主轴%")], "123", id="not like includes empty"),
        pytest.param([("subject", "in", ["更换主轴", None])], "03", id="in with empty"),
        pytest.param([("subject", "in", [])], "", id="in nothing"),
        pytest.param([("subject", "not in", ["更换主轴"])], "123", id="not in includes empty"),
        pytest.param([("subject", "not in", ["更换主轴", None])], "12", id="not in with empty"),
        pytest.param([("subject", "is", "set")], "012", id="set"),
        pytest.param([("subject", "is", "not set")], "3", id="not set"),
        pytest.param([("subject", "=", "")], "3", id="equal to empty text"),
        pytest.param([("urgent", "=", 1)], "0", id="ticked"),
        pytest.param([("urgent", "!=", 1)], "123", id="not ticked"),
        pytest.param([("quantity", "=", 0)], "0", id="zero is not empty"),
        pytest.param([("reported_at", "is", "not set")], "3", id="no time"),
        pytest.param([("reported_at", ">", "2026-03-31 14:30:15")], "012", id="a naive time is the site's"),
        pytest.param([("creation", "<", "2026-04-01")], "0123", id="a standard field"),
        pytest.param([("total", ">", 0), ("quantity", ">", 0)], "1", id="all of several"),
    ],
)
def test_filters(database: Database, model: Model, doctype: DocType, filters: list[query.Filter], expected: str) -> None:
    fill(database, model, ROWS)
    assert names(database, doctype, *filters) == [f"QT-00{number}" for number in expected]


def test_or_filters_are_any_of_them(database: Database, model: Model, doctype: DocType) -> None:
    fill(database, model, ROWS)
    assert names(database, doctype, or_filters=[("urgent", "=", 1), ("quantity", "=", 7)]) == ["QT-000", "QT-003"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("主轴", "0", id="two characters of Chinese"),
        pytest.param("100%", "1", id="a percent sign is itself"),
        pytest.param("_A", "1", id="an underscore is itself"),
        pytest.param("spindle case", "2", id="every word, any case"),
        pytest.param("\\", "2", id="a backslash is itself"),
        pytest.param("qt-003", "3", id="by name"),
        pytest.param("  ", "0123", id="no words"),
    ],
)
def test_search_takes_the_words_literally(database: Database, model: Model, doctype: DocType, text: str, expected: str) -> None:
    fill(database, model, ROWS)
    found = search_condition(doctype, text, {"name", "subject", *doctype.search_fields})
    assert names(database, doctype, condition=found) == [f"QT-00{number}" for number in expected]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param({"filters": [("totl", "=", 1)]}, 'no field "totl"', id="unknown field"),
        pytest.param({"filters": [("items", "=", 1)]}, 'no field "items"', id="a table field"),
        pytest.param({"filters": [("total", "~", 1)]}, 'no operator "~"', id="unknown operator"),
        pytest.param({"filters": [("total", "=", "many")]}, '"many" is not a value', id="a value of another kind"),
        pytest.param({"filters": [("subject", "is", "empty")]}, '"set" or "not set"', id="is something else"),
        pytest.param({"filters": [("total", "between", [1])]}, "two values", id="between one"),
        pytest.param(
            {"order_by": "total sideways"}, '"total sideways" should read "field asc" or "field desc"', id="direction"
        ),
        pytest.param({"order_by": "name; drop table x"}, '"name; drop table x" should read', id="more than a direction"),
        pytest.param({"after": "rubbish"}, "cursor is not valid", id="a cursor of nobody's"),
        pytest.param(
            {"after": query.encode_cursor({"total": Decimal(1), "name": "x"}, "total asc")},
            "cursor is not valid",
            id="another order's cursor",
        ),
        pytest.param({"columns": ["nothing"]}, 'no field "nothing"', id="unknown column"),
    ],
)
def test_what_is_unknown_is_refused_by_name(database: Database, doctype: DocType, asked: dict[str, Any], said: str) -> None:
    with database.read() as connection, pytest.raises(ValidationFailed) as caught:
        query.select_page(connection, doctype, **{"columns": ["name"]} | asked)
    assert said in caught.value.text.en


def test_counts_stop_at_the_cap(database: Database, model: Model, doctype: DocType) -> None:
    fill(database, model, [{} for _ in range(7)])
    with database.read() as connection:
        assert query.count_capped(connection, doctype, cap=5) == 5
        assert query.count_capped(connection, doctype, cap=50) == 7
        assert query.count_capped(connection, doctype, filters=[("name", ">", "QT-004")], cap=50) == 2


def test_sums_are_exact(database: Database, model: Model, doctype: DocType) -> None:
    fill(database, model, [{"share": Decimal("0.1"), "quantity": number} for number in range(10)])
    with database.read() as connection:
        assert query.aggregate(connection, doctype, "sum", "share") == Decimal("1.0")
        assert query.aggregate(connection, doctype, "avg", "share") == Decimal("0.1")
        assert query.aggregate(connection, doctype, "sum", "quantity") == 45
        assert query.aggregate(connection, doctype, "sum", "share", [("name", "=", "none")]) is None


def test_aggregates_of_matching_rows(database: Database, model: Model, doctype: DocType) -> None:
    fill(database, model, ROWS)
    with database.read() as connection:
        found = {
            "count": query.aggregate(connection, doctype, "count", filters=[("total", ">", 0)]),
            "min": query.aggregate(connection, doctype, "min", "total"),
            "max": query.aggregate(connection, doctype, "max", "valid_to"),
            "exists": query.aggregate(connection, doctype, "exists", filters=[("quantity", "=", 5)]),
            "none": query.aggregate(connection, doctype, "exists", filters=[("quantity", "=", 6)]),
            "first": query.aggregate(connection, doctype, "first", "subject", order_by="total desc"),
        }
        with pytest.raises(ValidationFailed, match="not a number field"):
            query.aggregate(connection, doctype, "sum", "subject")
    assert found == {
        "count": 2,
        "min": Decimal("-5"),
        "max": date(2026, 2, 28),
        "exists": True,
        "none": False,
        "first": "更换主轴",
    }


def test_questions_of_one_form_are_answered_for_their_own_values(database: Database, model: Model, doctype: DocType) -> None:
    fill(database, model, ROWS)

    def asked(quantity: int | None, subject: str, least: str) -> tuple[query.Question, ...]:
        same = ("quantity", "=", quantity)
        return (
            query.Question(doctype, "count", None, (same,)),
            query.Question(doctype, "max", "total", (same,)),
            query.Question(doctype, "exists", None, (("subject", "!=", subject), same)),
            query.Question(doctype, "first", "name", (("total", ">=", least), ("total", "<=", "100000")), "name asc"),
            query.Question(doctype, "count", None, (("name", "in", ("QT-000", least)),)),
        )

    with database.read() as connection:
        for quantity, subject, least in [
            (5, "A", "0"),
            (6, "A", "0"),
            (5, "更换主轴", "-5"),
            (None, "A", "1000000"),
            (5, "A", "0"),
        ]:
            together = asked(quantity, subject, least)
            alone = [
                query.aggregate(connection, one.doctype, one.function, one.fieldname, one.filters, order_by=one.order_by)
                for one in together
            ]
            assert query.aggregate_all(connection, together) == alone


def test_groups_carry_their_aggregates(database: Database, model: Model, doctype: DocType) -> None:
    fill(
        database,
        model,
        [
            {"subject": "a", "share": Decimal("0.1")},
            {"subject": "a", "share": Decimal("0.2")},
            {"subject": None, "share": None},
        ],
    )
    with database.read() as connection:
        found = query.select_groups(
            connection, doctype, group_by="subject", aggregates=[("count", "name", "n"), ("sum", "share", "total")]
        )
    assert found == [{"subject": None, "n": 1, "total": None}, {"subject": "a", "n": 2, "total": Decimal("0.3")}]


def test_the_list_order_is_served_by_an_index(database: Database, doctype: DocType) -> None:
    """SQLite tells; the others choose by size and would scan so small a table."""
    if database.dialect != "sqlite":
        return
    with database.read() as connection:
        for asked in (
            "SELECT name FROM tab_service_quotation ORDER BY modified DESC, name DESC LIMIT 20",
            "SELECT name FROM tab_service_quotation WHERE customer = 'x' ORDER BY modified DESC, name DESC LIMIT 20",
        ):
            plan = " ".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
            assert "INDEX" in plan
            assert "TEMP B-TREE" not in plan


def test_titles_stand_by_pinyin_and_are_found_by_initials_on_every_database(
    database: Database, model: Model, doctype: DocType, monkeypatch: pytest.MonkeyPatch
) -> None:
    titled = replace(doctype, title_field="subject")
    subjects = ["张力", "Zebra", None, "安装", "apple", "螺纹", "螺丝", "安装"]
    fill(database, model, [{"subject": subject} for subject in subjects])
    readings.fill(database, [titled])  # type: ignore[arg-type]
    wanted = [None, "apple", "Zebra", "安装", "安装", "螺丝", "螺纹", "张力"]

    def pages(order: str) -> list[str | None]:
        found: list[str | None] = []
        after: str | None = None
        with database.read() as connection:
            while rows := query.select_page(connection, titled, columns=["subject"], order_by=order, limit=2, after=after):
                found += [row["subject"] for row in rows]
                after = query.encode_cursor(rows[-1], order)
        return found

    assert pages("subject asc") == wanted
    assert pages("subject desc") == wanted[::-1]
    assert pages("docstatus asc, subject asc") == wanted
    for few in (1, 1000):
        monkeypatch.setattr(readings, "FEW", few)
        with database.read() as connection:
            condition = search_condition(titled, "ls", {"name", "subject"})
            rows = query.select_page(connection, titled, columns=["subject"], condition=condition)
        assert [row["subject"] for row in rows] == ["螺丝"]


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_a_record_without_its_key_stands_at_the_end_and_one_whose_key_is_older_is_not_passed_over(
    database: Database, model: Model, doctype: DocType, size: int
) -> None:
    """As an older version of the program leaves them that saves at the same time."""
    titled = replace(doctype, title_field="subject")
    fill(
        database, model, [{"subject": subject} for subject in ("张力", "apple", None, "Zebra", "安装", "安装", "螺丝", "电机")]
    )
    readings.fill(database, [titled])  # type: ignore[arg-type]
    key = readings.sort_key
    with database.write() as connection:
        for name in ("QT-000", "QT-002", "QT-005", "QT-007"):
            connection.execute(delete(key).where(key.c.name == name))
        connection.execute(update(key).where(key.c.name == "QT-003").values(key="aa"))

    def pages(order: str) -> list[str]:
        found: list[str] = []
        after: str | None = None
        with database.read() as connection:
            while rows := query.select_page(connection, titled, columns=["subject"], order_by=order, limit=size, after=after):
                found += [row["name"][-1] for row in rows]
                after = query.encode_cursor(rows[-1], order)
        return found

    lacking = ["2", "5", "0", "7"]  # nothing, 安装, 张力, 电机: by code point
    assert pages("subject asc") == ["3", "1", "4", "6", *lacking]
    assert pages("subject desc") == ["6", "4", "1", "3", *lacking[::-1]]
    assert pages("docstatus asc, subject asc") == pages("subject asc")
    with database.read() as connection:
        for offset in range(9):
            rows = query.select_page(connection, titled, columns=[], order_by="subject asc", limit=3, offset=offset)
            assert [row["name"][-1] for row in rows] == pages("subject asc")[offset : offset + 3]


def test_a_filled_record_type_is_completed(database: Database, model: Model, doctype: DocType) -> None:
    titled = replace(doctype, title_field="subject")
    fill(database, model, [{"subject": subject} for subject in ("张力", "apple", "安装")])
    readings.fill(database, [titled])  # type: ignore[arg-type]
    key, initials = readings.sort_key, readings.table
    with database.write() as connection:
        for kept in (key, initials):
            connection.execute(delete(kept).where(kept.c.name == "QT-000"))

    assert readings.complete(database, [titled]) == 1  # type: ignore[arg-type]
    assert readings.complete(database, [titled]) == 0  # type: ignore[arg-type]

    assert names(database, titled, order_by="subject asc") == ["QT-001", "QT-002", "QT-000"]
    with database.read() as connection:
        assert connection.execute(select(initials.c.initials).where(initials.c.name == "QT-000")).scalars().all() == ["zl"]


def test_how_a_record_is_read_is_written_when_its_title_changes_and_once_for_many(
    database: Database, model: Model, doctype: DocType
) -> None:
    titled = replace(doctype, title_field="subject")
    written: list[tuple[str, bool]] = []

    def count(_connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, many: bool) -> None:
        if "gj_sort_key" in statement or "gj_initials" in statement:
            written.append((statement.split()[0], many))

    def made(number: int, subject: str) -> dict[str, Any]:
        return quotation(f"QT-{number:03}", items=[], subject=subject)

    with database.write() as connection:
        event.listen(connection, "before_cursor_execute", count)
        records.insert(connection, model, titled, made(0, "张力"))
        assert written == [("INSERT", False)] * 2
        written.clear()

        before = made(0, "张力")
        records.update(connection, model, titled, {**before, "version": 2, "quantity": 9}, before["version"], before)
        assert written == []
        records.update(connection, model, titled, {**before, "version": 3, "subject": "安装"}, 2, before)
        assert [verb for verb, _ in written] == ["DELETE", "INSERT", "INSERT"]
        written.clear()

        with readings.gathered(connection):
            for number in range(1, 4):
                records.insert(connection, model, titled, made(number, "螺丝"))
            records.update(
                connection, model, titled, {**made(3, "螺纹"), "version": 2}, made(3, "")["version"], made(3, "螺丝")
            )
            records.delete(connection, model, titled, "QT-002")
            assert {verb for verb, _ in written} == {"DELETE"}
            written.clear()
        assert written == [("INSERT", True)] * 2
        initials, key = readings.table, readings.sort_key
        kept = connection.execute(select(initials.c.name, initials.c.initials).order_by(initials.c.name)).all()
        assert [tuple(row) for row in kept] == [("QT-000", "az"), ("QT-001", "ls"), ("QT-003", "lw")]
        assert connection.execute(select(key.c.name).order_by(key.c.key)).scalars().all() == ["QT-000", "QT-001", "QT-003"]


def test_links_of_many_types_are_counted_at_once_each_for_itself(database: Database, model: Model, doctype: DocType) -> None:
    fill(database, model, [{"customer": "东岭"}] * 5 + [{"customer": "秦川"}] * 2)
    later = record_table(doctype).c.name > "QT-002"
    asked = [(doctype, "customer", None), (doctype, "customer", later)] * query.COUNTS_AT_ONCE  # more than one statement takes

    with database.read() as connection:
        assert query.counts_linked(connection, asked, "东岭") == [5, 2] * query.COUNTS_AT_ONCE
        assert query.counts_linked(connection, asked[:2], "东岭", cap=4) == [4, 2]
        assert query.counts_linked(connection, asked[:2], "nobody") == [0, 0]
        assert query.counts_linked(connection, [], "东岭") == []
