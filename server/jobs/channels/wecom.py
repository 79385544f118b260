"""A group robot of WeCom (企业微信): `POST …/cgi-bin/webhook/send?key=…`, 20 messages a minute, answers `{"errcode": 0}`.

People are mentioned by mobile number, which only its messages of type `text` can do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import Fault
from ...core.text import Text
from .base import ChannelSettings, Message, Outcome
from .robots import Codes, robot_faults, send_to_robot, shortened

MAX_TEXT_BYTES = 2048
LIMITED = (45009, 45033)
REFUSED = (93000, 93004, 93008, 40008, 40058, 44004, 45002)  # no such robot, robot removed, wrong form, empty, too long
CODES = Codes("errcode", LIMITED, REFUSED)


class WeCom:
    name = "wecom"
    label = Text("企业微信群机器人", "WeCom group robot")
    is_personal = False
    address = "phone"

    def faults(self, values: Mapping[str, Any]) -> list[Fault]:
        return robot_faults(values, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=")

    def send(self, message: Message, address: str, settings: ChannelSettings) -> Outcome:
        link = f"\n{message.url}" if message.url else ""
        text = shortened(f"{message.subject}\n{message.body}".strip(), MAX_TEXT_BYTES - len(link.encode())) + link
        body = {"content": text} | ({"mentioned_mobile_list": list(message.mentions)} if message.mentions else {})
        return send_to_robot(settings.text("robot_url"), {"msgtype": "text", "text": body}, settings, CODES)
