"""The cases of a simulation as a CSV file: a line of heads, then one line for each case, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..core.text import Language, Text
from ..documents.simulation.model import VERDICTS, decided_by
from .csv_list import csv_table

HEADS = (
    Text("编号", "Number"), Text("版本", "Version"), Text("时间", "At"), Text("操作人", "By"), Text("事件", "Event"), Text("结果", "Result"),
    Text("现符合", "Matches"), Text("当时符合", "Matched then"), Text("生效规则符合", "Rule in force matches"), Text("后果", "Consequences"),
    Text("设置的值", "Values set"), Text("提示", "Said"), Text("判断所据", "Decided by"),
)  # fmt: skip


def case_lines(cases: Iterable[Mapping[str, Any]], language: Language, zone: ZoneInfo) -> Iterator[str]:
    """The file in pieces, from the JSON form of the cases."""
    yield from csv_table((head.to(language) for head in HEADS), (_row(case, language, zone) for case in cases))


def _row(case: Mapping[str, Any], language: Language, zone: ZoneInfo) -> list[str]:
    at = datetime.fromisoformat(case["at"]).astimezone(zone).replace(tzinfo=None)
    return [
        case["name"], str(case["version"]), at.isoformat(" ", "seconds"), case["by"], case["event"],
        VERDICTS[case["verdict"]].to(language),
        *(_yes(case[name], language) for name in ("matched", "matched_then", "matched_by_published")), " ".join(case["then"]),
        "; ".join(f"{name} = {value}" for name, value in case["set"].items()),
        "; ".join(Text.of(text).to(language) for text in case["said"]),
        "; ".join(f"{label.to(language)} = {value.to(language)}" for label, value in decided_by(case["why"])),
    ]  # fmt: skip


def _yes(value: bool | None, language: Language) -> str:
    return "" if value is None else (Text("是", "yes") if value else Text("否", "no")).to(language)
