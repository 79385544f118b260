"""People talk, tag and assign beside a record without losing what they type into it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.access.user import User
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()


@pytest.mark.parametrize(("width", "language"), [(1440, "zh"), (390, "en")])
def test_a_comment_mentions_a_colleague_while_the_form_keeps_what_was_typed(
    site: Site, signed_in: SignIn, width: int, language: str
) -> None:
    ticket = site.queries.list(ADMIN, "Service Ticket", fields=["name"], limit=1).rows[0]["name"]
    desk = signed_in("wangfang", width=width, language=language).opens("Service Ticket", ticket)
    page, word = desk.page, f"tag {width}"
    page.locator("#f-reporter").fill("somebody else")

    page.locator("[name=_comment]").press_sequentially("look @chenj")
    expect(page.locator(".mention-choices li")).to_have_count(1)
    page.locator("[name=_comment]").press("Enter")
    expect(page.locator("[name=_comment]")).to_have_value("look @chenjing ")
    page.locator("button[value=comment]").click()
    expect(page.locator(".is-comment").first).to_contain_text("look @陈静")

    page.locator("[name=_tag]").fill(word)
    page.locator("[name=_tag]").press("Enter")
    expect(page.locator(".tag-words li").filter(has_text=word)).to_have_count(1)
    page.locator(".together-assign summary").click()
    page.locator("[name=_person]").fill("nobody-here")
    page.locator("button[value=assign]").click()
    expect(page.locator("#together [data-beside-error]")).to_contain_text("nobody-here")
    expect(page.locator("#f-reporter")).to_have_value("somebody else")
    assert desk.runs_out == []

    site.worker.run_once()
    assert any("look @陈静" in item.title.en for item in site.told.notifications(site.user("chenjing")))
    found = site.queries.list(site.user("wangfang"), "Service Ticket", filters=[("_user_tags", "=", word)]).rows
    assert [row["name"] for row in found] == [ticket]


DROP = """([place, name, type]) => {
  const given = new DataTransfer();
  given.items.add(new File([Uint8Array.from(atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="), (c) => c.charCodeAt(0))], name, { type }));
  const at = document.querySelector(place);
  for (const kind of ["dragover", "drop"]) at.dispatchEvent(new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true }));
}"""


def test_files_dropped_on_the_form_lie_beside_the_record_or_in_the_field_they_fell_on(site: Site, signed_in: SignIn) -> None:
    ticket = site.queries.list(
        ADMIN, "Service Ticket", fields=["name"], filters=[("fault_photo", "is", "not set")], limit=1
    ).rows[0]
    desk = signed_in("wangfang").opens("Service Ticket", ticket["name"])
    page = desk.page

    page.evaluate(DROP, ["h1", "beside.png", "image/png"])
    expect(page.locator(".file-list li")).to_have_count(1)
    expect(page.locator(".file-list img")).to_have_js_property("naturalWidth", 1)

    page.evaluate(DROP, ["[data-field=fault_photo] [data-attachment]", "in the field.png", "image/png"])
    expect(page.locator("[data-field=fault_photo] [data-clear]")).to_be_visible()
    expect(page.locator(".file-list li")).to_have_count(1)

    page.locator(".file-list button").click()
    expect(page.locator(".file-list li")).to_have_count(0)


@pytest.mark.parametrize(("width", "language", "more"), [(1440, "zh", "更早的记录"), (390, "en", "Earlier entries")])
def test_what_few_look_at_comes_when_somebody_asks(site: Site, signed_in: SignIn, width: int, language: str, more: str) -> None:
    """Earlier versions of a record that was changed often, rules that did not match, the tags that there are."""
    ticket = site.queries.list(ADMIN, "Service Ticket", fields=["name"], limit=1).rows[0]["name"]
    chenjing = site.user("chenjing")
    site.comments.add(chenjing, "Service Ticket", ticket, f"said at the beginning {width}")
    for number in range(25):
        record = site.documents.load(ADMIN, "Service Ticket", ticket)
        site.documents.save(
            ADMIN, "Service Ticket", {"reporter": f"caller {width} {number}"}, name=ticket, version=record["version"]
        )
    desk = signed_in("wangfang", width=width, language=language).opens("Service Ticket", ticket)
    page, talk = desk.page, desk.page.locator("#talk")

    expect(talk.locator(".timeline > li")).to_have_count(21)  # the newest, and what leads on
    expect(talk).not_to_contain_text(f"said at the beginning {width}")
    talk.get_by_role("link", name=more).click()
    expect(talk).to_contain_text(f"said at the beginning {width}")
    expect(talk.locator(".timeline > li").nth(20)).to_contain_text(f"caller {width} 4")
    expect(talk.locator(".timeline > li").nth(20).locator(":focus")).to_have_count(1)  # the keyboard goes on from there

    others = page.locator(".why-others")
    others.locator(":scope > summary").click()
    expect(others.locator(".why-rule.is-quiet").first).to_be_visible()
    assert desk.runs_out == []

    page.locator("[name=_tag]").focus()
    expect(page.locator("#tag-words option").first).to_be_attached()
