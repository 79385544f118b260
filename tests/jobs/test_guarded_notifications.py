"""A rule tells a whole role about a record: nobody reads in the message what the record's fields hide or mask from them."""

from __future__ import annotations

import pytest
from local_servers import Mailbox
from notified_office import ADMIN, furnish, mail_channel

from server.exchange.packs import Source
from server.site import Site

pytestmark = pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
SECRET, PHONE = "987,654", "13812345678"
MESSAGE = {"zh": "{code} 费用 {fee} 电话 {phone} 简述 {subject}", "en": "{code} fee {fee} phone {phone} about {subject}"}
RULE = {
    "name": "dear", "title": "Dear", "applies_to": "Ticket", "when": {"all": [["fee", ">", 1000]]},
    "then": [{"notify": {"role": "Sales", "message": MESSAGE}},
             {"oblige": {"role": "Sales", "title": MESSAGE, "due": "8 h", "warn_before": "1 h", "escalate_to": "Manager"}}],
}  # fmt: skip


@pytest.fixture
def office(empty_site: Site, mailbox: Mailbox) -> Site:
    site = furnish(empty_site)
    site.publisher.publish(site.publisher.propose([Source("Rule", "dear", RULE)]), "tests")
    mail_channel(site, mailbox, on_assignment=1)
    return site


def dear(site: Site, subject: str = "{fee} {phone}") -> None:
    """The subject tries to have the guarded places filled in by whoever reads it."""
    site.documents.save(ADMIN, "Ticket", {"code": "T-9", "subject": subject, "fee": 987654, "phone": PHONE})
    site.worker.run_once()
    site.post_office.run_once()


def told(site: Site, login: str) -> list[str]:
    return [item.title.zh for item in site.told.notifications(site.user(login)) if item.name == "T-9"]


def test_each_of_a_role_reads_of_the_fields_what_they_may_see(office: Site) -> None:
    dear(office)
    sales, manager = told(office, "li"), told(office, "wang")
    assert [text for text in sales if SECRET in text or PHONE in text] == []
    assert "T-9 费用 **** 电话 **** 简述 **** ****" in sales
    assert any(f"费用 {SECRET}" in text for text in manager)
    assert [text for text in manager if PHONE in text] == [], "masked from the manager too"
    assert told(office, "guest") == []


def test_mails_and_titles_of_what_is_owed_leave_it_out_as_well(office: Site, mailbox: Mailbox) -> None:
    dear(office)
    to_sales = [
        mail.as_string() + str(mail.get_body(("plain",)).get_content())
        for mail in mailbox.mails
        if "li@example.com" in str(mail["To"])
    ]  # type: ignore[union-attr]
    assert to_sales
    assert [text for text in to_sales if SECRET in text or PHONE in text] == []
    titles = [item.obligation.title.zh for item in office.inbox.items(office.user("li"))]
    assert titles == ["T-9 费用 **** 电话 **** 简述 {fee} {phone}"]


def test_what_is_open_to_everybody_is_told_as_before(office: Site) -> None:
    dear(office, "主轴")
    assert any("T-9" in text and text.endswith("简述 主轴") for text in told(office, "li"))
