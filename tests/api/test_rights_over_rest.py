"""Who may do what, as REST shows it: sign-in, sessions, keys, CSRF, roles, owners, field levels."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from rest_client import Client, resource
from rest_company import PASSWORD

TICKET = "Repair Ticket"
Code = Callable[[], str]
SignIn = Callable[[str], Client]


# Signing in


def test_signing_in_answers_as_frappe_does(anonymous: Client) -> None:
    reply = anonymous.sign_in("li", PASSWORD)

    assert reply.status == 200
    assert (reply.json["message"], reply.json["full_name"]) == ("Logged In", "李工")
    cookie = reply.headers["set-cookie"]
    assert cookie.startswith("sid=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert anonymous.request("GET", "/api/method/frappe.auth.get_logged_user").json == {"message": "li"}


def test_signing_in_takes_json_too(anonymous: Client) -> None:
    assert anonymous.call("login", usr="li", pwd=PASSWORD).status == 200


@pytest.mark.parametrize(
    "arguments", [{"usr": "li", "pwd": "wrong"}, {"usr": "nobody", "pwd": PASSWORD}, {}, {"usr": ["li"], "pwd": {}}]
)
def test_a_wrong_sign_in_is_refused(anonymous: Client, arguments: dict[str, Any]) -> None:
    refused = anonymous.call("login", **arguments)

    assert refused.status in (401, 417)
    assert "set-cookie" not in refused.headers


def test_too_many_wrong_guesses_answer_429_with_the_time_to_come_back(anonymous: Client) -> None:
    statuses = [anonymous.call("login", usr="guessed", pwd="wrong-guess").status for _ in range(6)]
    refused = anonymous.call("login", usr="guessed", pwd="wrong-guess")

    assert statuses == [401] * 5 + [429]
    assert refused.json["exc_type"] == "RateLimitExceededError"
    assert 0 < int(refused.headers["retry-after"]) <= 901


def test_signing_out_ends_the_session_on_the_server(li: Client) -> None:
    cookie = li.headers["Cookie"]

    li.request("GET", "/api/method/logout")

    li.headers["Cookie"] = cookie
    assert li.list(TICKET).status == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", resource(TICKET)),
        ("GET", resource(TICKET, "x")),
        ("POST", resource(TICKET)),
        ("PUT", resource(TICKET, "x")),
        ("DELETE", resource(TICKET, "x")),
        ("POST", resource(TICKET, "x") + "?run_method=submit"),
        ("GET", "/api/method/frappe.auth.get_logged_user"),
        ("GET", f"/api/method/frappe.client.get_list?doctype={TICKET.replace(' ', '%20')}"),
        ("POST", "/api/method/frappe.client.insert"),
        ("POST", "/api/method/upload_file"),
        ("GET", "/api/method/frappe.utils.print_format.download_pdf"),
        ("GET", resource("No Such DocType")),
    ],
)
def test_nothing_is_open_without_signing_in(anonymous: Client, method: str, path: str) -> None:
    for header in ({}, {"Cookie": "sid=made-up"}):
        anonymous.headers |= header
        refused = anonymous.request(method, path, {} if method in ("POST", "PUT") else None)
        assert (refused.status, refused.json["exc_type"]) == (401, "AuthenticationError")


def test_every_address_of_the_api_is_closed_but_the_public_ones(app: Any, anonymous: Client) -> None:
    """Whatever is added later is found here: each rule and method is asked without signing in."""
    from server.api.methods import TABLE

    public = {"ping", "login", "logout"}
    for name in TABLE:
        statuses = {
            anonymous.request(verb, f"/api/method/{name}", {} if verb == "POST" else None).status for verb in ("GET", "POST")
        }
        assert (statuses <= {401}) != (name in public), name
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/resource"):
            path = rule.rule.replace("<doctype>", "Repair%20Ticket").replace("<path:name>", "x")
            for verb in (rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"}:
                assert anonymous.request(verb, path).status == 401, (verb, path)


# API keys


def test_a_key_acts_as_its_user_without_cookie_or_csrf(port: int, site: Any, code: Code) -> None:
    key, secret = site.accounts.create_api_key("li")
    client = Client(port).use_key(key, secret)

    assert client.create(TICKET, {"code": code(), "subject": "接口"}).data["owner"] == "li"
    basic = base64.b64encode(f"{key}:{secret}".encode()).decode()
    client.headers["Authorization"] = f"Basic {basic}"
    assert client.list(TICKET).status == 200


@pytest.mark.parametrize(
    "header", ["token x:y", "token", "token :", "Basic x", "Basic eDp5", "token " + "a" * 3000 + ":b", "token 中文：b"]
)
def test_a_wrong_key_is_refused_even_beside_a_good_cookie(li: Client, header: str) -> None:
    li.headers["Authorization"] = header.encode().decode("latin-1")

    assert li.list(TICKET).status == 401


# CSRF


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", resource(TICKET)),
        ("PUT", resource(TICKET, "x")),
        ("DELETE", resource(TICKET, "x")),
        ("POST", "/api/method/frappe.client.insert"),
        ("POST", "/api/method/upload_file"),
        ("POST", "/api/method/frappe.client.get_list"),
        ("POST", "/page"),
    ],
)
def test_a_change_by_cookie_needs_the_sessions_csrf_token(li: Client, zhao: Client, method: str, path: str) -> None:
    for token in (None, "", "wrong", zhao.headers["X-Frappe-CSRF-Token"]):
        li.headers.pop("X-Frappe-CSRF-Token", None)
        if token is not None:
            li.headers["X-Frappe-CSRF-Token"] = token
        refused = li.request(method, path, {})
        assert (refused.status, refused.json["exc_type"]) == (403, "CSRFTokenError")


def test_the_token_may_come_as_header_or_form_field(li: Client) -> None:
    token = li.headers.pop("X-Frappe-CSRF-Token")

    assert li.request("POST", "/page", f"csrf_token={token}", Content_Type="application/x-www-form-urlencoded").status == 200
    assert li.request("POST", "/page", "", X_CSRF_Token=token).status == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}])
def test_a_page_of_another_site_can_change_nothing_not_even_sign_in(
    li: Client, anonymous: Client, headers: dict[str, str]
) -> None:
    li.headers |= headers
    assert li.create(TICKET, {"code": "x", "subject": "x"}).status == 403
    anonymous.headers |= headers
    assert anonymous.call("login", usr="li", pwd=PASSWORD).status == 403


def test_a_link_can_change_nothing(li: Client, code: Code) -> None:
    name = li.create(TICKET, {"code": code(), "subject": "x"}).data["name"]

    for method, query in (
        ("frappe.client.delete", f"doctype=Repair%20Ticket&name={name}"),
        ("frappe.client.set_value", f"doctype=Repair%20Ticket&name={name}&fieldname=subject&value=y"),
        ("frappe.client.submit", f"doctype=Repair%20Ticket&name={name}"),
        ("login", "usr=li&pwd=x"),
    ):
        assert li.request("GET", f"/api/method/{method}?{query}").status == 405
    assert li.get(TICKET, name).data["subject"] == "x"


# Roles, owners, levels


def test_who_has_no_role_for_it_is_told_who_has(signed_in: SignIn, code: Code) -> None:
    outsider, sysadmin = signed_in("outsider"), signed_in("sysadmin")

    for client in (outsider, sysadmin):
        refused = client.list(TICKET)
        assert (refused.status, refused.json["exc_type"]) == (403, "PermissionError")
        assert "Repair Manager" in refused.json["message"]
        assert client.create(TICKET, {"code": code(), "subject": "x"}).status == 403


def test_another_persons_record_is_neither_listed_nor_read_nor_written(li: Client, signed_in: SignIn, code: Code) -> None:
    name = li.create(TICKET, {"code": code(), "subject": "李工的"}).data["name"]
    wang = signed_in("wang")

    assert name not in [row["name"] for row in wang.list(TICKET, limit=0).data]
    assert wang.get(TICKET, name).status == 403
    assert wang.update(TICKET, name, {"subject": "改"}).status == 403
    assert wang.delete(TICKET, name).status == 403
    assert wang.request("POST", resource(TICKET, name), {"run_method": "submit"}).status == 403
    assert wang.call("frappe.client.get", doctype=TICKET, name=name).status == 403
    assert wang.call("frappe.client.set_value", doctype=TICKET, name=name, fieldname="owner", value="wang").status == 403
    assert li.get(TICKET, name).data["subject"] == "李工的"


def test_a_reader_may_only_read(zhao: Client, signed_in: SignIn, code: Code) -> None:
    name = zhao.create(TICKET, {"code": code(), "subject": "x"}).data["name"]
    sun = signed_in("sun")

    assert sun.get(TICKET, name).status == 200
    assert sun.update(TICKET, name, {"subject": "y"}).status == 403
    assert sun.delete(TICKET, name).status == 403
    assert sun.create(TICKET, {"code": code(), "subject": "x"}).status == 403


def test_a_field_of_a_higher_level_is_hidden_and_cannot_be_written(li: Client, zhao: Client, code: Code) -> None:
    name = li.create(TICKET, {"code": code(), "subject": "x"}).data["name"]
    assert zhao.update(TICKET, name, {"margin": 12.5}).data["margin"] == 12.5

    assert "margin" not in li.get(TICKET, name).data
    assert "margin" not in li.list(TICKET, fields=["*"], filters=[["name", "=", name]]).data[0]
    for refused in (li.update(TICKET, name, {"margin": 99}), li.create(TICKET, {"code": code(), "subject": "x", "margin": 1})):
        assert refused.status == 403
        assert refused.json["faults"][0]["where"] == "margin"
    assert zhao.get(TICKET, name).data["margin"] == 12.5


def test_a_search_finds_nothing_by_words_of_a_hidden_field(li: Client, zhao: Client, code: Code) -> None:
    name = li.create(TICKET, {"code": code(), "subject": "x"}).data["name"]
    zhao.update(TICKET, name, {"rating": f"bad-payer-{name}"})
    search = {"doctype": TICKET, "txt": f"bad-payer-{name}"}

    assert [item["value"] for item in zhao.call("frappe.desk.search.search_link", **search).data] == [name]
    assert li.call("frappe.desk.search.search_link", **search).data == []


def test_a_stale_save_does_not_tell_hidden_fields(li: Client, zhao: Client, code: Code) -> None:
    name = li.create(TICKET, {"code": code(), "subject": "x"}).data["name"]
    zhao.update(TICKET, name, {"margin": 12.5})

    refused = li.update(TICKET, name, {"subject": "y", "version": 1})

    assert refused.status == 409
    assert "margin" not in refused.body.decode()


def test_nobody_gives_themselves_a_role(li: Client, site: Any) -> None:
    for values in ({"roles": [{"role": "Repair Manager"}]}, {"enabled": 0}, {"full_name": "x"}):
        assert li.update("User", "li", values).status == 403
    assert li.create("User", {"login": "new", "full_name": "x", "roles": [{"role": "System Manager"}]}).status == 403
    assert site.user("li").roles == {"Repairer", "All"}


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(signed_in: SignIn, site: Any) -> None:
    administrator = site.user("Administrator")
    values = {"login": "brief", "full_name": "短期", "enabled": 1, "language": "zh", "roles": [{"role": "Repair Viewer"}]}
    if "brief" not in [row["name"] for row in site.queries.list(administrator, "User", limit=100).rows]:
        site.documents.save(administrator, "User", values)
        site.accounts.set_password("brief", PASSWORD)
    site.documents.save(administrator, "User", values | {"roles": [{"role": "Repair Viewer"}]}, name="brief")
    client = signed_in("brief")
    assert client.list(TICKET).status == 200

    site.documents.save(administrator, "User", {"roles": []}, name="brief")
    assert client.list(TICKET).status == 403
    site.documents.save(administrator, "User", {"enabled": 0}, name="brief")
    assert client.list(TICKET).status == 401
    site.documents.save(administrator, "User", {"enabled": 1}, name="brief")
