"""The audit chain finds every edit made behind the program's back, and only those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text
from storage_samples import CUSTOMER, LINE, NOW, QUOTATION, quotation
from storage_support import make_model, migrate_to

from server.core.errors import StorageUnavailable
from server.core.ids import digest
from server.core.values import canonical, canonical_without_floats, plain_number
from server.metadata.model import Model
from server.storage import audit, records
from server.storage.database import Database
from server.storage.shapes import Shape, hash_content
from server.storage.types import convert

DOCTYPE = "Service Quotation"


_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.times()
    | st.datetimes(timezones=st.timezones())
)
_CONTENT = st.recursive(
    _LEAVES,
    lambda some: st.lists(some) | st.dictionaries(st.text(), some) | st.dictionaries(st.integers(), some),
    max_leaves=12,
)


@given(_CONTENT)
@example({"键": '\x00\x1f\x7f\u2028\ufeff\\"/', "\U0001f600": 1, "\uffff": 2**70})
def test_content_is_written_for_hashes_as_it_always_was(content: Any) -> None:
    assert canonical_without_floats(content) == canonical(content)


_KEPT_DECIMALS = st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=3)


@given(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",))),
    _KEPT_DECIMALS,
    st.dates(),
    st.integers(0, 99),
)
@example("", Decimal("-0.000"), date(1, 1, 1), 0)
def test_the_hash_of_a_record_is_that_of_its_filled_values(words: str, amount: Decimal, day: date, number: int) -> None:
    shape = Shape("One", (("amount", "decimal"), ("day", "date"), ("number", "integer"), ("words", "text")), ())
    head = {"name": "A", "owner": "x", "creation": NOW, "modified": NOW, "modified_by": "x", "docstatus": 0, "version": 1}
    filled = {"amount": f"{amount:f}".rstrip("0").rstrip(".") or "0", "day": day.isoformat()}
    filled |= ({"number": number} if number else {}) | ({"words": words} if words else {})
    record = {**head, "amount": amount, "day": day, "number": number, "words": words}
    assert hash_content(shape, record) == digest(canonical(["One", head, filled, {}]))


@given(st.decimals())
@example(Decimal("999999999999999"))
@example(Decimal("9999999999999999"))
@example(Decimal("1E-15"))
@example(Decimal("1E+14"))
@example(Decimal("1E+15"))
def test_a_decimal_is_kept_as_it_is_or_refused_by_its_digits(number: Decimal) -> None:
    fits = number.is_finite() and number.adjusted() < 15 and len(plain_number(abs(number)).replace(".", "").strip("0")) <= 15
    if fits:
        assert str(convert("decimal", number)) == str(number)
    else:
        with pytest.raises(ValueError):
            convert("decimal", number)


@pytest.fixture
def model(site: Callable[..., Model]) -> Model:
    return site(CUSTOMER, LINE, QUOTATION)


def save(database: Database, model: Model, record: dict[str, Any], **chain: Any) -> None:
    """What the save path does to the store: the record, and a link of its chain."""
    doctype = model[DOCTYPE]
    version = record["version"]
    with database.write() as connection:
        if version == 1:
            records.insert(connection, model, doctype, record)
        else:
            records.update(connection, model, doctype, record, expected_version=version - 1)
        audit.append_version(
            connection, doctype=DOCTYPE, name=record["name"], version=version, action="save", by="li", at=NOW + timedelta(hours=version),
            changes=[{"field": "total", "old": None, "new": Decimal("8950.10")}],
            content_hash=audit.content_hash(record, model, doctype), **chain,
        )  # fmt: skip


def saved_twice(database: Database, model: Model, name: str = "QT-1") -> None:
    save(database, model, quotation(name))
    save(database, model, quotation(name, version=2, total=Decimal("9000"), items=quotation(name)["items"][:1]))


def findings(database: Database, model: Model) -> list[tuple[str, int | None, str]]:
    with database.read() as connection:
        return [(item.name, item.version, item.text.en) for item in audit.verify(connection, model)]


def tamper(database: Database, *statements: str) -> None:
    """As somebody with the password of the database would: protection off, change, protection on."""
    with database.write() as connection:
        if database.dialect != "postgresql":
            for change in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER gj_version_no_{change}"))
        else:
            connection.execute(text("ALTER TABLE gj_version DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


def test_an_untouched_chain_has_no_findings(database: Database, model: Model) -> None:
    for name in ("QT-1", "QT-2", "QT-3"):
        saved_twice(database, model, name)
    assert findings(database, model) == []


def test_history_is_newest_first_with_its_changes(database: Database, model: Model) -> None:
    saved_twice(database, model)
    with database.read() as connection:
        entries = audit.history(connection, DOCTYPE, "QT-1")
    assert [(entry["seq"], entry["version"], entry["by"], entry["at"]) for entry in entries] == [
        (2, 2, "li", NOW + timedelta(hours=2)), (1, 1, "li", NOW + timedelta(hours=1)),
    ]  # fmt: skip
    assert entries[0]["changes"] == [{"field": "total", "old": None, "new": 8950.1}]
    assert entries[0]["prev_hash"] == entries[1]["hash"]


def test_a_decision_is_a_link_of_its_own(database: Database, model: Model) -> None:
    saved_twice(database, model)
    with database.write() as connection:
        record = records.load(connection, model, model[DOCTYPE], "QT-1") or {}
        audit.append_version(
            connection, doctype=DOCTYPE, name="QT-1", version=2, action="approved", by="wang", at=NOW, changes=[{"new": "approved"}],
            content_hash=audit.content_hash(record, model, model[DOCTYPE]), reason="同意", trace_id=None,
        )  # fmt: skip
    assert findings(database, model) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        pytest.param("UPDATE gj_version SET changes = '[]' WHERE seq = 1", "was edited", id="an edited version"),
        pytest.param("UPDATE gj_version SET {by} = 'zhang' WHERE seq = 2", "was edited", id="another author"),
        pytest.param("UPDATE gj_version SET reason = 'x' WHERE seq = 1", "was edited", id="a reason put in"),
        pytest.param("DELETE FROM gj_version WHERE seq = 1", "is missing", id="a deleted version"),
        pytest.param("DELETE FROM gj_version WHERE seq = 2", "is not what its history says", id="the last version deleted"),
        pytest.param("DELETE FROM gj_version", "has no history", id="all versions deleted"),
        pytest.param("UPDATE gj_version SET prev_hash = 'x' WHERE seq = 2", "does not continue", id="a cut chain"),
        pytest.param("UPDATE tab_service_quotation SET total = 1", "is not what its history says", id="an edited record"),
        pytest.param("UPDATE tab_service_quotation SET docstatus = 1", "is not what its history says", id="a record made submitted"),
        pytest.param("UPDATE tab_service_quotation SET modified_by = 'x'", "is not what its history says", id="another editor"),
        pytest.param("UPDATE tab_service_quotation_line SET qty = 9", "is not what its history says", id="an edited row"),
        pytest.param("DELETE FROM tab_service_quotation_line", "is not what its history says", id="a deleted row"),
        pytest.param("DELETE FROM tab_service_quotation", "was deleted behind", id="a deleted record"),
        pytest.param(
            "INSERT INTO tab_service_quotation (name, creation, modified, docstatus, version) VALUES"
            " ('QT-9', '2026-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000', 1, 1)", "QT-9: has no history", id="a record put in",
        ),
    ],
)  # fmt: skip
def test_an_edit_behind_the_programs_back_is_found(database: Database, model: Model, statement: str, said: str) -> None:
    saved_twice(database, model)
    tamper(database, statement.replace("{by}", database.quote("by")))
    found = findings(database, model)
    assert found
    assert any(said in finding[2] for finding in found), found


def test_a_chain_made_anew_after_an_edit_is_found_by_the_record(database: Database, model: Model) -> None:
    """Whoever edits a link must make all later hashes anew, and then the record's content still tells."""
    saved_twice(database, model)
    tamper(database, "DELETE FROM gj_version WHERE seq = 2", "UPDATE gj_version SET version = 2 WHERE seq = 1")
    assert len(findings(database, model)) == 2


def test_a_deleted_record_that_comes_back_is_found(database: Database, model: Model) -> None:
    saved_twice(database, model)
    with database.write() as connection:
        records.delete(connection, model, model[DOCTYPE], "QT-1")
        audit.append_version(
            connection, doctype=DOCTYPE, name="QT-1", version=3, action="delete", by="li", at=NOW, changes=[], content_hash=None
        )
    assert findings(database, model) == []
    with database.write() as connection:
        records.insert(connection, model, model[DOCTYPE], quotation(version=3))
    assert "yet it is there" in findings(database, model)[0][2]


def without(doctype: dict[str, Any], *names: str) -> dict[str, Any]:
    return doctype | {"fields": [item for item in doctype["fields"] if item["fieldname"] not in names]}


def changed(doctype: dict[str, Any], name: str, **properties: Any) -> dict[str, Any]:
    return doctype | {"fields": [item | properties if item["fieldname"] == name else item for item in doctype["fields"]]}


@pytest.mark.parametrize(
    "doctypes",
    [
        pytest.param([CUSTOMER, LINE, without(QUOTATION, "total", "subject")], id="fields removed"),
        pytest.param([CUSTOMER, LINE, without(QUOTATION, "items")], id="a table removed"),
        pytest.param([CUSTOMER, without(LINE, "qty"), QUOTATION], id="a column removed"),
        pytest.param([CUSTOMER, LINE, changed(QUOTATION, "quantity", fieldtype="Data")], id="a number made text"),
        pytest.param([CUSTOMER, LINE, changed(QUOTATION, "total", fieldtype="Data")], id="a decimal made text"),
        pytest.param([CUSTOMER, LINE, changed(QUOTATION, "valid_to", fieldtype="Data")], id="a date made text"),
        pytest.param(
            [CUSTOMER, LINE, QUOTATION | {"fields": [*QUOTATION["fields"], {"fieldname": "new", "fieldtype": "Check"}]}],
            id="a field added",
        ),
    ],
)
def test_old_versions_still_verify_after_the_metadata_changed(
    database: Database, model: Model, doctypes: list[dict[str, Any]]
) -> None:
    saved_twice(database, model)
    later = migrate_to(database, make_model(*doctypes))
    assert findings(database, later) == []
    with database.write() as connection:
        connection.execute(text(f"UPDATE tab_service_quotation SET {database.quote('order')} = 'edited'"))
    assert len(findings(database, later)) == 1
    back = migrate_to(database, make_model(CUSTOMER, LINE, QUOTATION))
    assert len(findings(database, back)) == 1


def test_content_hashes_do_not_depend_on_how_a_number_is_written(model: Model) -> None:
    doctype = model[DOCTYPE]
    plain = audit.content_hash(quotation(total=Decimal("100.00"), urgent=0, subject=None), model, doctype)
    assert plain == audit.content_hash(quotation(total=100, urgent=None, subject=""), model, doctype)
    assert plain != audit.content_hash(quotation(total=101, urgent=0, subject=None), model, doctype)


def test_the_last_trace_is_the_newest(database: Database) -> None:
    with database.write() as connection:
        for version in (1, 2):
            told = {"version": version, "at": NOW, "trace": {"version": version}}
            audit.append_trace(connection, f"t{version}", doctype=DOCTYPE, name="QT-1", spoke=(), **told)
        assert audit.last_trace(connection, DOCTYPE, "QT-1") == {"version": 2}
        assert audit.last_trace(connection, DOCTYPE, "QT-2") is None


def test_lost_protection_is_told_and_comes_back_with_the_start(database: Database, model: Model) -> None:
    with database.write() as connection:
        audit.check_writable(connection)
    if database.dialect != "postgresql":
        with database.write() as connection:
            for change in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER gj_version_no_{change}"))
    else:
        with database.write() as connection:
            connection.execute(text("DROP TRIGGER gj_version_append_only ON gj_version"))
    with pytest.raises(StorageUnavailable, match="gj_version"), database.write() as connection:
        audit.check_writable(connection)
