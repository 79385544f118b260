"""A form with everything on it, and what reads a PDF back."""

from __future__ import annotations

import base64
import io
import os
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from needs import require_program
from PIL import Image, ImageDraw

import server
from server.printing.format import PrintFormat, read_format

FONTS = Path(os.environ.get("GUIJU_PRINT_FONTS") or Path(server.__file__).parent / "assets" / "fonts")
SENTENCE = "根据GJB 9001C第8.2.3条的要求，合同在签订前由质量、技术、生产、采购（含外协）等部门共同评审；未闭环的意见不得放行。"

CUSTOMER = {
    "name": "Customer",
    "label": {"zh": "客户", "en": "Customer"},
    "fields": [{"fieldname": "customer_name", "fieldtype": "Data"}],
}

PART = {
    "name": "Service Part",
    "label": {"zh": "更换备件", "en": "Service Part"},
    "istable": 1,
    "fields": [
        {"fieldname": "part", "fieldtype": "Data", "label": {"zh": "备件", "en": "Part"}},
        {"fieldname": "remark", "fieldtype": "Small Text", "label": {"zh": "说明", "en": "Remark"}},
        {
            "fieldname": "result",
            "fieldtype": "Select",
            "label": {"zh": "检查结果", "en": "Result"},
            "options": "Pass\nFail\nNA",
            "option_labels": {
                "Pass": {"zh": "合格", "en": "Pass"},
                "Fail": {"zh": "不合格", "en": "Fail"},
                "NA": {"zh": "不适用", "en": "N/A"},
            },
        },
        {"fieldname": "returned", "fieldtype": "Check", "label": {"zh": "旧件回收", "en": "Returned"}},
        {"fieldname": "qty", "fieldtype": "Int", "label": {"zh": "数量", "en": "Qty"}},
        {"fieldname": "amount", "fieldtype": "Currency", "label": {"zh": "金额", "en": "Amount"}},
        {"fieldname": "cost", "fieldtype": "Currency", "label": {"zh": "成本", "en": "Cost"}, "print_hide": 1},
    ],
}

ORDER = {
    "name": "Service Order",
    "label": {"zh": "售后服务单", "en": "Service Order"},
    "is_submittable": 1,
    "fields": [
        {"fieldname": "naming_series", "fieldtype": "Select", "options": "SO-.YYYY.-.#####"},
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer", "label": {"zh": "客户", "en": "Customer"}},
        {"fieldname": "contact", "fieldtype": "Data", "label": {"zh": "联系人", "en": "Contact"}},
        {"fieldname": "column", "fieldtype": "Column Break"},
        {"fieldname": "visit_on", "fieldtype": "Date", "label": {"zh": "上门日期", "en": "Visit date"}},
        {"fieldname": "arrived_at", "fieldtype": "Datetime", "label": {"zh": "到达时间", "en": "Arrived"}},
        {"fieldname": "fault_section", "fieldtype": "Section Break", "label": {"zh": "故障处理", "en": "Repair"}},
        {"fieldname": "under_warranty", "fieldtype": "Check", "label": {"zh": "保修期内", "en": "Under warranty"}},
        {
            "fieldname": "conclusion",
            "fieldtype": "Select",
            "label": {"zh": "处理结论", "en": "Conclusion"},
            "options": "Fixed\nReturn",
            "option_labels": {"Fixed": {"zh": "已修复", "en": "Fixed"}, "Return": {"zh": "返厂维修", "en": "Return to works"}},
        },
        {"fieldname": "discount", "fieldtype": "Percent", "label": {"zh": "优惠", "en": "Discount"}},
        {"fieldname": "total", "fieldtype": "Currency", "label": {"zh": "费用合计", "en": "Total"}},
        {"fieldname": "address", "fieldtype": "Small Text", "label": {"zh": "地址", "en": "Address"}},
        {"fieldname": "cause", "fieldtype": "Text", "label": {"zh": "故障原因分析", "en": "Cause"}},
        {"fieldname": "note", "fieldtype": "Text Editor", "label": {"zh": "处理说明", "en": "Note"}},
        {"fieldname": "items", "fieldtype": "Table", "options": "Service Part", "label": {"zh": "更换备件", "en": "Parts"}},
        {"fieldname": "photo", "fieldtype": "Attach Image", "label": {"zh": "现场照片", "en": "Photo"}},
        {"fieldname": "inner", "fieldtype": "Data", "label": {"zh": "内部备注", "en": "Inner note"}, "hidden": 1},
        {"fieldname": "signed", "fieldtype": "Signature", "label": {"zh": "客户签字", "en": "Customer's signature"}},
        {"fieldname": "engineer_signed", "fieldtype": "Signature", "label": {"zh": "工程师签字", "en": "Engineer's signature"}},
    ],
}


def drawn_signature() -> str:
    """A scribble as the signature pad draws it: dark strokes on a transparent ground."""
    image = Image.new("RGBA", (360, 120), (0, 0, 0, 0))
    ImageDraw.Draw(image).line(
        [(20, 90), (80, 20), (120, 100), (180, 30), (230, 95), (340, 40)], fill=(15, 23, 42, 255), width=6
    )
    return "data:image/png;base64," + base64.b64encode(png_bytes(image)).decode()


def png_bytes(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def part(number: int, **values: Any) -> dict[str, Any]:
    row = {
        "name": f"r{number}",
        "idx": number,
        "part": f"轴承组件{number}",
        "remark": "更换后试运行正常",
        "result": "Pass",
        "returned": 1,
        "qty": number,
        "amount": Decimal("1250.00"),
        "cost": Decimal("777.00"),
    }
    return row | values


def designed(html: str, **values: Any) -> PrintFormat:
    raw = {
        "name": "Service Order RCSH-07",
        "doc_type": "Service Order",
        "title": {"zh": "售后服务报告单", "en": "Service Report"},
        "form_number": "RCSH-07",
        "form_version": "A/1",
        "html": html,
    }
    return read_format(raw | values)


class Paper:
    """A PDF as its reader sees it."""

    def __init__(self, pdf: bytes) -> None:
        self.pdf = pdf
        self.pages = self._text("-layout").split("\f")[:-1]
        self.text = "".join(self.pages)
        self.run_together = "".join(self._text("-raw").split())

    def _text(self, mode: str) -> str:
        return subprocess.run(
            [require_program("pdftotext"), mode, "-", "-"], input=self.pdf, capture_output=True, check=True
        ).stdout.decode()

    @property
    def fonts(self) -> list[str]:
        found = subprocess.run(["pdffonts", "-"], input=self.pdf, capture_output=True, check=True).stdout.decode()
        return [line.split()[0] for line in found.splitlines()[2:]]
