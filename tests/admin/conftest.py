"""An administrator at the browser, without the browser: a test client that is signed in and sends the page's token."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from admin_people import signed_in
from flask.testing import FlaskClient
from made_once import made_once

from server.access.user import User
from server.core.clock import SettableClock
from server.site import Site, open_site

MONDAY_NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
Post = Callable[..., Any]


@pytest.fixture(scope="session")
def shipped_folder(shipped_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with an administrator and a clerk."""

    def administer(folder: Path) -> None:
        shutil.copytree(shipped_folder, folder, dirs_exist_ok=True)
        site = open_site(folder, clock=SettableClock(MONDAY_NINE), environ={}, embedded_worker=False)
        administrator = User.administrator()
        for login, role in (("root", "System Manager"), ("clerk", "Customer Service")):
            site.documents.save(administrator, "Role", {"role_name": role, "title": role})
            values = {"login": login, "full_name": login.title(), "enabled": 1, "roles": [{"role": role}]}
            site.documents.save(administrator, "User", values)
            site.accounts.set_password(login, "a-good-one")
        site.close()

    return made_once(tmp_path_factory, "administered", administer)


@pytest.fixture
def site(shipped_site: Site) -> Site:
    """The built-in pack, an administrator and a clerk."""
    return shipped_site


@pytest.fixture
def admin(site: Site) -> FlaskClient:
    return signed_in(site, "root")


@pytest.fixture
def post(admin: FlaskClient) -> Post:
    """Post a form of the admin UI with the token that its page carries; `address_of_form` is where the form is sent, if elsewhere."""

    def send(address: str, *, address_of_form: str | None = None, **fields: Any) -> Any:
        page = admin.get(address)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert token is not None, page.text[:400]
        return admin.post(address_of_form or address, data={"csrf_token": token.group(1), **fields})

    return send
