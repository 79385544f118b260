"""`guiju undo`: the publications listed, one of them planned, taken back, and refused a second time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from console_session import run

NOTE = {
    "doctype": "DocType", "name": "Note", "fields": [{"fieldname": "title", "fieldtype": "Data"}],
    "permissions": [{"role": "System Manager", "read": 1}],
}  # fmt: skip


def test_a_publication_is_listed_planned_and_undone(made_site: Path, tmp_path: Path) -> None:
    site = shutil.copytree(made_site, tmp_path / "site")
    file = tmp_path / "note.json"
    file.write_text(json.dumps(NOTE), "utf-8")
    assert run("--site", str(site), "publish", str(file))[0] == 0

    code, listed = run("--site", str(site), "undo")
    newest = listed.splitlines()[0]
    assert (code, "Record type Note (new)" in newest) == (0, True)
    version = newest.split()[0]
    code, planned = run("--site", str(site), "undo", version, "--plan")
    assert (code, "Take Record type Note out of force" in planned, "nothing was changed" in planned) == (0, True, True)
    assert "Record type Note (new)" in run("--site", str(site), "undo")[1].splitlines()[0]

    code, undone = run("--site", str(site), "undo", version)
    assert (code, "Undone; metadata version" in undone) == (0, True)
    assert "[undone] Record type Note (new)" in run("--site", str(site), "undo")[1]
    code, refused = run("--site", str(site), "undo", version)
    assert (code, "was undone already" in refused) == (1, True)
