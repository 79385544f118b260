"""`guiju doctor`: what is broken in a set-up, said with the remedy."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from .assets import fonts_dir, missing_assets
from .core.errors import GuijuError
from .core.settings import load_settings
from .core.text import Text
from .jobs import messages
from .storage import audit
from .storage.database import Database

STALLED_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Finding:
    is_good: bool
    text: Text


def examine(site_dir: Path) -> Iterator[Finding]:
    """Each thing looked at, good or bad, in the order in which they depend on each other."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    yield Finding(
        sys.version_info >= (3, 11),
        Text(f"Python {version}（需要 3.11 或更新）", f"Python {version} (3.11 or newer is needed)"),
    )
    missing = missing_assets()
    yield Finding(
        not missing,
        Text("浏览器与字体文件齐全", "browser files and fonts are there")
        if not missing
        else Text(
            f"缺少 {', '.join(missing)}；请运行 pip install . 重新构建",
            f"missing {', '.join(missing)}; run pip install . to build them",
        ),
    )
    yield Finding(fonts_dir().is_dir(), Text(f"打印字体目录 {fonts_dir()}", f"print fonts in {fonts_dir()}"))
    engine = importlib.util.find_spec("durable_rules_engine") is not None
    yield Finding(
        engine,
        Text("规则引擎 durable-rules 可用", "the rule engine durable-rules is installed")
        if engine
        else Text(
            "没有规则引擎 durable-rules；安装 gcc 与 python3-dev 后重新安装",
            "durable-rules is missing; install gcc and python3-dev, then install again",
        ),
    )
    free = shutil.disk_usage(site_dir if site_dir.exists() else Path.cwd()).free // 2**20
    yield Finding(free > 500, Text(f"磁盘剩余 {free} MB", f"{free} MB of disk are free"))
    yield from _examine_site(site_dir)


def _examine_site(site_dir: Path) -> Iterator[Finding]:
    if not site_dir.is_dir():
        yield Finding(
            False,
            Text(
                f"没有站点目录 {site_dir}；请运行 guiju init {site_dir}",
                f"there is no site folder {site_dir}; run guiju init {site_dir}",
            ),
        )
        return
    try:
        settings = load_settings(site_dir)
        yield Finding(
            True, Text(f"设置可读：{site_dir / 'guiju.toml'}", f"the settings can be read: {site_dir / 'guiju.toml'}")
        )
        database = Database(settings.url)
        try:
            with database.write() as connection:
                audit.check_writable(connection)
            yield Finding(
                True, Text(f"数据库可读写（{database.dialect}）", f"the database can be read and written ({database.dialect})")
            )
            yield from _examine_messages(database)
        finally:
            database.close()
    except GuijuError as error:
        yield Finding(False, Text("\n   ".join(error.lines("zh")), "\n   ".join(error.lines("en"))))


def _examine_messages(database: Database) -> Iterator[Finding]:
    """Messages that should have left long ago, and those that were given up."""
    with database.read() as connection:
        if not messages.is_kept(connection):
            return
        overdue = messages.overdue(connection, datetime.now(UTC) - STALLED_AFTER)
        counts = messages.counts(connection)
    for channel, number in sorted(overdue.items()):
        yield Finding(
            False,
            Text(
                f"{channel}：{number} 条消息超过 15 分钟未发出；确认 guiju serve 在运行且 embedded_worker 为 true，在“消息记录”中看错误",
                f"{channel}: {number} messages wait for more than 15 minutes; see that guiju serve runs with embedded_worker, and the "
                "errors under Messages",
            ),
        )
    dead = sum(number for (_, state), number in counts.items() if state == "dead")
    yield Finding(
        not dead,
        Text(f"已放弃的消息 {dead} 条", f"{dead} messages were given up")
        if not dead
        else Text(
            f"已放弃的消息 {dead} 条；在“消息记录”中查看并再次发送",
            f"{dead} messages were given up; look at them under Messages",
        ),
    )
