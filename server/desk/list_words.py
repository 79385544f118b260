"""The fixed texts of lists and trees, in both languages, and of changing several records at once."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import Text

LISTS: Mapping[str, Text] = {
    "list.unseen": Text("未读", "New to you"),
    "list.views": Text("查看方式", "View"),
    "list.view_list": Text("列表", "List"),
    "list.view_tree": Text("树形", "Tree"),
    "list.count": Text("共 {number} 条", "{number} in all"),
    "list.new": Text("新建{what}", "New {what}"),
    "list.search": Text("搜索{what}", "Search {what}"),
    "list.all": Text("全部", "All"),
    "list.filter": Text("筛选", "Filter"),
    "list.field": Text("字段", "Field"),
    "list.operator": Text("条件", "Condition"),
    "list.value": Text("值", "Value"),
    "list.apply": Text("应用", "Apply"),
    "list.clear": Text("清除筛选", "Clear filters"),
    "list.remove_filter": Text("去掉此条件", "Remove this filter"),
    "list.name": Text("编号", "Number"),
    "list.export": Text("导出", "Export"),
    "list.export_hint": Text(
        "把筛选出的全部记录存为 CSV 文件，可用 Excel 打开", "Everything that the filters find as a CSV file, for Excel"
    ),
    "list.pages": Text("翻页", "Pages"),
    "list.first": Text("第一页", "First page"),
    "list.next": Text("下一页", "Next page"),
    "list.empty": Text("还没有{what}。", "There is no {what} yet."),
    "tree.open": Text("展开 {what}", "Open {what}"),
    "tree.add": Text("在 {what} 下新建", "New below {what}"),
    "tree.more": Text("更多", "More"),
    "tree.nothing": Text("其下没有记录。", "There is nothing below it."),
    "bulk.title": Text("批量处理", "Change several"),
    "bulk.choose": Text("选择 {what}", "Choose {what}"),
    "bulk.choose_all": Text("全选本页", "Choose all on this page"),
    "bulk.chosen": Text("已选 {number} 条", "{number} chosen"),
    "bulk.of_page": Text("处理所选…", "Change the chosen…"),
    "bulk.of_all": Text("处理全部 {number} 条…", "Change all {number}…"),
    "bulk.too_many": Text(
        "一次最多处理 {most} 条，这里是前 {most} 条。", "At most {most} are changed in one go; these are the first {most}."
    ),
    "bulk.nobody": Text("没有选中任何记录。", "No record is chosen."),
    "bulk.nothing_allowed": Text("您没有批量处理这类记录的权限。", "You may not change such records."),
    "bulk.back": Text("返回列表", "Back to the list"),
    "bulk.change": Text("更改字段", "Change a field"),
    "bulk.submit": Text("提交", "Submit"),
    "bulk.cancel": Text("作废", "Cancel"),
    "bulk.delete": Text("删除", "Delete"),
    "bulk.print": Text("打印", "Print"),
    "bulk.do_print": Text("打印 {number} 张", "Print {number}"),
    "bulk.format": Text("打印格式", "Print format"),
    "bulk.do_change": Text("更改 {number} 条", "Change {number}"),
    "bulk.do_submit": Text("提交 {number} 条", "Submit {number}"),
    "bulk.do_cancel": Text("作废 {number} 条", "Cancel {number}"),
    "bulk.do_delete": Text("删除 {number} 条", "Delete {number}"),
    "bulk.warn_submit": Text(
        "提交后不可再改，只能作废后修订。", "What is submitted is final; it can only be cancelled and amended."
    ),
    "bulk.warn_delete": Text(
        "删除后不能恢复。已提交过的和被引用的记录不会被删除。",
        "This cannot be undone. What was submitted or is referred to stays.",
    ),
    "bulk.choose_field": Text("请选择…", "Choose…"),
    "bulk.new_value": Text("{what}改为", "New value of {what}"),
    "bulk.empty_hint": Text("留空则清空该字段。", "Left empty, the field is emptied."),
    "bulk.reason": Text("作废原因", "Reason"),
    "bulk.record": Text("标题", "Title"),
    "bulk.now": Text("{what}（现在）", "{what} (now)"),
    "bulk.outcome": Text("结果", "Result"),
    "bulk.progress": Text("已完成 {done} 条，未完成 {refused} 条。", "{done} done, {refused} refused."),
    "bulk.offline": Text(
        "连接不上服务器，不清楚是否已更改，请刷新列表查看。",
        "The server cannot be reached; whether this was changed is not known. Reload the list to see.",
    ),
    "bulk.stop": Text("停止", "Stop"),
}
