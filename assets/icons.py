"""Cuts the icons that we use out of Bootstrap Icons into one small sprite."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

ICONS = (
    "arrow-left", "arrow-left-right", "arrow-right", "arrow-up", "arrow-down", "bell", "box-seam", "boxes", "building", "calendar3", "camera", "check-circle",
    "check-lg", "check2-square", "chevron-down", "chevron-left", "chevron-right", "clipboard-check", "clipboard-data", "clock",
    "clock-history", "cpu", "diagram-3", "download", "exclamation-triangle", "file-earmark-text", "file-text", "filter", "folder", "funnel", "gear",
    "geo-alt", "grid", "hammer", "hdd-stack", "headset", "house", "inbox", "info-circle", "list", "list-check", "list-task", "paperclip", "pencil", "people",
    "person", "person-badge", "person-circle", "plus-lg", "printer", "question-circle", "receipt", "search", "shield-check", "star",
    "tag", "tags", "three-dots", "tools", "trash", "translate", "truck", "upload", "wrench", "wrench-adjustable", "x-circle", "x-lg",
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
