"""What the command palette and the list of keys say; the browser gets it together with what the palette offers."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

PALETTE_TEXTS: Mapping[str, Text] = {
    "title": Text("快速前往", "Go to"),
    "hint": Text("单据、列表、报表、新建、操作、设置…", "Records, lists, reports, new, actions, settings…"),
    "nothing": Text("没有找到", "Nothing found"),
    "here": Text("本页操作", "On this page"),
    "found": Text("单据", "Records"),
    "keys": Text("键盘快捷键", "Keyboard shortcuts"),
    "close": Text("关闭", "Close"),
    "single": Text("启用单键快捷键（关闭后只保留带 Ctrl、Alt 的）", "Single keys on (off: only those with Ctrl or Alt)"),
}

# The keys by where they hold; what the browser or the input itself does is not listed.
KEYS: tuple[tuple[Text, tuple[tuple[str, Text], ...]], ...] = (
    (
        Text("到处", "Everywhere"),
        (
            ("Ctrl K", Text("快速前往：单据、列表、报表、操作", "Go to any record, list, report or action")),
            ("/", Text("搜索", "Search")),
            ("H", Text("首页", "Home")),
            ("I", Text("待办", "Inbox")),
            ("?", Text("本说明", "This list")),
        ),
    ),
    (
        Text("列表与单据", "Lists and records"),
        (
            ("N", Text("新建", "New")),
            ("Ctrl S", Text("保存", "Save")),
            ("Ctrl Enter", Text("提交", "Submit")),
            ("P", Text("打印", "Print")),
            ("E", Text("到第一个字段", "To the first field")),
            ("F1", Text("字段帮助", "Help of the field")),
            ("Alt Enter", Text("打开字段所链接的单据", "Open the record that the field links to")),
            ("J / Alt PageDown", Text("下一条", "Next record")),
            ("K / Alt PageUp", Text("上一条", "Previous record")),
            ("L", Text("回到列表", "Back to the list")),
        ),
    ),
    (
        Text("明细表", "Child tables"),
        (
            ("↑ ↓ ← →", Text("移到相邻单元格", "To the next cell")),
            ("Enter", Text("下一行，末行时添加一行", "Next row; in the last one adds a row")),
            ("Shift ↑ ↓ ← →", Text("选取一块", "Choose a block")),
            ("Ctrl C / X / V", Text("复制、剪切、粘贴（Excel）", "Copy, cut, paste (Excel)")),
            ("Ctrl D", Text("向下填充", "Fill down")),
            ("Ctrl Z / Y", Text("撤销、重做", "Undo, redo")),
            ("Alt Insert", Text("在上方插入行", "Insert a row above")),
            ("Ctrl Shift D", Text("复制行", "Duplicate the row")),
            ("Ctrl Delete", Text("删除行", "Remove the row")),
            ("Alt ↑ ↓", Text("移动行", "Move the row")),
            ("F2 / F4", Text("编辑文字、展开选项", "Edit the text, open the choices")),
        ),
    ),
)
