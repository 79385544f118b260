"""`guiju pack` and `guiju customise` at a shell: what each says, and that a plan changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from console_session import run

from server.exchange.packs import Source
from server.site import Site, open_site

VISIT = {
    "doctype": "DocType", "name": "Site Visit", "permissions": [{"role": "System Manager", "read": 1}],
    "fields": [{"fieldname": "item", "fieldtype": "Link", "options": "Item"}],
}  # fmt: skip


@pytest.fixture
def site(made_site: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_site, tmp_path / "site"))


def opened(site: Path) -> Site:
    return open_site(site, environ={}, embedded_worker=False)


def says(site: Path, *words: str, code: int = 0, language: str = "en") -> str:
    status, output = run("--site", str(site), *words, language=language)
    assert status == code, output
    return output


def pack(folder: Path, version: str, *fields: str) -> Path:
    (folder / "doctypes").mkdir(parents=True, exist_ok=True)
    raw = VISIT | {"fields": [*VISIT["fields"], *({"fieldname": name, "fieldtype": "Data"} for name in fields)]}
    (folder / "doctypes" / "visit.json").write_text(json.dumps(raw))
    (folder / "pack.json").write_text(json.dumps({"name": "visits", "version": version, "requires": ["builtin >= 0.1"]}))
    return folder


@pytest.mark.slow
def test_a_pack_is_added_upgraded_and_removed_each_with_its_plan(site: Path, tmp_path: Path) -> None:
    folder = pack(tmp_path / "visits", "1.0.0")
    assert "Built-in pack (builtin)" in says(site, "pack", "list")
    assert "Create the table tab_site_visit" in says(site, "pack", "add", str(folder), "--plan")
    assert "visits" not in says(site, "pack", "list")
    says(site, "pack", "add", str(folder))
    assert "Record type Site Visit" in says(site, "pack", "list", "--pieces")

    pack(folder, "1.1.0", "hall")
    assert "1.1.0 is there" in says(site, "pack", "list")
    assert "1.0.0 → 1.1.0" in says(site, "pack", "upgrade", "visits", "--plan")
    assert "Add the column hall" in says(site, "pack", "upgrade", "visits")
    assert "nothing to do" in says(site, "pack", "upgrade", "visits")

    assert "归档" in says(site, "pack", "remove", "visits", "--plan", language="zh")
    says(site, "pack", "remove", "visits")
    assert "没有内容包 visits" in says(site, "pack", "remove", "visits", code=1, language="zh")
    assert "could sign in" in says(site, "pack", "remove", "builtin", code=1)
    assert "no pack" in says(site, "pack", "add", str(tmp_path), code=1)


def test_a_publication_of_all_packs_leaves_what_was_added_and_customised(site: Path, tmp_path: Path) -> None:
    says(site, "pack", "add", str(pack(tmp_path / "visits", "1.0.0")))

    assert "nothing to do" in says(site, "publish")
    assert "visits 1.0.0" in says(site, "pack", "list")


@pytest.mark.slow
def test_customisations_go_by_file_from_one_site_to_another(site: Path, made_site: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(made_site, tmp_path / "other"))
    here = opened(site)
    raw = next(source.raw for source in here.publisher.stored() if source.name == "Item")
    edited = Source("DocType", "Item", raw | {"label": "Material", "max_attachments": 3})
    here.publisher.publish(here.publisher.propose([edited]), "xu", origin="site")
    here.publisher.publish(here.publisher.propose([Source("DocType", "Site Visit", VISIT)]), "xu", origin="site")
    here.close()
    file = tmp_path / "custom.json"

    assert "1 customised here" in says(site, "pack", "list")
    assert "Material" in says(site, "customise", "list")
    says(site, "customise", "export", str(file))
    assert "only the plan" in says(other, "customise", "apply", str(file), "--plan")
    says(other, "customise", "apply", str(file))
    assert "nothing to do" in says(other, "customise", "apply", str(file))
    says(other, "customise", "take-back", "Item", "label")
    there = opened(other)
    assert (there.snapshot().model["Item"].label.en, there.snapshot().model["Item"].max_attachments) == ("Item", 3)
    there.close()

    says(other, "customise", "take-back", "Item")
    assert "no customisations" in says(other, "customise", "list")
    assert "no such customisation" in says(other, "customise", "take-back", "Item", code=1)
    file.write_text("[")
    assert "not valid JSON" in says(other, "customise", "apply", str(file), code=1)
    says(site, "pack", "export", str(tmp_path / "works"), "--name", "works")
    assert "customise Item: 2 places" in says(other, "pack", "add", str(tmp_path / "works"))
    assert "Material" in says(other, "customise", "list")
