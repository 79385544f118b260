"""A site's settings: the `guiju.toml` of its folder, overridden by `GUIJU_*` environment variables.

Every setting has a default that suits one machine with SQLite. Unknown keys are refused by name, so that a typing
mistake never silently leaves a default in force.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import available_timezones

from .errors import Fault, ValidationFailed
from .text import Text

MatcherChoice = Literal["durable", "reference", "both"]
CHOICES: Mapping[str, tuple[str, ...]] = {"matcher": get_args(MatcherChoice)}
BASE_URL = re.compile(r"(https?://[^\s/?#@]+(/[^\s?#]*)?)?")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")  # a language without a catalogue reads as Chinese


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between two sites and is not metadata."""

    site_dir: Path
    database_url: str = ""  # empty: SQLite in the site folder
    packs: tuple[str, ...] = ()  # folders of content packs beside the built-in one, relative to the site folder
    secret_key: str = ""
    language: str = "zh"
    timezone: str = "Asia/Shanghai"
    company: str = ""  # printed in headers; in two languages as "中文|English"
    matcher: MatcherChoice = "durable"
    session_hours: int = 12
    session_idle_minutes: int = 0  # a session that nobody used for so long has ended; 0: only `session_hours` counts
    password_days: int = 0  # how old a password may be before its user must choose another; 0: any age
    second_factor_roles: tuple[str, ...] = ()  # who must have an authenticator: roles, or "All"
    signing_minutes: int = 15  # how long after an e-signature the next one asks for the password or a code only; 0: never
    max_body_bytes: int = 8 * 1024 * 1024
    max_file_bytes: int = 20 * 1024 * 1024
    secure_cookies: bool = False  # set behind HTTPS
    trusted_proxies: int = 0  # how many reverse proxies stand before this server; their X-Forwarded headers are believed
    print_timeout_seconds: int = 30
    embedded_worker: bool = True
    base_url: str = ""  # the address that people open, such as https://guiju.example.com; links in messages begin with it
    metrics_token: str = ""  # who asks for /metrics with it (Bearer) gets them; empty: only this machine does
    private_hosts: tuple[
        str, ...
    ] = ()  # hosts and networks of one's own that webhooks and robots may call: 10.1.0.0/16, erp.local

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{self.site_dir / 'guiju.db'}"

    def company_in(self, language: str) -> str:
        """The company's name in a language; one name without a bar stands for all."""
        zh, bar, en = self.company.partition("|")
        return Text(zh.strip(), (en if bar else zh).strip()).to(language)

    @property
    def files_dir(self) -> Path:
        return self.site_dir / "files"


class SettingsInvalid(ValidationFailed):
    """The site's settings cannot be used; `faults` names every wrong one with where it stands."""

    @classmethod
    def of(cls, path: Path, faults: Sequence[Fault]) -> SettingsInvalid:
        count = len(faults)
        return cls(
            Text(
                f"站点设置 {path} 有 {count} 处错误，未启动：",
                f"The site's settings {path} have {count} fault{'s' if count > 1 else ''}; nothing was started:",
            ),
            faults,
        )


def load_settings(site_dir: Path, environ: Mapping[str, str] | None = None) -> Settings:
    """Read `site_dir/guiju.toml` (which may be absent) and the environment.

    Raises SettingsInvalid with every unknown key or wrong value.
    """
    environ = os.environ if environ is None else environ
    path = site_dir / "guiju.toml"
    given = _read_file(path)
    known = {field.name: field for field in fields(Settings) if field.name != "site_dir"}
    places = {name: str(path) for name in given}
    for name in known:
        if environ.get(f"GUIJU_{name.upper()}") not in (None, ""):
            given[name], places[name] = environ[f"GUIJU_{name.upper()}"], f"GUIJU_{name.upper()}"
    faults, values = [], {}
    for name, value in given.items():
        if name not in known:
            faults.append(Fault(f"{path}: {name}", _unknown(places[name], name, value, list(known))))
            continue
        try:
            values[name] = _read(name, known[name].default, value)
        except (TypeError, ValueError):
            faults.append(Fault(f"{path}: {name}", _unfit(places[name], name, value, known[name].default)))
    if faults:
        raise SettingsInvalid.of(path, faults)
    if not values.get("secret_key"):
        values["secret_key"] = _site_secret(site_dir)
    return Settings(site_dir=site_dir, **values)


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        text = Text(f"{path} 不是有效的 TOML：{error}", f"{path} is not valid TOML: {error}")
        raise SettingsInvalid.of(path, [Fault(str(path), text)]) from None


def _unknown(place: str, name: str, value: Any, known: Sequence[str]) -> Text:
    near = get_close_matches(name, known, 1)
    hint = Text(f"是否指 {near[0]}？", f' Did you mean "{near[0]}"?') if near else Text("", "")
    return Text(
        f"{place}：没有设置 {name}（值 {_shown(name, value)}）。{hint.zh}可用的设置：{'、'.join(known)}。",
        f'{place}: there is no setting "{name}" (its value is {_shown(name, value)}).{hint.en} The settings are: {", ".join(known)}.',
    )


EXPECTED_BY_NAME = {
    "timezone": Text("时区名，如 Asia/Shanghai", "the name of a time zone, such as Asia/Shanghai"),
    "base_url": Text("网址，如 https://guiju.example.com", "a web address such as https://guiju.example.com"),
    "language": Text("语言代码，如 zh、en、de", "the code of a language, such as zh, en or de"),
    **{name: Text("或".join(words), " or ".join(words)) for name, words in CHOICES.items()},
}
EXPECTED = {
    bool: Text(" true 或 false", "true or false"),
    int: Text("整数", "a whole number"),
    str: Text("文本（加引号）", "a text in quotes"),
    tuple: Text("文本列表", "a list of texts"),
}


def _unfit(place: str, name: str, value: Any, default: Any) -> Text:
    expected = EXPECTED_BY_NAME.get(name) or EXPECTED[type(default)]
    return Text(
        f"{place}：设置 {name} 的值是 {_shown(name, value)}，应为{expected.zh}。",
        f'{place}: the setting "{name}" is {_shown(name, value)}; expected {expected.en}.',
    )


def _shown(name: str, value: Any) -> str:
    """A value as it may be repeated on a screen: not one that could hold a password."""
    if name == "database_url" or "secret" in name or "password" in name or "token" in name or "@" in str(value):
        return "…"
    return json.dumps(value, ensure_ascii=False, default=str)[:80]


def _read(name: str, default: Any, value: Any) -> Any:
    if (name in CHOICES and value not in CHOICES[name]) or (name == "timezone" and value not in available_timezones()):
        raise ValueError(value)
    if name == "base_url" and not BASE_URL.fullmatch(str(value)):
        raise ValueError(value)
    if name == "language" and not LANGUAGE_TAG.fullmatch(str(value)):
        raise ValueError(value)
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
