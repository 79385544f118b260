"""Comments, followers, assignments and tags in Frappe's words, and that nobody reaches them beside a record they may not read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_client import Client

FORM, TAG = "frappe.desk.form", "frappe.desk.doctype.tag.tag"
CLIENTS = Callable[[str], Client]


@pytest.fixture
def ticket(zhao: Client, code: Callable[[], str]) -> str:
    name: str = zhao.create("Repair Ticket", {"code": code(), "subject": "noise"}).data["name"]
    return name


def test_one_record_from_comment_to_done(zhao: Client, signed_in: CLIENTS, ticket: str) -> None:
    sun = signed_in("sun")
    about = {"doctype": "Repair Ticket", "name": ticket}
    said = sun.call(
        f"{FORM}.utils.add_comment", reference_doctype="Repair Ticket", reference_name=ticket, content="look @zhao"
    ).data
    assert (said["comment_email"], said["content"]) == ("sun", "look @zhao")
    sun.call(f"{FORM}.utils.update_comment", name=said["name"], content="look again @zhao")
    assert zhao.call(f"{FORM}.utils.update_comment", name=said["name"], content="x").status == 403
    assert [item["content"] for item in zhao.call("guiju.comment.get_list", **about).data] == ["look again @zhao"]
    offered = sun.call("frappe.desk.search.get_names_for_mentions", **about, search_term="zh").data
    assert offered == [{"id": "zhao", "value": "赵敏"}]
    assert sun.call("guiju.comment.remove", name=said["name"]).status == 200

    sun.call(f"{FORM}.document_follow.follow_document", doctype="Repair Ticket", doc_name=ticket)
    followed = zhao.call(f"{FORM}.document_follow.get_follow_users", doctype="Repair Ticket", doc_name=ticket).data
    assert [item["user"] for item in followed] == ["sun"]

    given = zhao.call(f"{FORM}.assign_to.add", **about, assign_to=["sun"], description="call", date="2026-06-20").data
    assert [(item["owner"], item["description"], item["date"][:10]) for item in given] == [("sun", "call", "2026-06-20")]
    assert zhao.call(f"{FORM}.assign_to.close", **about, assign_to="sun").status == 403
    assert sun.call(f"{FORM}.assign_to.close", **about, assign_to="sun").data == []


def test_tags_filter_lists_and_many_are_done_at_once(zhao: Client, li: Client, ticket: str, code: Callable[[], str]) -> None:
    other = zhao.create("Repair Ticket", {"code": code(), "subject": "hum"}).data["name"]
    word = code()
    outcome = zhao.call(f"{TAG}.add_tags", dt="Repair Ticket", docs=[ticket, other, "nowhere"], tags=[word]).data
    assert outcome["done"] == [ticket, other]
    assert [item["name"] for item in outcome["refused"]] == ["nowhere"]
    found = zhao.list("Repair Ticket", filters=[["_user_tags", "=", word]]).data
    assert sorted(item["name"] for item in found) == sorted([ticket, other])
    assert li.list("Repair Ticket", filters=[["_user_tags", "=", word]]).data == []
    zhao.call(f"{TAG}.remove_tag", tag=word, dt="Repair Ticket", dn=other)
    assert zhao.call(f"{TAG}.get_tags", doctype="Repair Ticket", name=other).data == []
    done = zhao.call(f"{FORM}.assign_to.add_multiple", doctype="Repair Ticket", name=[ticket, other], assign_to=["sun"]).data
    assert done["done"] == [ticket, other]


def test_who_may_not_read_the_record_reaches_nothing_beside_it(li: Client, ticket: str) -> None:
    about = {"doctype": "Repair Ticket", "name": ticket}
    calls = {
        f"{FORM}.utils.add_comment": {"reference_doctype": "Repair Ticket", "reference_name": ticket, "content": "x"},
        "guiju.comment.get_list": about, "frappe.desk.search.get_names_for_mentions": about,
        f"{FORM}.document_follow.follow_document": {"doctype": "Repair Ticket", "doc_name": ticket},
        f"{FORM}.document_follow.get_follow_users": {"doctype": "Repair Ticket", "doc_name": ticket},
        f"{FORM}.assign_to.add": {**about, "assign_to": ["li"]}, f"{FORM}.assign_to.get": about,
        f"{TAG}.add_tag": {"tag": "x", "dt": "Repair Ticket", "dn": ticket}, f"{TAG}.get_tags": about,
    }  # fmt: skip
    assert {name: li.call(name, **arguments).status for name, arguments in calls.items()} == dict.fromkeys(calls, 403)
