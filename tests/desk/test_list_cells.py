"""One cell of a list changed in place: by the service, over the version that was read, with refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from server.access.user import User
from server.site import Site


@pytest.fixture
def csrf(signed_in: FlaskClient) -> dict[str, str]:
    token = signed_in.get("/list/Tool%20Loan?view=").text.split('name="csrf_token" value="')[1].split('"')[0]
    return {"X-CSRF-Token": token, "Accept": "application/json"}


def sent(client: FlaskClient, headers: dict[str, str], name: str, **form: Any) -> Any:
    return client.post(f"/cell/Tool%20Loan/{name}", data=form, headers=headers)


def test_a_cell_is_saved_and_the_row_shown_anew(
    site: Site, li: User, signed_in: FlaskClient, csrf: dict[str, str], lends: Callable[..., str]
) -> None:
    name = lends(kind="Gauge", qty=1)
    begun = signed_in.get(f"/cell/Tool%20Loan/{name}?field=kind").json

    answer = sent(signed_in, csrf, name, field="kind", value="Cutter", version=begun["version"], cols="tool,kind,qty")

    assert (begun["value"], answer.json["cells"]) == ("Gauge", {"tool": "外径千分尺", "kind": "刀具", "qty": "1"})
    assert site.documents.load(li, "Tool Loan", name)["kind"] == "Cutter"


def test_what_is_not_valid_or_not_the_version_read_is_refused_and_nothing_saved(
    site: Site, li: User, signed_in: FlaskClient, csrf: dict[str, str], lends: Callable[..., str]
) -> None:
    name = lends(qty=1)

    bad = sent(signed_in, csrf, name, field="qty", value="many", version=1)
    stale = sent(
        signed_in,
        csrf,
        name,
        field="qty",
        value="2",
        version=site.documents.save(li, "Tool Loan", {"qty": 3}, name=name).record["version"] - 1,
    )

    assert "数量" in bad.json["faults"][0]["message"]
    assert (stale.status_code, site.documents.load(li, "Tool Loan", name)["qty"]) == (409, 3)


@pytest.mark.parametrize("field", ["price", "mark", "parts", "owner", "nothing"])
def test_a_field_that_one_may_not_change_does_not_open(
    signed_in: FlaskClient, csrf: dict[str, str], lends: Callable[..., str], field: str
) -> None:
    name = lends()

    assert signed_in.get(f"/cell/Tool%20Loan/{name}?field={field}", headers=csrf).status_code == 417
    assert sent(signed_in, csrf, name, field=field, value="9", version=1).status_code == 417


def test_a_submitted_record_does_not_open(signed_in: FlaskClient, csrf: dict[str, str], scraps: Callable[..., str]) -> None:
    assert signed_in.get(f"/cell/Tool%20Scrapping/{scraps()}?field=tool", headers=csrf).status_code == 417
