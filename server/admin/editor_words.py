"""Words that the editors of metadata share: of record types, rules, workflows and print formats. Each adds its own, or says one otherwise."""

from __future__ import annotations

from ..core.text import Text

EDITOR_WORDS: dict[str, Text] = {
    "undo": Text("撤销", "Undo"),
    "redo": Text("重做", "Redo"),
    "publish": Text("发布…", "Publish…"),
    "publish_now": Text("发布", "Publish"),
    "published": Text("已发布，立即生效。", "Published; it is in force."),
    "close": Text("关闭", "Close"),
    "checked": Text("检查通过", "No fault found"),
    "checking": Text("检查中…", "Checking…"),
    "faults": Text("{number} 处待完善", "To be mended: {number}"),
    "not_reached": Text("连接不到服务器，请稍后再试。", "The server cannot be reached; try again later."),
    "no_change": Text("没有变化。", "Nothing changes."),
    "changes": Text("改动", "What changes"),
    "draft_drop": Text("丢弃", "Discard"),
    "name": Text("名称（代号）", "Name (code)"),
    "title_zh": Text("标题（中文）", "Title in Chinese"),
    "title_en": Text("标题（英文）", "Title in English"),
    "source": Text("条款（逗号分隔）", "Clauses (comma separated)"),
    "choose": Text("请选择", "Choose"),
    "remove": Text("删除", "Remove"),
    "none_found": Text("没有找到", "Nothing found"),
    "may_not_read": Text("您无权查看这类单据。", "You may not read records of this kind."),
}
