"""The fixed texts of what people do beside a record's content, in both languages: comments, following, assignments, tags."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

BESIDE: Mapping[str, Text] = {
    "action.assigned": Text("分配", "assigned this"),
    "action.taken back": Text("收回分配", "took back an assignment of this"),
    "action.comment edited": Text("修改了评论", "edited a comment"),
    "action.comment removed": Text("删除了评论", "removed a comment"),
    "action.attached": Text("添加附件", "attached a file"),
    "action.detached": Text("去掉附件", "took off a file"),
    "action.tagged": Text("加标签", "tagged this"),
    "action.untagged": Text("去掉标签", "took off a tag"),
    "bulk.assign": Text("分配", "Assign"),
    "bulk.tag": Text("加标签", "Tag"),
    "bulk.do_assign": Text("分配 {number} 条", "Assign {number}"),
    "bulk.do_tag": Text("为 {number} 条加标签", "Tag {number}"),
    "owed.withdraw": Text("收回分配", "Take back"),
    "owed.reason_withdraw": Text("说明", "Note"),
    "owed.did_withdraw": Text("已收回", "taken back"),
}
