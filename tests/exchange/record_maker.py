"""A site with DocTypes of other applications, somebody who has every role, and a record of any DocType."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from server.access.user import User
from server.app import create_app
from server.core.clock import SettableClock
from server.exchange.packs import Source
from server.metadata.model import DOCTYPE, DocField, DocType, Model
from server.site import Site, open_site

ADMIN = User.administrator()
PLAIN: dict[str, Any] = {
    "Int": 5, "Long Int": 5, "Duration": 90, "Float": "12.5", "Currency": "12.5", "Percent": "12.5", "Check": 1, "Date": "2026-01-02",
    "Datetime": "2026-01-02 03:04", "Time": "03:04", "JSON": "{}", "Color": "#aabbcc", "Rating": 0.8, "Phone": "029-88880000",
}  # fmt: skip
EVERYONE, PASSWORD = "everyone", "corpus-corpus"
OF_KIND = {"Email": "a@example.com", "Phone": "029-88880000", "URL": "https://example.com"}


def site_with(folder: Path, sources: Sequence[Source], url: str = "") -> Iterator[Site]:
    """The built-in pack with `sources` beside it, and somebody who has every role, on SQLite or the database at `url`."""
    clock = SettableClock(datetime(2026, 3, 2, tzinfo=UTC))
    site = open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False)
    site.publisher.publish(site.publisher.propose(site.read_packs().sources), "tests")
    site.publisher.publish(site.publisher.propose(sources), "tests")
    roles = sorted(site.snapshot().model.roles - {"All"})
    for role in roles:
        site.documents.save(ADMIN, "Role", {"role_name": role, "title": role})
    everyone = {"login": EVERYONE, "full_name": "全员", "enabled": 1, "roles": [{"role": role} for role in roles]}
    site.documents.save(ADMIN, "User", everyone)
    site.accounts.set_password(EVERYONE, PASSWORD)
    yield site
    site.close()


def browser_of_everyone(site: Site) -> FlaskClient:
    """A browser in which the one with every role is signed in."""
    client = create_app(site).test_client()
    client.set_cookie("sid", site.accounts.sign_in(EVERYONE, PASSWORD, "127.0.0.1", "tests")[0])
    return client


class Maker:
    """Makes records, each DocType's once, and first those that its mandatory links need."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.model: Model = site.snapshot().model
        self.made = {"User": EVERYONE}
        self.number = 0

    def record(self, doctype: str) -> str:
        """The name of a record; made once."""
        if doctype not in self.made:
            self.made[doctype] = self.site.documents.save(ADMIN, doctype, self.values(self.model[doctype])).name
        return self.made[doctype]

    def values(self, doctype: DocType) -> dict[str, Any]:
        self.number += 1
        found: dict[str, Any] = {"name": f"Record {self.number}"} if doctype.asks_name else {}
        for item in doctype.data_fields:
            if item.type.holds_rows:
                child = self.model.child(item)
                value: Any = [self.values(child)] if child is not doctype else []
            else:
                value = self.value(item, doctype)
            if value is not None:
                found[item.fieldname] = value
        return found

    def linked(self, target: str) -> str:
        if target == DOCTYPE:
            return "User"
        return self.record(target) if target in self.model else "Elsewhere"

    def value(self, item: DocField, doctype: DocType) -> Any:
        needed = item.reqd or item.mandatory_depends_on or f"{{{item.fieldname}}}" in (doctype.autoname or "")
        if item.fieldtype == "Link":
            return self.linked(item.options or "") if needed else None
        if item.fieldtype == "Dynamic Link":
            kind = doctype.by_name.get(item.options or "")
            return self.linked(self.value(kind, doctype) if kind else "") if needed else None
        if item.fieldtype == "Select":
            return item.choices[0] if item.choices else None
        if item.fieldtype in ("Attach", "Attach Image", "Signature", "Geolocation"):
            return None
        unique = doctype.autoname == f"field:{item.fieldname}" or item.unique
        return PLAIN.get(item.fieldtype) or OF_KIND.get(item.options or "") or f"Text {self.number if unique else ''}"
