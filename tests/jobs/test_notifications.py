"""From what happens to what people read: who is told, by which channel, when, in which words, and once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from local_servers import Mailbox, WebServer
from notified_office import ADMIN, TICKET, furnish, log, mail_channel, say
from sqlalchemy import select

from server.core.clock import SettableClock
from server.core.errors import MetadataInvalid, NotFound, ValidationFailed
from server.core.text import Text
from server.documents.notifications import preferences
from server.documents.notifications.preferences import Preferences, read
from server.documents.tell import tell
from server.exchange.packs import Source
from server.jobs import messages
from server.site import Site, open_site
from server.storage.system import notification

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def office(tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    site = open_site(
        tmp_path,
        clock=clock,
        environ={},
        embedded_worker=False,
        base_url="https://guiju.example.com/",
        private_hosts=("127.0.0.1",),
    )
    yield furnish(site)
    site.close()


def told(site: Site) -> list[str]:
    with site.database.read() as connection:
        return list(connection.execute(select(notification.c.user).order_by(notification.c.user)).scalars())


def receivers(box: Mailbox) -> list[str]:
    return sorted(str(mail["To"]) for mail in box.mails)


def chooses(site: Site, user: str, **body: Any) -> None:
    with site.database.write() as connection:
        preferences.keep(connection, user, read(body), site.clock.now())


def test_a_story_on_every_database(empty_site: Site, mailbox: Mailbox) -> None:
    furnish(empty_site)
    mail_channel(empty_site, mailbox)
    say(empty_site, role="Sales")
    say(empty_site, role="Sales")  # the same key
    assert told(empty_site) == ["li", "wang", "zhao"]
    assert receivers(mailbox) == ["li@example.com", "wang@example.com"]
    assert [(row["user"], row["state"], row["attempts"]) for row in log(empty_site)] == [("li", "done", 1), ("wang", "done", 1)]
    mailbox.answers = {"GREETING": "421 away"}
    for key in ("a", "b"):
        say(empty_site, key, user="li")
    assert [(row["state"], row["attempts"]) for row in log(empty_site, state="pending")] == [("pending", 1), ("pending", 0)]
    mailbox.answers = {}
    empty_site.clock.advance(seconds=31)  # type: ignore[attr-defined]
    empty_site.post_office.run_once()
    assert [row["state"] for row in log(empty_site)] == ["done"] * 4


def test_everybody_reads_it_in_their_language_with_a_link(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    say(office, role="Sales")
    by_receiver = {mail["To"]: mail for mail in mailbox.mails}
    assert by_receiver["li@example.com"]["Subject"] == "已超期"
    assert by_receiver["wang@example.com"]["Subject"] == "Late 已超期"
    text = by_receiver["li@example.com"].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "工单 T-1 · 主轴异响" in text
    assert "https://guiju.example.com/form/Ticket/T-1" in text


def test_a_transaction_that_fails_sends_nothing(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)

    def refused() -> None:
        with office.database.write() as connection:
            tell(connection, office.clock.now(), Text("a", "a"), "Ticket", "T-1", key="k", role="Sales")
            raise RuntimeError("refused")

    with pytest.raises(RuntimeError):
        refused()
    office.worker.run_once()
    office.post_office.run_once()
    assert (told(office), mailbox.mails) == ([], [])


def test_who_may_not_read_the_record_is_sent_nothing_about_it(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    say(office, "k1", user="guest")
    office.documents.delete(ADMIN, "Ticket", "T-1")
    say(office, "k2", user="li")
    assert mailbox.mails == []


def test_the_kind_decides_and_people_change_it(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    say(office, "k1", user="li", kind="share")  # not by default
    chooses(office, "li", channels={"Mail": ["share"]})
    say(office, "k2", user="li", kind="share")
    say(office, "k3", user="li", kind="due")
    assert [row["kind"] for row in log(office)] == ["share"]
    say(office, "k4", user="li", kind="due", via=["Mail"])  # a rule that insists
    assert len(mailbox.mails) == 2


def test_in_quiet_hours_only_what_is_urgent_passes(office: Site, mailbox: Mailbox, clock: SettableClock) -> None:
    mail_channel(office, mailbox)
    chooses(office, "li", quiet_from="22:00", quiet_to="07:30")
    clock.set(datetime(2026, 3, 2, 15, 0, tzinfo=UTC))  # 23:00
    say(office, "k1", user="li")
    say(office, "k2", "停机", user="li", urgent=True)
    assert [mail["Subject"] for mail in mailbox.mails] == ["停机"]
    assert mailbox.mails[0]["Importance"] == "high"
    clock.set(datetime(2026, 3, 2, 23, 29, tzinfo=UTC))
    assert office.post_office.run_once() == 0
    clock.set(datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    assert office.post_office.run_once() == 1


def test_a_digest_is_one_mail_a_day(office: Site, mailbox: Mailbox, clock: SettableClock) -> None:
    mail_channel(office, mailbox)
    chooses(office, "wang", digest=["due"], digest_hour=18, zone="Europe/Berlin")
    for number in range(3):
        say(office, f"k{number}", f"第{number}件", user="wang")
    say(office, "now", "停机", user="wang", urgent=True)
    assert len(mailbox.mails) == 1
    clock.set(datetime(2026, 3, 31, 16, 0, tzinfo=UTC))  # 18:00 in Berlin
    assert office.post_office.run_once() == 1
    office.post_office.run_once()
    digest = mailbox.mails[1]
    assert digest["Subject"] == "3 notifications"
    text = digest.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.index("1. Late 第0件") < text.index("3. Late 第2件")
    assert [row["state"] for row in log(office)] == ["done"] * 4


def test_a_group_robot_gets_one_message_that_mentions_who_chose_it(office: Site, web: WebServer) -> None:
    office.documents.save(
        ADMIN,
        "Notification Channel",
        {"title": "质量群", "channel_type": "wecom", "enabled": 1, "robot_url": f"{web.url}/send?key=K"},
    )
    say(office, "k1", role="Sales")
    assert web.asked == []
    for user in ("li", "wang", "zhao"):
        chooses(office, user, channels={"质量群": ["due"]})
    say(office, "k2", role="Sales")
    say(office, "k3", user="guest", via=["质量群"])
    assert [asked.json["text"].get("mentioned_mobile_list") for asked in web.asked] == [["13800000001", "13800000003"], None]
    with office.database.read() as connection:
        assert "key=K" not in repr([messages.one(connection, row["id"]) for row in log(office)])


# Rules

RULE = {
    "name": "long-work", "title": {"zh": "超长工时", "en": "Long work"}, "source": ["S08-01"], "applies_to": "Ticket", "on": ["validate"],
    "when": {"all": [["hours", ">", 8]]},
}  # fmt: skip
MESSAGE = {"zh": "{code} 工时 {hours}", "en": "{code} took {hours} hours"}


def with_rule(site: Site, **notify: Any) -> None:
    rule = RULE | {"then": [{"notify": {"message": MESSAGE} | notify}]}
    site.publisher.publish(site.publisher.propose([Source("Rule", "long-work", rule)]), "tests")


def test_a_rule_tells_a_role_a_field_people_and_a_head_by_the_channel_it_names(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox, on_rule=0)
    with_rule(office, role="Manager", user_field="responsible", users=["zhao"], via=["Mail", "Nowhere"], urgent=True)
    office.documents.save(ADMIN, "Ticket", {"code": "T-2", "hours": 9, "responsible": "li"})
    office.worker.run_once()
    office.post_office.run_once()
    assert told(office) == ["li", "wang", "zhao"]
    assert receivers(mailbox) == ["li@example.com", "wang@example.com"]
    assert {mail["Importance"] for mail in mailbox.mails} == {"high"}
    assert [(row["target"], row["error"]["en"]) for row in log(office, state="dead")] == [
        ("Nowhere", 'there is no enabled channel "Nowhere"')
    ]


def test_a_rule_tells_the_head_of_a_department_and_a_group(office: Site) -> None:
    ticket = TICKET | {
        "fields": [
            *TICKET["fields"],
            {"fieldname": "department", "fieldtype": "Link", "options": "Department", "label": "Department"},
        ]
    }
    office.publisher.publish(office.publisher.propose([Source("DocType", "Ticket", ticket)]), "tests")
    with_rule(office, department_head="department", group="Quality circle")
    office.documents.save(
        ADMIN, "User Group", {"group_name": "Quality circle", "members": [{"user": "guest"}, {"user": "zhao"}]}
    )
    office.documents.save(ADMIN, "Department", {"department_name": "Service", "leader": "li"})
    office.documents.save(ADMIN, "Ticket", {"code": "T-2", "hours": 9, "department": "Service"})
    office.worker.run_once()
    assert told(office) == ["guest", "li", "zhao"]


@pytest.mark.parametrize(
    ("notify", "where"),
    [
        ({}, "then[0].notify"),
        ({"role": "Nobody"}, "then[0].notify.role"),
        ({"user_field": "subjekt"}, "then[0].notify"),
        ({"department_head": "responsible"}, "then[0].notify"),
        ({"role": "Sales", "urgent": "yes"}, "then[0].notify.urgent"),
        ({"role": "Sales", "channel": "Mail"}, "then[0].notify.channel"),
    ],
)
def test_a_notify_that_means_nothing_is_refused_when_it_is_published(office: Site, notify: dict[str, Any], where: str) -> None:
    with pytest.raises(MetadataInvalid) as refused:
        with_rule(office, **notify)
    assert any(where in fault.where for fault in refused.value.faults)


def test_a_comment_on_an_approval_tells_whom_it_names(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox, on_approval=0, on_mention=1)
    rule = RULE | {"then": [{"require_approval": {"role": "Manager"}}]}
    office.publisher.publish(office.publisher.propose([Source("Rule", "long-work", rule)]), "tests")
    office.documents.save(office.user("li"), "Ticket", {"code": "T-2", "hours": 9})
    wang = office.user("wang")
    (item,) = office.inbox.items(wang)
    office.inbox.decide(wang, item.obligation.id, "approved", "请@li核对，抄送@wang @guest，邮箱 a@zhao.com")
    office.worker.run_once()
    office.post_office.run_once()
    # guest may not read it, which wang, who wrote it, is told; zhao is part of an address
    assert receivers(mailbox) == ["li@example.com", "wang@example.com"]
    assert str(mailbox.mails[0]["Subject"]).startswith("Wang 提到了您：请@李工核对")


# Templates


def test_a_template_says_it_in_other_words_without_what_its_reader_may_not_see(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    office.documents.save(
        ADMIN, "Notification Template",
        {"title": "due", "kind": "due", "document_type": "Ticket", "enabled": 1, "subject_zh": "[{company}] {doctype} {name}",
         "body_zh": "{person}：{title}，工时 {doc.hours}，费用 {doc.fee}，电话 {doc.phone}，条款 {clauses}", "subject_en": "{name} is late",
         "body_en": "{person}: fee {doc.fee}"},
    )  # fmt: skip
    say(office, role="Sales", clauses=["S08-01"])
    texts = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in mailbox.mails}  # type: ignore[union-attr]
    assert "李工：已超期，工时 3，费用 —，电话 ****5678，条款 S08-01" in texts["li@example.com"]
    assert "Wang: fee 800.00" in texts["wang@example.com"]


@pytest.mark.parametrize(
    ("values", "places"),
    [
        ({"body_zh": "{titel} {doc.fee}"}, ["{titel}", "{doc.fee}"]),
        ({"body_zh": "{doc.feee} {doc.token}", "document_type": "Ticket"}, ["{doc.feee}", "{doc.token}"]),
        ({"body_zh": "ok", "subject_en": "{doc.__class__}", "document_type": "Ticket"}, ["{doc.__class__}"]),
    ],
)
def test_a_template_with_places_that_mean_nothing_is_refused(office: Site, values: dict[str, str], places: list[str]) -> None:
    base = {"title": "x", "kind": "due", "enabled": 1, "subject_zh": "a"}
    with pytest.raises(ValidationFailed) as refused:
        office.documents.save(ADMIN, "Notification Template", base | values)
    said = " ".join(fault.text.en for fault in refused.value.faults)
    assert len(refused.value.faults) == len(places)
    assert all(place in said for place in places)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"channel_type": "email", "smtp_port": 99999, "smtp_host": "x", "from_address": "a@b.cn"}, ["smtp_port"]),
        ({"channel_type": "email"}, ["from_address", "smtp_host"]),
        ({"channel_type": "wecom"}, ["robot_url"]),
    ],
)
def test_a_channel_without_what_it_needs_is_refused(office: Site, values: dict[str, Any], fields: list[str]) -> None:
    with pytest.raises(ValidationFailed) as refused:
        office.documents.save(ADMIN, "Notification Channel", {"title": "x", "enabled": 1} | values)
    assert sorted({fault.where for fault in refused.value.faults}) == fields


# At least once, and once in ordinary running


def test_a_courier_that_was_killed_is_taken_over_with_the_same_message_id(
    office: Site, mailbox: Mailbox, clock: SettableClock
) -> None:
    mail_channel(office, mailbox)
    with office.database.write() as connection:
        tell(connection, clock.now(), Text("a", "a"), "Ticket", "T-1", key="k", kind="due", user="li")
    office.worker.run_once()
    with office.database.write() as connection:  # takes it, and is killed
        assert messages.claim(connection, "email", "killed", clock.now()) is not None
    assert office.post_office.run_once() == 0
    clock.advance(minutes=4)
    assert office.post_office.run_once() == 1
    assert office.post_office.run_once() == 0
    assert len(mailbox.mails) == 1


def test_a_mail_server_that_is_away_holds_up_nobody_else_and_is_not_asked_for_each_mail(
    office: Site, mailbox: Mailbox, web: WebServer
) -> None:
    mail_channel(office, mailbox, from_name="first")
    office.documents.save(ADMIN, "Notification Channel", {"title": "Mail", "enabled": 1}, name="Mail")
    mailbox.answers = {"GREETING": "421 away"}
    mail_channel(office, Mailbox(port=mailbox.port), title="Other", smtp_port=mailbox.port)
    for number in range(3):
        say(office, f"k{number}", role="Sales")
    assert told(office) == sorted(["li", "wang", "zhao"] * 3)
    tried = [row["attempts"] for row in log(office)]
    assert sum(tried) == 2  # one for each of the two targets
    assert all(row["state"] == "pending" for row in log(office))


def test_messages_about_one_record_keep_their_order(office: Site, mailbox: Mailbox, clock: SettableClock) -> None:
    mail_channel(office, mailbox)
    mailbox.answers = {"RCPT": "451 later"}
    for number in range(3):
        say(office, f"k{number}", f"第{number}件", user="li")
    mailbox.answers = {}
    for _ in range(4):
        clock.advance(seconds=10)
        office.post_office.run_once()
    assert [mail["Subject"] for mail in mailbox.mails] == ["第0件", "第1件", "第2件"]


def test_after_eight_attempts_it_is_given_up_and_can_be_sent_again(
    office: Site, mailbox: Mailbox, clock: SettableClock
) -> None:
    mail_channel(office, mailbox)
    mailbox.answers = {"RCPT": "451 later"}
    say(office, user="li")
    for _ in range(10):
        clock.advance(hours=2)
        office.post_office.run_once()
    (row,) = log(office)
    assert (row["state"], row["attempts"], row["error"]) == (
        "dead",
        8,
        {"zh": "邮件服务器应答 451", "en": "the mail server answered 451"},
    )
    mailbox.answers = {}
    with office.database.write() as connection:
        messages.send_again(connection, row["id"], clock.now())
        with pytest.raises(NotFound):
            messages.send_again(connection, row["id"], clock.now())
    assert office.post_office.run_once() == 1
    assert len(mailbox.mails) == 1


def test_a_channel_that_was_disabled_sends_no_more(office: Site, mailbox: Mailbox) -> None:
    mail_channel(office, mailbox)
    with office.database.write() as connection:
        tell(connection, office.clock.now(), Text("a", "a"), "Ticket", "T-1", key="k", kind="due", user="li")
    office.worker.run_once()
    office.documents.save(ADMIN, "Notification Channel", {"enabled": 0}, name="Mail")
    office.post_office.run_once()
    assert [row["state"] for row in log(office)] == ["dead"]
    assert mailbox.mails == []


# Preferences


@pytest.mark.parametrize(
    ("hours", "minute", "expected"),
    [
        pytest.param(("22:00", "07:00"), "2026-03-02T21:59", "2026-03-02T21:59", id="just before"),
        pytest.param(("22:00", "07:00"), "2026-03-02T22:00", "2026-03-03T07:00", id="from its first minute"),
        pytest.param(("22:00", "07:00"), "2026-03-03T06:59", "2026-03-03T07:00", id="past midnight"),
        pytest.param(("22:00", "07:00"), "2026-03-03T07:00", "2026-03-03T07:00", id="at its end"),
        pytest.param(("12:00", "13:00"), "2026-03-02T12:30", "2026-03-02T13:00", id="within a day"),
    ],
)
def test_quiet_hours_by_the_minute(hours: tuple[str, str], minute: str, expected: str) -> None:
    chosen = Preferences(quiet_from=time.fromisoformat(hours[0]), quiet_to=time.fromisoformat(hours[1]))
    found = chosen.when(datetime.fromisoformat(minute).replace(tzinfo=SHANGHAI).astimezone(UTC), "due", SHANGHAI, urgent=False)
    assert found.at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") == expected


def test_a_digest_in_an_hour_that_the_clock_change_leaves_out_comes_all_the_same() -> None:
    chosen = Preferences(digest=frozenset({"due"}), digest_hour=2, zone="Europe/Berlin")
    before = datetime(2026, 3, 29, 0, 0, tzinfo=UTC)  # 01:00; 02:00 does not exist that night
    found = chosen.when(before, "due", SHANGHAI, urgent=False)
    assert found.at == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_every_wrong_choice_is_named() -> None:
    body = {
        "channels": {"Mial": ["dew"]},
        "digest_hour": 24,
        "quiet_from": "25:00",
        "quiet_to": "07:00",
        "zone": "Asia/Shanghia",
    }
    with pytest.raises(ValidationFailed) as refused:
        read(body, ["Mail"])
    assert [fault.where for fault in refused.value.faults] == ["channels", "channels", "quiet_from", "digest_hour", "zone"]
    assert 'Did you mean "Mail"?' in refused.value.faults[0].text.en


def test_a_print_goes_along_to_whoever_may_print_it(office: Site, mailbox: Mailbox) -> None:
    permissions = [{**row, "print": 1} if row["role"] == "Manager" else row for row in TICKET["permissions"]]  # type: ignore[attr-defined]
    rule = {"name": "send", "applies_to": "Ticket", "when": {"all": [["hours", "=", 9]]},
            "then": [{"notify": {"users": ["li", "wang"], "message": "{code}", "attach": "Standard"}}]}  # fmt: skip
    pieces = [Source("DocType", "Ticket", TICKET | {"permissions": permissions}), Source("Rule", "send", rule)]
    office.publisher.publish(office.publisher.propose(pieces), "tests")
    with pytest.raises(MetadataInvalid, match="'Standrd' is not a print format"):
        office.publisher.propose(
            [Source("Rule", "send", {**rule, "then": [{"notify": {"users": ["li"], "message": "x", "attach": "Standrd"}}]})]
        )
    mail_channel(office, mailbox)

    office.documents.save(ADMIN, "Ticket", {"hours": 9}, name="T-1")
    office.worker.run_once()
    office.post_office.run_once()

    mails = {mail["To"]: mail for mail in mailbox.mails}
    (enclosed,) = mails["wang@example.com"].iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()[:5]) == ("T-1.pdf", b"%PDF-")
    assert list(mails["li@example.com"].iter_attachments()) == []
    assert "未附 PDF" in mails["li@example.com"].get_body(("plain",)).get_content()
