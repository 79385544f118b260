"""What the group robots of WeCom, DingTalk and Feishu have in common: one POST of JSON to a secret address, an answer with
HTTP 200 even when it was refused, a code in its body that says so, and a limit of messages a minute."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ...core.errors import Fault
from ...core.text import Text
from .base import ChannelSettings, Message, Outcome, logged, missing, unreachable
from .http import Answer, HostRefused, post, url_fault

TOO_MANY = Text("一分钟内消息过多，稍后再发", "too many messages in a minute; it waits")
A_MINUTE = timedelta(seconds=60)
SECRET_QUERY = re.compile(r"((?:key|access_token|sign)=)[^&\s]+|(/hook/)[^/?\s]+")


@dataclass(frozen=True, slots=True)
class Codes:
    """What the codes of a robot mean: `limited` too many a minute, `refused` wrong and will stay so. Others are tried again."""

    field: str
    limited: Collection[int]
    refused: Collection[int]


def robot_faults(values: Mapping[str, Any], hosts: str) -> list[Fault]:
    """The address of the robot is its secret, so it is kept like a password; a sealed one was checked when it was typed."""
    found = missing(values, {"robot_url": Text("机器人地址", "the robot's address")})
    url = str(values.get("robot_url") or "")
    if not found and not url.startswith("sealed:") and set(url) != {"*"} and url_fault(url):
        text = Text(
            f"机器人地址应为完整的网址，如 {hosts}…",
            f"The robot's address should be a whole web address such as {hosts}…",
        )
        found.append(Fault("robot_url", text))
    return found


def send_to_robot(url: str, body: Mapping[str, Any], settings: ChannelSettings, codes: Codes) -> Outcome:
    """Post it and judge the answer, by its code before its status."""
    content = json.dumps(body, ensure_ascii=False)
    request = logged(f"POST {without_secrets(url)}\n{content}")
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Guiju"}
    return posted(request, codes, lambda: post(url, content.encode(), headers, settings.private_hosts))


def posted(request: str, codes: Codes, call: Callable[[], Answer]) -> Outcome:
    try:
        answer = call()
    except HostRefused as error:
        return Outcome("refused", request, error=error.text)
    except (OSError, http.client.HTTPException) as error:
        return unreachable(request, error)
    return judged(request, answer, codes)


def judged(request: str, answer: Answer, codes: Codes) -> Outcome:
    said = logged(f"{answer.status}\n{answer.body}")
    found = answer.json()
    code = found.get(codes.field, found.get("StatusCode"))  # what Feishu's older robots answer
    status = Text(f"对方应答 HTTP {answer.status}", f"the answer was HTTP {answer.status}")
    if answer.status == 429 or code in codes.limited:
        return Outcome("again", request, said, TOO_MANY, A_MINUTE, is_away=True)
    if answer.status >= 500:
        return Outcome("again", request, said, status, is_away=True)
    if answer.status >= 400:
        return Outcome("refused", request, said, status)
    if code == 0:
        return Outcome("sent", request, said)
    what = f"{codes.field} {code}: {found.get('errmsg') or found.get('msg') or answer.body[:200]}"
    error = Text(f"机器人拒绝：{what}", f"the robot refused it: {what}")
    return Outcome("refused" if code in codes.refused else "again", request, said, error)


def without_secrets(url: str) -> str:
    """The address as the log shows it: whoever reads the log cannot write to the group."""
    return SECRET_QUERY.sub(lambda found: f"{found[1] or found[2]}…", url)


def markdown(message: Message) -> str:
    """Title, text and link as the robots' markdown; what the text itself holds is not read as such."""
    text = f"**{quoted(message.subject)}**\n\n{quoted(message.body)}" if message.body else f"**{quoted(message.subject)}**"
    return f"{text}\n\n[{quoted(message.link_text or message.url)}]({message.url})" if message.url else text


def quoted(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", text)


def shortened(text: str, most_bytes: int) -> str:
    """As much of the text as fits, cut between two characters."""
    encoded = text.encode()
    return text if len(encoded) <= most_bytes else encoded[: most_bytes - 3].decode("utf-8", "ignore") + "…"
