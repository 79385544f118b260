"""Rules are tested before they act: one whose own tests fail comes into force with a recorded reason only, whoever publishes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cli import main
from server.exchange.packs import Source
from server.exchange.tested import TestsFail
from server.site import Site, open_site

NOTE: dict[str, Any] = {
    "name": "Note", "autoname": "hash", "fields": [{"fieldname": "size", "fieldtype": "Int", "label": "Size"}],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip


def rule(limit: int) -> dict[str, Any]:
    """More than `limit` is refused; its test says that eleven is."""
    return {
        "name": "not-too-large", "title": "Not too large", "applies_to": "Note", "when": {"all": [["size", ">", limit]]},
        "then": [{"block": "too large"}], "tests": [{"title": "eleven", "doc": {"size": 11}, "then": ["block"]}],
    }  # fmt: skip


def test_a_rule_that_fails_its_test_is_refused_by_name_until_somebody_gives_a_reason(
    site: Site, publish: Callable[..., int]
) -> None:
    publish(site, NOTE, rule(10))
    wrong = site.publisher.propose([_source(rule(20))])

    for reason in ("", "   "):
        with pytest.raises(TestsFail, match="nothing was published") as refused:
            site.publisher.publish(wrong, "lina", reason=reason)
        assert refused.value.faults[0].text.en == 'not-too-large: test "eleven": expected block, got nothing'
    assert site.publisher.history("Rule", "not-too-large")[0]["body"] == rule(10)

    site.publisher.publish(wrong, "lina", reason="The customer agreed to twenty")

    newest, before = site.publisher.history("Rule", "not-too-large")
    assert (newest["published_by"], newest["reason"]) == ("lina", "The customer agreed to twenty")
    assert before["reason"] is None


def test_a_test_is_judged_with_the_record_types_that_are_published_with_it(site: Site, publish: Callable[..., int]) -> None:
    publish(site, NOTE, rule(10))
    scaled = {**NOTE, "fields": [*NOTE["fields"], {"fieldname": "colour", "fieldtype": "Data", "label": "Colour"}]}
    renamed = {**rule(10), "tests": [{"title": "red", "doc": {"size": 11, "colour": "red"}, "then": ["block"]}]}

    publish(site, scaled, renamed)

    assert [result.passed for result in site.publisher.propose([_source(rule(10))]).tests] == [True]


def test_the_command_asks_for_the_reason_too_and_the_old_version_comes_back(tmp_path: Path) -> None:
    where = str(tmp_path / "own")
    run("init", where)
    folder = tmp_path / "pack"
    for kind, piece in (("doctypes", NOTE), ("rules", rule(20))):
        (folder / kind / "shop").mkdir(parents=True)
        (folder / kind / "shop" / "piece.json").write_text(json.dumps(piece), "utf-8")

    code, output = run("--site", where, "publish", str(folder))
    assert (code, 'not-too-large: test "eleven": expected block, got nothing' in output) == (1, True)
    code, _ = run("--site", where, "publish", str(folder), "--despite-failing-tests", "Agreed on the phone")

    assert code == 0
    with_reason = open_site(tmp_path / "own", environ={}, embedded_worker=False)
    try:
        assert with_reason.publisher.history("Rule", "not-too-large")[0]["reason"] == "Agreed on the phone"
    finally:
        with_reason.close()


def test_drafts_are_kept_for_each_author_and_survive_the_process(empty_site: Site) -> None:
    site = empty_site
    site.drafts.save("Rule", "not-too-large", "lina", rule(5), "abc")
    site.drafts.save("Rule", "not-too-large", "lina", rule(6), "abc")
    site.drafts.save("Rule", "not-too-large", "xutao", rule(7), "abc")
    again = Site(site.settings, site.clock)
    try:
        kept = {draft.author: draft.body for draft in again.drafts.of("Rule", "not-too-large")}
        again.drafts.drop("Rule", "not-too-large", "lina")
    finally:
        again.close()

    assert kept == {"lina": rule(6), "xutao": rule(7)}
    assert [draft.author for draft in site.drafts.all("Rule")] == ["xutao"]


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words), env={"GUIJU_LANGUAGE": "en"})
    return result.exit_code, result.output


def _source(raw: dict[str, Any]) -> Source:
    return Source("Rule", str(raw["name"]), raw)
