"""A stored message made whole again for its channel; several of one person made into one digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..core.text import Text
from .channels import Message

MOST_LISTED = 200


def message_of(key: str, payloads: Sequence[Mapping[str, Any]]) -> Message:
    """One message as it was written, or the digest of several in the language of the first."""
    if len(payloads) == 1:
        return single(key, payloads[0])
    return digest_of(key, payloads, str(payloads[0].get("language") or "zh"))


def single(key: str, payload: Mapping[str, Any]) -> Message:
    return Message(
        key=key, subject=str(payload.get("subject") or ""), body=str(payload.get("body") or ""), url=str(payload.get("url") or ""),
        link_text=str(payload.get("link_text") or ""), urgent=bool(payload.get("urgent")), content=payload.get("content"),
        mentions=tuple(payload.get("mentions") or ()),
    )  # fmt: skip


def digest_of(key: str, payloads: Sequence[Mapping[str, Any]], language: str) -> Message:
    """Subject, text and address of each, the oldest first."""
    number = len(payloads)
    subject = Text(f"{number} 条通知", f"{number} notifications").to(language)
    listed = [_line(place, item) for place, item in enumerate(payloads[:MOST_LISTED], 1)]
    if number > MOST_LISTED:
        left = number - MOST_LISTED
        listed.append(Text(f"另有 {left} 条，请在系统中查看。", f"{left} more are in the system.").to(language))
    url = str(payloads[0].get("home") or "")
    link = Text("查看全部", "See all").to(language)
    return Message(key=key, subject=subject, body="\n\n".join(listed), url=url, link_text=link)


def _line(place: int, payload: Mapping[str, Any]) -> str:
    return "\n".join(
        part for part in (f"{place}. {payload.get('subject', '')}", payload.get("body"), payload.get("url")) if part
    )
