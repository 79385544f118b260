"""What the caller of the print service gives beside the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ..core.text import EMPTY, Text


@dataclass(frozen=True, slots=True)
class PrintContext:
    """What stands on a print beside the record itself; the caller has checked that the reader may see all of it.

    `link_titles`: (DocType, name) -> title. `images`: address of a stored file -> its bytes; nothing else can be shown.
    `approvals`: mappings with role, title (Text or str), by_name, at, comment, decision. `signatures` (e-signatures): mappings with
    meaning (Text), full_name, signer, at, reason, is_valid, changed (labels of what changed since, Text).
    """

    language: str = "zh"
    company: str = ""
    link_titles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    approvals: Sequence[Mapping[str, Any]] = ()
    signatures: Sequence[Mapping[str, Any]] = ()
    images: Mapping[str, bytes] = field(default_factory=dict)
    linked: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # rows of other records by their keys
    record_address: str = ""  # where the record opens in a browser, for QR codes
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    printed_by: str = ""
    state: Text = EMPTY  # of the record's workflow
    user: Mapping[str, Any] = field(default_factory=dict)  # what `depends_on` sees as `user`
