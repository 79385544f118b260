"""Two editors of one record: what the later one is told."""

from __future__ import annotations

from ..core.errors import FieldDifference, StaleVersion
from ..core.text import Text
from ..core.values import canonical, to_json
from ..metadata.model import DocType
from .complete import Record


def moved_on(doctype: DocType, current: Record, what: Text) -> StaleVersion:
    """The error for a change that was not made in the record's form; `what` says what to do now."""
    by, version = current["modified_by"], current["version"]
    text = Text(
        f"{doctype.label.zh} {current['name']} 已被 {by} 更改（现为第 {version} 版），未作任何更改。{what.zh}",
        f"{doctype.label.en} {current['name']} was changed by {by} meanwhile (now version {version}); nothing was done. {what.en}",
    )
    return StaleVersion(text, (), int(version), str(by))


def stale(doctype: DocType, current: Record, mine: Record) -> StaleVersion:
    """The error for a save that carries an old version: every field that differs, with both values; nothing is lost."""
    found = [
        FieldDifference(item.fieldname, item.label, to_json(current.get(item.fieldname)), to_json(mine.get(item.fieldname)))
        for item in doctype.data_fields
        if item.fieldname in current and canonical(current.get(item.fieldname)) != canonical(mine.get(item.fieldname))
    ]
    zh = "、".join(item.label.zh for item in found) or "无"
    en = ", ".join(item.label.en for item in found) or "none"
    text = Text(
        f"{doctype.label.zh} {current['name']} 在您编辑期间已被 {current['modified_by']} 更改（现为第 {current['version']} 版），"
        f"未保存。不同的字段：{zh}。请比较后再保存。",
        f"{doctype.label.en} {current['name']} was changed by {current['modified_by']} while you edited it (now version "
        f"{current['version']}); nothing was saved. Fields that differ: {en}. Compare them and save again.",
    )
    return StaleVersion(text, found, int(current["version"]), str(current["modified_by"]))
