"""Signatures that rules ask for: who is asked, what waits for them, and when they are owed again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from needs import MAIN_DATABASES, own_database
from signing_office import PASSWORD, Office, open_office

from server.core.clock import SettableClock
from server.core.errors import PermissionRefused, ValidationFailed
from server.obligations.model import Obligation
from server.site import open_site

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def rule(name: str, body: dict[str, Any], *when: Any) -> dict[str, Any]:
    return {
        "name": name, "title": {"zh": name, "en": name}, "applies_to": "Order", "source": ["S01-07"],
        "when": {"all": list(when)}, "then": [{"require_signature": body}],
    }  # fmt: skip


BOTH = [
    {"require_signature": {"meaning": meaning, "role": role}} for meaning, role in (("prepared", "Clerk"), ("approved", "Boss"))
]
RULES = (
    rule("both", {}, ["subject", "=", "one rule"]) | {"then": BOTH},
    rule("prepared", {"meaning": "prepared", "role": "Clerk"}, ["subject", "contains", "two signatures"]),
    rule(
        "approved",
        {"meaning": "approved", "role": "Boss", "distinct": True, "title": {"zh": "批准 {name}", "en": "Approve {name}"}},
        ["subject", "contains", "two signatures"],
    ),
    rule("of-lines", {"meaning": "verified", "role": "Boss", "covers": ["lines"]}, ["subject", "=", "only its lines"]),
    rule("by-another", {"meaning": "reviewed", "role": "Clerk", "allow_self": False}, ["subject", "=", "by another"]),
    rule("by-owner", {"meaning": "performed", "user_field": "owner"}, ["subject", "=", "by its owner"]),
    rule("on-approve", {"meaning": "approved", "role": "Boss", "before": "Approve"}, ["subject", "=", "before a transition"]),
)


@pytest.fixture(scope="module", params=MAIN_DATABASES)
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("office")
    with own_database(request.param, folder) as url:
        site = open_site(folder, clock=SettableClock(NINE), environ={}, database_url=url, embedded_worker=False)
        open_office(site, *RULES)
        yield Office(site)
        site.close()


def owed(office: Office, login: str, record: dict[str, Any]) -> Obligation:
    """What this person is asked to sign on this record."""
    (found,) = [item for item in office.site.inbox.items(office.user(login)) if item.name == record["name"] and item.may_sign]
    return found.obligation


def sign_owed(office: Office, login: str, record: dict[str, Any]) -> None:
    office.sign(login, record, "", obligation=owed(office, login, record).id)


def submit(office: Office, record: dict[str, Any]) -> None:
    office.site.documents.submit(office.user("clerk"), "Order", record["name"])


def test_a_record_is_submitted_once_both_people_have_signed(office: Office) -> None:
    record = office.order(subject="two signatures")
    with pytest.raises(ValidationFailed) as refused:
        submit(office, record)
    assert [fault.rule for fault in refused.value.faults] == ["approved", "prepared"]
    assert f"Approve {record['name']}: waiting for the e-signature of Boss (clause S01-07)." in refused.value.lines("en")

    sign_owed(office, "clerk", record)
    sign_owed(office, "boss", record)
    submit(office, record)

    assert [(item.meaning, item.is_valid) for item in office.signatures(record)] == [("prepared", True), ("approved", True)]


def test_one_rule_asks_for_several_signatures(office: Office) -> None:
    record = office.order(subject="one rule")
    sign_owed(office, "clerk", record)
    with pytest.raises(ValidationFailed):
        submit(office, record)
    sign_owed(office, "boss", record)
    submit(office, record)


def test_a_change_after_signing_asks_for_the_signature_again(office: Office) -> None:
    record = office.order(subject="two signatures")
    sign_owed(office, "clerk", record)
    sign_owed(office, "boss", record)

    changed = office.change(record, note="one more thing")

    with pytest.raises(ValidationFailed):
        submit(office, changed)
    sign_owed(office, "clerk", changed)
    with pytest.raises(ValidationFailed, match="cannot be submitted"):
        submit(office, changed)


def test_what_is_submitted_with_a_change_is_not_covered_by_the_signature(office: Office) -> None:
    record = office.order(subject="two signatures")
    sign_owed(office, "clerk", record)
    sign_owed(office, "boss", record)

    with pytest.raises(ValidationFailed):
        office.site.documents.submit(office.user("clerk"), "Order", record["name"], values={"note": "slipped in"})
    assert all(item.is_valid for item in office.signatures(record))  # nothing was saved


def test_the_same_change_twice_asks_once(office: Office) -> None:
    record = office.order(subject="two signatures")
    office.change(record, note="1")
    office.change(record, note="2")
    assert owed(office, "boss", record).is_owed


def test_a_signature_of_named_fields_stays_when_others_change(office: Office) -> None:
    record = office.order(subject="only its lines")
    sign_owed(office, "boss", record)

    record = office.change(record, note="not covered")
    assert [item.is_valid for item in office.signatures(record)] == [True]
    submit(office, record)


def test_the_rule_that_applies_no_more_asks_no_more(office: Office) -> None:
    record = office.order(subject="only its lines")
    office.change(record, subject="nothing asked")
    assert not [item for item in office.site.inbox.items(office.user("boss")) if item.name == record["name"]]
    submit(office, record)


def test_who_is_not_asked_does_not_meet_it(office: Office) -> None:
    record = office.order(subject="two signatures")
    item = owed(office, "boss", record)
    with pytest.raises(PermissionRefused, match="is for Boss to sign"):
        office.sign("clerk", record, "", obligation=item.id)


def test_the_obligation_of_another_record_is_not_met_here(office: Office) -> None:
    record, other = office.order(subject="two signatures"), office.order(subject="two signatures")
    item = owed(office, "boss", other)
    with pytest.raises(PermissionRefused, match="not owed on this record"):
        office.sign("boss", record, "", obligation=item.id)


def test_the_meaning_is_what_the_rule_asks_for(office: Office) -> None:
    record = office.order(subject="two signatures")
    item = owed(office, "boss", record)
    with pytest.raises(ValidationFailed, match="Nothing was signed"):
        office.sign("boss", record, "received", obligation=item.id)


def test_a_signature_that_nobody_asked_for_does_not_meet_what_is_owed(office: Office) -> None:
    record = office.order(subject="only its lines")
    office.sign("boss", record, "verified")
    with pytest.raises(ValidationFailed):
        submit(office, record)


def test_a_different_person_signs_where_the_rule_says_so(office: Office) -> None:
    record = office.order(subject="two signatures")
    office.sign("boss", record, "prepared")
    item = owed(office, "boss", record)
    with pytest.raises(PermissionRefused, match="different person"):
        office.sign("boss", record, "", obligation=item.id)


def test_nobody_signs_their_own_where_the_rule_says_so(office: Office) -> None:
    record = office.order(subject="by another")
    (item,) = office.site.inbox.for_record(office.user("clerk"), "Order", record["name"])
    assert (item.may_sign, item.is_own) == (False, True)
    with pytest.raises(PermissionRefused, match="another person"):
        office.sign("clerk", record, "", obligation=item.obligation.id)


def test_a_person_in_the_record_is_asked(office: Office) -> None:
    record = office.order(subject="by its owner")
    sign_owed(office, "clerk", record)
    submit(office, record)


def test_what_is_owed_before_a_transition_does_not_keep_a_record_from_being_submitted(office: Office) -> None:
    record = office.order(subject="before a transition")
    (waiting,) = office.site.inbox.for_record(office.user("boss"), "Order", record["name"])
    assert (waiting.obligation.rule, waiting.obligation.is_owed) == ("on-approve", True)
    submit(office, record)


def test_a_distinct_signature_is_given_again_by_the_same_person_once_it_is_void(office: Office) -> None:
    record = office.order(subject="two signatures")
    sign_owed(office, "clerk", record)
    sign_owed(office, "boss", record)
    changed = office.change(record, subject="other two signatures")
    sign_owed(office, "clerk", changed)
    sign_owed(office, "boss", changed)
    submit(office, changed)


def test_whoever_gave_the_distinct_signature_gives_no_other_afterwards_either(office: Office) -> None:
    both = {"login": "both", "full_name": "Both", "enabled": 1, "roles": [{"role": "Clerk"}, {"role": "Boss"}]}
    office.site.documents.save(office.user("Administrator"), "User", both)
    office.site.accounts.set_password("both", PASSWORD)
    record = office.order(subject="two signatures")
    asked = {
        item.meaning: item.obligation.id for item in office.site.inbox.items(office.user("both")) if item.name == record["name"]
    }
    office.sign("both", record, "", obligation=asked["approved"])
    with pytest.raises(PermissionRefused, match="for a different person"):
        office.sign("both", record, "", obligation=asked["prepared"])
