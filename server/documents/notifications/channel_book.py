"""The channels that the administrator has set up (records of Notification Channel), and the settings of any target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from ...access.vault import Vault
from ...core.clock import Clock
from ...core.errors import Fault
from ...core.settings import Settings
from ...core.text import Text
from ...jobs.channels import Channel, ChannelSettings, channels
from ...metadata.model import DocType
from ...storage import records
from ..complete import Record
from ..snapshot import Snapshot
from .kinds import KINDS

DOCTYPE = "Notification Channel"
WEBHOOK = "Webhook"


@dataclass(frozen=True)
class Listed:
    """One channel that is set up and enabled."""

    name: str
    channel: Channel
    defaults: frozenset[str] = field(default_factory=frozenset)  # kinds it carries for people who never chose

    @property
    def is_personal(self) -> bool:
        return self.channel.is_personal


def listed(connection: Connection, snapshot: Snapshot) -> list[Listed]:
    """The enabled channels by name. A site that has not taken over their DocType yet has none."""
    doctype = snapshot.model.get(DOCTYPE)
    if doctype is None:
        return []
    found = []
    for name, row in sorted(records.heads(connection, doctype, None).items()):
        channel = channels().get(str(row.get("channel_type") or ""))
        if channel is not None and row.get("enabled"):
            found.append(Listed(name, channel, frozenset(kind for kind in KINDS if row.get(f"on_{kind}"))))
    return found


class SettingsBook:
    """Opens the settings of a target for its courier, as they are at this moment."""

    def __init__(self, snapshots: Callable[[], Snapshot], vault: Vault, clock: Clock, settings: Settings) -> None:
        self._snapshots = snapshots
        self._vault = vault
        self._clock = clock
        self._settings = settings

    def of(self, connection: Connection, channel: str, target: str) -> ChannelSettings | None:
        """None when the channel or webhook is gone or disabled. Raises SealBroken."""
        model = self._snapshots().model
        doctype = model.get(WEBHOOK if channel == "webhook" else DOCTYPE)
        record = records.load(connection, model, doctype, target) if doctype else None
        if doctype is None or record is None or not record.get("enabled"):
            return None
        return self.opened(doctype, record)

    def opened(self, doctype: DocType, record: Record) -> ChannelSettings:
        """With its secrets; the headers of a webhook as one mapping. Raises SealBroken."""
        values: dict[str, Any] = dict(record)
        for name in doctype.secret_fields:
            if values.get(name):
                values[name] = self._vault.open(values[name])
        if rows := record.get("webhook_headers"):
            values["headers"] = {str(row["key"]): self._vault.open(row["value"]) for row in rows if row.get("value")}
        return ChannelSettings(values, self._clock.now(), self._settings.private_hosts)


def channel_faults(record: Record) -> list[Fault]:
    """What stands against a record of Notification Channel."""
    kind = str(record.get("channel_type") or "")
    channel = channels().get(kind)
    if channel is None:
        words = ", ".join(channels())
        text = Text(f"没有类型为“{kind}”的通道，可用：{words}。", f'There is no channel of type "{kind}"; there are: {words}.')
        return [Fault("channel_type", text)]
    return channel.faults(record)
