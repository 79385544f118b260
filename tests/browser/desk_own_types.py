"""A record type of a site's own, with the fields that no shipped one has: rich text, a time, dates and needed cells in rows."""

from __future__ import annotations

from typing import Any

# An inspector's round, worked on without network: a step that wants a remark, and one that the server refuses without a finding.
ROUND: dict[str, Any] = {
    "name": "Inspection Round", "label": {"zh": "点检单", "en": "Inspection Round"}, "autoname": "format:DJ-{####}", "title_field": "place",
    "is_submittable": 1, "track_changes": 1, "offline": {"mine": ["inspector"], "filters": [["docstatus", "=", 0]]},
    "fields": [
        {"fieldname": "place", "fieldtype": "Data", "label": {"zh": "地点", "en": "Place"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "inspector", "fieldtype": "Link", "options": "User", "label": {"zh": "点检人", "en": "Inspector"}},
        {"fieldname": "finding", "fieldtype": "Small Text", "label": {"zh": "结果", "en": "Finding"}},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1, "submit": 1}],
}  # fmt: skip

ROUND_FLOW: dict[str, Any] = {
    "name": "Inspection Round", "document_type": "Inspection Round", "workflow_state_field": "workflow_state", "is_active": 1,
    "states": [
        {"state": "Open", "title": {"zh": "点检中", "en": "Going on"}, "doc_status": "0", "allow_edit": "Service Technician"},
        {"state": "Done", "title": {"zh": "已完成", "en": "Done"}, "doc_status": "1", "allow_edit": "Service Technician"},
    ],
    "transitions": [
        {"state": "Open", "action": "Finish", "title": {"zh": "完成", "en": "Finish"}, "next_state": "Done", "allowed": "Service Technician",
         "comment": True},
    ],
}  # fmt: skip

TRIAL_CUT: dict[str, Any] = {
    "name": "Trial Cut", "label": {"zh": "试切记录", "en": "Trial Cut"}, "autoname": "format:SQ-{####}", "is_submittable": 1,
    "fields": [
        {"fieldname": "subject", "fieldtype": "Data", "label": {"zh": "试切件", "en": "Workpiece"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "started", "fieldtype": "Time", "label": {"zh": "开始时刻", "en": "Started"}},
        {"fieldname": "notes", "fieldtype": "Text Editor", "label": {"zh": "工艺说明", "en": "Notes"}},
        {"fieldname": "witness", "fieldtype": "Signature", "label": {"zh": "见证人", "en": "Witness"}, "allow_on_submit": 1},
        {"fieldname": "inspector", "fieldtype": "Signature", "label": {"zh": "检验员", "en": "Inspector"},
         "read_only_depends_on": "eval:doc.subject == '已检'"},
        {"fieldname": "cuts", "fieldtype": "Table", "label": {"zh": "走刀", "en": "Passes"}, "options": "Trial Cut Pass"},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1, "delete": 1, "submit": 1, "cancel": 1}],
}  # fmt: skip

TRIAL_CUT_PASS: dict[str, Any] = {
    "name": "Trial Cut Pass", "label": {"zh": "走刀", "en": "Pass"}, "istable": 1,
    "fields": [
        {"fieldname": "tool", "fieldtype": "Data", "label": {"zh": "刀具", "en": "Tool"}, "reqd": 1, "in_list_view": 1},
        {"fieldname": "cut_on", "fieldtype": "Date", "label": {"zh": "日期", "en": "Date"}, "in_list_view": 1},
        {"fieldname": "measured", "fieldtype": "Float", "label": {"zh": "实测", "en": "Measured"}, "in_list_view": 1,
         "mandatory_depends_on": "eval:doc.cut_on"},
        {"fieldname": "remark", "fieldtype": "Text Editor", "label": {"zh": "说明", "en": "Remark"}},
    ],
}  # fmt: skip
