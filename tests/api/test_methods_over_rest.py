"""`frappe.client.*`, files, prints, health, as Frappe's clients call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from rest_client import Client, resource

TICKET = "Repair Ticket"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
                    "0000000049454e44ae426082")  # fmt: skip
Code = Callable[[], str]


def test_ping_and_health_answer_everybody(anonymous: Client) -> None:
    assert anonymous.request("GET", "/api/method/ping").json == {"message": "pong"}
    health = anonymous.request("GET", "/health")
    assert (health.status, health.json["status"], health.json["database"]) == (200, "ready", "reachable")


def test_a_records_life_by_method_calls(li: Client, code: Code) -> None:
    name = code()
    made = li.call("frappe.client.insert", doc={"doctype": TICKET, "code": name, "subject": "一"}).data
    assert made["name"] == name

    saved = li.call("frappe.client.save", doc=made | {"subject": "二"}).data
    assert (saved["subject"], saved["version"]) == ("二", 2)
    assert (
        li.call("frappe.client.set_value", doctype=TICKET, name=name, fieldname="subject", value="三").data["subject"] == "三"
    )
    several = li.call("frappe.client.set_value", doctype=TICKET, name=name, fieldname={"subject": "四", "note": "注"}).data
    assert (several["subject"], several["note"]) == ("四", "注")

    assert li.call("frappe.client.get", doctype=TICKET, name=name).data == several
    assert li.call("frappe.client.get", doctype=TICKET, filters={"code": name}).data == several
    assert li.call("frappe.client.get_value", doctype=TICKET, fieldname=["subject", "note"], filters={"code": name}).data == {
        "subject": "四", "note": "注",
    }  # fmt: skip

    assert li.call("frappe.client.submit", doc=several).data["docstatus"] == 1
    assert li.call("frappe.client.cancel", doctype=TICKET, name=name, reason="填错").data["docstatus"] == 2


def test_documents_may_come_as_json_in_a_text(li: Client, code: Code) -> None:
    doc = f'{{"doctype": "{TICKET}", "code": "{code()}", "subject": "一"}}'

    assert li.call("frappe.client.insert", doc=doc).status == 200
    form = urlencode({"doc": doc.replace("RT-", "RU-")})
    made = li.request("POST", "/api/method/frappe.client.insert", form, Content_Type="application/x-www-form-urlencoded")
    assert made.status == 200


def test_a_stale_save_by_method_answers_409(li: Client, zhao: Client, code: Code) -> None:
    made = li.call("frappe.client.insert", doc={"doctype": TICKET, "code": code(), "subject": "一"}).data
    zhao.update(TICKET, made["name"], {"note": "别人"})

    assert li.call("frappe.client.save", doc=made | {"subject": "二"}).status == 409


def test_deleting_by_method(li: Client, code: Code) -> None:
    name = li.create(TICKET, {"code": code(), "subject": "x"}).data["name"]

    assert li.call("frappe.client.delete", doctype=TICKET, name=name).status == 200
    assert li.get(TICKET, name).status == 404


def test_renaming_by_method(li: Client, code: Code) -> None:
    old, new = code(), code()
    li.create(TICKET, {"code": old, "subject": "x"})

    assert li.call("frappe.client.rename_doc", doctype=TICKET, old_name=old, new_name=new, merge=False).data == new
    assert (li.get(TICKET, old).status, li.get(TICKET, new).data["code"]) == (404, new)
    refused = li.call("frappe.client.rename_doc", doctype=TICKET, old_name=new, new_name=code(), merge=True)
    assert (refused.status, refused.json["faults"][0]["where"]) == (417, "merge")


def test_many_at_once_give_their_names_in_order(li: Client, code: Code) -> None:
    codes = [code() for _ in range(5)]

    names = li.call(
        "frappe.client.insert_many", docs=[{"doctype": TICKET, "code": item, "subject": "x"} for item in codes]
    ).data

    assert names == codes


def test_a_refused_record_among_many_is_told_by_its_number(li: Client, code: Code) -> None:
    docs = [{"doctype": TICKET, "code": code(), "subject": "x"}, {"doctype": TICKET, "code": code()}]

    refused = li.call("frappe.client.insert_many", docs=docs)

    assert refused.status == 417
    assert refused.json["message"].startswith("第 2 条未保存")
    assert refused.json["faults"][0]["where"] == "subject"


@pytest.mark.parametrize("docs", [None, "x", {}, [1], [{"doctype": TICKET}] * 201, [{"subject": "x"}]], ids=range(6))
def test_what_is_no_list_of_records_is_refused(li: Client, docs: Any) -> None:
    assert li.call("frappe.client.insert_many", docs=docs).status == 417


def test_an_unknown_method_answers_404_with_the_nearest(li: Client) -> None:
    refused = li.call("frappe.client.get_lists")

    assert refused.status == 404
    assert "frappe.client.get_list" in refused.json["message"]


@pytest.mark.parametrize("name", ["os.system", "server.site.open_site", "__class__", "..%2f..%2fetc", "frappe.client"])
def test_no_python_name_can_be_called(li: Client, name: str) -> None:
    assert li.call(name).status == 404


# Files and prints


def _multipart(filename: str, content: bytes, **fields: str) -> tuple[bytes, str]:
    boundary = "----a-boundary-of-this-test"
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: image/png\r\n\r\n'
    )
    return "".join(
        parts
    ).encode() + head.encode() + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def test_a_file_is_kept_and_answered_as_frappe_does(li: Client) -> None:
    body, kind = _multipart("现场照片.png", PNG, is_private="1")

    kept = li.request("POST", "/api/method/upload_file", body, Content_Type=kind).data

    assert (kept["file_name"], kept["is_private"]) == ("现场照片.png", 1)
    assert kept["file_url"] == f"/files/{kept['name']}/现场照片.png"


def test_a_file_that_is_not_what_its_name_says_is_refused(li: Client) -> None:
    body, kind = _multipart("photo.png", b"MZ an executable")

    refused = li.request("POST", "/api/method/upload_file", body, Content_Type=kind)

    assert refused.status == 417
    assert refused.json["faults"][0]["where"] == "file"


def test_an_upload_without_file_is_refused(li: Client) -> None:
    assert li.call("upload_file").status == 417


def test_a_print_is_a_pdf_for_who_may_print(li: Client, signed_in: Callable[[str], Client], code: Code) -> None:
    name = f"打印 {code()}"
    li.create(TICKET, {"code": name, "subject": "主轴异响"})
    query = urlencode({"doctype": TICKET, "name": name, "format": "Standard"})

    printed = li.request("GET", f"/api/method/frappe.utils.print_format.download_pdf?{query}")

    assert (printed.status, printed.headers["content-type"]) == (200, "application/pdf")
    assert printed.body.startswith(b"%PDF")
    assert quote(f"{name}.pdf") in printed.headers["content-disposition"]
    assert signed_in("sun").request("GET", f"/api/method/frappe.utils.print_format.download_pdf?{query}").status == 403
    assert signed_in("wang").request("GET", f"/api/method/frappe.utils.print_format.download_pdf?{query}").status == 403


# Size


def test_a_request_past_the_limit_answers_413_in_words(li: Client, code: Code) -> None:
    refused = li.create(TICKET, {"code": code(), "subject": "x", "note": "长" * 800_000})

    assert (refused.status, refused.json["exc_type"]) == (413, "RequestEntityTooLarge")
    assert "MB" in refused.json["message"]


def test_a_body_that_hides_its_length_is_cut_off_too(li: Client) -> None:
    chunks = (b'{"note": "' + b"x" * 65_536 for _ in range(40))

    li.headers["Content-Type"] = "application/json"
    refused = li.request("POST", resource(TICKET), chunks)

    assert refused.status == 413


def test_many_records_by_one_call(li: Client, code: Code) -> None:
    names = [
        li.call("frappe.client.insert", doc={"doctype": TICKET, "code": code(), "subject": "一"}).data["name"] for _ in "ab"
    ]
    bulk = "frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs"

    refused = li.call(bulk, doctype=TICKET, docnames=[*names, "nobody"], action="update", data={"subject": "二"}).data

    assert refused == ["nobody"]
    assert [li.call("frappe.client.get", doctype=TICKET, name=name).data["subject"] for name in names] == ["二", "二"]
    for wrong in ({"docnames": "x"}, {"docnames": names, "action": "burn"}, {"docnames": names, "action": "update", "data": 1}):
        assert li.call(bulk, doctype=TICKET, **wrong).status == 417
