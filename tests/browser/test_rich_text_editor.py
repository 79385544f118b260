"""Rich text is written as it will look, and read so; nothing dangerous gets in by pasting."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from desk_people import Desk
from playwright.sync_api import Locator, expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
PASTED = """<html><head><style>p{color:red}</style></head><body><!--StartFragment-->
<h1 class="MsoTitle" style="color:red" onclick="alert(1)">工序</h1><div><b style="x">先</b>粗车<script>alert(2)</script></div>
<ul><li><a href="javascript:alert(3)">量具</a></li></ul><table><tr><td>转速</td><td> 800</td></tr></table>
<img src="x" onerror="alert(4)"><iframe src="https://evil.example"></iframe></body></html>"""


def area(desk: Desk, label: str = "工艺说明") -> Locator:
    return desk.page.get_by_role("textbox", name=label)


def kept(desk: Desk, site: Site) -> str:
    return str(site.documents.load(site.user("sunyu"), "Trial Cut", desk.name)["notes"])


def pastes(field: Locator, kind: str, text: str) -> None:
    field.click()
    field.evaluate(
        """(field, [kind, text]) => {
            const carried = new DataTransfer();
            carried.setData(kind, text);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: carried, bubbles: true, cancelable: true }));
        }""",
        [kind, text],
    )


@pytest.fixture
def sunyu(signed_in: SignIn) -> Desk:
    desk = signed_in("sunyu").opens("Trial Cut")
    desk.types(试切件="富文本")
    return desk


def test_what_is_written_with_the_toolbar_is_kept_and_shown_formatted(sunyu: Desk, site: Site) -> None:
    expect(sunyu.page.locator("textarea[name=notes]")).to_be_hidden()
    tools = sunyu.page.get_by_role("toolbar", name="“工艺说明”的文字格式")
    field = area(sunyu)
    field.click()
    tools.get_by_role("button", name="标题").click()
    sunyu.page.keyboard.type("工序")
    sunyu.page.keyboard.press("Enter")
    tools.get_by_role("button", name="加粗").click()
    expect(tools.get_by_role("button", name="加粗")).to_have_attribute("aria-pressed", "true")
    sunyu.page.keyboard.type("先粗车")
    sunyu.page.keyboard.press("Enter")
    tools.get_by_role("button", name="清除格式").click()
    tools.get_by_role("button", name="编号列表").click()
    sunyu.page.keyboard.type("装夹")
    sunyu.page.keyboard.press("Enter")
    sunyu.page.keyboard.type("对刀")
    sunyu.saves()

    html = kept(sunyu, site)
    for part in ("<h3>工序</h3>", "<b>先粗车</b>", "<li>装夹</li><li>对刀</li>"):
        assert part in html
    assert "style=" not in html
    sunyu.submits()
    shown = sunyu.page.locator("#f-notes")
    expect(shown.locator("h3")).to_have_text("工序")
    expect(shown.locator("ol li")).to_have_count(2)
    expect(shown).not_to_contain_text("<")


def test_the_toolbar_is_reached_and_used_by_keys_in_both_languages(signed_in: SignIn) -> None:
    desk = signed_in("emma", language="en").opens("Trial Cut")
    field = area(desk, "Notes")
    field.click()
    desk.page.keyboard.type("spindle")
    desk.page.keyboard.press("Control+a")

    desk.page.keyboard.press("Shift+Tab")
    expect(desk.page.get_by_role("button", name="Bold")).to_be_focused()
    desk.page.keyboard.press("ArrowRight")
    desk.page.keyboard.press("ArrowRight")
    expect(desk.page.get_by_role("button", name="Underline")).to_be_focused()
    desk.page.keyboard.press("Enter")

    expect(field.locator("u")).to_have_text("spindle")
    expect(field).to_be_focused()
    named = desk.page.get_by_role("toolbar", name="Format of Notes").get_by_role("button")
    assert [name.get_attribute("aria-label") for name in named.all()] == [
        "Bold", "Italic", "Underline", "Bulleted list", "Numbered list", "Heading", "Clear formatting",
    ]  # fmt: skip


def test_what_is_pasted_keeps_its_shape_and_nothing_else(sunyu: Desk, site: Site) -> None:
    pastes(area(sunyu), "text/html", PASTED)
    sunyu.saves()

    html = kept(sunyu, site)
    assert set(re.findall(r"<([a-z0-9]+)", html)) <= {"h3", "p", "b", "ul", "li", "br"}
    for text in ("工序", "<b>先</b>粗车", "量具", "转速", "800"):
        assert text in html
    for never in ("alert", "style", "class", "href", "evil", "color"):
        assert never not in html


def test_pasted_plain_text_keeps_its_lines_and_shows_its_signs(sunyu: Desk, site: Site) -> None:
    pastes(area(sunyu), "text/plain", "a < b\n<b>粗</b>")
    sunyu.saves()

    assert "a &lt; b<br>&lt;b&gt;粗&lt;/b&gt;" in kept(sunyu, site)


def test_an_emptied_text_is_none(sunyu: Desk, site: Site) -> None:
    area(sunyu).fill("暂定")
    sunyu.saves()
    area(sunyu).press("Control+a")
    area(sunyu).press("Delete")
    sunyu.saves()

    assert kept(sunyu, site) == "None"


def test_what_another_program_wrote_stays_when_it_is_opened(signed_in: SignIn, site: Site) -> None:
    table = "<p>表</p><table><tbody><tr><td>转速</td></tr></tbody></table>"
    name = site.documents.save(site.user("sunyu"), "Trial Cut", {"subject": "表格", "notes": table}).name
    sunyu = signed_in("sunyu").opens("Trial Cut", name)

    area(sunyu).locator("p").click()
    sunyu.page.keyboard.press("End")
    sunyu.page.keyboard.type("一")
    sunyu.saves()

    assert kept(sunyu, site) == table.replace("表</p>", "表一</p>")


def test_a_draft_brings_rich_text_back(sunyu: Desk) -> None:
    area(sunyu).fill("离开前写的")
    sunyu.opens("Trial Cut").page.locator("#draft-notice").get_by_role("button", name="恢复").click()

    expect(area(sunyu)).to_have_text("离开前写的")


def test_in_a_row_it_is_written_in_the_dialog_and_read_as_text(sunyu: Desk, site: Site) -> None:
    grid = sunyu.grid("走刀")
    grid.adds()
    grid.types(1, 刀具="CNMG")
    grid.rows.first.get_by_role("button", name="编辑此行").click()
    row = sunyu.page.locator("dialog.row-dialog")
    row.get_by_role("textbox", name="说明").click()
    row.get_by_role("button", name="斜体").click()
    sunyu.page.keyboard.type("精车")
    row.get_by_role("button", name="完成").click()
    sunyu.saves()

    [cut] = site.documents.load(site.user("sunyu"), "Trial Cut", sunyu.name)["cuts"]
    assert "<i>精车</i>" in cut["remark"]
