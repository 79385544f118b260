"""Cuts the icons that we use out of Bootstrap Icons into one small sprite."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

ICONS = (
    "1-square", "archive", "arrow-down", "arrow-left", "arrow-left-right", "arrow-repeat", "arrow-return-left",
    "arrow-right", "arrow-up", "award", "bar-chart", "bell", "box", "box-seam", "boxes", "briefcase", "bug",
    "building", "bullseye", "calendar-check", "calendar-event", "calendar3", "camera", "car-front", "card-checklist",
    "cash-coin", "check-circle", "check-lg", "check2-square", "chevron-down", "chevron-left", "chevron-right",
    "clipboard-check", "clipboard-data", "clipboard2-check", "clipboard2-plus", "clipboard2-pulse", "clock",
    "clock-history", "cpu", "diagram-2", "diagram-3", "door-open", "download", "emoji-smile", "exclamation-circle",
    "exclamation-triangle", "file-earmark-check", "file-earmark-diff", "file-earmark-lock", "file-earmark-text",
    "file-earmark-x", "file-text", "files", "filter", "folder", "funnel", "gear", "geo", "geo-alt", "grid", "hammer",
    "hdd-stack", "headset", "house", "inbox", "info-circle", "journal-check", "journal-text", "layers", "list",
    "list-check", "list-task", "megaphone", "mortarboard", "paperclip", "patch-check", "pencil", "people", "person",
    "person-badge", "person-check", "person-circle", "plus-lg", "printer", "qr-code", "question-circle", "receipt",
    "recycle", "rulers", "search", "search-heart", "shield-check", "shield-exclamation", "signpost-split", "star",
    "stopwatch", "tag", "tags", "telephone", "three-dots", "ticket-perforated", "tools", "translate", "trash",
    "truck", "truck-flatbed", "upload", "wrench", "wrench-adjustable", "x-circle", "x-lg",
)  # fmt: skip


def make_sprite(folder: Path, names: Iterable[str], target: Path) -> None:
    """Write `target`: one `<symbol id="NAME">` for each icon. Raises FileNotFoundError naming an icon that is not there."""
    symbols = []
    for name in names:
        source = (folder / f"{name}.svg").read_text("utf-8")
        box = re.search(r'viewBox="([^"]+)"', source)
        inner = re.sub(r"</?svg[^>]*>", "", source).strip()
        symbols.append(f'<symbol id="{name}" viewBox="{box.group(1) if box else "0 0 16 16"}">{inner}</symbol>')
    target.write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>', "utf-8")
