"""Publishing metadata to a site, and the console command, as an administrator uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.access.user import User
from server.assets import builtin_pack
from server.cli import main
from server.core.errors import MetadataInvalid
from server.exchange.in_force import InForce
from server.exchange.packs import Source, read_packs
from server.site import Site
from server.storage.plan import PlanRefused

NOTE = {
    "name": "Note", "autoname": "hash",
    "fields": [{"fieldname": "title", "fieldtype": "Data", "label": "Title"}, {"fieldname": "size", "fieldtype": "Int", "label": "Size"}],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
ADMINISTRATOR = User.administrator()


def with_fields(*fields: dict[str, object]) -> dict[str, object]:
    return {**NOTE, "fields": [*NOTE["fields"], *fields]}  # type: ignore[misc]


class TestPublish:
    def test_a_changed_file_is_planned_and_applied_and_data_stays(self, empty_site: Site, publish: Callable[..., int]) -> None:
        publish(empty_site, NOTE)
        name = empty_site.documents.save(ADMINISTRATOR, "Note", {"title": "kept", "size": 3}).name

        proposal = empty_site.publisher.propose(
            [Source("DocType", "note.json", with_fields({"fieldname": "due", "fieldtype": "Date"}))]
        )
        assert [type(step).__name__ for step in proposal.plan.steps] == ["AddColumn"]
        assert "due" in proposal.plan.steps[0].describe().en
        empty_site.publisher.publish(proposal, "tests")

        record = empty_site.documents.load(ADMINISTRATOR, "Note", name)
        assert (record["title"], record["size"], record["due"]) == ("kept", 3, None)

    def test_a_removed_field_keeps_its_data_and_brings_it_back(self, empty_site: Site, publish: Callable[..., int]) -> None:
        publish(empty_site, NOTE)
        name = empty_site.documents.save(ADMINISTRATOR, "Note", {"title": "kept", "size": 3}).name
        publish(empty_site, {**NOTE, "fields": NOTE["fields"][:1]})  # type: ignore[index]
        assert "size" not in empty_site.documents.load(ADMINISTRATOR, "Note", name)

        publish(empty_site, NOTE)

        assert empty_site.documents.load(ADMINISTRATOR, "Note", name)["size"] == 3

    @pytest.mark.parametrize(
        ("narrower", "named"),
        [
            pytest.param({"fieldname": "title", "fieldtype": "Data", "label": "Title", "length": 5}, "at most 5", id="shorter"),
            pytest.param(
                {"fieldname": "title", "fieldtype": "Select", "label": "Title", "options": "a\nb"}, "a, b", id="choices"
            ),
            pytest.param({"fieldname": "title", "fieldtype": "Data", "label": "Title", "length": 500}, "", id="longer"),
        ],
    )
    def test_values_that_a_narrower_field_would_refuse_are_told_and_kept(
        self, empty_site: Site, publish: Callable[..., int], narrower: dict[str, object], named: str
    ) -> None:
        publish(empty_site, NOTE)
        name = empty_site.documents.save(ADMINISTRATOR, "Note", {"title": "a long title"}).name
        empty_site.documents.save(ADMINISTRATOR, "Note", {"title": "a"})

        proposal = empty_site.publisher.propose([Source("DocType", "note.json", {**NOTE, "fields": [narrower]})])

        told = [warning.text.en for warning in proposal.warnings]
        assert bool(told) == bool(named)
        for text in told:
            assert named in text
            assert f'{name} "a long title"' in text
            assert "1 value that" in text
        empty_site.publisher.publish(proposal, "tests")
        assert empty_site.documents.load(ADMINISTRATOR, "Note", name)["title"] == "a long title"

    def test_who_publishes_what_was_checked_before_another_published_is_refused(self, empty_site: Site) -> None:
        publisher = empty_site.publisher
        publisher.publish(publisher.propose([Source("DocType", "note.json", NOTE)]), "first")
        without_size = {**NOTE, "fields": NOTE["fields"][:1]}  # type: ignore[index]
        removes_size = publisher.propose([Source("DocType", "note.json", without_size)])
        needs_size = {
            "name": "r",
            "applies_to": "Note",
            "when": {"all": [["size", ">", 3]]},
            "then": [{"warn": {"message": "m"}}],
        }
        publisher.publish(publisher.propose([Source("Rule", "r.json", needs_size)]), "second")

        with pytest.raises(PlanRefused, match="Somebody else published"):
            publisher.publish(removes_size, "first")

        assert "size" in empty_site.snapshot().model["Note"].by_name

    def test_every_fault_is_named_and_nothing_changes(self, empty_site: Site, publish: Callable[..., int]) -> None:
        version = publish(empty_site, NOTE)
        wrong = with_fields({"fieldname": "x", "fieldtype": "Dat"}, {"fieldname": "y", "fieldtype": "Link"})
        with pytest.raises(MetadataInvalid) as refused:
            empty_site.publisher.propose([Source("DocType", "note.json", wrong)])
        assert [fault.where for fault in refused.value.faults] == [
            "note.json: fields[2].fieldtype",
            "note.json: fields[3].options",
        ]
        assert empty_site.snapshot().version == version

    def test_a_rule_that_names_an_unknown_field_is_refused_with_the_right_word(
        self, empty_site: Site, publish: Callable[..., int]
    ) -> None:
        publish(empty_site, NOTE)
        rule = {"name": "r", "title": "R", "applies_to": "Note", "on": ["validate"], "when": {"all": [["titel", "=", "x"]]},
                "then": [{"warn": {"message": "m"}}]}  # fmt: skip
        with pytest.raises(MetadataInvalid) as refused:
            publish(empty_site, rule)
        assert '"title"' in refused.value.faults[0].text.en

    @pytest.mark.parametrize("name", [pytest.param("", id="without a name yet"), pytest.param("Task", id="named by a rule")])
    def test_a_doctype_that_cannot_be_read_casts_no_fault_on_rules(
        self, empty_site: Site, publish: Callable[..., int], name: str
    ) -> None:
        publish(empty_site, NOTE, {**NOTE, "name": "Task"})
        opens = {"oblige": {"title": "answer", "due": "1 d", "role": "All"}}
        makes = {"create": {"doctype": "Task", "values": {"title": ""}}}
        rules = (
            {"name": "opens", "applies_to": "Note", "when": {"all": [["size", ">", 3]]}, "then": [opens, makes]},
            {"name": "settles", "applies_to": "Note", "when": {"all": [["size", "=", 3]]}, "then": [{"fulfil": "opens"}]},
        )
        empty_site.publisher.publish(
            empty_site.publisher.propose([Source("Rule", rule["name"], rule) for rule in rules]), "tests"
        )
        wrong = {**NOTE, "name": name, "fields": [{"fieldname": "x", "fieldtype": "Dat"}]}

        with pytest.raises(MetadataInvalid) as refused:
            empty_site.publisher.propose([Source("DocType", name, wrong)])

        assert [fault.rule for fault in refused.value.faults if fault.rule] == []

    def test_rules_that_set_each_others_fields_are_named_in_their_loop(
        self, empty_site: Site, publish: Callable[..., int]
    ) -> None:
        publish(empty_site, NOTE)

        def rule(name: str, reads: str, sets: str) -> dict[str, object]:
            return {"name": name, "title": name, "applies_to": "Note", "on": ["validate"], "when": {"all": [[reads, "is", "set"]]},
                    "then": [{"set": {sets: 1 if sets == "size" else "x"}}]}  # fmt: skip

        with pytest.raises(MetadataInvalid) as refused:
            publish(empty_site, rule("first", "title", "size"), rule("second", "size", "title"))
        assert "first" in str(refused.value)
        assert "second" in str(refused.value)

    def test_another_process_picks_the_new_version_up(self, empty_site: Site, publish: Callable[..., int]) -> None:
        publish(empty_site, NOTE)
        other = Site(empty_site.settings, empty_site.clock)
        try:
            assert "due" not in other.snapshot().model["Note"].by_name
            publish(empty_site, with_fields({"fieldname": "due", "fieldtype": "Date"}))
            assert "due" in other.snapshot().model["Note"].by_name
        finally:
            other.close()

    def test_only_what_another_process_changed_is_read_again(self, empty_site: Site, publish: Callable[..., int]) -> None:
        publish(empty_site, NOTE, NOTE | {"name": "Memo"})
        in_force = InForce()

        def read() -> dict[str, dict[str, object]]:
            with empty_site.database.read() as connection:
                return {piece.source.name: piece.source.raw for piece in in_force.read(connection)}

        before = read()
        publish(empty_site, with_fields({"fieldname": "due", "fieldtype": "Date"}))
        after = read()

        assert after["Note"] == with_fields({"fieldname": "due", "fieldtype": "Date"})
        assert after["Memo"] is before["Memo"]


def run(*words: str, language: str = "en") -> tuple[int, str]:
    result = CliRunner().invoke(main, list(words), env={"GUIJU_LANGUAGE": language})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


class TestCommand:
    def test_a_site_is_made_filled_checked_and_exported(self, tmp_path: Path) -> None:
        site = str(tmp_path / "own")
        assert run("init", site)[0] == 0
        assert run("init", site)[0] == 0, "a second time changes nothing"
        assert "nothing to do" in run("--site", site, "publish", "--plan")[1]
        assert (
            run(
                "--site",
                site,
                "user",
                "add",
                "lina",
                "--name",
                "Li Na",
                "--role",
                "Customer Service",
                "--password",
                "a-good-one",
            )[0]
            == 0
        )
        assert run("--site", site, "user", "roles", "lina")[1].strip() == "Customer Service"
        run("--site", site, "user", "roles", "lina", "Finance", "General Manager")
        assert run("--site", site, "user", "roles", "lina")[1].split("\n")[:2] == ["Finance", "General Manager"]
        assert run("--site", site, "user", "passwd", "lina", "--password", "short")[0] == 1
        assert run("--site", site, "audit", "verify")[0] == 0
        code, output = run("--site", site, "doctor")
        assert code == 0, output
        assert run("--site", site, "export", str(tmp_path / "pack"))[0] == 0
        assert not read_packs([tmp_path / "pack"]).faults
        assert (tmp_path / "pack/doctypes/after_sales/service_ticket.json").exists()
        assert run("check", str(tmp_path / "pack"))[0] == 0
        exported, shipped = (
            json.loads((root / "doctypes/after_sales/service_ticket.json").read_text("utf-8"))
            for root in (tmp_path / "pack", builtin_pack())
        )
        assert json.dumps(exported) == json.dumps(shipped), "each key where somebody wrote it"

    def test_check_lists_every_fault_of_every_file(self, tmp_path: Path) -> None:
        folder = tmp_path / "doctypes" / "shop"
        folder.mkdir(parents=True)
        (folder / "a.json").write_text('{"name": "A", "fields": [{"fieldname": "x", "fieldtype": "Dta"}]}', "utf-8")
        (folder / "b.json").write_text('{"name": "B", ', "utf-8")
        (folder / "c.json").write_bytes('{"name": "单据"}'.encode("gbk"))
        rules = tmp_path / "rules" / "shop"
        rules.mkdir(parents=True)
        for about, field in {"A": "x", "Customer": "customer_nmae"}.items():
            rule = {"name": f"of-{about}", "title": "R", "applies_to": about, "on": ["validate"],
                    "when": {"all": [[field, "is", "set"]]}, "then": [{"warn": {"message": "m"}}]}  # fmt: skip
            (rules / f"{about}.json").write_text(json.dumps(rule), "utf-8")
        code, output = run("check", str(tmp_path))
        assert code == 1
        assert "a.json: fields[0].fieldtype" in output
        assert 'Did you mean "customer_name"?' in output
        assert "A.json" not in output  # what its record type cannot tell yet is no fault of the rule
        assert 'Did you mean "Data"?' in output
        assert "b.json: is not valid JSON" in output
        assert "c.json: is not UTF-8" in output

    def test_the_shipped_pack_and_its_rule_tests_are_right(self) -> None:
        assert run("check")[0] == 0
        code, output = run("rules", "test", language="zh")
        assert code == 0, output
        assert "0 个失败" in output

    def test_demo_prints_the_accounts_and_can_be_repeated(self, tmp_path: Path) -> None:
        site = str(tmp_path / "demo")
        run("init", site)
        code, output = run("--site", site, "demo", "--months", "1", language="zh")
        assert code == 0, output
        assert "wangfang" in output
        assert "规则拒绝" not in output  # what the stories tell is what the rules allow
        code, again = run("--site", site, "demo", "--months", "1", language="zh")
        assert code == 0, again
        assert "新建 0 条记录" in again

    def test_unknown_settings_are_named(self, tmp_path: Path) -> None:
        (tmp_path / "guiju.toml").write_text('compny = "x"\nsession_hours = "long"\n', "utf-8")
        code, output = run("--site", str(tmp_path), "audit", "verify")
        assert code == 1
        assert 'Did you mean "company"?' in output
        assert "session_hours" in output


def test_a_pack_that_defines_one_name_twice_is_told(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / "doctypes").mkdir(exist_ok=True)
        (tmp_path / "doctypes" / f"{name}.json").write_text(json.dumps({"name": "Same"}), "utf-8")
    assert "already defined" in read_packs([tmp_path]).faults[0].text.en
