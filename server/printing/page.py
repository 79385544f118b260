"""The paper that a format prints on: size or millimetres of a label, orientation, margins, two on a sheet, the running head."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..core.text import nearest

MM = 72 / 25.4  # in points
SIZES_MM = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210)}
SIZES = tuple(SIZES_MM)
ORIENTATIONS = ("portrait", "landscape")
LABEL_SIDES_MM = (20, 420)  # a label is given by its width and height
MARGINS_MM = (8, 60)
LABEL_MARGINS_MM = (0, 60)
LABEL_MARGIN_MM = 3.0
DEFAULT_MARGINS_MM = (20.0, 16.0, 16.0, 16.0)
SHEET_MM = SIZES_MM["A4"]  # what two small pages share
_KNOWN = ("size", "orientation", "margin_mm", "two_up", "running_head")
Add = Callable[[str, str, str], None]


@dataclass(frozen=True, slots=True)
class Page:
    """Paper and margins (top, right, bottom, left). A size in millimetres is a label: it has no header and no footer.

    With `two_up` two pages share a sheet of A4. Without `running_head` company and form number do not stand above every page: a
    designed form says them in a header of its own.
    """

    size: Literal["A3", "A4", "A5"] | tuple[float, float] = "A4"
    orientation: Literal["portrait", "landscape"] = "portrait"
    margins_mm: tuple[float, float, float, float] = DEFAULT_MARGINS_MM
    two_up: bool = False
    running_head: bool = True

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the paper as it is read."""
        width, height = self.size if isinstance(self.size, tuple) else SIZES_MM[self.size]
        return (height, width) if self.orientation == "landscape" else (width, height)

    @property
    def is_label(self) -> bool:
        return isinstance(self.size, tuple)

    @property
    def room_points(self) -> float:
        """The width between the margins."""
        return (self.size_mm[0] - self.margins_mm[1] - self.margins_mm[3]) * MM

    @property
    def fits_twice(self) -> bool:
        """Whether two of them stand on a sheet of A4, which may lie across."""
        width, height = self.size_mm
        short, long = SHEET_MM
        beside, below = (2 * width, height), (width, 2 * height)
        return any(min(pair) <= short and max(pair) <= long for pair in (beside, below))


def read_page(raw: Mapping[str, Any]) -> Page:
    """The page of a format's JSON, in which `check_page` found no fault."""
    margin, size = raw.get("margin_mm"), raw.get("size", "A4")
    two_up, head = bool(raw.get("two_up")), bool(raw.get("running_head", 1))
    if isinstance(size, list):
        size = (float(size[0]), float(size[1]))
        given = margin if isinstance(margin, list) else [LABEL_MARGIN_MM if margin is None else margin] * 4
        top, right, bottom, left = (float(side) for side in given)
        return Page(size, "portrait", (top, right, bottom, left), two_up, head)
    if margin is None:
        margins = DEFAULT_MARGINS_MM
    elif isinstance(margin, list):
        margins = (float(margin[0]), float(margin[1]), float(margin[2]), float(margin[3]))
    else:  # the header needs its room above the body
        above = max(float(margin), DEFAULT_MARGINS_MM[0]) if head else float(margin)
        margins = (above, float(margin), max(float(margin), 14.0), float(margin))
    return Page(size, raw.get("orientation", "portrait"), margins, two_up, head)


def dump_page(page: Page) -> dict[str, Any]:
    """The JSON object again."""
    margins = [_plain(side) for side in page.margins_mm]
    more = ({"two_up": 1} if page.two_up else {}) | ({} if page.running_head else {"running_head": 0})
    if isinstance(page.size, tuple):
        return {"size": [_plain(side) for side in page.size], "margin_mm": margins} | more
    return {"size": page.size, "orientation": page.orientation, "margin_mm": margins} | more


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def is_number(value: Any, low: float, high: float) -> bool:
    """Whether it is a number (true and false are none) between two others."""
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def check_page(page: Any, add: Add) -> None:
    """Tell `add` every fault of a format's `page`."""
    if page is None:
        return
    if not isinstance(page, Mapping):
        add("page", '应为对象，如 {"size": "A4"}', 'expected an object, e.g. {"size": "A4"}')
        return
    is_label = isinstance(page.get("size"), list)
    sound = _check_label(page, add) if is_label else _check_named(page, add)
    margin = page.get("margin_mm")
    values = margin if isinstance(margin, list) else [] if margin is None else [margin]
    low, high = LABEL_MARGINS_MM if is_label else MARGINS_MM
    if not all(is_number(value, low, high) for value in values) or (isinstance(margin, list) and len(margin) != 4):
        add(
            "page.margin_mm",
            f"{margin!r} 应为 {low} 到 {high} 的数，或 [上, 右, 下, 左]",
            f"{margin!r} should be a number from {low} to {high}, or [top, right, bottom, left]",
        )
        sound = False
    for part in page:
        if part not in _KNOWN:
            near = nearest(part, _KNOWN)
            add(f"page.{part}", f"未知属性。{near.zh}", f"unknown property.{near.en}")
    if sound:
        _check_room(read_page(page), add)


def _check_named(page: Mapping[str, Any], add: Add) -> bool:
    sound = True
    for part, allowed in (("size", SIZES), ("orientation", ORIENTATIONS)):
        if part in page and page[part] not in allowed:
            near = nearest(page[part], allowed)
            add(
                f"page.{part}",
                f"{page[part]!r} 不可用，可用：{'、'.join(allowed)}。{near.zh}",
                f"{page[part]!r} is not one of {', '.join(allowed)}.{near.en}",
            )
            sound = False
    return sound


def _check_label(page: Mapping[str, Any], add: Add) -> bool:
    size, (low, high) = page["size"], LABEL_SIDES_MM
    sound = len(size) == 2 and all(is_number(side, low, high) for side in size)
    if not sound:
        add(
            "page.size",
            f"{size!r} 应为 [宽, 高]，各 {low} 到 {high} 毫米",
            f"{size!r} should be [width, height], each {low} to {high} mm",
        )
    if "orientation" in page:
        add("page.orientation", "标签按宽、高给出，没有方向", "a label is given by its width and height; it has no orientation")
    return sound


def _check_room(page: Page, add: Add) -> None:
    width, height = page.size_mm
    top, right, bottom, left = page.margins_mm
    if width - left - right < 10 or height - top - bottom < 10:
        add("page.margin_mm", "页边距之间没有可打印的地方", "the margins leave no room to print on")
    if page.two_up and not page.fits_twice:
        add(
            "page.two_up", "两张放不进一张 A4；请用 A5 或更小", "two of these do not fit on a sheet of A4; choose A5 or smaller"
        )
