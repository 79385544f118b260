"""What the server hands to a worker process: plain values in one language, nothing that could reach back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core.text import Text
from ..core.translations import Catalogue
from .fields import Layout
from .format import PrintFormat


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One document to print."""

    doctype: str
    label: str
    title: str
    record: Mapping[str, Any]
    layout: Layout
    language: str
    zone: ZoneInfo
    company: str
    printed_at: datetime
    printed_by: str = ""
    format: PrintFormat | None = None
    record_address: str = ""  # where the record opens in a browser
    copy_mark: str = ""  # which of several copies this is: 存根联, Copy 1
    status: str = ""  # the state of the workflow, else what docstatus reads as; empty where there is neither
    watermark: str = ""
    link_titles: Mapping[tuple[str, str], str] = field(default_factory=dict)
    approvals: tuple[Mapping[str, Any], ...] = ()
    signatures: tuple[Mapping[str, Any], ...] = ()  # e-signatures
    images: Mapping[str, bytes] = field(default_factory=dict)
    linked: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)  # rows of other records
    catalogue: Catalogue | None = None  # of a further language

    @property
    def name(self) -> str:
        return str(self.record.get("name") or "")

    def text(self, zh: str, en: str) -> str:
        """One of two texts, in the language of the print."""
        return Text(zh, en).to(self.language)

    def pick(self, both: str | Text) -> str:
        """The author's short form `"中文|English"`; one text without a bar stands for both."""
        if isinstance(both, Text):
            return both.to(self.language)
        zh, bar, en = str(both).partition("|")
        return Text(zh.strip(), (en if bar else zh).strip()).to(self.language)
