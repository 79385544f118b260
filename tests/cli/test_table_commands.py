"""`guiju rules tables, export-table, import-table`: a table goes to a tool and comes back into its rule."""

from __future__ import annotations

import json
from pathlib import Path

from console_session import run

from server.assets import builtin_pack

NAME = "ticket-dispatch-time"
RULE = json.loads((builtin_pack() / "rules/after_sales/ticket_dispatch_time.json").read_text("utf-8"))


def test_a_table_goes_to_a_spreadsheet_and_comes_back_changed(tmp_path: Path) -> None:
    _, sheet = run("rules", "export-table", NAME, "--to", "csv")
    file = tmp_path / "dispatch.csv"
    file.write_text(sheet.removeprefix("\ufeff").replace(",7", ",8") + 'Installation,Normal,"""市区""",1\r\n', "gb18030")
    status, said = run("rules", "import-table", str(file), "--rule", NAME)
    back = json.loads(said)
    assert status == 0
    assert back["then"][0]["table"]["rows"][3] == ["-", "-", '"Suburb"', "8"]
    assert back["then"][0]["table"]["rows"][5] == ["Installation", "Normal", '"市区"', "1"]
    assert {**back, "then": RULE["then"]} == RULE


def test_a_table_goes_to_dmn_and_comes_back_as_a_rule(tmp_path: Path) -> None:
    file = tmp_path / "dispatch.dmn"
    file.write_text(run("rules", "export-table", NAME)[1], "utf-8")
    status, said = run("rules", "import-table", str(file))
    assert status == 0
    assert json.loads(said)["then"] == RULE["then"]


def test_weak_tables_are_named_by_example_and_unknown_ones_refused(tmp_path: Path) -> None:
    weak = {**RULE, "name": "weak", "then": [{"table": {**RULE["then"][0]["table"], "complete": 0}}], "tests": []}
    weak["then"][0]["table"]["rows"] = [["-", "-", '"City"', "3"], ["-", "-", "City, null", "4"]]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "weak.json").write_text(json.dumps(weak), "utf-8")
    _, said = run("rules", "tables", str(tmp_path))
    assert "weak: first, 2 rows" in said
    assert "no row matches, for example: Kind of Request = Fault, Urgency = Normal, Area = Suburb" in said
    status, said = run("rules", "export-table", "nix")
    assert (status, "ticket-dispatch-time" in said.partition("there are: ")[2]) == (1, True)
