"""What the repository promises about itself: assets by lock file, one version, icons that exist, scripts that run."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from server import __version__, assets

ROOT = Path(__file__).parent.parent
LOCK = json.loads((ROOT / "assets" / "package-lock.json").read_text("utf-8"))
LOCKED = {name: entry for name, entry in LOCK["packages"].items() if name}


def _tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a git checkout")
    return listed.stdout.splitlines()


def _icons_in_use() -> set[str]:
    used = set()
    for page in (ROOT / "server").rglob("*.html"):
        used.update(re.findall(r"""icon\(["']([a-z0-9-]+)["']""", page.read_text("utf-8")))
    for file in (ROOT / "doctypes").rglob("*.json"):
        icon = json.loads(file.read_text("utf-8")).get("icon")
        if icon:
            used.add(icon)
    return used


@pytest.mark.parametrize("name", LOCKED)
def test_every_locked_package_has_a_digest_and_no_address(name: str) -> None:
    assert LOCKED[name]["integrity"].startswith("sha512-")
    assert "resolved" not in LOCKED[name]


def test_the_lock_file_holds_what_the_package_file_asks_for() -> None:
    asked = json.loads((ROOT / "assets" / "package.json").read_text("utf-8"))["dependencies"]
    held = {name.removeprefix("node_modules/"): entry for name, entry in LOCKED.items()}
    beside = {
        name for entry in held.values() for name in entry.get("dependencies", {})
    }  # types that a library names, never fetched on
    assert {name: entry["version"] for name, entry in held.items() if name not in beside} == asked


def test_nothing_fetched_is_committed() -> None:
    fetched = [name for name in _tracked() if name.startswith(("server/assets/vendor", "server/assets/fonts"))]
    assert fetched == []


def test_the_build_has_brought_what_the_server_needs() -> None:
    assert assets.missing_assets() == []


def test_every_vendored_library_carries_its_licence() -> None:
    folders = [folder for folder in assets.vendor_dir().iterdir() if folder.is_dir()]
    assert [folder.name for folder in folders if not (folder / "LICENSE").is_file()] == []
    assert (assets.fonts_dir() / "OFL.txt").is_file()


def test_every_icon_in_use_is_cut_into_the_sprite() -> None:
    cut = set(runpy.run_path(str(ROOT / "assets" / "icons.py"))["ICONS"])
    assert sorted(_icons_in_use() - cut) == []


@pytest.mark.parametrize("style", ["Regular", "Bold"])
def test_print_fonts_have_common_characters_and_check_boxes(style: str) -> None:
    with TTFont(assets.fonts_dir() / f"GuijuSans-{style}.ttf", lazy=True) as font:
        present = font.getBestCmap()
    assert [character for character in "规矩报价单Aa1¥℃±①☐☑☒✔✗" if ord(character) not in present] == []


def test_the_regular_print_font_has_rare_characters_of_names() -> None:
    with TTFont(assets.fonts_dir() / "GuijuSans-Regular.ttf", lazy=True) as font:
        present = font.getBestCmap()
    assert [character for character in "喆堃珺玥镕" if ord(character) not in present] == []


def test_print_fonts_have_names_of_their_own() -> None:
    names = set()
    for style in ("Regular", "Bold"):
        with TTFont(assets.fonts_dir() / f"GuijuSans-{style}.ttf", lazy=True) as font:
            names.add((font["name"].getDebugName(1), font["name"].getDebugName(6)))
    assert names == {("Guiju Sans", "GuijuSans-Regular"), ("Guiju Sans Bold", "GuijuSans-Bold")}


def test_the_package_takes_its_version_from_the_code() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "server/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


def test_no_two_record_types_count_under_one_prefix() -> None:
    """One counter for two types would leave gaps in the numbers of both (S06-02)."""
    counted: dict[str, list[str]] = {}
    for file in (ROOT / "doctypes").rglob("*.json"):
        raw = json.loads(file.read_text("utf-8"))
        defaults = [field.get("default", "") for field in raw["fields"] if field["fieldname"] == "naming_series"]
        named = raw.get("autoname", "")
        template = named.removeprefix("format:") if named.startswith("format:") else "".join(defaults)
        if template:
            prefix = re.split(r"\{#|#", template)[0].replace("{YYYY}", "YYYY").replace(".", "")
            counted.setdefault(prefix, []).append(raw["name"])
    assert {prefix: names for prefix, names in counted.items() if len(names) > 1} == {}


@pytest.mark.parametrize("folder", ["doctypes", "rules", "print_formats", "fixtures"])
def test_the_builtin_pack_is_found(folder: str) -> None:
    assert any((assets.builtin_pack() / folder).rglob("*.json"))


@pytest.mark.parametrize("script", ["start", "test"])
def test_the_two_commands_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / script)], check=True)


def test_who_may_not_install_a_compiler_is_told_the_one_line_to_type(tmp_path: Path) -> None:
    """A user without sudo, on a machine with Python and nothing else."""
    tools = ("bash", "env", "cat", "sha256sum", "cut", "grep", "dirname")
    for tool in tools:
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    (tmp_path / "python3").symlink_to(sys._base_executable)  # type: ignore[attr-defined]
    (tmp_path / "id").write_text("#!/bin/bash\necho 1000\n")
    (tmp_path / "id").chmod(0o755)
    command = f"cd {ROOT}; source deploy/environment.sh; prepare_environment {tmp_path / 'venv'} -e"

    ran = subprocess.run(["bash", "-euc", command], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert re.fullmatch(
        r"Please run this once, then start again:  sudo apt-get install -y (python3-venv )?gcc libc6-dev.*\n", ran.stderr
    )
    assert not (tmp_path / "venv").exists()


def test_no_custom_property_of_a_style_sheet_names_itself() -> None:
    """`--line: var(--line)` is a circle: whatever is drawn with it inside that element is not drawn."""
    sheets = (ROOT / "server").rglob("*.css")
    circles = [
        f"{sheet.name}: {found[0]}"
        for sheet in sheets
        for found in re.finditer(r"(--[\w-]+)\s*:\s*var\(\1\b", sheet.read_text("utf-8"))
    ]

    assert circles == []
