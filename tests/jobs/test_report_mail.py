"""Reports sent by mail: once a period whatever happens, and to everybody what they may see."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_servers import Mailbox
from notified_office import ADMIN, furnish, log, mail_channel

from server.assets import builtin_pack
from server.core.clock import SettableClock
from server.core.errors import ValidationFailed
from server.exchange.packs import Source
from server.site import Site, open_site

REPORT = {
    "doctype": "Report", "name": "fees", "title": {"zh": "费用", "en": "Fees"}, "ref_doctype": "Ticket",
    "columns": ["code", "fee"],
}  # fmt: skip
EVERY_DAY = {
    "title": "每日费用", "report": "fees", "format": "Excel", "frequency": "Daily", "send_at": "08:00", "on_working_days": 0,
    "receivers": [{"user": "li"}, {"user": "zhao"}, {"user": "guest"}], "roles": [{"role": "Manager"}],
}  # fmt: skip


@pytest.fixture
def site(tmp_path: Path, clock: SettableClock) -> Iterator[Site]:
    opened = office(tmp_path, clock)
    furnish(opened)
    names = ("saved_report", "auto_email_report")
    core = [json.loads((builtin_pack() / f"doctypes/core/{name}.json").read_text("utf-8")) for name in names]
    ticket = next(source.raw for source in opened.publisher.stored() if source.name == "Ticket")
    for row in ticket["permissions"]:
        row |= {"report": 1, "export": 1} if not row.get("permlevel") else {}
    pieces = [*(Source("DocType", piece["name"], piece) for piece in core), Source("DocType", "Ticket", ticket)]
    opened.publisher.publish(opened.publisher.propose([*pieces, Source("Report", "fees", dict(REPORT))]), "tests")
    yield opened
    opened.close()


def office(folder: Path, clock: SettableClock) -> Site:
    return open_site(folder, clock=clock, environ={}, embedded_worker=False)


def works(site: Site) -> None:
    site.worker.run_once()
    site.post_office.run_once()


def attached(mailbox: Mailbox) -> dict[str, Any]:
    return {str(mail["To"]): list(mail.iter_attachments()) for mail in mailbox.mails}


def test_everybody_gets_what_they_may_see_and_the_log_tells_who_got_none(
    site: Site, mailbox: Mailbox, clock: SettableClock
) -> None:
    mail_channel(site, mailbox)
    site.documents.save(ADMIN, "Auto Email Report", EVERY_DAY)
    works(site)
    assert mailbox.mails == [], "its time is tomorrow at eight"
    clock.advance(hours=18)

    works(site)

    files = attached(mailbox)
    assert set(files) == {"li@example.com", "wang@example.com", "guest@example.com"}
    shared = {to: texts_in(found[0].get_payload(decode=True)) for to, found in files.items() if found}
    assert ("费用" in shared["li@example.com"], "Fee" in shared["wang@example.com"].replace("Fees", "")) == (False, True)
    assert files["guest@example.com"] == [], "who may not report on tickets is told so instead"
    assert {(item["user"], item["state"]) for item in log(site, kind="report")} == {
        ("li", "done"), ("wang", "done"), ("guest", "done"), ("zhao", "dead"),
    }  # fmt: skip
    refused = next(item for item in log(site, kind="report") if item["user"] == "guest")
    assert refused["error"]["en"].startswith("(The report is not attached:"), "sent, and yet the log tells what was left out"


def test_it_is_sent_at_once_to_who_asks_or_to_all_with_the_right(site: Site, mailbox: Mailbox) -> None:
    mail_channel(site, mailbox)
    name = site.documents.save(ADMIN, "Auto Email Report", EVERY_DAY).name
    li, record = site.user("li"), site.documents.load(ADMIN, "Auto Email Report", name)

    site.report_mail.send_now(record, li, only_to_me=True)
    site.report_mail.send_now(record, li, only_to_me=True)  # pressed twice
    site.post_office.run_once()
    assert [str(mail["To"]) for mail in mailbox.mails] == ["li@example.com"]

    with pytest.raises(ValidationFailed, match="to yourself"):
        site.report_mail.send_now(record, li, only_to_me=False)
    site.report_mail.send_now(record, ADMIN, only_to_me=False)
    site.post_office.run_once()
    assert set(attached(mailbox)) == {"li@example.com", "wang@example.com", "guest@example.com"}
    assert {item["user"] for item in site.report_mail.sent(name)} == {"li", "wang", "guest", "zhao"}


def texts_in(content: Any) -> str:
    """The head of the table: what columns there are."""
    texts = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    return " ".join(text for text in re.findall(r"<t[^>]*>([^<]*)</t>", texts)[1:])


def test_it_is_sent_once_a_period_by_two_workers_and_after_a_restart(
    site: Site, mailbox: Mailbox, clock: SettableClock, tmp_path: Path
) -> None:
    mail_channel(site, mailbox)
    site.documents.save(ADMIN, "Auto Email Report", EVERY_DAY | {"receivers": [{"user": "li"}], "roles": []})
    clock.advance(hours=18)
    other = office(tmp_path, clock)

    for each in (site, other, site):
        clock.advance(minutes=1)
        works(each)
    other.close()
    again = office(tmp_path, clock)
    works(again)
    again.close()

    assert len(mailbox.mails) == 1
    clock.advance(days=1)
    works(site)
    assert len(mailbox.mails) == 2


def test_nobody_sends_to_others_without_the_right(site: Site) -> None:
    li = site.user("li")
    to_me = EVERY_DAY | {"receivers": [{"user": "li"}], "roles": []}
    site.documents.save(li, "Auto Email Report", to_me)

    for wrong in (EVERY_DAY, to_me | {"roles": [{"role": "Sales"}]}, to_me | {"report": "feez"}, to_me | {"receivers": []}):
        with pytest.raises(ValidationFailed):
            site.documents.save(li, "Auto Email Report", wrong)
