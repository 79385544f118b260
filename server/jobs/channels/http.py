"""One guarded HTTP POST: what channels that speak HTTP share.

The address is typed by an administrator, so it could be made to reach what only this server can reach (a database, a cloud's
metadata service). Private, local and reserved addresses are refused unless the setting `private_hosts` names them; the address
that was checked is the one connected to, and redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ...core.text import Text
from . import deadline
from .base import TIMEOUT_SECONDS

MAX_ANSWER_BYTES = 64 * 1024
TRANSLATED = tuple(
    map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96"))
)  # the last 32 bits are an IPv4 address


class HostRefused(Exception):
    """The address may not be called from this site; `text` says why."""

    def __init__(self, host: str, address: str) -> None:
        self.text = Text(
            f"{host} 的地址是 {address}，属于内网；站点设置 private_hosts 没有允许它。",
            f"{host} is {address}, an address inside the network; the setting private_hosts does not allow it.",
        )
        super().__init__(self.text.en)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: str
    headers: Mapping[str, str]

    def json(self) -> dict[str, Any]:
        """The body as an object; empty when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def url_fault(url: str) -> str | None:
    """Why a text is no address that can be posted to; None when it is one."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return str(error)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "http:// or https://"
    if parts.username or parts.password:
        return "user:password@"
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        return "spaces"
    return None if port != 0 else ":0"


def post(url: str, body: bytes, headers: Mapping[str, str], private_hosts: Sequence[str] = ()) -> Answer:
    """POST and read the answer, bounded in time and size.

    Raises HostRefused, OSError (which a timeout and a TLS fault are) and http.client.HTTPException.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    target = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    plain = socket.create_connection((_address(host, port, private_hosts), port), TIMEOUT_SECONDS)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    sockets: list[socket.socket] = [plain]
    try:
        with deadline.cut_after(deadline.MAX_SECONDS, lambda: sockets[-1]):
            if parts.scheme == "https":
                context = ssl.create_default_context()
                encrypted = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
                sockets.append(encrypted)
                encrypted.do_handshake()
            connection.sock = sockets[-1]
            connection.request("POST", target, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, _read(answer), {name.lower(): value for name, value in answer.getheaders()})
    finally:
        connection.close()
        for one in sockets:
            one.close()


def _read(answer: http.client.HTTPResponse) -> str:
    found = b""
    while len(found) < MAX_ANSWER_BYTES and (part := answer.read1(8192)):
        found += part
    return found[:MAX_ANSWER_BYTES].decode("utf-8", "replace")


def _address(host: str, port: int, private_hosts: Sequence[str]) -> str:
    """The address to connect to, once every address of the host is one that may be called."""
    found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if host.casefold() not in {item.casefold() for item in private_hosts}:
        for text in found:
            if not is_allowed(str(text), private_hosts):
                raise HostRefused(host, str(text))
    return str(found[0])


def is_allowed(text: str, private_hosts: Sequence[str]) -> bool:
    """Whether an IP address is a public one, or inside a network that the setting names."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        address = _embedded(address) or address
    if address.is_global and not address.is_multicast and not getattr(address, "is_site_local", False):
        return True
    return any(address in network for network in _networks(private_hosts) if network.version == address.version)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address to which a translated one leads: mapped, 6to4, NAT64 (RFC 6052), and the forms that nobody uses any more."""
    if found := address.ipv4_mapped or address.sixtofour:
        return found
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if any(address in network for network in TRANSLATED) else None


def _networks(private_hosts: Sequence[str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for item in private_hosts:
        try:
            found.append(ipaddress.ip_network(item, strict=False))
        except ValueError:
            continue  # a host's name
    return found
