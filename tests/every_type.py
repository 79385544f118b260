"""A DocType with a field of every type that Frappe has beyond the everyday ones, and a record that fills it: data, no tests."""

from __future__ import annotations

from typing import Any

SYMPTOM: dict[str, object] = {
    "doctype": "DocType",
    "name": "Symptom",
    "label": {"zh": "故障现象", "en": "Symptom"},
    "autoname": "field:title",
    "title_field": "title",
    "show_title_field_in_link": 1,
    "fields": [{"fieldname": "title", "fieldtype": "Data", "reqd": 1, "label": {"zh": "现象", "en": "Symptom"}}],
    "permissions": [{"role": "All", "read": 1, "select": 1}, {"role": "System Manager", "read": 1, "write": 1, "create": 1}],
}

SITE_VISIT_SYMPTOM: dict[str, object] = {
    "doctype": "DocType",
    "name": "Site Visit Symptom",
    "istable": 1,
    "fields": [{"fieldname": "symptom", "fieldtype": "Link", "options": "Symptom", "label": {"zh": "现象", "en": "Symptom"}}],
}

SITE_VISIT: dict[str, object] = {
    "doctype": "DocType",
    "name": "Site Visit",
    "label": {"zh": "现场回访", "en": "Site Visit"},
    "autoname": "Prompt",
    "fields": [
        {"fieldname": "about", "fieldtype": "Heading", "label": {"zh": "客户与设备", "en": "Customer and machine"}},
        {"fieldname": "phone", "fieldtype": "Phone", "label": {"zh": "联系电话", "en": "Phone"}, "in_list_view": 1},
        {"fieldname": "mail", "fieldtype": "Data", "options": "Email", "label": {"zh": "邮箱", "en": "E-mail"}},
        {"fieldname": "manual", "fieldtype": "Data", "options": "URL", "label": {"zh": "资料网址", "en": "Manual"}},
        {
            "fieldname": "shop", "fieldtype": "Autocomplete", "options": "装配车间\n机加车间\n热处理车间",
            "label": {"zh": "使用车间", "en": "Workshop"},
        },
        {"fieldname": "cb", "fieldtype": "Column Break"},
        {"fieldname": "barcode", "fieldtype": "Barcode", "label": {"zh": "设备条码", "en": "Barcode"}},
        {"fieldname": "lamp", "fieldtype": "Color", "label": {"zh": "指示灯颜色", "en": "Lamp colour"}},
        {"fieldname": "icon", "fieldtype": "Icon", "label": {"zh": "图标", "en": "Icon"}},
        {
            "fieldname": "stars", "fieldtype": "Rating", "options": "5", "in_list_view": 1, "in_standard_filter": 1,
            "label": {"zh": "客户评分", "en": "Rating"},
        },
        {"fieldname": "place", "fieldtype": "Geolocation", "label": {"zh": "安装位置", "en": "Place"}},
        {"fieldname": "more", "fieldtype": "Section Break", "label": {"zh": "现象与记录", "en": "Symptoms and notes"}},
        {
            "fieldname": "symptoms", "fieldtype": "Table MultiSelect", "options": "Site Visit Symptom",
            "label": {"zh": "故障现象", "en": "Symptoms"},
        },
        {"fieldname": "notes", "fieldtype": "Markdown Editor", "label": {"zh": "回访记录", "en": "Notes"}},
        {"fieldname": "mail_text", "fieldtype": "HTML Editor", "label": {"zh": "答复内容", "en": "Answer"}},
        {"fieldname": "fold", "fieldtype": "Fold"},
        {"fieldname": "program", "fieldtype": "Code", "options": "gcode", "label": {"zh": "试切程序", "en": "Program"}},
        {"fieldname": "settings", "fieldtype": "JSON", "label": {"zh": "参数", "en": "Parameters"}},
        {"fieldname": "password", "fieldtype": "Password", "label": {"zh": "远程诊断密码", "en": "Remote password"}},
        {"fieldname": "photo", "fieldtype": "Attach Image", "label": {"zh": "铭牌照片", "en": "Name plate"}},
        {"fieldname": "photo_shown", "fieldtype": "Image", "options": "photo", "label": {"zh": "铭牌", "en": "Plate"}},
        {"fieldname": "call", "fieldtype": "Button", "label": {"zh": "呼叫", "en": "Call"}},
    ],
    "permissions": [
        {"role": "All", "read": 1},
        {"role": "System Manager", "read": 1, "write": 1, "create": 1, "delete": 1, "print": 1},
    ],
}  # fmt: skip

EVERY_TYPE = (SYMPTOM, SITE_VISIT_SYMPTOM, SITE_VISIT)

FILLED: dict[str, Any] = {
    "name": "回访-001",
    "phone": "029-8888 0000转12",
    "mail": "service@example.com",
    "manual": "https://example.com/manual.pdf",
    "shop": "装配车间",
    "barcode": "CK6140-0017",
    "lamp": "#2E7D32",
    "icon": "wrench",
    "stars": 0.9,
    "place": "34.26, 108.94",
    "symptoms": [{"symptom": "主轴异响"}, {"symptom": "漏油"}],
    "notes": "# 回访\n\n主轴 **2000 rpm** 以上有异响。\n\n| 转速 | 噪声 |\n| --- | --- |\n| 800 | 62 |",
    "mail_text": "<p>您好，<b>已安排</b>更换。<script>alert(1)</script></p>",
    "program": "G0 X0 Z5\nG1 Z-20 F0.2",
    "settings": '{"spindle": {"max_rpm": 3000}}',
    "password": "诊断-2026",
}
