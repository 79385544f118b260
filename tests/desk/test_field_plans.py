"""The plans of fields: what they say is what the macro says, letter by letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from every_type import SITE_VISIT, SITE_VISIT_SYMPTOM, SYMPTOM

from server.access.user import User
from server.app import create_app
from server.desk.form_page import FormPage
from server.site import Site

ADMIN = User.administrator()
CARD: dict[str, object] = {
    "doctype": "DocType", "name": "Machine Card", "autoname": "prompt",
    "fields": [
        {"fieldname": "title", "fieldtype": "Data", "reqd": 1, "description": "a \"hint\" & more", "label": "Title <b>"},
        {"fieldname": "state", "fieldtype": "Select", "options": "Open\nClosed"}, {"fieldname": "done", "fieldtype": "Check", "source": ["T1"]},
        {"fieldname": "cost", "fieldtype": "Currency", "source": ["T1"]}, {"fieldname": "tax", "fieldtype": "Currency", "formula": "cost * 0.13"},
        {"fieldname": "note", "fieldtype": "Small Text", "placeholder": "words"}, {"fieldname": "day", "fieldtype": "Date"},
        {"fieldname": "at", "fieldtype": "Datetime"}, {"fieldname": "site", "fieldtype": "Data", "options": "URL", "read_only": 1},
        {"fieldname": "kind", "fieldtype": "Link", "options": "Symptom"},
        {"fieldname": "kind_read", "fieldtype": "Link", "options": "Symptom", "read_only": 1},
        {"fieldname": "done_read", "fieldtype": "Check", "read_only": 1},
    ],
    "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
FULL = {
    "title": 'a "quoted" <i> & \'more\'', "state": "Closed", "done": 1, "cost": "12.50", "note": "first\n<second>", "day": "2026-03-01",
    "at": "2026-03-01T01:00:00Z", "site": "https://example.com/?a=1&b=2", "kind": "噪声 / 100%", "kind_read": "噪声 / 100%", "done_read": 1,
}  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_planned_form_is_the_form_that_the_macro_renders(
    shipped_site: Site, publish: Callable[..., int], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    site = shipped_site
    publish(site, SYMPTOM, SITE_VISIT_SYMPTOM, SITE_VISIT, CARD)
    site.documents.save(ADMIN, "Symptom", {"title": "噪声 / 100%"})
    site.documents.save(ADMIN, "Procedure", {"code": "T", "title": "Tests"})
    site.documents.save(ADMIN, "Clause", {"code": "T1", "document": "T", "text": "不超过 <1> & 2"})
    for name, values in (("full", FULL), ("empty", {"title": "only"})):
        site.documents.save(ADMIN, "Machine Card", values | {"name": name})
    site.documents.save(ADMIN, "Site Visit", {"name": "V1", "phone": "+86-13800000000", "mail": "a@b.cn", "shop": "机加车间"})
    site.documents.save(ADMIN, "Role", {"role_name": "System Manager", "title": "System Manager"})
    site.documents.save(ADMIN, "User", {"login": "xu", "full_name": "Xu", "enabled": 1, "roles": [{"role": "System Manager"}]})
    site.accounts.set_password("xu", "a-good-password")
    browser = create_app(site).test_client()
    browser.post("/login", data={"login": "xu", "password": "a-good-password"})
    browser.set_cookie("language", language)
    laid = FormPage.laid
    plans: list[Any] = []

    def noted(page: FormPage, item: Any) -> Any:
        found = laid(page, item)
        plans.append(found)
        return found

    for path in ("/form/Machine Card/full", "/form/Machine Card/empty", "/form/Site Visit/V1"):
        shown = []
        for way in (noted, noted, lambda _page, _item: None):  # made, taken again, by the macro
            monkeypatch.setattr(FormPage, "laid", way)
            shown.append(re.sub(r'name="_key" value="\w+"|nonce="[^"]+"', "", browser.get(path).text))
        assert shown[0] == shown[1] == shown[2]
        if path.endswith("empty"):  # a dash is no number
            assert '<output class="reading number nothing" id="f-tax">—</output>' in shown[0]
    assert sum(plan is not None for plan in plans) > 40
    assert sum("不超过 &lt;1&gt; &amp; 2" in plan for plan in plans if plan is not None) == 8  # the `?` of two fields
