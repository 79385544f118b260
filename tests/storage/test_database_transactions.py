"""The database itself: whole or nothing, readers that cannot write, and what people read when it is locked or gone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, inspect, select, text
from sqlalchemy.exc import DBAPIError

from server.core.errors import StorageUnavailable
from server.storage import site_state, view
from server.storage.database import Database, FairLock
from server.storage.installation import create_system_tables
from server.storage.system import SYSTEM, site

HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


def test_a_failing_transaction_leaves_nothing(database: Database) -> None:
    def stop_halfway() -> None:
        with database.write() as connection:
            site_state.put(connection, "k", 1)
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        stop_halfway()
    with database.read() as connection:
        assert site_state.get(connection, "k") is None


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises((StorageUnavailable, DBAPIError)), database.read() as connection:
        site_state.put(connection, "k", 1)
    with database.read() as connection:
        assert site_state.get(connection, "k") is None


def test_a_reader_sees_one_moment_while_others_write(database: Database) -> None:
    with database.read() as reader:
        assert site_state.get(reader, "k") is None
        with database.write() as writer:
            site_state.put(writer, "k", {"zh": "规矩"})
        assert site_state.get(reader, "k") is None
    with database.read() as reader:
        assert site_state.get(reader, "k") == {"zh": "规矩"}


def test_a_write_inside_a_write_is_refused_at_once(database: Database) -> None:
    with database.write(), pytest.raises(RuntimeError, match="inside write"), database.write():
        pass
    with database.write() as connection:
        site_state.put(connection, "k", 1)


def test_the_metadata_version_counts_on(database: Database) -> None:
    with database.write() as connection:
        assert site_state.metadata_version(connection) == 0
        assert [site_state.bump_metadata_version(connection) for _ in range(2)] == [1, 2]


def test_sqlite_is_durable_and_shared(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'site.db'}")
    with database.write() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    database.close()


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Database]:
    """A site whose SQLite file another process holds for writing."""
    path = tmp_path / "locked.db"
    create_system_tables(Database(f"sqlite:///{path}"))
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    database = Database(f"sqlite:///{path}", on_busy_seconds=0.2)
    yield database
    holder.communicate("")
    database.close()


def test_a_locked_file_says_so_and_reading_goes_on(locked: Database) -> None:
    with pytest.raises(StorageUnavailable) as caught, locked.write() as connection:
        site_state.put(connection, "k", 1)
    assert "未保存" in caught.value.text.zh
    assert "nothing was saved" in caught.value.text.en
    with locked.read() as connection:
        assert site_state.get(connection, "k") is None


def test_another_writer_of_this_process_is_waited_for(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'site.db'}", on_busy_seconds=0.2)
    create_system_tables(database)
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write():
            inside.set()
            leave.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(10)
    with pytest.raises(StorageUnavailable), database.write():
        pass
    leave.set()
    thread.join()
    with database.write() as connection:
        site_state.put(connection, "k", 1)
    database.close()


def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    path = tmp_path / "site.db"
    path.write_text("no database at all, only text that is long enough to be looked at" * 20)
    with pytest.raises(StorageUnavailable) as caught, Database(f"sqlite:///{path}").read() as connection:
        connection.execute(text("SELECT 1 FROM sqlite_master"))
    assert "管理员" in caught.value.text.zh


def test_a_folder_that_is_missing_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailable), Database(f"sqlite:///{tmp_path / 'none' / 'site.db'}").write():
        pass


def test_a_server_that_is_not_there_says_so(tmp_path: Path) -> None:
    database = Database(f"postgresql+psycopg://root@/test?host={tmp_path}", on_busy_seconds=0.5)
    with pytest.raises(StorageUnavailable) as caught, database.write():
        pass
    assert "Nothing was saved" in caught.value.text.en


def test_a_server_that_ends_the_connection_says_so_and_the_next_save_works(postgres_url: str) -> None:
    database = Database(postgres_url)
    create_system_tables(database)
    killer = create_engine(postgres_url, isolation_level="AUTOCOMMIT")

    def lose_the_connection() -> None:
        with database.write() as connection:
            own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
            site_state.put(connection, "lost", 1)
            with killer.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:own)"), {"own": own})
            site_state.put(connection, "lost", 2)

    with pytest.raises(StorageUnavailable) as caught:
        lose_the_connection()
    assert "未保存" in caught.value.text.zh
    with database.write() as connection:
        assert site_state.get(connection, "lost") is None
    killer.dispose()
    database.close()


def test_a_row_that_another_transaction_holds_says_busy(postgres_url: str) -> None:
    first, second = Database(postgres_url), Database(postgres_url, on_busy_seconds=0.2)
    create_system_tables(first)
    with first.write() as connection:
        site_state.put(connection, "row", 1)
        connection.execute(select(site).with_for_update())
        with pytest.raises(StorageUnavailable) as caught, second.write() as other:
            site_state.put(other, "row", 2)
    assert "busy" in caught.value.text.en
    first.close()
    second.close()


def test_the_lock_is_given_out_in_the_order_of_asking() -> None:
    lock, order = FairLock(), []
    assert lock.acquire(1)
    threads = []
    for number in range(5):
        started = threading.Event()

        def take(number: int = number, started: threading.Event = started) -> None:
            started.set()
            assert lock.acquire(5)
            order.append(number)
            lock.release()

        thread = threading.Thread(target=take)
        thread.start()
        started.wait()
        while len(lock._waiting) <= number:
            threading.Event().wait(0.001)
        threads.append(thread)
    assert not lock.acquire(0.01)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("table", ["gj_version", "gj_trace"])
@pytest.mark.parametrize("change", ["UPDATE {} SET name = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_the_audit(database: Database, table: str, change: str) -> None:
    with database.write() as connection:
        values = (
            "(id, doctype, name) VALUES ('1', 'D', 'n')"
            if table == "gj_trace"
            else "(doctype, name, seq, hash) VALUES ('D', 'n', 1, 'h')"
        )
        connection.execute(text(f"INSERT INTO {table} {values}"))
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(text(change.format(table)))


def test_making_the_system_tables_again_changes_nothing_and_adds_what_is_missing(database: Database) -> None:
    with database.write() as connection:
        site_state.put(connection, "k", 1)
        connection.execute(text("ALTER TABLE gj_comment DROP COLUMN text"))
        connection.execute(text("DROP TABLE gj_api_key"))
    create_system_tables(database)
    with database.read() as connection:
        assert site_state.get(connection, "k") == 1
        assert connection.execute(text("SELECT text FROM gj_comment")).all() == []
        assert connection.execute(text("SELECT * FROM gj_api_key")).all() == []


def test_an_index_that_is_missing_or_had_other_columns_is_made(database: Database) -> None:
    """As on the site of an older version: it has the table, and of its index another form."""

    def drop(connection: Connection, index: str, table: str) -> None:
        connection.execute(text(f"DROP INDEX {index}" + (f" ON {table}" if database.dialect == "mariadb" else "")))

    with database.write() as connection:
        drop(connection, "ix_gj_comment_record", "gj_comment")
        drop(connection, "ix_gj_initials_typed", "gj_initials")
        connection.execute(text("CREATE INDEX ix_gj_initials_typed ON gj_initials (doctype, initials)"))

    create_system_tables(database)

    with database.read() as connection:
        found = {
            item["name"]: item["column_names"] for table in SYSTEM.tables for item in inspect(connection).get_indexes(table)
        }
    wanted = {item.name: [column.name for column in item.columns] for table in SYSTEM.tables.values() for item in table.indexes}
    assert wanted.items() <= found.items()


def test_an_unknown_kind_of_database_is_refused() -> None:
    with pytest.raises(StorageUnavailable, match="not supported"):
        Database("mysql://root@/test")
    assert sqlite3.sqlite_version_info >= (3, 35)


def test_reads_of_one_view_are_one_moment_until_something_is_written(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view, "LONGEST_SECONDS", 60)
    with database.one_view():
        with database.read() as reader:
            first = reader
            assert site_state.get(reader, "k") is None
        _put_elsewhere(database, "k", 1)
        with database.read() as reader:
            assert reader is first
            assert site_state.get(reader, "k") is None
        with database.write() as writer:
            site_state.put(writer, "other", 1)
        with database.read() as reader:
            assert (site_state.get(reader, "k"), site_state.get(reader, "other")) == (1, 1)


def test_a_view_that_is_looked_at_anew_or_over_sees_what_others_wrote(database: Database) -> None:
    with database.one_view():
        with database.read() as reader:
            assert site_state.get(reader, "k") is None
        _put_elsewhere(database, "k", 1)
        database.look_anew()
        with database.read() as reader:
            assert site_state.get(reader, "k") == 1
        _put_elsewhere(database, "k", 2)
    with database.read() as reader:
        assert site_state.get(reader, "k") == 2


def test_what_is_read_while_writing_is_not_taken_for_what_is_read_after(database: Database) -> None:
    with database.one_view():
        with database.write() as writer, database.read() as reader:
            site_state.put(writer, "k", 1)
            assert site_state.get(reader, "k") is None
        with database.read() as reader:
            assert site_state.get(reader, "k") == 1


def test_a_read_that_lasts_keeps_its_moment_while_others_read_anew(database: Database) -> None:
    with database.one_view(), database.read() as early:
        assert site_state.get(early, "k") is None
        with database.write() as writer:
            site_state.put(writer, "k", 1)
        with database.read() as late:
            assert site_state.get(late, "k") == 1
        assert site_state.get(early, "k") is None


def test_rows_that_are_taken_one_by_one_are_read_by_a_connection_of_their_own(database: Database) -> None:
    with database.one_view(), database.read(is_shared=False) as taken:
        with database.read() as first:
            assert first is not taken
        with database.read() as second:
            assert second is first


def test_a_statement_that_failed_does_not_spoil_the_view(database: Database) -> None:
    with database.one_view():
        with pytest.raises(DBAPIError), database.read() as reader:
            reader.execute(text("SELECT no_such_column FROM gj_site"))
        with database.read() as reader:
            assert site_state.get(reader, "k") is None


def test_a_view_holds_a_publication_no_longer_than_it_is_read_by(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view, "LONGEST_SECONDS", 0.0)
    with database.one_view():
        with database.read() as reader:
            assert site_state.get(reader, "k") is None
        _put_elsewhere(database, "k", 1)
        with database.read() as reader:
            assert site_state.get(reader, "k") == 1


def _put_elsewhere(database: Database, key: str, value: int) -> None:
    """As another thread does, whose writing ends no view of this one."""

    def put() -> None:
        with database.write() as connection:
            site_state.put(connection, key, value)

    other = threading.Thread(target=put)
    other.start()
    other.join()


def test_an_unhurried_load_does_not_wait_for_the_disk_and_what_comes_after_does(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'own.db'}")

    def waits() -> int:  # 1: NORMAL, 2: FULL
        with database.write() as connection:
            return int(connection.execute(text("PRAGMA synchronous")).scalar_one())

    assert waits() == 2
    with database.unhurried():
        assert waits() == 1
    assert waits() == 2
    database.close()
