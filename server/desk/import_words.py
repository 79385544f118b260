"""The texts of the import pages, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

STATES: Mapping[str, tuple[Text, str]] = {
    "mapping": (Text("待设置", "being set up"), "gray"),
    "waiting": (Text("排队中", "waiting"), "blue"),
    "running": (Text("进行中", "running"), "blue"),
    "stopping": (Text("正在停止", "stopping"), "orange"),
    "checked": (Text("已检查", "checked"), "blue"),
    "refused": (Text("有错未导入", "refused"), "red"),
    "done": (Text("已导入", "imported"), "green"),
    "stopped": (Text("已停止", "stopped"), "orange"),
    "failed": (Text("中断", "broken off"), "red"),
    "undone": (Text("已撤销", "undone"), "gray"),
}
TASKS: Mapping[str, Text] = {
    "check": Text("正在检查", "Checking"), "run": Text("正在导入", "Importing"), "undo": Text("正在撤销", "Undoing"),
}  # fmt: skip
MODES: Mapping[str, Text] = {
    "insert": Text("新增记录", "Insert new records"),
    "update": Text("更新已有记录", "Update existing records"),
    "both": Text("有则更新，无则新增", "Update where there is one, else insert"),
}
CHILD_ROWS: Mapping[str, Text] = {
    "replace": Text("以文件中的行替换", "Replace them by those of the file"),
    "add": Text("把文件中的行加在后面", "Add those of the file below"),
    "keep": Text("保留原有的行，不导入子表列", "Leave them as they are"),
}
COUNTS: Mapping[str, Text] = {
    "good": Text("条没有问题", "without fault"),
    "faulty": Text("条有错", "with faults"),
    "created": Text("条新增", "created"),
    "changed": Text("条更新", "changed"),
    "unchanged": Text("条无变化", "unchanged"),
    "refused": Text("条未导入", "not imported"),
    "warned": Text("条有提醒", "with warnings"),
    "undone": Text("条已撤销", "undone"),
    "kept": Text("条未能撤销", "could not be undone"),
}
ENCODINGS: Mapping[str, str] = {"utf-8-sig": "UTF-8", "gb18030": "GBK / GB 18030", "utf-16": "UTF-16", "big5": "Big5"}
DELIMITERS: Mapping[str, Text] = {
    ",": Text("逗号 ,", "comma ,"), ";": Text("分号 ;", "semicolon ;"), "\t": Text("制表符", "tab"), "；": Text("全角分号", "full-width semicolon"),
    "，": Text("全角逗号", "full-width comma"),
}  # fmt: skip
STEPS = (Text("上传", "Upload"), Text("对应列", "Columns"), Text("检查", "Check"), Text("导入", "Import"))
