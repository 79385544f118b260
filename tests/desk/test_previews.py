"""The glimpse of a record shows what its reader may see of it, and nothing to others."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from server.access.permissions import Permissions
from server.access.user import User
from server.site import Site


def test_a_glimpse_has_title_and_main_fields_as_the_reader_sees_them(signed_in: FlaskClient, site: Site, li: User) -> None:
    values = {"tool": "深度尺", "kind": "Gauge", "qty": "2", "borrower": "li", "price": "800"}
    name = site.documents.save(User.administrator(), "Tool Loan", values).name

    found = signed_in.get(f"/preview/Tool%20Loan/{name}").get_json()

    assert (found["title"], found["note"]) == ("深度尺", f"工具借用单 {name}")
    assert found["fields"] == [["类别", "量具"], ["借用人", "李工"], ["数量", "2"]]


@pytest.mark.parametrize("address", ["/preview", "/print-pages"])
def test_whoever_may_not_read_a_record_sees_neither_it_nor_its_paper(
    signed_in: FlaskClient, monkeypatch: pytest.MonkeyPatch, site: Site, address: str
) -> None:
    name = site.documents.save(User.administrator(), "Tool Loan", {"tool": "高度尺"}).name
    monkeypatch.setattr(Permissions, "may", lambda *_: False)

    answer = signed_in.get(f"{address}/Tool%20Loan/{name}", headers={"Accept": "application/json"})

    assert (answer.status_code, {"fields", "pages"} & set(answer.get_json())) == (403, set())
