"""Two nodes over one database: what one takes away, the other honours no request later, with a session and with an API key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from needs import MAIN_DATABASES, own_database

from server.access.user import User
from server.app import create_app
from server.core.clock import SettableClock
from server.exchange.packs import Source
from server.site import Site, open_site

ADMIN, PASSWORD = User.administrator(), "a-good-password"
NOTE = {
    "name": "Note", "autoname": "field:title", "fields": [{"fieldname": "title", "fieldtype": "Data", "reqd": 1}],
    "permissions": [{"role": "Reader", "read": 1}],
}  # fmt: skip
Change = Callable[[Site, str, str], object]
NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module", params=MAIN_DATABASES)
def nodes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Site]]:
    """Two processes' worth of one site with Notes `a` and `b` for Readers."""
    folder, clock = tmp_path_factory.mktemp("nodes"), SettableClock(NINE)
    with own_database(request.param, folder) as url:
        here, there = (open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False) for _ in range(2))
        core = [source for source in here.read_packs().sources if source.raw.get("module") == "core"]
        here.publisher.publish(here.publisher.propose([*core, Source("DocType", "note.json", NOTE)]), "tests")
        here.documents.save(ADMIN, "Role", {"role_name": "Reader", "title": "Reader"})
        for title in ("a", "b"):
            here.documents.save(ADMIN, "Note", {"title": title})
        yield here, there
        for site in (here, there):
            site.close()


def changing_user(**values: object) -> Change:
    return lambda site, login, _key: site.documents.save(ADMIN, "User", values, name=login)


CHANGES: dict[str, tuple[Change, int, int]] = {
    "a role taken away": (changing_user(roles=[]), 403, 403),
    "a disabled user": (changing_user(enabled=0), 401, 401),
    "a user permission": (changing_user(user_permissions=[{"allow": "Note", "for_value": "b"}]), 403, 403),
    "a new password": (lambda site, login, _key: site.accounts.set_password(login, PASSWORD + "1"), 401, 200),
    "a revoked key": (lambda site, _login, key: site.accounts.revoke_api_key(key, by="Administrator"), 200, 401),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_one_node_takes_away_the_other_honours_no_longer(nodes: tuple[Site, Site], what: str) -> None:
    here, _ = nodes
    change, by_session, by_key = CHANGES[what]
    login = what.replace(" ", "-")
    _add_reader(here, login)
    key, secret = here.accounts.create_api_key(login)
    program = {"Authorization": f"token {key}:{secret}"}
    browsers = [_signed_in(site, login) for site in nodes]
    programs = [create_app(site).test_client() for site in nodes]
    assert [_read(client) for client in browsers] == [200, 200]
    assert [_read(client, program) for client in programs] == [200, 200]

    change(here, login, key)

    assert [_read(client) for client in browsers] == [by_session, by_session]
    assert [_read(client, program) for client in programs] == [by_key, by_key]


def test_signing_out_on_one_node_ends_the_session_on_the_other(nodes: tuple[Site, Site]) -> None:
    here, there = nodes
    _add_reader(here, "leaving")
    token, _ = here.accounts.sign_in("leaving", PASSWORD)
    browser = create_app(there).test_client()
    browser.set_cookie("sid", token)
    assert _read(browser) == 200

    here.accounts.sign_out(token)

    assert _read(browser) == 401


def test_a_share_taken_back_on_one_node_is_over_on_the_other(nodes: tuple[Site, Site]) -> None:
    here, there = nodes
    _add_reader(here, "guest", roles=[])
    here.sharing.share(ADMIN, "Note", "a", "guest")
    browser = _signed_in(there, "guest")
    assert _read(browser) == 200

    here.sharing.unshare(ADMIN, "Note", "a", "guest")

    assert _read(browser) == 403


def _add_reader(site: Site, login: str, roles: Sequence[object] = ({"role": "Reader"},)) -> None:
    site.documents.save(ADMIN, "User", {"login": login, "full_name": login, "enabled": 1, "roles": list(roles)})
    site.accounts.set_password(login, PASSWORD)


def _signed_in(site: Site, login: str) -> FlaskClient:
    client = create_app(site).test_client()
    client.post("/login", data={"login": login, "password": PASSWORD})
    return client


def _read(client: FlaskClient, headers: dict[str, str] | None = None) -> int:
    return client.get("/api/resource/Note/a", headers=headers).status_code
