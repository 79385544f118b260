"""A plain HTTP client, as a program in any language would be one: http.client and JSON, nothing of the server's code."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        assert self.status < 300, (self.status, self.body[:600].decode())
        found = self.json
        return found["data"] if "data" in found else found["message"]


class Client:
    """Keeps one connection, the cookie and the CSRF token of a session."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.headers: dict[str, str] = {"Accept": "application/json"}
        self.csrf = ""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request; an object as body becomes JSON. Header names are given with underscores."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, dict | list):
            body = json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
        except (http.client.HTTPException, ConnectionError):  # the server closed the kept connection
            self._connection.close()
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
        return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())

    def sign_in(self, login: str, password: str) -> Reply:
        body = urlencode({"usr": login, "pwd": password})
        reply = self.request("POST", "/api/method/login", body, Content_Type="application/x-www-form-urlencoded")
        if reply.status == 200:
            self.headers["Cookie"] = reply.headers["set-cookie"].split(";", 1)[0]
            self.headers["X-Frappe-CSRF-Token"] = reply.json["csrf_token"]
        return reply

    def use_key(self, key: str, secret: str) -> Client:
        self.headers["Authorization"] = f"token {key}:{secret}"
        return self

    # Shorthands

    def list(self, doctype: str, **arguments: Any) -> Reply:
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}
        return self.request("GET", f"{resource(doctype)}?{urlencode(texts)}")

    def get(self, doctype: str, name: str) -> Reply:
        return self.request("GET", resource(doctype, name))

    def create(self, doctype: str, values: dict[str, Any], **headers: str) -> Reply:
        return self.request("POST", resource(doctype), values, **headers)

    def update(self, doctype: str, name: str, values: dict[str, Any]) -> Reply:
        return self.request("PUT", resource(doctype, name), values)

    def delete(self, doctype: str, name: str) -> Reply:
        return self.request("DELETE", resource(doctype, name))

    def call(self, method: str, /, **arguments: Any) -> Reply:
        return self.request("POST", f"/api/method/{method}", arguments)


def resource(doctype: str, name: str | None = None) -> str:
    """The address of records, percent-encoded as clients do, slashes included."""
    found = "/api/resource/" + quote(doctype, safe="")
    return found if name is None else f"{found}/{quote(name, safe='')}"
