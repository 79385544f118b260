"""The database of a site: read transactions that cannot write, write transactions that are whole or nothing.

SQLite: WAL, synchronous=FULL, every write `BEGIN IMMEDIATE` behind one fair lock of this process. PostgreSQL and MariaDB: read-only
repeatable-read transactions for reading. A database that is locked or gone raises `StorageUnavailable`, said for people.
"""

from __future__ import annotations

import importlib.util
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, cast

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from ..core.errors import DatabaseBusy, GuijuError, StorageUnavailable
from ..core.text import Text
from . import gate, locks, mariadb
from .exact import install_functions
from .gate import Pin
from .unfit import unfit
from .view import View

DialectName = Literal["sqlite", "postgresql", "mariadb"]
DRIVERS = {"postgresql": "psycopg", "mariadb": "pymysql"}

# Keywords that no column may have unquoted and that SQLAlchemy does not quote of itself: a fieldname can be any word.
FORGOTTEN_KEYWORDS = ("nothing", "returning", "collation", "concurrently", "lateral", "tablesample")

# What SQLite and PostgreSQL say when the fault lies with the database and not with the statement.
_SQLITE_AWAY = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_IOERR",
    "SQLITE_FULL",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_NOTADB",
    "SQLITE_CORRUPT",
    "SQLITE_PROTOCOL",
)
_POSTGRES_AWAY = ("08", "53", "57P", "55P03", "40001", "40P01", "25006", "58")


class FairLock:
    """A lock that is given out in the order of asking; a thread never starves while others write."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Event] = deque()

    def acquire(self, timeout_seconds: float) -> bool:
        with self._guard:
            if not self._held and not self._waiting:
                self._held = True
                return True
            turn = threading.Event()
            self._waiting.append(turn)
        if turn.wait(timeout_seconds):
            return True
        with self._guard:
            if turn.is_set():  # handed over in the same moment
                return True
            self._waiting.remove(turn)
        return False

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False


class Database:
    """One database. `on_busy_seconds` is how long a transaction waits for another writer before it gives up."""

    def __init__(self, url: str, *, on_busy_seconds: float = 5) -> None:
        parsed = _parsed(url)
        backend = parsed.get_backend_name()
        if backend not in ("sqlite", "postgresql", "mariadb"):
            raise StorageUnavailable(
                Text(
                    f"不支持数据库 {backend}，请使用 sqlite、postgresql 或 mariadb。",
                    f'Database "{backend}" is not supported; use sqlite, postgresql or mariadb.',
                )
            )
        _check_driver(backend)
        self.dialect = cast(DialectName, backend)
        self.url = parsed
        self._on_busy_seconds = on_busy_seconds
        self._inside = threading.local()
        self.has_gate = False  # until the fixed tables are there
        self.pin: ContextVar[Pin | None] = ContextVar("pin", default=None)
        self._view: ContextVar[View | None] = ContextVar("view", default=None)
        self._writer_turn = FairLock() if backend == "sqlite" else None
        if backend == "sqlite":
            self._writer, self._reader = _sqlite_engines(parsed, on_busy_seconds)
        elif backend == "mariadb":
            self._writer, self._reader = mariadb.engines(parsed, on_busy_seconds)
        else:
            self._writer, self._reader = _postgres_engines(parsed, on_busy_seconds)
        for engine in (self._writer, self._reader):
            preparer = engine.dialect.identifier_preparer
            preparer.reserved_words = {*preparer.reserved_words, *FORGOTTEN_KEYWORDS}

    @contextmanager
    def read(self, *, is_shared: bool = True) -> Iterator[Connection]:
        """A read-only transaction: one consistent view from its first query to its end; within `one_view` perhaps a part of one.

        Not `is_shared` for rows that are read as they are taken: MariaDB drops what is left of them at the connection's next query.
        """
        view = self._view.get() if is_shared else None
        with self._explained(writing=False):
            connection = view.take() if view is not None else None
            if view is None or connection is None:
                with self._reading() as own:
                    yield own
                return
            is_sound = False
            try:
                yield connection
                is_sound = True
            except GuijuError as error:
                is_sound = not isinstance(error.__context__, SQLAlchemyError)
                raise
            finally:
                view.give_back(is_sound=is_sound)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._reader.connect() as connection, connection.begin():
            if self.has_gate:
                gate.enter(connection, self.pin.get(), writing=False)
            yield connection

    @contextmanager
    def one_view(self) -> Iterator[None]:
        """What this thread reads inside, it reads in one transaction, as long as it writes nothing."""
        view = View(self._reading)
        before = self._view.set(view)
        try:
            yield
        finally:
            self._view.reset(before)
            view.end()

    def look_anew(self) -> None:
        """What others have written by now is seen by the next `read`; before work that lasts, for a view that is open holds the gate."""
        view = self._view.get()
        if view is not None:
            view.pass_by()

    @contextmanager
    def write(self, *, publishing: bool = False) -> Iterator[Connection]:
        """One transaction: committed when the block ends, rolled back entirely when it raises.

        Never inside another `write` of the same thread: the two could not be one transaction. One that is `publishing` does not pass
        the gate, which it may have shut itself.
        """
        if getattr(self._inside, "write", False):
            raise RuntimeError("write() inside write(): pass the open connection instead")
        self.look_anew()
        self._take_turn()
        self._inside.write = True
        try:
            with self._explained(writing=True), self._writer.connect() as connection:
                transaction = connection.begin()
                pin = self.pin.get()
                try:
                    if self.has_gate and not publishing:
                        gate.enter(connection, pin, writing=True)
                    yield connection
                    with self._commit_explained():
                        transaction.commit()
                except BaseException:
                    _roll_back(connection)
                    raise
                if pin is not None:
                    pin.has_written = True
                _release(connection)
        finally:
            self._inside.write = False
            if self._writer_turn is not None:
                self._writer_turn.release()
            self.look_anew()  # of what was read meanwhile

    @contextmanager
    def unhurried(self) -> Iterator[None]:
        """On SQLite, commits that do not wait for the disk until the block ends: for a load that is done again if the power goes.

        The file stays whole even then (WAL with synchronous=NORMAL); the last changes may be missing. Servers keep their own pace.
        """
        if self.dialect != "sqlite":
            yield
            return
        self._synchronous("NORMAL")
        try:
            yield
        finally:
            self._synchronous("FULL")

    def _synchronous(self, how: Literal["NORMAL", "FULL"]) -> None:
        """For the one writing connection; outside a transaction, in which SQLite changes nothing."""
        connection = self._writer.raw_connection()
        try:
            connection.execute(f"PRAGMA synchronous={how}")  # type: ignore[attr-defined]
        finally:
            connection.close()

    @contextmanager
    def statements(self, lock_milliseconds: int | None = None) -> Iterator[Connection]:
        """A connection of which each statement is a transaction by itself: for changes of tables that no transaction holds, on servers.

        `lock_milliseconds` is how long each may wait for a lock (0: as long as it takes), when not as long as any other.
        """
        self.look_anew()
        own = self._writer.execution_options(isolation_level="AUTOCOMMIT")
        with self._explained(writing=True), own.connect() as connection:
            if lock_milliseconds is None:
                yield connection
                return
            usual = max(1, round(self._on_busy_seconds))
            is_mariadb = self.dialect == "mariadb"
            bounded = (
                f"lock_wait_timeout = {max(1, lock_milliseconds // 1000)}"
                if is_mariadb
                else f"lock_timeout = {lock_milliseconds}"
            )
            connection.exec_driver_sql(f"SET SESSION {bounded}")
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    connection.exec_driver_sql(
                        f"SET SESSION lock_wait_timeout = {usual}" if is_mariadb else "RESET lock_timeout"
                    )

    @property
    def sql_dialect(self) -> Dialect:
        return self._writer.dialect

    def quote(self, name: str) -> str:
        """A name of a table, column or index as SQL writes it."""
        return str(self.sql_dialect.identifier_preparer.quote(name))

    def close(self) -> None:
        """Close all pooled connections; those in use close when they are given back."""
        self._reader.dispose()
        self._writer.dispose()

    def _take_turn(self) -> None:
        if self._writer_turn is not None and not self._writer_turn.acquire(self._on_busy_seconds):
            raise _busy(writing=True)

    @contextmanager
    def _explained(self, *, writing: bool) -> Iterator[None]:
        try:
            yield
        except GuijuError:
            raise
        except PoolTimeout as error:
            raise _busy(writing=writing) from error
        except DBAPIError as error:
            if (refused := unfit(error)) is not None:
                raise refused from error
            if (found := unavailable(error, writing=writing)) is not None:
                raise found from error
            if (pin := self.pin.get()) is not None and pin.is_overtaken:
                raise gate.moved(pin) from error
            raise

    @contextmanager
    def _commit_explained(self) -> Iterator[None]:
        """A connection lost while committing leaves open whether the transaction was kept: say so."""
        try:
            yield
        except SQLAlchemyError as error:
            if isinstance(error, DBAPIError) and self.dialect != "sqlite" and error.connection_invalidated:
                raise StorageUnavailable(
                    Text(
                        "保存时数据库连接中断，无法确认是否已保存。请重新打开记录核对后再试。",
                        "The database connection broke while saving; it is not known whether it was saved. Open the record again and look.",
                    )
                ) from error
            raise


def _roll_back(connection: Connection) -> None:
    """Undo; when the database is gone it has undone everything itself and the first error is the one to tell."""
    try:
        connection.rollback()
        locks.release(connection)
    except SQLAlchemyError:
        connection.invalidate()


def _release(connection: Connection) -> None:
    """Give the locks back; when the connection is gone after the commit, the server has done so, and what was saved is saved."""
    try:
        locks.release(connection)
    except SQLAlchemyError:
        connection.invalidate()


# Saying what happened


def unavailable(error: DBAPIError, *, writing: bool = True) -> StorageUnavailable | None:
    """The error for people when the database is locked or gone; None when the statement itself is at fault."""
    original = error.orig
    if isinstance(original, sqlite3.Error):
        name = getattr(original, "sqlite_errorname", "") or ""
        if not name.startswith(_SQLITE_AWAY):
            return None
        return (
            _busy(writing=writing)
            if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
            else _gone(str(original), writing=writing)
        )
    if (number := mariadb.number_of(original)) is not None:
        if mariadb.is_busy(number):
            return _busy(writing=writing)
        return _gone(_first_line(original), writing=writing) if mariadb.is_away(number) else None
    state = getattr(original, "sqlstate", None)
    if state is None:
        return _gone(_first_line(original), writing=writing) if error.connection_invalidated or _lost(original) else None
    if state in ("55P03", "40001", "40P01"):
        return _busy(writing=writing)
    return _gone(_first_line(original), writing=writing) if state.startswith(_POSTGRES_AWAY) else None


def _lost(original: object) -> bool:
    return type(original).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout")


def _check_driver(backend: str) -> None:
    driver = DRIVERS.get(backend)
    if driver is not None and importlib.util.find_spec(driver) is None:
        raise StorageUnavailable(
            Text(
                f"缺少数据库 {backend} 的驱动 {driver}；请运行 pip install 'guiju[{backend}]'。",
                f"The driver {driver} of the database {backend} is missing; run pip install 'guiju[{backend}]'.",
            )
        )


def _first_line(original: object) -> str:
    told = str(original.args[1]) if mariadb.number_of(original) is not None and len(original.args) > 1 else str(original)  # type: ignore[attr-defined]
    lines = told.strip().splitlines()
    return lines[0][:200] if lines else type(original).__name__


def _busy(*, writing: bool) -> DatabaseBusy:
    zh, en = ("未保存任何内容，", "nothing was saved; ") if writing else ("", "")
    return DatabaseBusy(
        Text(
            f"数据库正忙，其他操作尚未完成，{zh}请稍后重试。",
            f"The database is busy with another writer; {en}please try again in a moment.",
        )
    )


def _gone(reason: str, *, writing: bool) -> StorageUnavailable:
    zh, en = ("未保存任何内容。", " Nothing was saved.") if writing else ("", "")
    return StorageUnavailable(
        Text(
            f"数据库暂时无法使用（{reason}）。{zh}请稍后重试，若仍不行请联系管理员。",
            f"The database is not available ({reason}).{en} Try again in a moment; if it stays so, tell the administrator.",
        )
    )


# Engines


def _sqlite_engines(url: Any, on_busy_seconds: float) -> tuple[Engine, Engine]:
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: its readers and its writer are separate connections")
    settings = ["PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"]
    writer = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=on_busy_seconds,
        connect_args={"timeout": on_busy_seconds, "check_same_thread": False},
    )
    reader = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        connect_args={"timeout": on_busy_seconds, "check_same_thread": False},
    )
    _prepare_sqlite(writer, settings, "BEGIN IMMEDIATE")
    _prepare_sqlite(reader, [*settings, "PRAGMA query_only=ON"], "BEGIN")
    return writer, reader


def _prepare_sqlite(engine: Engine, settings: list[str], begin: str) -> None:
    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin transactions ourselves; the driver would begin them late
        for setting in settings:
            connection.execute(setting)
        install_functions(connection)

    def start(connection: Any) -> None:
        connection.execute(begin)

    # not by an event "begin": an engine with one has every statement look for events of its own
    engine.dialect.do_begin = start  # type: ignore[method-assign, assignment]


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:  # its words repeat the address, and with it the password
        raise StorageUnavailable(
            Text(
                "database_url 不是数据库地址。应如 postgresql+psycopg://用户:密码@主机/数据库。",
                "database_url is not the address of a database. Expected something like postgresql+psycopg://user:password@host/database.",
            )
        ) from None


def _postgres_engines(url: URL, on_busy_seconds: float) -> tuple[Engine, Engine]:
    try:
        return _connected_by_psycopg(url, on_busy_seconds)
    except (ModuleNotFoundError, NoSuchModuleError):
        raise StorageUnavailable(
            Text(
                f"缺少 {url.drivername} 的驱动。请安装：pip install 'guiju[postgresql]'，地址以 postgresql+psycopg:// 开头。",
                f"The driver of {url.drivername} is missing. Install it: pip install 'guiju[postgresql]', and let the address begin "
                "with postgresql+psycopg://",
            )
        ) from None


def _connected_by_psycopg(url: URL, on_busy_seconds: float) -> tuple[Engine, Engine]:
    milliseconds = int(on_busy_seconds * 1000)
    engine = create_engine(
        url,
        pool_size=8,
        max_overflow=24,
        pool_timeout=max(on_busy_seconds, 1),
        pool_pre_ping=True,
        connect_args={
            "prepare_threshold": None,  # server-side plans break when another process changes a column's type
            "connect_timeout": max(2, int(on_busy_seconds)),
            "options": f"-c timezone=UTC -c lock_timeout={milliseconds}",
        },
    )
    return engine, engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
