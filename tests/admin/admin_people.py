"""Signing in for the tests of the admin UI."""

from __future__ import annotations

from flask.testing import FlaskClient

from server.app import create_app
from server.site import Site


def signed_in(site: Site, login: str) -> FlaskClient:
    client = create_app(site).test_client()
    client.set_cookie("language", "en")
    assert client.post("/login", data={"login": login, "password": "a-good-one"}).status_code == 303
    return client
