"""Real DocTypes of other applications, as published: they are checked, published, opened as form and list, and take a record.

The files are not ours to copy: GUIJU_FRAPPE_CORPUS names a folder that holds them (default: `../shared/corpus` beside the
checkout). Without one there is nothing to test.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.app import create_app
from server.core.clock import SettableClock
from server.exchange.packs import Source
from server.metadata.model import DOCTYPE, DocField, DocType, Model
from server.site import Site, open_site

HERE = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("GUIJU_FRAPPE_CORPUS") or HERE.parent / "shared" / "corpus")
FILES = sorted(CORPUS.rglob("*.json"))
RAWS: list[dict[str, Any]] = [json.loads(path.read_text("utf-8")) for path in FILES]
NAMES = [str(raw["name"]) for raw in RAWS]
RECORDS = [str(raw["name"]) for raw in RAWS if not raw.get("istable")]
pytestmark = pytest.mark.skipif(not FILES, reason="no folder of published DocTypes here")

ADMIN = User.administrator()
PASSWORD = "corpus-corpus"
PLAIN: dict[str, Any] = {
    "Int": 5, "Duration": 90, "Float": "12.5", "Currency": "12.5", "Percent": "12.5", "Check": 1, "Date": "2026-01-02",
    "Datetime": "2026-01-02 03:04", "Time": "03:04", "JSON": "{}", "Color": "#aabbcc", "Rating": 0.8, "Phone": "029-88880000",
}  # fmt: skip
OF_KIND = {"Email": "a@example.com", "Phone": "029-88880000", "URL": "https://example.com"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The built-in pack with all of the corpus beside it, and somebody who has every role."""
    folder = tmp_path_factory.mktemp("corpus")
    site = open_site(folder, clock=SettableClock(datetime(2026, 3, 2, tzinfo=UTC)), environ={}, embedded_worker=False)
    site.publisher.publish(site.publisher.propose(site.read_packs().sources), "tests")
    site.publisher.publish(site.publisher.propose(sources()), "tests")
    roles = sorted(site.snapshot().model.roles - {"All"})
    for role in roles:
        site.documents.save(ADMIN, "Role", {"role_name": role, "title": role})
    everyone = {"login": "everyone", "full_name": "全员", "roles": [{"role": role} for role in roles]}
    site.documents.save(ADMIN, "User", everyone | {"enabled": 1})
    site.accounts.set_password("everyone", PASSWORD)
    yield site
    site.close()


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    client = create_app(site).test_client()
    client.set_cookie("sid", site.accounts.sign_in("everyone", PASSWORD, "127.0.0.1", "tests")[0])
    return client


def sources() -> list[Source]:
    return [Source("DocType", str(raw["name"]), raw) for raw in RAWS]


class Maker:
    """Makes a record of any DocType, and first those that its mandatory links need."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.model: Model = site.snapshot().model
        self.made = {"User": "everyone"}
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
            return "Elsewhere" if needed else None
        if item.fieldtype == "Select":
            return item.choices[0] if item.choices else None
        if item.fieldtype in ("Attach", "Attach Image", "Signature", "Geolocation"):
            return None
        unique = doctype.autoname == f"field:{item.fieldname}" or item.unique
        return PLAIN.get(item.fieldtype) or OF_KIND.get(item.options or "") or f"Text {self.number if unique else ''}"


@pytest.fixture(scope="module")
def maker(site: Site) -> Maker:
    return Maker(site)


def test_the_whole_corpus_is_published_beside_the_built_in_pack(site: Site) -> None:
    assert set(NAMES) <= set(site.snapshot().model.doctypes)


@pytest.mark.parametrize("name", RECORDS)
def test_a_published_doctype_takes_a_record_and_opens_as_form_and_list(maker: Maker, browser: FlaskClient, name: str) -> None:
    record = maker.record(name)

    pages = [f"/form/{quote(name)}/{quote(record, safe='')}", f"/form/{quote(name)}/new", f"/list/{quote(name)}"]
    answers = [browser.get(page, follow_redirects=True) for page in pages]
    over_rest: Any = browser.get(f"/api/resource/{quote(name)}/{quote(record, safe='')}")

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert over_rest.json["data"]["name"] == record
