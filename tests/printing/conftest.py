"""A print service with real worker processes, and a record to print."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from PIL import Image
from print_samples import CUSTOMER, FONTS, ORDER, PART, Paper, designed, drawn_signature, part, png_bytes

from server.core.settings import Settings
from server.metadata.load import read_doctype
from server.metadata.model import DocType, Model
from server.printing.context import PrintContext
from server.printing.service import PrintService


@pytest.fixture(scope="session")
def model() -> Model:
    return Model({raw["name"]: read_doctype(raw) for raw in (CUSTOMER, PART, ORDER)})


@pytest.fixture(scope="session")
def doctype(model: Model) -> DocType:
    return model["Service Order"]


@pytest.fixture
def record() -> dict[str, Any]:
    return {
        "name": "SO-2026-00017",
        "owner": "王芳",
        "creation": datetime(2026, 3, 31, 1, 5, tzinfo=UTC),
        "modified": datetime(2026, 3, 31, 7, 0, tzinfo=UTC),
        "modified_by": "李强",
        "docstatus": 1,
        "version": 3,
        "naming_series": "SO-.YYYY.-.#####",
        "customer": "C-001",
        "contact": "昇喆玥",
        "visit_on": date(2026, 3, 31),
        "arrived_at": datetime(2026, 3, 31, 6, 30, tzinfo=UTC),
        "under_warranty": 1,
        "conclusion": "Fixed",
        "discount": Decimal("12.40"),
        "total": Decimal("1234567.89"),
        "address": "陕西省西安市高新区锦业路 1 号\n三号厂房东门",
        "cause": "轴承润滑不足，温升超过 5℃；\n同轴度超差 Φ25±0.01，Ra≤0.8μm。",
        "note": "<p>更换<b>轴承组件</b>后连续运行 <i>72 h</i> 正常。</p>",
        "items": [part(1), part(2, result="Fail", returned=0), part(3, remark="现场调整")],
        "photo": "/files/abcdefghij12/photo.png",
        "inner": "不应打印的内部备注",
        "signed": {"image": drawn_signature(), "name": "赵敏", "at": "2026-03-31T08:15:00Z"},
        "engineer_signed": None,
    }


@pytest.fixture
def context() -> PrintContext:
    photo = Image.new("RGB", (800, 500), (90, 140, 190))
    return PrintContext(
        language="zh",
        company="规矩精密制造有限公司",
        link_titles={("Customer", "C-001"): "西安某某电子科技股份有限公司"},
        approvals=[
            {
                "role": "总经理",
                "title": "报价低于价目表",
                "by_name": "周建国",
                "at": datetime(2026, 3, 30, 2, 0, tzinfo=UTC),
                "comment": "同意，老客户。",
                "decision": "approved",
            },
        ],
        images={"/files/abcdefghij12/photo.png": png_bytes(photo)},
        now=datetime(2026, 4, 1, 1, 0, tzinfo=UTC),
        printed_by="李强",
    )


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrintService]:
    found = PrintService(Settings(site_dir=tmp_path_factory.mktemp("site"), print_timeout_seconds=30), FONTS)
    yield found
    found.close()


@pytest.fixture
def printed(service: PrintService, doctype: DocType, model: Model, context: PrintContext) -> Callable[..., Paper]:
    """Print a record, with a template of its own or the generated format."""

    def run(record: dict[str, Any], html: str | None = None, given: PrintContext = context, **values: Any) -> Paper:
        form = None if html is None else designed(html, **values)
        return Paper(service.render(doctype, record, form, model, given))

    return run
