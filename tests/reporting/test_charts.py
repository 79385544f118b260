"""Charts: well-formed SVG that shows every number, with no month left out and nothing of the data as markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest

from server.reporting.chart_parts import ticks
from server.reporting.charts import draw
from server.reporting.model import CHART_TYPES
from server.reporting.plots import NARROW, SLIM, WIDE, Plot, following

NUMBERS = (Decimal("3"), None, Decimal("1.5"))


@pytest.mark.parametrize("kind", CHART_TYPES)
def test_a_chart_is_well_formed_and_names_are_never_markup(kind: str) -> None:
    labels = ("<b>东方</b>", "a & b", "")
    found = Plot(kind, labels, (("<i>n</i>", NUMBERS), ("m", NUMBERS)), target=Decimal(2))  # type: ignore[arg-type]

    root = ET.fromstring(draw(found, 'by "client" <1>'))

    assert root.find("{*}title").text == 'by "client" <1>'  # type: ignore[union-attr]
    assert not list(root.iter("{http://www.w3.org/2000/svg}b"))


def test_every_number_can_be_read_off_by_pointing_at_it() -> None:
    svg = draw(Plot("bar", ("2026-01", "2026-02"), (("late", (4, 7)), ("good", (10, 0))), is_time=True), "deliveries")

    told = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}title")]
    assert {"2026-01 late: 4", "2026-02 late: 7", "2026-01 good: 10", "2026-02 good: 0"} <= set(told)


def test_a_line_breaks_where_there_is_no_number() -> None:
    svg = draw(Plot("line", ("a", "b", "c", "d", "e"), (("n", (1, 2, None, 4, 5)),), is_time=True), "n")

    assert svg.count("<polyline") == 2


def test_the_legend_names_what_the_chart_shows() -> None:
    svg = draw(Plot("line", ("a", "b"), (("drawn", (1, 2)), ("empty", (None, None))), is_time=True), "n")

    words = [element.text for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "drawn" in words
    assert "empty" not in words


def test_a_pareto_adds_up_to_the_whole() -> None:
    svg = draw(Plot("pareto", ("loose", "worn"), (("n", (3, 1)),)), "causes")

    assert "loose: 75.0 %" in svg
    assert "worn: 100.0 %" in svg


@pytest.mark.parametrize(
    ("most", "least", "whole", "expected"),
    [
        (7, 0, True, [0, 2, 4, 6, 8]),
        (1, 0, True, [0, 1]),
        (0, 0, True, [0, 1]),
        (0.9, 0, False, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (5, -5, True, [-6, -4, -2, 0, 2, 4, 6]),
        (1_000_000, 0, True, [0, 200_000, 400_000, 600_000, 800_000, 1_000_000]),
    ],
)
def test_axes_have_round_numbers(most: float, least: float, whole: bool, expected: list[float]) -> None:
    assert ticks(most, least, whole=whole) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("key", "unit", "after"),
    [("2025", "year", "2026"), ("2025-Q4", "quarter", "2026-Q1"), ("2025-Q1", "quarter", "2025-Q2"), ("2025-12", "month", "2026-01"),
     ("2026-02", "month", "2026-03"), ("2025-12-29", "week", "2026-01-05"), ("2024-02-28", "day", "2024-02-29")],
)  # fmt: skip
def test_after_each_unit_comes_the_next(key: str, unit: str, after: str) -> None:
    assert following(key, unit) == after


@pytest.mark.parametrize(
    ("width", "cause", "axis"),
    [(WIDE, "磨损", 6), (NARROW, "主轴轴承磨损", 6), (SLIM, "主轴轴承保持架与密封圈磨损", 1)],
    ids=["columns", "bars that lie", "no room for more than the line at 80 %"],
)
def test_the_shares_of_a_pareto_have_an_axis_of_their_own(width: int, cause: str, axis: int) -> None:
    causes = tuple(f"{number}{cause}" for number in range(6))
    svg = draw(Plot("pareto", causes, (("n", (9, 6, 4, 3, 2, 1)),), width=width), "causes")

    told = re.findall(r"<text[^>]*>(\d+ %)</text>", svg)
    assert "80 %" in told
    assert len(told) == axis


@pytest.mark.parametrize("width", [WIDE, NARROW, SLIM], ids=["page", "shared", "phone"])
def test_a_pareto_names_every_cause_at_any_width(width: int) -> None:
    causes = ("主轴轴承磨损", "真空泵密封磨损", "进水电磁阀泄漏", "接近开关松动", "疏水阀卡滞", "门锁微动开关不良")
    svg = draw(Plot("pareto", causes, (("n", (9, 6, 4, 3, 2, 1)),), width=width), "causes")

    written = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert [cause for cause in causes if cause in written] == list(causes)
    assert "主轴轴承磨损: 36.0 %" in svg
    assert "门锁微动开关不良: 100.0 %" in svg
    assert "80 %" in written
