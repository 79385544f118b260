"""A group robot of Feishu or Lark (飞书): `POST …/open-apis/bot/v2/hook/…`, 5 messages a second and 100 a minute.

With a secret the body carries `timestamp` (s) and `sign`: base64 of HMAC-SHA256 over nothing, with "timestamp\\nsecret" as its
key. Answers `{"code": 0}`. Its robots cannot mention people by mobile number.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from ...core.errors import Fault
from ...core.text import Text
from .base import ChannelSettings, Message, Outcome
from .robots import Codes, robot_faults, send_to_robot, shortened

MAX_TEXT_BYTES = 18_000  # of the 20 KB that a whole request may have
LIMITED = (11232, 99991400)
REFUSED = (9499, 19001, 19002, 19021, 19022, 19024)  # wrong form, no such robot, signature, address, keyword
CODES = Codes("code", LIMITED, REFUSED)


def sign(timestamp: str, secret: str) -> str:
    found = hmac.new(f"{timestamp}\n{secret}".encode(), b"", "sha256").digest()
    return base64.b64encode(found).decode()


class Feishu:
    name = "feishu"
    label = Text("飞书群机器人", "Feishu group robot")
    is_personal = False
    address = ""

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        return robot_faults(values, "https://open.feishu.cn/open-apis/bot/v2/hook/")

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        lines: list[list[dict[str, str]]] = [[{"tag": "text", "text": shortened(message.body, MAX_TEXT_BYTES)}]]
        if message.url:
            lines.append([{"tag": "a", "text": message.link_text or message.url, "href": message.url}])
        post = {"post": {"zh_cn": {"title": message.subject, "content": lines}}}
        return send_to_robot(
            settings.text("robot_url"), _stamp(settings) | {"msg_type": "post", "content": post}, settings, CODES
        )


def _stamp(settings: ChannelSettings) -> dict[str, Any]:
    secret = settings.text("robot_secret")
    if not secret:
        return {}
    timestamp = str(int(settings.now.timestamp()))
    return {"timestamp": timestamp, "sign": sign(timestamp, secret)}
