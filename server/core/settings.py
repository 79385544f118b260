"""A site's settings: the `guiju.toml` of its folder, overridden by `GUIJU_*` environment variables.

Every setting has a default that suits one machine with SQLite. Unknown keys are refused by name, so that a typing
mistake never silently leaves a default in force.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from .errors import Fault, MetadataInvalid
from .text import Text

MatcherChoice = Literal["durable", "reference", "both"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between two sites and is not metadata."""

    site_dir: Path
    database_url: str = ""  # empty: SQLite in the site folder
    packs: tuple[str, ...] = ()  # folders of content packs beside the built-in one, relative to the site folder
    secret_key: str = ""
    language: str = "zh"
    timezone: str = "Asia/Shanghai"
    company: str = ""  # printed in headers
    matcher: MatcherChoice = "durable"
    session_hours: int = 12
    max_body_bytes: int = 8 * 1024 * 1024
    max_file_bytes: int = 20 * 1024 * 1024
    secure_cookies: bool = False  # set behind HTTPS
    trusted_proxies: int = 0  # how many reverse proxies stand before this server; their X-Forwarded headers are believed
    print_timeout_seconds: int = 30
    embedded_worker: bool = True

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.site_dir / 'guiju.db'}"

    @property
    def files_dir(self) -> Path:
        return self.site_dir / "files"


def load_settings(site_dir: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read `site_dir/guiju.toml` (which may be absent) and the environment.

    Raises MetadataInvalid with every unknown key or wrong value.
    """
    environ = os.environ if environ is None else environ
    path = site_dir / "guiju.toml"
    given: dict[str, Any] = {}
    if path.exists():
        try:
            given = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            text = Text(f"{path} 不是有效的 TOML:{error}", f"{path} is not valid TOML: {error}")
            raise MetadataInvalid.of([Fault(str(path), text)]) from None
    known = {field.name: field for field in fields(Settings) if field.name != "site_dir"}
    given |= {
        name: environ[f"GUIJU_{name.upper()}"] for name in known if environ.get(f"GUIJU_{name.upper()}") not in (None, "")
    }
    faults, values = [], {}
    for name, value in given.items():
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint_zh, hint_en = (f"是否指 {near[0]}？", f' Did you mean "{near[0]}"?') if near else ("", "")
            faults.append(Fault(f"{path}: {name}", Text(f"未知设置 {name}。{hint_zh}", f'Unknown setting "{name}".{hint_en}')))
            continue
        try:
            values[name] = _read(known[name].default, value)
        except (TypeError, ValueError):
            expected = type(known[name].default).__name__
            faults.append(
                Fault(
                    f"{path}: {name}",
                    Text(f"设置 {name} 的值 {value!r} 应为 {expected}。", f"Setting {name} is {value!r}; expected {expected}."),
                )
            )
    if values.get("matcher", "durable") not in ("durable", "reference", "both"):
        faults.append(
            Fault(
                f"{path}: matcher",
                Text("matcher 只能是 durable、reference 或 both。", "matcher must be durable, reference or both."),
            )
        )
    if faults:
        raise MetadataInvalid.of(faults)
    if not values.get("secret_key"):
        values["secret_key"] = _site_secret(site_dir)
    return Settings(site_dir=site_dir, **values)


def _read(default: Any, value: Any) -> Any:
    if isinstance(default, bool):
        if isinstance(value, bool):
            return value
        if str(value).lower() in ("1", "true", "yes", "on"):
            return True
        if str(value).lower() in ("0", "false", "no", "off"):
            return False
        raise ValueError(value)
    if isinstance(default, int):
        return int(value)
    if isinstance(default, tuple):
        return tuple(value.split(os.pathsep)) if isinstance(value, str) else tuple(str(item) for item in value)
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _site_secret(site_dir: Path) -> str:
    """The key that signs CSRF tokens, made once per site and readable by its owner only."""
    path = site_dir / "secret.key"
    if not path.exists():
        site_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text().strip()
