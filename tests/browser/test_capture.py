"""Capturing on a phone: photos stamped and made smaller, marks on a picture, a code scanned into a field."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import FLAGS, PASSWORD, PATIENCE_MS
from desk_people import Desk
from needs import missing, require_whole_chromium
from PIL import Image
from playwright.sync_api import Browser, expect

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
    before = photo.get_by_role("link", name="标记前的原图")
    assert before.get_attribute("href") == original
    assert kept(wangfang, original).size == (1600, 1200)
    assert wangfang.runs_out == []


def printed_label() -> Image.Image:
    """The code of a device as our own labels carry it."""
    squares = qr_squares(f"http://guiju.example/form/Customer%20Device/{DEVICE}")
    label = Image.new("1", (len(squares) + 8, len(squares) + 8), 1)
    for row, line in enumerate(squares):
        for column, is_dark in enumerate(line):
            label.putpixel((column + 4, row + 4), not is_dark)
    return label.resize((label.width * 8, label.height * 8)).convert("RGB")


def film_of(pictures: list[Image.Image], size: tuple[int, int]) -> bytes:
    """What a camera sees, as YUV4MPEG2: grey pictures one after the other, again and again."""
    width, height = size
    film = f"YUV4MPEG2 W{width} H{height} F5:1 Ip A1:1 C420jpeg\n".encode()
    for picture in pictures:
        frame = Image.new("L", size, 200)
        frame.paste(picture, ((width - picture.width) // 2, (height - picture.height) // 2))
        film += b"FRAME\n" + frame.tobytes() + bytes([128]) * (width * height // 2)
    return film


@pytest.fixture
def filming(site: Site, address: str, chromium: Browser, tmp_path: Path) -> Iterator[Callable[[list[Image.Image]], Desk]]:
    """Wang Fang's phone, whose camera sees these pictures."""
    started: list[Desk] = []

    def start(pictures: list[Image.Image]) -> Desk:
        (tmp_path / "film.y4m").write_bytes(film_of(pictures, (640, 480)))
        sees = f"--use-file-for-fake-video-capture={tmp_path / 'film.y4m'}"
        context = chromium.browser_type.launch_persistent_context(
            str(tmp_path / "phone"), executable_path=require_whole_chromium(), args=[*FLAGS, "--use-fake-device-for-media-stream", sees],
            base_url=address, locale="en-US", viewport={"width": 390, "height": 800}, is_mobile=True, has_touch=True,
            permissions=["camera"], service_workers="block",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        token, _ = site.accounts.sign_in("wangfang", PASSWORD, "127.0.0.1", "tests")
        cookies = {"sid": token, "language": "en"}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        started.append(Desk(context, "wangfang"))
        return started[0]

    yield start
    started[0].context.close()
    assert started[0].problems == []


def test_the_live_camera_reads_a_code_as_soon_as_it_sees_one(filming: Callable[[list[Image.Image]], Desk]) -> None:
    nothing, label = Image.new("L", (10, 10), 200), printed_label()
    wangfang = filming([nothing] * 10 + [label] * 10).opens("Service Ticket")

    wangfang.page.get_by_role("button", name="Scan a code: Device").tap()
    scanning = wangfang.page.get_by_role("dialog", name="Scan a code")
    expect(scanning.locator("video")).to_be_visible()

    expect(scanning).to_have_count(0)
    wangfang.page.get_by_role("option").filter(has_text=DEVICE).first.tap()
    expect(wangfang.field("Device")).to_have_value(DEVICE)
    wangfang.page.get_by_role("button", name="Scan a code: Device").tap()
    expect(wangfang.page.get_by_role("dialog", name="Scan a code")).to_have_count(
        0
    )  # the camera was let go, and is there again


def test_a_code_on_a_label_is_scanned_into_a_link(signed_in: SignIn, tmp_path: Path) -> None:
    if not (vendor_dir() / "zxing-wasm" / "reader.js").is_file():
        missing("zxing-wasm among the assets: run python assets/build.py;")
    printed_label().save(tmp_path / "label.png")
    wangfang = signed_in("wangfang", width=390, phone=True, language="en").opens("Service Ticket")

    wangfang.page.get_by_role("button", name="Scan a code: Device").tap()
    scanning = wangfang.page.get_by_role("dialog", name="Scan a code")
    scanning.locator("input[type=file]").set_input_files(tmp_path / "label.png")

    expect(scanning).to_have_count(0)
    wangfang.page.get_by_role("option").filter(has_text=DEVICE).first.tap()
    expect(wangfang.field("Device")).to_have_value(DEVICE)
