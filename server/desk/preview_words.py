"""What the form says of the pages beside it: of a print, of an attached PDF."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

PREVIEW_TEXTS: Mapping[str, Text] = {
    "paper_title": Text("打印预览", "Print preview"),
    "paper_format": Text("打印格式", "Print format"),
    "paper_pages": Text("共 {number} 页", "Pages: {number}"),
    "paper_first": Text("显示前 {number} 页，其余请打开 PDF", "the first {number} are shown; open the PDF for the rest"),
    "paper_page": Text("第 {number} 页", "Page {number}"),
    "paper_saved": Text("预览的是已保存的内容。", "What was saved is shown, without what you typed since."),
    "paper_none": Text(
        "此格式生成 Excel 文件，没有页面可预览。", "This format makes an Excel file; there are no pages to show."
    ),
    "paper_failed": Text("预览不成：{reason}", "No preview: {reason}"),
    "paper_waiting": Text("正在排版…", "Setting the pages…"),
    "paper_open": Text("打开 PDF", "Open the PDF"),
    "paper_close": Text("关闭预览", "Close the preview"),
}
