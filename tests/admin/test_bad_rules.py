"""What people get wrong in rules is refused alike in the builder and by `guiju check`: place, value, what was expected, what to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.assets import builtin_pack
from server.core.errors import MetadataInvalid
from server.exchange.packs import read_packs
from server.exchange.reading import check_sources
from server.site import Site

RULE: dict[str, Any] = {
    "name": "bad", "title": "Bad", "applies_to": "Service Quotation", "then": [{"warn": {"message": "x"}}],
}  # fmt: skip
DISCOUNT = ["deviation_percent", "<", -10]
BAD: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "unknown field": (
        {"when": {"all": [["totl", ">", 5]]}}, "when.all[0]",
        "'totl' is not a field of Service Quotation. Did you mean \"total\"?", "没有字段 'totl'。是否指“total”？",
    ),
    "wrong type": (
        {"when": {"all": [["total", ">", "much"]]}}, "when.all[0]",
        "the value 'much' does not fit; expected a number (the field \"Total\")", "值 'much' 不合适，应为数字（字段“报价总价”）",
    ),
    "comparison of another type": (
        {"when": {"all": [["customer", ">", "A"]]}}, "when.all[0]",
        "'>' is not possible for 'customer' (Customer); use one of =, !=, in", "不能用 '>' 比较，可用：=, !=, in",
    ),
    "empty when": ({"when": {}}, "when", "a rule that always holds has no `when`", "总是成立的规则不写 when"),
    "empty group": (
        {"when": {"all": [DISCOUNT, {"any": []}]}}, "when.all[1]",
        "no condition. Write one, or leave this out when the rule always holds", "请填写条件；规则若总是成立，请去掉这一项",
    ),
    "value that cannot be parsed": (
        {"when": {"all": [["quoted_on", ">", "31.12.2026"]]}}, "when.all[0]",
        '"31.12.2026" is not a date; expected e.g. 2026-03-31', "“31.12.2026”不是日期，应如 2026-03-31",
    ),
    "one value for two": (
        {"when": {"all": [["total", "between", [5]]]}}, "when.all[0]", "[5] should be a list of two values", "[5] 应为两个值的列表",
    ),
    "formula that cannot be parsed": (
        {"when": {"all": [{"expr": "doc.total >"}]}}, "when.all[0]", "the end is not expected at character 12", "第 12 个字符处",
    ),
    "fact about nothing": (
        {"facts": {"n": {"count": "Service Quotaton"}}, "when": {"all": [["@n", ">", 1]]}}, "facts.n",
        "'Service Quotaton' is not a record type. Did you mean \"Service Quotation\"?", "是否指“Service Quotation”？",
    ),
    "refuses every record": (
        {"then": [{"block": {"message": "no"}}]}, "then[0].block", "no Service Quotation could ever be saved", "都将不能保存",
    ),
    "switch that is none": ({"enabled": "yes"}, "enabled", "'yes' should be 1 (on) or 0 (off)", "'yes' 应为 1（启用）或 0（停用）"),
    "version of no day": (
        {"when": {"all": [DISCOUNT]}, "versions": [{"when": {"all": [["total", ">", 1]]}}]}, "versions[0].valid_from",
        "the day from which it is in force is missing", "缺少生效日",
    ),
    "fault in a version": (
        {"when": {"all": [DISCOUNT]}, "versions": [{"valid_from": "2027-01-01", "when": {"all": [["totl", ">", 1]]}}]},
        "versions[0].when.all[0]", "Did you mean \"total\"?", "是否指“total”？",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_builder_names_each_at_its_place(site: Site, language: str) -> None:
    for change, where, *said in BAD.values():
        found = {fault.where: fault.text.to(language) for fault in site.workshop.look({**RULE, **change}).faults}
        assert said[language == "zh"] in found.get(where, f"nothing at {where}: {found}")


def test_the_check_of_files_names_each_with_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "pack" / "rules" / "x"
    folder.mkdir(parents=True)
    for number, (change, *_) in enumerate(BAD.values()):
        (folder / f"bad_{number}.json").write_text(json.dumps({**RULE, **change, "name": f"bad-{number}"}), "utf-8")

    with pytest.raises(MetadataInvalid) as refused:
        check_sources(read_packs([builtin_pack(), tmp_path / "pack"]).sources)

    told = refused.value.faults
    for number, (_, where, en, zh) in enumerate(BAD.values()):
        mine = [fault for fault in told if f"bad_{number}.json: {where}" in fault.where]
        assert [(en in fault.text.en, zh in fault.text.zh) for fault in mine] == [(True, True)], (where, mine)
