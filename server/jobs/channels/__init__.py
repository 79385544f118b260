"""The channels that a message can leave by. Installed packages add their own under the entry point `guiju.channels`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from .base import Channel, ChannelSettings, Message, Outcome
from .dingtalk import DingTalk
from .email import Email
from .feishu import Feishu
from .webhook import Webhook
from .wecom import WeCom

ENTRY_POINTS = "guiju.channels"
BUILTIN: tuple[Channel, ...] = (Email(), WeCom(), DingTalk(), Feishu(), Webhook())


@cache
def channels() -> Mapping[str, Channel]:
    """Every channel by its name: ours, then those of installed packages (an entry point names a class or an object)."""
    found: dict[str, Channel] = {channel.name: channel for channel in BUILTIN}
    for entry in entry_points(group=ENTRY_POINTS):
        loaded = entry.load()
        channel: Channel = loaded() if isinstance(loaded, type) else loaded
        found.setdefault(channel.name, channel)
    return found


__all__ = ["Channel", "ChannelSettings", "Message", "Outcome", "channels"]
