"""Webhook: data for another program, signed.

`X-Guiju-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA256 with the shared secret over "<seconds>.<body>"; the receiver computes the
same and refuses what is older than some minutes. `X-Frappe-Webhook-Signature` (base64 over the body alone) goes along for receivers
written for Frappe. `X-Guiju-Delivery` stays the same however often it is tried: by it the receiver drops what it has already.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ...core.errors import Fault
from ...core.text import Text
from .base import ChannelSettings, Message, Outcome, logged, missing, unreachable
from .http import Answer, HostRefused, post, url_fault

LONGEST_ASKED = timedelta(hours=1)


def sign(secret: str, timestamp: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()


class Webhook:
    name = "webhook"
    label = Text("数据推送", "Webhook")
    is_personal = False
    address = ""

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        found = missing(values, {"request_url": Text("请求地址", "the address that is called")})
        url = str(values.get("request_url") or "")
        if url and (why := url_fault(url)):
            text = Text(
                f"“{url[:140]}”不是可调用的网址（{why}），应形如 https://example.com/hook。",
                f'"{url[:140]}" cannot be called ({why}); expected an address such as https://example.com/hook.',
            )
            found.append(Fault("request_url", text))
        return found

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        """2xx is received; 408, 425, 429 and 5xx are tried again, any other answer (a redirect too) is refused."""
        url = settings.text("request_url")
        body = json.dumps(message.content or {}, ensure_ascii=False).encode()
        headers = _headers(message, body, settings)
        request = logged(
            f"POST {url}\n" + "\n".join(f"{k}: {v}" for k, v in _shown(headers, settings)) + f"\n\n{body.decode()}"
        )
        try:
            answer = post(url, body, headers, settings.private_hosts)
        except HostRefused as error:
            return Outcome("refused", request, error=error.text)
        except (OSError, http.client.HTTPException, ValueError) as error:
            return unreachable(request, error)
        return _judged(request, answer)


def _headers(message: Message, body: bytes, settings: ChannelSettings) -> dict[str, str]:
    own = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Guiju",
        "X-Guiju-Delivery": message.key,
    }
    if secret := str(settings.values.get("webhook_secret") or ""):
        timestamp = int(settings.now.timestamp())
        own["X-Guiju-Signature"] = f"t={timestamp},v1={sign(secret, timestamp, body)}"
        own["X-Frappe-Webhook-Signature"] = base64.b64encode(hmac.new(secret.encode(), body, "sha256").digest()).decode()
    return {**_given(settings), **own}


def _given(settings: ChannelSettings) -> Mapping[str, str]:
    return settings.values.get("headers") or {}


def _shown(headers: Mapping[str, str], settings: ChannelSettings) -> list[tuple[str, str]]:
    """Headers that the administrator gave may hold a token: the log keeps their names."""
    given = _given(settings)
    return [(name, "…" if name in given else value) for name, value in headers.items()]


def _judged(request: str, answer: Answer) -> Outcome:
    said = logged(f"{answer.status}\n{answer.body}")
    if 200 <= answer.status < 300:
        return Outcome("sent", request, said)
    error = Text(f"对方应答 HTTP {answer.status}", f"the answer was HTTP {answer.status}")
    if answer.status in (408, 425, 429) or answer.status >= 500:
        return Outcome("again", request, said, error, _asked_pause(answer), is_away=answer.status in (429, 502, 503, 504))
    return Outcome("refused", request, said, error)


def _asked_pause(answer: Answer) -> timedelta | None:
    asked = answer.headers.get("retry-after", "")
    return min(timedelta(seconds=int(asked)), LONGEST_ASKED) if asked.isascii() and asked.isdigit() and len(asked) < 7 else None
