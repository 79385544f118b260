"""A site that knows German."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from german_crib import CORE, GERMAN, PASSWORD, PURCHASE, RULE

from server.access.user import User
from server.app import create_app
from server.core import translations
from server.core.clock import SettableClock
from server.exchange.packs import Source
from server.site import Site, open_site

ROOT = User.administrator()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SettableClock(datetime(2026, 6, 15, 1, 0, tzinfo=UTC))
    site = open_site(tmp_path_factory.mktemp("german"), clock=clock, environ={}, embedded_worker=False)
    core = [source for source in site.read_packs().sources if source.kind == "DocType" and source.name in CORE]
    own = [Source("DocType", "Purchase", PURCHASE), Source("Rule", "purchase-dear", RULE)]
    site.publisher.publish(site.publisher.propose([*core, *own]), "tests")
    site.translations.import_po(ROOT, GERMAN.encode(), name="de.po")
    site.documents.save(ROOT, "Role", {"role_name": "System Manager", "title": "系统管理员"})
    roles = [{"role": "System Manager"}]
    for login, name in (("anna", "Anna Groß"), ("bernd", "Bernd Fuß")):
        site.documents.save(ROOT, "User", {"login": login, "full_name": name, "language": "de", "enabled": 1, "roles": roles})
        site.accounts.set_password(login, PASSWORD)
    yield site
    site.close()
    translations.put_in_force([])


@pytest.fixture
def signed_in(site: Site) -> Callable[[str], FlaskClient]:
    """A browser of somebody."""

    def sign_in(login: str) -> FlaskClient:
        client = create_app(site).test_client()
        token, _ = site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "tests")
        client.set_cookie("sid", token)
        return client

    return sign_in


@pytest.fixture
def anna(signed_in: Callable[[str], FlaskClient]) -> FlaskClient:
    return signed_in("anna")


@pytest.fixture(scope="module")
def dear(site: Site) -> str:
    """A purchase of Anna's that somebody has to approve; its name."""
    return site.documents.save(site.user("anna"), "Purchase", {"what": "High & Low", "urgency": "High", "amount": 2500}).name
