"""Everything that the scripts of a form say, gathered from the words beside each part: `texts.<key>` there."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text
from ..metadata.fieldtypes.numbers import YES_NO
from .capture_words import CAPTURE_TEXTS
from .grid_words import GRID_TEXTS
from .merge_words import MERGE_TEXTS
from .phrases import PHRASES
from .preview_words import PREVIEW_TEXTS

_FORM_TEXTS: Mapping[str, Text] = {
    "no_rows": PHRASES["form.no_rows"],
    "move_row": Text("拖动排序（Alt+↑↓）", "Drag to move (Alt+arrows)"),
    "edit_row": Text("编辑此行", "Edit this row"),
    "view_row": Text("查看此行全部内容", "See the whole row"),
    "remove_row": Text("删除此行", "Remove this row"),
    "done": Text("完成", "Done"),
    "close": PHRASES["form.give_up"],
    "sign": PHRASES["form.sign"],
    "sign_again": PHRASES["form.sign_again"],
    "sign_here": Text("请在框内签名", "Sign in the box"),
    "sign_clear": Text("重写", "Clear"),
    "sign_done": Text("确认签名", "Use this signature"),
    "sign_missing": Text("请先在框内签名。", "Please sign in the box first."),
    "sign_name_missing": Text("请填写签名人姓名。", "Please enter the signer's name."),
    "signer": Text("签名人姓名", "Name of the signer"),
    "upload": PHRASES["form.upload"],
    "upload_failed": Text("上传失败，请重试。", "The upload failed; try again."),
    "remove": PHRASES["form.remove"],
    "editor_tools": Text("“{label}”的文字格式", "Format of {label}"),
    "editor_bold": Text("加粗", "Bold"),
    "editor_italic": Text("斜体", "Italic"),
    "editor_underline": Text("下划线", "Underline"),
    "editor_bullets": Text("项目符号列表", "Bulleted list"),
    "editor_numbers": Text("编号列表", "Numbered list"),
    "editor_heading": Text("标题", "Heading"),
    "editor_clear": Text("清除格式", "Clear formatting"),
    "new_record": Text("新建", "New"),
    "nothing_found": Text("没有找到", "Nothing found"),
    "no_answer": Text(
        "服务器没有应答（可能正在重启），不清楚是否已保存。您填写的内容保存在本机，请稍候再次保存，不会重复保存。",
        "The server does not answer, it may be starting anew; whether this was saved is not known. What you typed is kept in this browser; save again in a moment: it is saved once.",
    ),
    "no_connection": Text("连接不上服务器，恢复连接后请再试。", "The server cannot be reached; try again once connected."),
    "save_cut_off": Text(
        "连接不上服务器，不清楚是否已保存。您填写的内容保存在本机，恢复连接后请再次保存，不会重复保存。",
        "The server cannot be reached; whether this was saved is not known. What you typed is kept in this browser; save again once connected: it is saved once.",
    ),
    "reason_missing": Text("{label}必填，会记入时间线。", "{label} is required; it is kept in the timeline."),
    "failed": Text("未保存。", "Not saved."),
    "longest": Text(
        "最长的是“{label}”，有 {number} 个字符；请缩短后再保存。",
        "The longest is {label} with {number} characters; shorten it and save again.",
    ),
    "bad_date": Text(
        "{label}：“{value}”不是日期，应如 2026-11-24。", '{label}: "{value}" is not a date; expected e.g. 2026-11-24.'
    ),
    "bad_datetime": Text(
        "{label}：“{value}”不是日期时间，应如 2026-11-24 14:30。",
        '{label}: "{value}" is not a date and time; expected e.g. 2026-11-24 14:30.',
    ),
    "bad_time": Text("{label}：“{value}”不是时间，应如 14:30。", '{label}: "{value}" is not a time; expected e.g. 14:30.'),
    "alike_in_rows": Text("（第 {rows} 行相同）", " (the same in rows {rows})"),
    "in_row": Text("“{table}”第 {number} 行，{column}", '"{table}" row {number}, {column}'),
    "field": Text("字段", "Field"),
    "theirs": PHRASES["form.theirs"],
    "mine": PHRASES["form.mine"],
    "save_chosen": Text("按所选保存", "Save what is chosen"),
    "take_theirs": Text("放弃我的更改", "Drop my changes"),
    "yes": YES_NO[0],
    "no": YES_NO[1],
    "sign_unsaved": Text("请先保存，再签名：签的是已保存的内容。", "Save first: what is signed is what was saved."),
    "session_ended": Text("登录已过期", "Your session has ended"),
    "session_ended_hint": Text(
        "您填写的内容都还在。重新登录后继续保存。", "Everything you typed is still here. Sign in to go on saving."
    ),
    "login": PHRASES["login.login"],
    "password": PHRASES["login.password"],
    "sign_in": PHRASES["login.sign_in"],
}

FORM_WORDS: Mapping[str, Text] = {**_FORM_TEXTS, **GRID_TEXTS, **MERGE_TEXTS, **CAPTURE_TEXTS, **PREVIEW_TEXTS}
