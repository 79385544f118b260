"""E-signatures: what one binds, what makes it void, who may give one, and what nobody can do to one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from needs import DATABASES, own_database
from signing_office import PASSWORD, Office, open_office
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from server.access import totp
from server.access.identity import Credentials
from server.core.clock import SettableClock
from server.core.errors import (
    GuijuError,
    NotFound,
    PermissionRefused,
    StaleVersion,
    TooManyAttempts,
    ValidationFailed,
)
from server.documents.misuse import MisuseWatch
from server.documents.signature_report import Wanted
from server.documents.signed_content import covered
from server.site import open_site

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
WRONG = "not-the-password"


@pytest.fixture(scope="module", params=DATABASES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("office")
    with own_database(request.param, folder) as url:
        site = open_site(folder, clock=SettableClock(NINE), environ={}, database_url=url, embedded_worker=False)
        open_office(site)
        yield Office(site)
        site.close()


@pytest.fixture
def office(opened: Office) -> Office:
    """The office an hour later: no sign-in is paused, no session is continuous."""
    clock: Any = opened.site.clock
    clock.advance(hours=1)
    return opened


@pytest.fixture
def session(office: Office) -> Callable[[str], str]:
    """The token of a new session."""
    return lambda login: office.site.accounts.sign_in(login, PASSWORD)[0]


# What a signature binds


def test_a_signature_tells_who_when_what_for_and_what_was_signed(office: Office) -> None:
    record = office.order()

    signed = office.sign("clerk", record, "reviewed", reason="checked against the contract")

    assert office.signatures(record) == [signed]
    assert (signed.signer, signed.full_name, signed.at) == ("clerk", "clerk 全名", office.site.clock.now())
    assert (signed.meaning, signed.meaning_title.en, signed.reason) == ("reviewed", "Reviewed", "checked against the contract")
    assert (signed.version, signed.method, signed.is_valid) == (1, "password", True)
    assert len(signed.content_hash.partition(":")[2]) == 64


def test_the_history_of_the_record_tells_the_signing(office: Office) -> None:
    record = office.order()
    office.sign("clerk", record, reason="as agreed")

    newest = office.site.queries.history(office.user("clerk"), "Order", record["name"])[0]

    assert (newest.action, newest.by, newest.reason.en) == ("signed", "clerk", "as agreed")


def test_two_people_sign_one_record_and_both_signatures_stand(office: Office) -> None:
    record = office.order()
    office.sign("clerk", record, "prepared")
    office.sign("boss", record, "approved")

    found = [(item.signer, item.meaning, item.is_valid) for item in office.signatures(record)]
    assert found == [("clerk", "prepared", True), ("boss", "approved", True)]


# What makes it void


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"subject": "three parts"}, id="a field"),
        pytest.param({"lines": [{"part": "P1", "qty": 2}]}, id="a row removed"),
        pytest.param({"note": "later"}, id="a field that submitted records take"),
    ],
)
def test_a_change_afterwards_makes_it_void_and_tells_what_changed(office: Office, change: dict[str, Any]) -> None:
    record = office.order()
    office.sign("boss", record)
    clock: Any = office.site.clock
    clock.advance(minutes=5)

    office.change(record, **change)

    (found,) = office.signatures(record)
    assert (found.is_valid, found.voided_by, found.voided_at) == (False, "clerk", office.site.clock.now())
    assert next(iter(change)) in {item.get("table") or item["field"] for item in found.changed}


def test_a_value_that_is_put_back_does_not_make_it_valid_again(office: Office) -> None:
    record = office.order()
    office.sign("boss", record)

    office.change(record, subject="something else")
    office.change(record, subject=record["subject"])

    assert [item.is_valid for item in office.signatures(record)] == [False]


def test_a_save_that_changes_nothing_and_a_submission_leave_it_valid(office: Office) -> None:
    record = office.order()
    office.sign("boss", record)

    office.change(record, subject=record["subject"])
    office.site.documents.submit(office.user("clerk"), "Order", record["name"])

    assert [item.is_valid for item in office.signatures(record)] == [True]


def test_what_submitting_and_workflows_move_on_is_not_covered() -> None:
    changes = [{"field": name} for name in ("docstatus", "workflow_state", "stage", "subject")] + [
        {"field": None, "table": "lines"}
    ]

    def names(**row: Any) -> list[str]:
        return [item.get("table") or item["field"] for item in covered(changes, {"covers": None, "leaves_out": None, **row})]

    assert names() == ["stage", "subject", "lines"]
    assert names(leaves_out=["stage"]) == ["subject", "lines"]
    assert names(covers=["lines"]) == ["lines"]


def test_a_new_signature_after_the_change_stands_beside_the_void_one(office: Office) -> None:
    record = office.order()
    office.sign("boss", record)
    changed = office.change(record, subject="three parts")

    office.sign("boss", changed)

    assert [(item.version, item.is_valid) for item in office.signatures(record)] == [(1, False), (2, True)]


def test_what_changed_is_told_only_as_far_as_the_reader_sees_it(office: Office) -> None:
    record = office.order()
    office.sign("clerk", record)
    office.change(record, by="boss", discount="5")

    (for_clerk,), (for_boss,) = office.signatures(record, "clerk"), office.signatures(record, "boss")

    assert not for_clerk.is_valid
    assert [item["field"] for item in for_boss.changed] == ["discount"]
    assert for_clerk.changed == ()


def test_an_amended_record_begins_without_signatures(office: Office) -> None:
    record = office.order()
    clerk = office.user("clerk")
    office.sign("boss", record)
    office.site.documents.submit(clerk, "Order", record["name"])
    office.site.documents.cancel(clerk, "Order", record["name"])

    amended = office.site.documents.save(clerk, "Order", office.site.new_records.amend(clerk, "Order", record["name"]))

    assert office.signatures(dict(amended.record)) == []


# Who may sign, and with what


def test_the_password_of_somebody_else_signs_nothing(office: Office) -> None:
    office.site.accounts.set_password("boss", "another-Word-2")
    record = office.order()

    with pytest.raises(ValidationFailed) as refused:
        office.sign("clerk", record, given=Credentials("clerk", "another-Word-2"))
    office.site.accounts.set_password("boss", PASSWORD)

    assert [fault.where for fault in refused.value.faults] == ["password"]
    assert office.signatures(record) == []


def test_nobody_signs_for_another(office: Office) -> None:
    record = office.order()
    with pytest.raises(ValidationFailed):
        office.sign("clerk", record, given=Credentials("boss", PASSWORD))
    assert office.signatures(record) == []


def test_the_administrator_is_no_person_and_signs_nothing(office: Office) -> None:
    record = office.order()
    with pytest.raises(PermissionRefused, match="no person"):
        office.sign("Administrator", record, given=Credentials("Administrator", PASSWORD))


def test_who_may_not_change_a_record_and_is_not_asked_cannot_sign_it(office: Office) -> None:
    record = office.order()
    with pytest.raises(PermissionRefused, match="asks for no signature"):
        office.sign("chief", record)


def test_who_may_not_read_a_record_cannot_sign_it(office: Office) -> None:
    record = office.order()
    with pytest.raises((PermissionRefused, NotFound)):
        office.sign("guest", record)


def test_wrong_passwords_are_counted_as_failed_sign_ins_are(office: Office) -> None:
    record = office.order()
    for _ in range(5):
        with pytest.raises(ValidationFailed):
            office.sign("clerk", record, given=Credentials("clerk", WRONG))

    with pytest.raises(TooManyAttempts):
        office.sign("clerk", record)
    assert office.signatures(record) == []


def test_administrators_are_told_that_somebody_guesses(office: Office) -> None:
    record = office.order()
    watch = MisuseWatch(office.site.database, office.site.clock)
    watch.sweep()
    for _ in range(5):
        with pytest.raises(ValidationFailed):
            office.sign("chief", record, given=Credentials("chief", WRONG))

    assert (watch.sweep(), watch.sweep()) == (1, 0)
    told = [item["payload"] for item in office.site.engine.outbox() if item["payload"]["key"].startswith("misuse:chief")]
    assert [item["role"] for item in told] == ["System Manager"]


def test_everything_that_is_missing_is_told_at_once(office: Office) -> None:
    office.enrol("chief")
    record = office.order()
    with pytest.raises(ValidationFailed) as refused:
        office.sign("chief", record, given=Credentials())
    office.site.identity.reset_second_factor("chief", by="tests")

    assert [fault.where for fault in refused.value.faults] == ["login", "password", "code"]


def test_a_meaning_that_nobody_knows_is_refused_by_name(office: Office) -> None:
    with pytest.raises(ValidationFailed) as refused:
        office.sign("clerk", office.order(), "liked")
    assert '"liked"' in refused.value.faults[0].text.en
    assert "approved" in refused.value.faults[0].text.en


# 21 CFR 11.200: the first signing of a session with everything, further ones with one part


def test_in_one_session_the_first_signing_asks_for_all_and_the_next_for_the_password(
    office: Office, session: Callable[[str], str]
) -> None:
    token, first, second = session("boss"), office.order(), office.order()
    with pytest.raises(ValidationFailed):
        office.sign("boss", first, given=Credentials(password=PASSWORD), token=token)

    office.sign("boss", first, token=token)
    office.sign("boss", second, given=Credentials(password=PASSWORD), token=token)

    assert len(office.signatures(second)) == 1


@pytest.mark.parametrize("how", ["another session", "a pause", "signed out"])
def test_what_is_not_one_continuous_session_asks_for_all_again(office: Office, session: Callable[[str], str], how: str) -> None:
    token, record = session("boss"), office.order()
    office.sign("boss", record, token=token)

    if how == "another session":
        token = session("boss")
    elif how == "signed out":
        office.site.accounts.sign_out(token)
    else:
        clock: Any = office.site.clock
        clock.advance(minutes=15)

    with pytest.raises(ValidationFailed) as refused:
        office.sign("boss", record, given=Credentials(password=PASSWORD), token=token)
    assert [fault.where for fault in refused.value.faults] == ["login"]


def test_with_an_authenticator_a_code_signs_further_records_once_each(office: Office, session: Callable[[str], str]) -> None:
    clock: Any = office.site.clock
    code = office.enrol("boss")
    clock.advance(seconds=60)
    token = office.site.accounts.sign_in("boss", PASSWORD, code=code())[0]
    clock.advance(seconds=30)
    record = office.order()
    office.sign("boss", record, given=Credentials("boss", PASSWORD, code()), token=token)

    with pytest.raises(ValidationFailed):  # the code was used just now
        office.sign("boss", record, given=Credentials(code=code()), token=token)
    clock.advance(seconds=30)
    signed = office.sign("boss", record, given=Credentials(code=code()), token=token)
    office.site.identity.reset_second_factor("boss", by="tests")

    assert signed.method == "code"


# Change and signature at the same moment


def test_an_authenticator_that_was_begun_but_never_confirmed_signs_nothing(
    office: Office, session: Callable[[str], str]
) -> None:
    token, record = session("clerk"), office.order()
    office.sign("clerk", record, token=token)
    secret, _ = office.site.identity.begin_second_factor(office.user("clerk"), PASSWORD)
    code = totp.code_at(secret, totp.step_of(office.site.clock.now()))

    with pytest.raises(ValidationFailed):
        office.sign("clerk", record, given=Credentials(code=code), token=token)


def test_a_signature_for_a_version_that_was_changed_since_is_refused(office: Office) -> None:
    record = office.order()
    office.change(record, subject="three parts")

    with pytest.raises(StaleVersion):
        office.sign("boss", record)
    assert office.signatures(record) == []


def test_of_a_change_and_a_signature_at_once_the_signature_never_covers_what_nobody_read(office: Office) -> None:
    record = office.order()
    ready = threading.Barrier(2)
    told: list[str] = []

    def run(act: Callable[[], object], what: str) -> None:
        ready.wait()
        try:
            act()
            told.append(what)
        except GuijuError:
            pass

    threads = [
        threading.Thread(target=run, args=(lambda: office.sign("boss", record), "signed")),
        threading.Thread(target=run, args=(lambda: office.change(record, subject="changed"), "changed")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    found = office.signatures(record)
    assert "changed" in told
    assert len(found) == ("signed" in told)
    assert not any(item.is_valid for item in found)


# The report of all signatures


def test_the_report_tells_what_holds_and_only_of_records_that_its_reader_may_read(office: Office) -> None:
    kept, changed = office.order(), office.order()
    since = office.site.clock.now()
    office.sign("boss", kept, "verified")
    office.sign("clerk", changed, "prepared")
    office.change(changed, subject="three parts")
    report = office.site.signature_report

    def told(reader: str, **wanted: Any) -> list[tuple[str, str, bool]]:
        found = report.page(office.user(reader), Wanted(**{"since": since, **wanted}))
        assert list(report.all(office.user(reader), Wanted(**{"since": since, **wanted}))) == found
        return [(item.signer, item.meaning, item.is_valid) for item in found]

    assert told("boss") == [("clerk", "prepared", False), ("boss", "verified", True)]
    assert told("boss", state="void") == [("clerk", "prepared", False)]
    assert told("boss", state="valid", signer="boss", doctype="Order") == [("boss", "verified", True)]
    assert told("boss", meaning="approved") == []
    assert told("boss", since=None, until=since, signer="nobody") == []
    assert told("guest") == []


# Nobody changes, moves, copies or removes one


@pytest.mark.parametrize("statement", ["UPDATE gj_signature SET meaning = 'approved'", "DELETE FROM gj_signature"])
def test_the_database_itself_refuses(office: Office, statement: str) -> None:
    office.sign("clerk", office.order())
    with pytest.raises(DBAPIError), office.site.database.write() as connection:
        connection.execute(text(statement))


def test_a_signed_record_is_neither_deleted_nor_renamed(office: Office) -> None:
    record = office.order()
    office.sign("clerk", record)
    with pytest.raises(ValidationFailed, match="bears e-signatures"):
        office.site.documents.delete(office.user("clerk"), "Order", record["name"])


ATTACKS = {
    "edited": "UPDATE gj_signature SET reason = 'forged' WHERE id = :id",
    "removed": "DELETE FROM gj_signature WHERE id = :id",
    "moved": "UPDATE gj_signature SET name = :other WHERE id = :id",
    "given to another": "UPDATE gj_signature SET signer = 'clerk', full_name = 'clerk' WHERE id = :id",
    "all removed": "DELETE FROM gj_signature",
    "the history removed with it": "DELETE FROM gj_version WHERE name = :name AND action = 'signed'",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_verifying_finds_what_was_done_with_sql(office: Office, attack: str) -> None:
    if office.site.database.dialect == "mariadb":
        pytest.skip("MariaDB keeps a dropped trigger dropped")
    record, other = office.order(), office.order()
    signed = office.sign("boss", record)
    values = {"id": signed.id, "name": record["name"], "other": other["name"]}

    with office.behind_the_back() as connection:
        assert office.findings(connection) == []
        connection.execute(text(ATTACKS[attack]), {key: value for key, value in values.items() if f":{key}" in ATTACKS[attack]})
        found = office.findings(connection)

    assert found
    assert any("signature" in item for item in found)


def test_a_copied_signature_is_found_even_with_hashes_made_anew(office: Office) -> None:
    """The hashes are no secret; the seal is made with the site's key, which is not in the database."""
    if office.site.database.dialect == "mariadb":
        pytest.skip("MariaDB keeps a dropped trigger dropped")
    from server.storage import signatures
    from server.storage.system import signature as table

    record, other = office.order(), office.order()
    office.sign("boss", record)

    with office.behind_the_back() as connection:
        row = dict(signatures.of_record(connection, "Order", record["name"])[0])
        forged = row | {"id": "forged", "name": other["name"], "number": row["number"] + 1, "prev_hash": row["hash"]}
        forged["hash"] = signatures._hash(forged)
        connection.execute(table.insert().values(forged))
        found = office.findings(connection)
        shown = signatures.of_record(connection, "Order", other["name"])

    assert any("its seal is wrong" in item for item in found)
    assert any("moved, copied or forged" in item for item in found)
    assert any("removed or added there" in item for item in found)
    assert shown == []  # nor is it shown at the record it was copied to


def test_a_record_edited_with_sql_shows_its_signature_as_void(office: Office) -> None:
    if office.site.database.dialect == "mariadb":
        pytest.skip("the edit is not undone there")
    from server.documents.signing import signatures_of
    from server.storage import records

    record = office.order()
    office.sign("boss", record)
    snapshot = office.site.snapshot()
    doctype = snapshot.doctype("Order")

    with office.behind_the_back() as connection:
        connection.execute(text("UPDATE tab_order SET subject = 'forged' WHERE name = :name"), {"name": record["name"]})
        edited = records.load(connection, snapshot.model, doctype, record["name"])
        assert edited is not None
        (found,) = signatures_of(connection, snapshot, doctype, edited)

    assert found.is_tampered
    assert not found.is_valid
