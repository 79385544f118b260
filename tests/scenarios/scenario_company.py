"""The people of the procedures and what they do: a `Person` enters, changes, submits, approves, looks at their inbox.

Everything goes through the services, as it does from the browser. The company itself is opened in `conftest`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pypdf import PdfReader

from server.access.identity import Credentials
from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import GuijuError, ValidationFailed
from server.documents.inbox_items import InboxItem
from server.documents.reports import defaults
from server.documents.signing import Signing
from server.reporting.answer import Answer
from server.site import Site

SIGNING_PASSWORD = "signed-by-Hand-1"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6364"
    "60f85f0f00028701803aeba4920000000049454e44ae426082"
)  # a picture of one pixel


@dataclass(frozen=True)
class Person:
    """Somebody at work. Methods that change something return the record as this person sees it."""

    site: Site
    login: str

    @property
    def user(self) -> User:
        return self.site.user(self.login)

    def enters(self, doctype: str, **values: Any) -> dict[str, Any]:
        return self.site.documents.save(self.user, doctype, values).record

    def makes(self, doctype: str, source_doctype: str, source: str, **values: Any) -> dict[str, Any]:
        """A record made from another with its data carried over, then saved."""
        made = self.site.new_records.make_from(self.user, doctype, source_doctype, source)
        return self.site.documents.save(self.user, doctype, _typed(made) | values).record

    def reads(self, doctype: str, name: str) -> dict[str, Any]:
        return self.site.documents.load(self.user, doctype, name)

    def changes(self, doctype: str, name: str, **values: Any) -> dict[str, Any]:
        return self.site.documents.save(self.user, doctype, values, name=name).record

    def submits(self, doctype: str, name: str, **values: Any) -> dict[str, Any]:
        return self.site.documents.submit(self.user, doctype, name, values=values).record

    def takes(self, action: str, doctype: str, name: str, **values: Any) -> dict[str, Any]:
        """An action of the record's workflow, with `values` saved before."""
        if values:
            self.changes(doctype, name, **values)
        return self.site.documents.transition(self.user, doctype, name, action).record

    def cancels(self, doctype: str, name: str, reason: str) -> dict[str, Any]:
        return self.site.documents.cancel(self.user, doctype, name, reason=reason).record

    def warnings_of(self, doctype: str, **values: Any) -> list[str]:
        """What saving tells this person without refusing it."""
        return [fault.text.zh for fault in self.site.documents.save(self.user, doctype, values).warnings]

    def uploads(self, filename: str, content: bytes) -> str:
        return self.site.files.upload(self.user, io.BytesIO(content), filename)

    def inbox(self, name: str) -> list[InboxItem]:
        """What this person is asked to do about the record `name`."""
        return [item for item in self.site.inbox.items(self.user) if item.obligation.name == name]

    def approves(self, name: str, comment: str | None = None) -> None:
        """Approve everything this person is asked for about the record."""
        items = self.inbox(name)
        assert items, f"{self.login} is asked for nothing about {name}"
        for item in items:
            self.site.inbox.decide(self.user, item.obligation.id, "approved", comment, item.obligation.content_hash)

    def rejects(self, name: str, comment: str) -> None:
        for item in self.inbox(name):
            self.site.inbox.decide(self.user, item.obligation.id, "rejected", comment, item.obligation.content_hash)

    def signs(self, doctype: str, name: str, reason: str | None = None) -> None:
        """Sign electronically whatever this person is asked to sign on the record, with a password of their own."""
        self.site.accounts.set_password(self.login, SIGNING_PASSWORD)
        owed = [item.obligation.id for item in self.inbox(name) if item.may_sign]
        assert owed, f"{self.login} is asked to sign nothing on {name}"
        for obligation in owed:
            version = self.reads(doctype, name)["version"]
            given = Credentials(self.login, SIGNING_PASSWORD)
            self.site.signing.sign(self.user, doctype, name, Signing("", reason, obligation), given, version=version)

    def runs(self, report: str, **filters: str) -> Answer:
        """A report as this person sees it, with its usual filters but for those given."""
        found = self.site.reports.report(self.user, report)
        return self.site.reports.answer(self.user, found, {**defaults(found), **filters})

    def prints(self, doctype: str, name: str, language: str = "zh") -> str:
        """What stands on the printed form, without the spaces in which it is laid out."""
        pages = PdfReader(io.BytesIO(self.site.printouts.pdf(self.user, doctype, name, language=language))).pages
        return "".join("".join(page.extract_text().split()) for page in pages)

    def is_told(self) -> list[str]:
        """The notifications this person has received."""
        return [item.title.zh for item in self.site.told.notifications(self.user, limit=500)]


def _typed(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a form posts of an unsaved record: its values, not the marks the program keeps."""
    kept = ("docstatus", "owner", "version", "name", "modified", "creation", "modified_by")
    return {name: value for name, value in record.items() if name not in kept}


class Company:
    """The site, its clock and its people by login."""

    def __init__(self, site: Site, clock: SettableClock) -> None:
        self.site = site
        self.clock = clock
        self._lots: dict[tuple[str, str], str] = {}
        self.customers = {row["short_name"]: row["name"] for row in self._all("Customer", ["name", "short_name"])}

    def _all(self, doctype: str, fields: list[str]) -> list[dict[str, Any]]:
        return self.site.queries.list(User.administrator(), doctype, fields=fields, limit=100).rows

    def lot(self, item: str, batch: str = "260511") -> str:
        """A lot of this production batch with a thousand of the item in stock: the inspector brings it, the keeper takes it in."""
        if (item, batch) not in self._lots:
            receipt = self.wugang.enters(
                "Inbound Receipt", order_number=f"备货-{item}" if batch == "260511" else f"备货-{item}-{batch}", item=item, order_qty=1000,
                routing_card="SGD-1", certificate_number="HGZ-1", batch_number=batch, zone="DF-01",
                packs=[{"pack_number": "1", "certificate_qty": 1000}],
            )  # fmt: skip
            self._lots[item, batch] = receipt["name"]  # which the lot is called, too
            counted = [{"name": row["name"], "counted_qty": 1000} for row in receipt["packs"]]
            self.fengbo.submits("Inbound Receipt", receipt["name"], packs=counted)
        return self._lots[item, batch]

    def on_hand(self, lot: str) -> Decimal:
        """The sum of the ledger of a lot, as the report on what is in stock says it."""
        rows = self.fengbo.runs("stock-on-hand", lot=lot).rows
        assert len(rows) <= 1
        return Decimal(rows[0]["on_hand"]) if rows else Decimal(0)

    def named(self, doctype: str, **where: Any) -> str:
        """The number of the one record that is so."""
        [found] = self.records(doctype, "name", **where)
        return str(found["name"])

    def records(self, doctype: str, *fields: str, **where: Any) -> list[dict[str, Any]]:
        """The records that are so, whoever may see them."""
        filters = [(name, "=", value) for name, value in where.items()]
        return self.site.queries.list(User.administrator(), doctype, filters=filters, fields=list(fields), limit=50).rows

    def __getattr__(self, login: str) -> Person:
        return self.person(login)

    def person(self, login: str) -> Person:
        return Person(self.site, login)

    def asked(self, name: str) -> list[str]:
        """Everybody who has the record in their inbox."""
        logins = [row["name"] for row in self._all("User", ["name"])]
        return sorted(login for login in logins if self.person(login).inbox(name))

    def passes(self, **duration: float) -> None:
        """Time passes; the worker does what has come due."""
        self.clock.advance(**duration)
        self.site.worker.run_once()

    def ago(self, **duration: float) -> datetime:
        return self.clock.now() - timedelta(**duration)

    def obligations(self, doctype: str, name: str, rule: str) -> list[Any]:
        found = self.site.inbox.for_record(User.administrator(), doctype, name)
        return [item.obligation for item in found if item.obligation.rule == rule]


@contextmanager
def refused(*texts: str) -> Iterator[None]:
    """What the block does is refused with these texts."""
    with pytest.raises(ValidationFailed) as refusal:
        yield
    for text in texts:
        assert text in said(refusal)


def said(refusal: pytest.ExceptionInfo[GuijuError]) -> str:
    """Everything a refusal tells the person, in Chinese."""
    return "\n".join(refusal.value.lines("zh"))


def ticket(works: Company, **values: Any) -> dict[str, Any]:
    """A customer reports a fault of the steriliser, or what the values say."""
    given = {
        "subject": "灭菌器报警", "customer": works.customers["市二院"], "device": "MC250-2501-006", "reported_at": works.clock.now(),
        "fault_description": "升压超时",
    }  # fmt: skip
    return works.wangfang.enters("Service Ticket", **given | values)
