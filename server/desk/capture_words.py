"""What the form says of capturing: photos, marking on them, scanning codes."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

CAPTURE_TEXTS: Mapping[str, Text] = {
    "photo": Text("拍照", "Photo"),
    "mark": Text("标记", "Mark"),
    "mark_hint": Text("在图上画箭头、圈、文字；原图保留", "Draw arrows, circles and texts on it; the original is kept"),
    "original": Text("标记前的原图", "Before marking"),
    "mark_title": Text("在图上标记", "Mark on the picture"),
    "mark_arrow": Text("箭头", "Arrow"),
    "mark_circle": Text("圈", "Circle"),
    "mark_line": Text("画线", "Line"),
    "mark_text": Text("文字", "Text"),
    "mark_color": Text("颜色", "Colour"),
    "mark_undo": Text("撤销", "Undo"),
    "mark_done": Text("存为新图", "Keep as a new picture"),
    "mark_unread": Text("图片打不开，不能标记。", "The picture cannot be opened for marking."),
    "scan": Text("扫码", "Scan a code"),
    "scan_photo": Text("拍照或选图识别", "From a photo"),
    "scan_hint": Text("将二维码或条码对准画面中央。", "Hold the code into the middle of the picture."),
    "scan_no_camera": Text(
        "浏览器没有开放摄像头（须 HTTPS 并允许使用），可拍照识别。",
        "The browser gives no live camera (it needs HTTPS and your leave); take a photo instead.",
    ),
    "scan_not_loaded": Text(
        "识别组件没有载入，请检查网络后再试。", "What reads codes could not be loaded; check the network and try again."
    ),
    "scan_nothing": Text("没有认出条码，请靠近些、对准再拍。", "No code was found; come closer and try again."),
}
