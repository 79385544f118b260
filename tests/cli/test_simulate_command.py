"""`guiju rules simulate`: a rule over the records of a period, for people, scripts and spreadsheets."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_session import run

from server.access.user import User
from server.core.clock import SettableClock
from server.exchange.packs import Source
from server.site import open_site

BID = {
    "name": "Bid", "autoname": "BID-.#", "track_changes": 1, "label": {"zh": "报价", "en": "Bid"},
    "fields": [{"fieldname": "amount", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Amount"}}],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
RULE = {
    "name": "large", "title": {"zh": "大额", "en": "Large"}, "applies_to": "Bid", "when": {"all": [["amount", ">", 100]]},
    "then": [{"warn": {"message": {"zh": "=大额 {amount}", "en": "=large {amount}"}}}],
}  # fmt: skip
SELLER = User("seller")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("bids")
    clock = SettableClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
    site = open_site(found, clock=clock, environ={}, embedded_worker=False)
    sources = [Source("DocType", "Bid", BID), Source("Rule", "large", RULE)]
    site.publisher.publish(site.publisher.propose(sources), "tests")
    for amount in (50, 150, 120):
        site.documents.save(SELLER, "Bid", {"amount": amount})
        clock.advance(days=1)
    site.close()
    return found


PERIOD = ("--from", "2026-03-01", "--to", "2026-03-31")


def test_the_rule_in_force_gives_what_happened(folder: Path) -> None:
    status, said = run("--site", str(folder), "rules", "simulate", "large", *PERIOD)
    assert status == 0
    assert "BID-2 v1  2026-03-03 09:00  as before  =large 150.00" in said
    assert "3 saves judged, 2 matched." in said
    assert "判断了 3 次保存，2 次符合。" in run("--site", str(folder), "rules", "simulate", "large", *PERIOD, language="zh")[1]


def test_a_draft_file_as_json_and_csv(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "rules" / "large.json"
    file.parent.mkdir()
    file.write_text(json.dumps({**RULE, "when": {"all": [["amount", "between", [40, 130]]]}}), "utf-8")
    command = ("--site", str(folder), "rules", "simulate", str(file), *PERIOD)
    status, said = run(*command, "--json")
    found = json.loads(said)
    verdicts = {case["name"]: case["verdict"] for case in found["cases"]}
    assert (status, verdicts) == (0, {"BID-1": "new", "BID-2": "gone", "BID-3": "same"})
    assert (found["judged"], found["matched"], found["verdicts"]) == (3, 2, {"new": 1, "gone": 1, "same": 1})
    _, sheet = run(*command, "--csv")
    assert sheet.splitlines()[1].split(",")[:6] == ["BID-1", "1", "2026-03-02 09:00:00", "seller", "validate", "newly matched"]
    assert ",'=large 50.00," in sheet  # no spreadsheet takes it for a formula


def test_what_cannot_be_simulated_is_refused(folder: Path, tmp_path: Path) -> None:
    status, said = run("--site", str(folder), "rules", "simulate", "lage")
    assert (status, 'There is no rule "lage".' in said, "large" in said) == (1, True, True)
    file = tmp_path / "faulty.json"
    file.write_text(json.dumps({**RULE, "when": {"all": [["amuont", ">", "x"]]}}), "utf-8")
    status, said = run("--site", str(folder), "rules", "simulate", str(file))
    assert (status, "amount" in said) == (1, True)
    assert run("--site", str(folder), "rules", "simulate", "large", "--from", "yesterday")[0] == 2
    status, said = run("--site", str(folder), "rules", "simulate", "large", "--from", "2026-03-02", "--to", "2026-03-01")
    assert (status, "is before the first" in said) == (1, True)
