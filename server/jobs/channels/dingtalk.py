"""A group robot of DingTalk (钉钉): `POST …/robot/send?access_token=…`, 20 messages a minute, answers `{"errcode": 0}`.

With a secret the address carries `timestamp` (ms) and `sign`: base64 of HMAC-SHA256 over "timestamp\\nsecret" with the secret.
People are mentioned by mobile number, which must stand in the text as well.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ...core.errors import Fault
from ...core.text import Text
from .base import ChannelSettings, Message, Outcome
from .robots import Codes, markdown, robot_faults, send_to_robot, shortened

MAX_TEXT_BYTES = 18_000
LIMITED = (130101, 410100, 90018)
REFUSED = (300001, 310000, 400013, 400101, 400102, 40035, 43004)  # no such robot, keyword or signature, group gone, wrong form
CODES = Codes("errcode", LIMITED, REFUSED)


def sign(timestamp: str, secret: str) -> str:
    found = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), "sha256").digest()
    return base64.b64encode(found).decode()


class DingTalk:
    name = "dingtalk"
    label = Text("钉钉群机器人", "DingTalk group robot")
    is_personal = False
    address = "phone"

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        return robot_faults(values, "https://oapi.dingtalk.com/robot/send?access_token=")

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        text = shortened(markdown(message), MAX_TEXT_BYTES)
        at: dict[str, Any] = {"atMobiles": list(message.mentions), "isAtAll": False}
        if message.mentions:
            text += "\n\n" + " ".join(f"@{mobile}" for mobile in message.mentions)
        body = {"msgtype": "markdown", "markdown": {"title": message.subject[:64], "text": text}, "at": at}
        return send_to_robot(_signed(settings), body, settings, CODES)


def _signed(settings: ChannelSettings) -> str:
    url, secret = settings.text("robot_url"), settings.text("robot_secret")
    if not secret:
        return url
    timestamp = str(int(settings.now.timestamp() * 1000))
    query = urlencode({"timestamp": timestamp, "sign": sign(timestamp, secret)})
    return f"{url}{'&' if '?' in url else '?'}{query}"
