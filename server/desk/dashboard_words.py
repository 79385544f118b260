"""What the page for changing a dashboard says, by key, for its script."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

WORDS: Mapping[str, Text] = {
    "Indicator": Text("指标", "Indicator"),
    "Chart": Text("图表", "Chart"),
    "Table": Text("表格", "Table"),
    "Count": Text("单据数", "Number of records"),
    "Shortcut": Text("快捷方式", "Shortcut"),
    "Quarter": Text("四分之一", "A quarter"),
    "Half": Text("一半", "Half"),
    "Full": Text("整行", "Whole line"),
    "report": Text("报表", "Report"),
    "doctype": Text("单据类型", "Record type"),
    "address": Text("地址（以 / 开头）", "Address, beginning with /"),
    "filters": Text("筛选", "Filters"),
    "label_zh": Text("标题", "Title, Chinese"),
    "label_en": Text("英文标题", "Title, English"),
    "width": Text("宽度", "Width"),
    "up": Text("前移", "Move forward"),
    "down": Text("后移", "Move back"),
    "remove": Text("移除", "Remove"),
    "settings": Text("设置", "Settings"),
    "drag": Text("拖动", "Drag"),
    "failed": Text("未能保存", "Not saved"),
    "offline": Text("服务器没有应答", "The server does not answer"),
    "moved": Text("已移到第 {n} 位", "Moved to place {n}"),
    "empty": Text("从上方加入图块，拖动以排列。", "Add tiles from above, and drag them into place."),
}
