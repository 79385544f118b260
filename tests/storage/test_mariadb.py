"""What is particular to MariaDB: lengths of keys, wide record types, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from needs import own_mariadb
from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.exc import OperationalError
from storage_samples import NOW
from storage_support import make_model, migrate_to

from server.core.errors import DatabaseBusy, DuplicateValue, StorageUnavailable, ValidationFailed
from server.metadata.model import Model
from server.storage import locks, records, site_state
from server.storage.bounds import MOST_INDEXES
from server.storage.database import Database
from server.storage.installation import create_system_tables


@pytest.fixture
def address() -> Iterator[str]:
    with own_mariadb() as url:
        yield url


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    opened = Database(address, on_busy_seconds=1)
    create_system_tables(opened)
    yield opened
    opened.close()


def wide(links: int, texts: int) -> Model:
    fields: list[dict[str, Any]] = [{"fieldname": "code", "fieldtype": "Data", "unique": 1}]
    fields += [{"fieldname": f"link_{number}", "fieldtype": "Link", "options": "Wide"} for number in range(links)]
    fields += [{"fieldname": f"text_{number}", "fieldtype": "Data"} for number in range(texts)]
    return make_model({"name": "Wide", "fields": fields})


def put(database: Database, model: Model, name: str, **values: Any) -> None:
    with database.write() as connection:
        base = {"name": name, "creation": NOW, "modified": NOW, "docstatus": 0, "version": 1}
        records.insert(connection, model, model["Wide"], base | values)


def test_a_very_wide_record_type_keeps_its_unique_index_and_as_many_others_as_there_may_be(database: Database) -> None:
    model = migrate_to(database, wide(links=120, texts=250))

    put(database, model, "W-1", code="a", link_119="x" * 140, text_249="y" * 140)

    with database.read() as connection:
        found = inspect(connection).get_indexes("tab_wide")
        assert (records.load(connection, model, model["Wide"], "W-1") or {})["link_119"] == "x" * 140
    assert len(found) == MOST_INDEXES
    assert [item["column_names"] for item in found if item["unique"]] == [["code"]]
    with pytest.raises(DuplicateValue, match='"a" exists already'):
        put(database, model, "W-2", code="a")


def test_what_is_too_long_for_a_key_or_a_row_is_said_by_its_field(database: Database) -> None:
    model = migrate_to(database, wide(links=1, texts=250))

    with pytest.raises(ValidationFailed, match="at most 140 characters"):
        put(database, model, "n" * 141)
    with pytest.raises(ValidationFailed, match="at most 500 characters"):
        put(database, model, "W-1", code="c" * 501)
    with pytest.raises(ValidationFailed, match="more is filled in than a row"):
        put(database, model, "W-1", **{f"text_{number}": "z" * 39 for number in range(250)})


@pytest.mark.parametrize(
    ("first", "second"), [("Bolt", "bolt"), ("bolt", "bolt "), ("o", "ö")], ids=["case", "a blank at the end", "an accent"]
)
def test_names_that_differ_are_two_names(database: Database, first: str, second: str) -> None:
    model = migrate_to(database, wide(links=0, texts=0))
    put(database, model, first)
    put(database, model, second)

    with database.read() as connection:
        assert set(records.heads(connection, model["Wide"], [first])) == {first}


def test_a_row_or_a_lock_that_another_transaction_holds_says_busy(
    database: Database, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0)
    other = Database(address, on_busy_seconds=1)
    with database.write() as connection:
        site_state.put(connection, "k", 1)
    with database.write() as connection:
        site_state.put(connection, "k", 2)
        locks.take(connection, "the one")
        with pytest.raises(DatabaseBusy), other.write() as second:
            locks.take(second, "the one")
        with pytest.raises(DatabaseBusy), other.write() as second:
            site_state.put(second, "k", 3)
    with other.write() as second:  # given back with the end of the transaction
        locks.take(second, "the one")
    other.close()


def test_a_lock_is_given_back_when_the_commit_fails_and_what_was_committed_is_never_called_lost(
    database: Database, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PATIENCE_SECONDS", 0)
    other = Database(address)

    def deadlock(_connection: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception())

    event.listen(database._writer, "commit", deadlock)
    with pytest.raises(OperationalError), database.write() as connection:
        locks.take(connection, "the one")
    event.remove(database._writer, "commit", deadlock)
    with other.write() as second:
        locks.take(second, "the one")

    usual = locks.release

    def release_after_the_connection_is_lost(connection: Connection) -> None:
        with other.statements() as killer:
            killer.exec_driver_sql(f"KILL {connection.execute(text('SELECT CONNECTION_ID()')).scalar_one()}")
        usual(connection)

    monkeypatch.setattr(locks, "release", release_after_the_connection_is_lost)
    with database.write() as connection:
        locks.take(connection, "the one")
        site_state.put(connection, "kept", 1)
    monkeypatch.undo()
    with database.write() as connection:
        assert site_state.get(connection, "kept") == 1
    other.close()


def test_a_connection_that_the_server_ends_says_so_and_the_next_save_works(database: Database, address: str) -> None:
    other = Database(address)

    def lose_the_connection() -> None:
        with database.write() as connection:
            own = connection.execute(text("SELECT CONNECTION_ID()")).scalar_one()
            with other.statements() as killer:
                killer.exec_driver_sql(f"KILL {own}")
            site_state.put(connection, "lost", 1)

    with pytest.raises(StorageUnavailable) as caught:
        lose_the_connection()
    assert "未保存" in caught.value.text.zh
    with database.write() as connection:
        assert site_state.get(connection, "lost") is None
    other.close()


def test_a_server_that_is_mysql_is_refused_by_name() -> None:
    with pytest.raises(StorageUnavailable, match="sqlite, postgresql or mariadb"):
        Database("mysql+pymysql://root@localhost/guiju")


def test_connections_share_the_tls_context_that_takes_longer_to_make_than_they_do(database: Database) -> None:
    with database.read() as one, database.read(is_shared=False) as other:
        first, second = (connection.connection.driver_connection for connection in (one, other))

        assert first is not second
        assert first.ctx is second.ctx  # type: ignore[union-attr]
