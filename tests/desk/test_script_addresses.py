"""Under which addresses the scripts of a page import each other."""

from __future__ import annotations

import json
import re

from flask.testing import FlaskClient


def test_scripts_import_each_other_under_their_versions(visitor: FlaskClient) -> None:
    page = visitor.get("/login", headers={"Accept": "text/html"})
    found = re.search(r'<script type="importmap" nonce="([^"]+)">(.*?)</script>', page.text)
    assert found

    imports = json.loads(found[2])["imports"]

    for name in ("form-grid.js", "expressions.js"):
        assert re.fullmatch(rf"/static/guiju/{name}\?v=[0-9a-f]{{10}}", imports[f"/static/guiju/{name}"])
    policy = page.headers["Content-Security-Policy"]
    assert f"'nonce-{found[1]}'" in policy
    assert "unsafe-inline" not in policy
