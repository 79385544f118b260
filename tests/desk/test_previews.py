"""The glimpse of a record shows what its reader may see of it, and nothing to others."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from PIL import Image

from server.access.permissions import Permissions
from server.access.user import User
from server.core.errors import ValidationFailed
from server.printing.worker import Job, Reply, Workers
from server.site import Site


def test_a_glimpse_has_title_and_main_fields_as_the_reader_sees_them(signed_in: FlaskClient, site: Site, li: User) -> None:
    values = {"tool": "深度尺", "kind": "Gauge", "qty": "2", "borrower": "li", "price": "800"}
    name = site.documents.save(User.administrator(), "Tool Loan", values).name

    found = signed_in.get(f"/preview/Tool%20Loan/{name}").get_json()

    assert (found["title"], found["note"]) == ("深度尺", f"工具借用单 {name}")
    assert found["fields"] == [["类别", "量具"], ["借用人", "李工"], ["数量", "2"]]


@pytest.mark.parametrize("address", ["/preview", "/print-pages"])
def test_whoever_may_not_read_a_record_sees_neither_it_nor_its_paper(
    signed_in: FlaskClient, monkeypatch: pytest.MonkeyPatch, site: Site, address: str
) -> None:
    name = site.documents.save(User.administrator(), "Tool Loan", {"tool": "高度尺"}).name
    monkeypatch.setattr(Permissions, "may", lambda *_: False)

    answer = signed_in.get(f"{address}/Tool%20Loan/{name}", headers={"Accept": "application/json"})

    assert (answer.status_code, {"fields", "pages"} & set(answer.get_json())) == (403, set())


def test_an_attached_pdf_is_seen_page_by_page_by_whoever_may_open_it(signed_in: FlaskClient, site: Site, li: User) -> None:
    stream = BytesIO()
    pages = [Image.new("RGB", (300, 400), "white") for _ in range(14)]
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:])
    mine, broken = (
        site.files.upload(li, BytesIO(content), name).split("/")[2]
        for content, name in ((stream.getvalue(), "图纸.pdf"), (b"%PDF-1.4 nothing", "坏.pdf"))
    )
    somebody_elses = site.files.upload(User.administrator(), BytesIO(stream.getvalue()), "b.pdf").split("/")[2]

    seen, refused, unread = (
        signed_in.get(f"/file-pages/{each}", headers={"Accept": "application/json"}) for each in (mine, somebody_elses, broken)
    )

    assert (seen.get_json()["count"], len(seen.get_json()["pages"]), seen.get_json()["pages"][0][:22]) == (
        14,
        12,
        "data:image/png;base64,",
    )
    assert (refused.status_code, "pages" in refused.get_json()) == (403, False)
    assert "坏.pdf" in unread.get_json()["message"]


def test_no_view_of_the_database_is_held_while_paper_is_made(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = tmp_path / "empty.pdf"
    empty.write_bytes(b"%PDF-1.4\n%%EOF")
    name = site.documents.save(User.administrator(), "Tool Loan", {"tool": "深度尺"}).name
    is_held: list[bool] = []
    render = Workers.render
    with site.database.one_view():
        view = site.database._view.get()
        assert view is not None

        def noted(workers: Workers, job: Job) -> Reply:
            is_held.append(view._connection is not None)
            return render(workers, job)

        monkeypatch.setattr(Workers, "render", noted)
        for make in (
            lambda: site.printouts.batch(User.administrator(), "Tool Loan", [name]),  # in a thread of its own
            lambda: site.printing.pages(empty, "empty.pdf"),
        ):
            with site.database.read():
                pass
            with suppress(ValidationFailed):
                make()

    assert is_held == [False, False]
