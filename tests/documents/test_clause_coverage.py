"""What becomes of each clause: what implements it, what its tests say, how often its rules spoke."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import PermissionRefused
from server.exchange.clause_coverage import CoveredClause
from server.site import Site

ADMIN = User.administrator()
REMARK = {
    "doctype": "Rule", "applies_to": "Coverage Note", "on": ["validate"],
    "when": {"all": [["subject", "is", "set"]]},
}  # fmt: skip


@pytest.fixture
def covered(shipped_site: Site, publish: Callable[..., int]) -> Site:
    """A procedure of three clauses: one warned by a rule, one guarded by a rule that only refuses, one that nothing implements."""
    shipped_site.documents.save(
        ADMIN, "Procedure", {"code": "S99", "title": "试用程序", "title_en": "Trial", "standard": "ISO 1"}
    )
    for number, text in enumerate(("须提醒", "须拦截", "无人实现"), 1):
        shipped_site.documents.save(
            ADMIN, "Clause", {"code": f"S99-0{number}", "text": text, "document": "S99", "section": "4.1"}
        )
    publish(
        shipped_site,
        {
            "doctype": "DocType", "name": "Coverage Note", "source": ["S99-01"], "autoname": "hash", "track_changes": 1, "allow_rename": 1,
            "fields": [{"fieldname": "subject", "fieldtype": "Data"}], "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
        },
        REMARK | {
            "name": "note-warns", "title": {"zh": "提醒", "en": "Warns"}, "source": ["S99-01"],
            "then": [{"warn": {"message": {"zh": "请核对", "en": "Look again"}}}],
            "tests": [{"title": "t", "doc": {"subject": "a"}, "then": ["warn"]}],
        },
        REMARK | {
            "name": "note-refused", "title": {"zh": "拦截", "en": "Refuses"}, "source": ["S99-02"],
            "when": {"all": [["subject", "=", "no"]]},
            "then": [{"block": {"message": {"zh": "不行", "en": "No"}}}],
        },
    )  # fmt: skip
    return shipped_site


def clauses(site: Site) -> dict[str, CoveredClause]:
    (found,) = [item for item in site.clause_coverage.procedures(ADMIN) if item.code == "S99"]
    assert (found.title.en, found.standard) == ("Trial", "ISO 1")
    return {clause.code: clause for clause in found.clauses}


def test_a_clause_tells_what_implements_it_and_what_its_tests_say(covered: Site) -> None:
    found = clauses(covered)

    assert [(piece.kind, piece.name) for piece in found["S99-01"].by] == [("DocType", "Coverage Note"), ("Rule", "note-warns")]
    assert (found["S99-01"].tests, found["S99-01"].failed) == (1, ())
    assert found["S99-03"].by == ()


def test_saves_of_the_last_thirty_days_are_counted(covered: Site, clock: SettableClock) -> None:
    assert clauses(covered)["S99-01"].times == 0
    for subject in ("a", "b", None):
        covered.documents.save(ADMIN, "Coverage Note", {"subject": subject})
    assert clauses(covered)["S99-01"].times == 2

    clock.advance(days=31)

    assert clauses(covered)["S99-01"].times == 0


def test_how_often_a_rule_refused_is_unknown_rather_than_never(covered: Site) -> None:
    assert clauses(covered)["S99-02"].times is None


def test_a_renamed_record_does_not_speak_again(covered: Site) -> None:
    name = covered.documents.save(ADMIN, "Coverage Note", {"subject": "a"}).name

    covered.documents.rename(ADMIN, "Coverage Note", name, "another")

    assert clauses(covered)["S99-01"].times == 1


def test_it_is_for_those_who_may_report_on_clauses(covered: Site) -> None:
    reader = User("clerk", "Clerk", roles=frozenset({"All", "Customer Service"}))
    assert not covered.clause_coverage.may_read(reader)
    with pytest.raises(PermissionRefused, match="Quality Manager"):
        covered.clause_coverage.procedures(reader)


def test_every_shipped_clause_belongs_to_a_shipped_procedure(shipped_site: Site) -> None:
    records = {raw["doctype"]: raw["records"] for _, raw in shipped_site.read_packs().fixtures}
    assert {row["document"] for row in records["Clause"]} == {row["code"] for row in records["Procedure"]}
