"""`guiju doctor`: what is broken in a set-up, said with the remedy."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .assets import fonts_dir, missing_assets
from .core.errors import GuijuError
from .core.settings import load_settings
from .core.text import Text
from .storage import audit
from .storage.database import Database


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
        finally:
            database.close()
    except GuijuError as error:
        yield Finding(False, Text("\n   ".join(error.lines("zh")), "\n   ".join(error.lines("en"))))
