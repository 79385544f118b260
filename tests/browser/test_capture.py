"""Capturing on a phone: photos stamped and made smaller, marks on a picture, a code scanned into a field."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_people import Desk
from needs import missing
from PIL import Image
from playwright.sync_api import expect

from server.assets import vendor_dir
from server.printing.qr import qr_squares
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
DEVICE = "CK6150I-2311-117"


def kept(desk: Desk, address: str) -> Image.Image:
    return Image.open(io.BytesIO(desk.context.request.get(address).body()))


def test_a_photo_is_stamped_and_marked_and_the_original_stays(signed_in: SignIn, site: Site, tmp_path: Path) -> None:
    Image.new("RGB", (2400, 1800), "#cfd8e3").save(tmp_path / "机床.jpg")
    wangfang = signed_in("wangfang", width=390, phone=True).opens("Service Ticket")
    page, photo = wangfang.page, wangfang.box("故障照片")
    shown = photo.locator("[data-shown]")

    photo.locator("[data-camera]").set_input_files(tmp_path / "机床.jpg")
    expect(shown).to_be_visible()
    original = str(shown.get_attribute("href"))
    taken = kept(wangfang, original).convert("L")
    assert taken.size == (1600, 1200)
    assert min(taken.crop((1000, 1100, 1600, 1200)).getdata()) < 120 < min(taken.crop((0, 0, 900, 1000)).getdata())  # the stamp

    photo.get_by_role("button", name="标记").tap()
    dialog = page.get_by_role("dialog", name="在图上标记")
    dialog.get_by_role("button", name="圈").tap()
    paper = dialog.locator("canvas").bounding_box()
    assert paper is not None
    page.mouse.move(paper["x"] + 40, paper["y"] + 40)
    page.mouse.down()
    page.mouse.move(paper["x"] + 140, paper["y"] + 120, steps=4)
    page.mouse.up()
    dialog.get_by_role("button", name="存为新图").tap()

    expect(shown).not_to_have_attribute("href", original)
    red, green, _ = kept(wangfang, str(shown.get_attribute("href"))).convert("RGB").resize((400, 300)).split()
    assert max(one - other for one, other in zip(red.getdata(), green.getdata(), strict=True)) > 60
    assert kept(wangfang, original).size == (1600, 1200)
    assert wangfang.runs_out == []


def test_a_code_on_a_label_is_scanned_into_a_link(signed_in: SignIn, tmp_path: Path) -> None:
    if not (vendor_dir() / "zxing-wasm" / "reader.js").is_file():
        missing("zxing-wasm among the assets: run python assets/build.py;")
    squares = qr_squares(f"http://guiju.example/form/Customer%20Device/{DEVICE}")
    label = Image.new("1", (len(squares) + 8, len(squares) + 8), 1)
    for row, line in enumerate(squares):
        for column, is_dark in enumerate(line):
            label.putpixel((column + 4, row + 4), not is_dark)
    label.resize((label.width * 8, label.height * 8)).convert("RGB").save(tmp_path / "label.png")
    wangfang = signed_in("wangfang", width=390, phone=True, language="en").opens("Service Ticket")

    wangfang.page.get_by_role("button", name="Scan a code: Device").tap()
    scanning = wangfang.page.get_by_role("dialog", name="Scan a code")
    scanning.locator("input[type=file]").set_input_files(tmp_path / "label.png")

    expect(scanning).to_have_count(0)
    wangfang.page.get_by_role("option").filter(has_text=DEVICE).first.tap()
    expect(wangfang.field("Device")).to_have_value(DEVICE)
