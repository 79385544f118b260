"""`pack.json`: what a content pack is called, its version, and which other packs it needs.

{"name": "inspection", "version": "1.2.0", "title": {"zh": "检验", "en": "Inspection"}, "requires": ["builtin >= 0.1"]}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import __version__
from ..core.errors import Fault
from ..core.text import EMPTY, Text

FILE = "pack.json"
BUILTIN = "builtin"
NAME = re.compile(r"[a-z][a-z0-9_-]{0,60}\Z")
VERSION = re.compile(r"\d+(\.\d+){0,3}([+-][0-9A-Za-z.+-]+)?\Z")
REQUIREMENT = re.compile(r"([a-z][a-z0-9_-]*)(?:\s*>=\s*(\d+(?:\.\d+){0,3}))?\Z")


@dataclass(frozen=True)
class Manifest:
    """What a pack says of itself; `folder` is where its files are, `place` where somebody got it (a folder, or `wheel NAME`)."""

    name: str
    version: str = ""
    title: Text = EMPTY
    requires: tuple[str, ...] = ()
    folder: Path = Path()
    place: str = ""

    def called(self) -> Text:
        """Its title with its name, for people."""
        if not self.title:
            return Text(self.name, self.name)
        return Text(f"{self.title.zh}（{self.name}）", f"{self.title.en} ({self.name})")


def read_manifest(raw: Mapping[str, Any], folder: Path, label: str, faults: list[Fault]) -> Manifest | None:
    """The manifest in `raw`, as read from the file `label`; its faults are added to `faults`."""
    before = len(faults)

    def wrong(part: str, zh: str, en: str) -> None:
        faults.append(Fault(f"{label}: {part}", Text(f"{label}: {part}：{zh}", f"{label}: {part}: {en}")))

    name, version = raw.get("name"), raw.get("version") or ""
    if not isinstance(name, str) or not NAME.match(name):
        wrong(
            "name",
            f"{name!r} 不是内容包名：小写英文字母开头，只含小写字母、数字、- 和 _",
            f"{name!r} is not a pack name: lower-case letters, digits, - and _, beginning with a letter",
        )
    if name == BUILTIN:
        version = version or __version__
    if not isinstance(version, str) or not VERSION.match(version):
        wrong("version", f"{version!r} 不是版本号，应如 1.2.0", f"{version!r} is not a version such as 1.2.0")
    requires = raw.get("requires") or []
    if not isinstance(requires, list) or not all(isinstance(one, str) and REQUIREMENT.match(one) for one in requires):
        wrong("requires", '应为列表，如 ["builtin >= 0.1"]', 'expected a list such as ["builtin >= 0.1"]')
    try:
        title = Text.of(raw.get("title") or None)
    except (ValueError, AttributeError):
        wrong("title", '应为文字或 {"zh": …, "en": …}', 'expected a text or {"zh": ..., "en": ...}')
        title = EMPTY
    if len(faults) > before:
        return None
    return Manifest(str(name), str(version), title, tuple(requires), folder, str(folder))


def version_key(version: str) -> tuple[int, ...]:
    """A version to compare by, four numbers; what follows `+` or `-` does not count."""
    numbers = [int(part) for part in re.split(r"[+-]", version)[0].split(".") if part.isdigit()]
    return tuple([*numbers, 0, 0, 0, 0][:4])


def unmet(requirement: str, present: Mapping[str, str]) -> Text | None:
    """Why a requirement does not hold where these packs (name to version) are; None when it does."""
    found = REQUIREMENT.match(requirement)
    name, least = found.groups() if found else (requirement, None)
    if name not in present:
        return Text(f"需要内容包 {requirement}，站点上没有", f"it needs the pack {requirement}, which the site has not")
    if least and version_key(present[name]) < version_key(least):
        return Text(
            f"需要内容包 {requirement}，站点上是 {present[name]}",
            f"it needs the pack {requirement}; the site has {present[name]}",
        )
    return None
