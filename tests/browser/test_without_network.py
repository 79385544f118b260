"""A technician's day without network: Li Qiang (李强) fills in a service order in a cellar, the battery dies, and everything arrives once.

The browser keeps its data in a folder, as a phone does; "the battery dies" is SIGKILL for every process of it.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from conftest import FLAGS, PASSWORD, PATIENCE_MS
from desk_people import Desk
from needs import require_chromium, require_whole_chromium
from playwright.sync_api import Browser, Error, expect
from road import Road

from server.site import Site

pytestmark = pytest.mark.browser

# What Chromium says of requests that were on the road when it was cut; a file that the worker should have kept is another error.
CUT = re.compile(
    r"net::ERR_(SOCKET_NOT_CONNECTED|CONNECTION_\w+|EMPTY_RESPONSE|NETWORK_CHANGED|INTERNET_DISCONNECTED)|status of 502"
)

# The server has saved, and the page never hears of it.
ANSWER_IS_LOST = """() => {
    const real = window.fetch;
    window.fetch = async (address, options) => {
        const answer = await real(address, options);
        if (!String(address).startsWith("/form/") || options?.method !== "POST") return answer;
        document.body.dataset.lost = "1";
        throw new TypeError("cut off");
    };
}"""

DRAFT_IS_KEPT = """async () => {
    const store = await new Promise((done) => { indexedDB.open("guiju", 1).onsuccess = ({ target }) => done(target.result); });
    const count = () => new Promise((done) => { store.transaction("files").objectStore("files").count().onsuccess = ({ target }) => done(target.result); });
    while (!(await count())) await new Promise((done) => setTimeout(done, 50));
}"""


class Phone:
    """One telephone, switched on and off; its owner's browser is `desk`."""

    def __init__(self, chromium: Browser, road: Road, folder: Path, program: str) -> None:
        self._program = program
        self._type = chromium.browser_type
        self._road = road
        self._address = f"http://127.0.0.1:{road.port}"
        self._folder = folder
        self.desk: Desk

    def switches_on(self, *, network: bool) -> Desk:
        context = self._type.launch_persistent_context(
            str(self._folder), executable_path=self._program, args=list(FLAGS), base_url=self._address, locale="zh-CN",
            timezone_id="Asia/Shanghai", viewport={"width": 390, "height": 800}, is_mobile=True, has_touch=True, permissions=["background-sync"],
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        self.desk = Desk(context, "liqiang")
        self.network(network)
        return self.desk

    def signs_in(self, site: Site, login: str) -> Desk:
        self.switches_on(network=True)
        self._token, _ = site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "tests")
        self.stays_signed_in()
        return self.looks_at_the_work()

    def stays_signed_in(self) -> None:
        """Browsers write cookies to the disk every half a minute; the sign-in of the morning is there long since."""
        self.desk.context.add_cookies([{"name": "sid", "value": self._token, "url": self._address}])

    def looks_at_the_work(self) -> Desk:
        """My work is open, and everything of it is kept."""
        self.desk.goes("/mine").page.wait_for_selector("body[data-kept]")
        self.desk.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        return self.desk

    def session_ends(self, site: Site) -> None:
        site.accounts.sign_out(self._token)

    def dies(self) -> None:
        """The battery is empty: no process of the browser gets to do another thing."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if str(self._folder).encode() in (process / "cmdline").read_bytes():
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:
                continue
        with suppress(Error):  # it is gone already
            self.desk.context.close()
        for lock in self._folder.glob("Singleton*"):
            lock.unlink()

    def server(self, there: bool, *, has_proxy: bool = False) -> None:
        """The network stays; the server is started anew, perhaps behind a proxy that says so."""
        self._road.has_proxy = has_proxy
        if there:
            self._road.mend()
        else:
            self._road.cut()

    def network(self, there: bool) -> None:
        if there:
            self._road.mend()
        else:
            self._road.cut()
        self.desk.context.set_offline(not there)


@contextmanager
def owned(chromium: Browser, address: str, folder: Path, program: str) -> Iterator[Phone]:
    """A phone in somebody's pocket; nothing that its pages complain of may be left."""
    road = Road(int(address.rpartition(":")[2]))
    phone = Phone(chromium, road, folder, program)
    yield phone
    phone.desk.context.close()
    road.close()
    assert [problem for problem in phone.desk.problems if not CUT.search(problem)] == []


@pytest.fixture
def phone(chromium: Browser, address: str, tmp_path: Path) -> Iterator[Phone]:
    with owned(chromium, address, tmp_path / "phone", require_chromium()) as phone:
        yield phone


@pytest.fixture
def syncing_phone(chromium: Browser, address: str, tmp_path: Path) -> Iterator[Phone]:
    """One whose browser sends in the background."""
    with owned(chromium, address, tmp_path / "phone", require_whole_chromium()) as phone:
        yield phone


def order(site: Site, **values: Any) -> str:
    """A service order of Li Qiang's that is still open."""
    liqiang = site.user("liqiang")
    customer = site.queries.search_link(liqiang, "Customer", "东岭")[0].value
    return site.documents.save(liqiang, "Service Order", {"customer": customer, "technician": "liqiang"} | values).name


def orders(site: Site, report: str) -> list[dict[str, Any]]:
    """The service orders with this report."""
    found = site.queries.list(
        site.user("liqiang"), "Service Order", fields=["name", "version"], filters=[("work_report", "=", report)]
    )
    return [site.documents.load(site.user("liqiang"), "Service Order", row["name"]) for row in found.rows]


def waits(desk: Desk, text: str) -> None:
    expect(desk.page.locator("[data-sync]")).to_have_text(text)


def keeps(desk: Desk) -> None:
    """Press Save without network: the work is on the list of what waits."""
    desk.press("保存")
    expect(desk.page.locator("[data-queue] .pill", has_text="待发送").first).to_be_visible()


def test_an_order_filled_in_without_network_survives_the_battery_and_arrives_once(
    phone: Phone, site: Site, pictures: Callable[[str], Path]
) -> None:
    report = "地下室无信号，更换主轴轴承后试机正常。"
    phone.signs_in(site, "liqiang")
    phone.network(False)

    liqiang = phone.desk.goes("/mine")
    liqiang.page.locator(".mine-pile", has=liqiang.page.get_by_role("heading", name="售后服务单")).get_by_role(
        "link", name="新建"
    ).tap()
    liqiang.is_ready()
    liqiang.links("客户", "东岭", "东岭汽车零部件股份有限公司")
    liqiang.types(服务过程记录=report)
    liqiang.turns_to("资料与照片")
    photos = liqiang.grid("现场照片")
    photos.uploads(photos.adds(), "照片", pictures("现场.jpg"))
    liqiang.turns_to("客户签字")
    liqiang.signs_with_a_finger("客户签字", "谢军")
    keeps(liqiang)
    expect(liqiang.page.locator("[data-sync]")).to_contain_text(
        "1 项待发送"
    )  # a browser begun offline by a test says it is online
    phone.dies()

    liqiang = phone.switches_on(network=False)
    phone.stays_signed_in()
    waiting = liqiang.goes("/mine").page.locator("[data-queue] a")
    expect(waiting).to_contain_text("新建售后服务单 · 东岭汽车零部件股份有限公司")
    waiting.tap()
    liqiang.is_ready()
    expect(liqiang.page.locator("[data-kept-here]")).to_be_visible()
    assert liqiang.reads("服务过程记录") == report
    liqiang.turns_to("客户签字")
    expect(liqiang.box("客户签字")).to_contain_text("谢军")
    assert orders(site, report) == []

    liqiang.page.evaluate(ANSWER_IS_LOST)
    phone.network(True)
    liqiang.page.wait_for_selector("body[data-lost]")
    expect(liqiang.page.locator("[data-sync]")).to_contain_text("1 项待发送")
    assert len(orders(site, report)) == 1
    liqiang.goes("/mine")
    waits(liqiang, "已同步")

    (arrived,) = orders(site, report)
    assert (arrived["version"], arrived["customer_signature"]["name"]) == (1, "谢军")
    assert arrived["photos"][0]["photo"].startswith("/files/")


def test_what_was_typed_and_not_saved_survives_the_battery_too(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Service Order", name)
    liqiang.types(服务过程记录="写到一半，没电了。")
    liqiang.page.evaluate(DRAFT_IS_KEPT)
    phone.dies()

    liqiang = phone.switches_on(network=False)
    phone.stays_signed_in()
    liqiang.opens("Service Order", name)
    liqiang.page.locator("#draft-notice [data-restore]").tap()

    assert liqiang.reads("服务过程记录") == "写到一半，没电了。"


def test_two_saves_of_one_record_arrive_in_their_order(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    for report in ("先写一半。", "先写一半，回来补完。"):
        liqiang.opens("Service Order", name)
        liqiang.types(服务过程记录=report)
        keeps(liqiang)
    waits(liqiang, "离线 · 2 项待发送")
    later = "const now = Date.now; Date.now = () => now() + 5400 * 1000"  # an hour and a half on the way back
    liqiang.page.evaluate(later)

    phone.network(True)
    waits(liqiang, "已同步")

    saved = site.documents.load(site.user("liqiang"), "Service Order", name)
    assert (saved["work_report"], saved["version"]) == ("先写一半，回来补完。", 3)
    told = [
        entry.reason.zh if entry.reason else ""
        for entry in site.queries.history(site.user("liqiang"), "Service Order", name, 2)
    ]
    assert all(reason.startswith("无网络时保存于") for reason in told), told


def inspection(site: Site, place: str) -> str:
    """A round of Li Qiang's that goes through a workflow."""
    values = {"place": place, "inspector": "liqiang"}
    return site.documents.save(site.user("liqiang"), "Inspection Round", values).name


def takes_the_step(desk: Desk, remark: str) -> None:
    desk.press("完成")
    desk.page.locator("dialog textarea").fill(remark)
    desk.page.locator("dialog").get_by_role("button", name="完成").tap()


def test_a_step_of_the_workflow_goes_after_the_save_before_it_and_is_taken_once(phone: Phone, site: Site) -> None:
    name = inspection(site, "三号车间")
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Inspection Round", name)
    liqiang.types(结果="一切正常。")
    keeps(liqiang)
    liqiang.opens("Inspection Round", name)
    takes_the_step(liqiang, "现场确认。")
    expect(liqiang.page.locator("[data-queue] li").last).to_contain_text("完成")
    waits(liqiang, "离线 · 2 项待发送")
    liqiang.opens("Inspection Round", name)
    expect(liqiang.page.locator("[data-kept-here]")).to_contain_text("“完成”保存在本机")

    liqiang.page.evaluate(ANSWER_IS_LOST)  # of the save, then of the step
    phone.network(True)
    liqiang.page.wait_for_selector("body[data-lost]")
    waits(liqiang.goes("/mine"), "已同步")

    done = site.documents.load(site.user("liqiang"), "Inspection Round", name)
    told = site.workflows.progress(site.user("liqiang"), "Inspection Round", name)
    assert (done["finding"], done["docstatus"], done["workflow_state"]) == ("一切正常。", 1, "Done")
    assert told is not None
    assert [item.comment.zh for item in told.history if item.comment] == ["现场确认。"]


def test_a_step_that_is_refused_comes_back_to_the_person_with_what_was_typed(phone: Phone, site: Site) -> None:
    name = inspection(site, "四号车间")
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Inspection Round", name)
    liqiang.types(结果="已关闭气源。")
    takes_the_step(liqiang, "先报完成。")
    waits(liqiang, "离线 · 1 项待发送")
    zhaolei = site.user("zhaolei")
    site.documents.save(zhaolei, "Inspection Round", {"finding": "调度改写。"}, name=name, version=1)

    phone.network(True)
    waits(liqiang, "1 项需处理")
    assert site.documents.load(zhaolei, "Inspection Round", name)["docstatus"] == 0
    liqiang.page.locator("[data-queue] a").tap()
    liqiang.is_ready()
    expect(liqiang.page.locator("table.conflict")).to_contain_text("已关闭气源。")
    takes_the_step(liqiang, "看过之后完成。")

    waits(liqiang, "已同步")
    done = site.documents.load(zhaolei, "Inspection Round", name)
    assert (done["finding"], done["workflow_state"]) == ("已关闭气源。", "Done")


def test_a_signature_is_noted_without_network_and_asked_for_when_there_is_one(phone: Phone, site: Site) -> None:
    name = inspection(site, "五号车间")
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Inspection Round", name)
    liqiang.page.get_by_label("更多", exact=True).tap()
    liqiang.page.locator("a[href^='/sign/']").first.tap()
    expect(liqiang.page.locator("[data-to-sign]")).to_contain_text("密码不保存在本机")
    waits(liqiang, "离线 · 1 项待签名")

    phone.network(True)
    liqiang.goes("/mine")
    waits(liqiang, "1 项待签名")
    liqiang.page.locator("[data-queue] a").tap()
    liqiang.is_ready()
    liqiang.page.locator("[data-to-sign] button").tap()
    dialog = liqiang.page.locator("dialog.signing-dialog")
    dialog.locator("select").select_option(index=1)
    dialog.get_by_label("登录名").fill("liqiang")
    dialog.get_by_label("密码").fill(PASSWORD)
    with liqiang.page.expect_navigation():
        dialog.get_by_role("button").last.tap()

    waits(liqiang, "已同步")
    (signature,) = site.signing.of_record(site.user("liqiang"), "Inspection Round", name)
    assert (signature.signer, signature.is_valid) == ("liqiang", True)


class Worker:
    """The service worker of a phone, told by the browser that the network is back; asked for on a page of nobody's."""

    def __init__(self, phone: Phone) -> None:
        self.page = phone.desk.context.new_page()
        self._session = phone.desk.context.new_cdp_session(self.page)
        self._address = phone.desk.page.url.split("/", 3)
        self._known: list[dict[str, Any]] = []
        self._session.on("ServiceWorker.workerRegistrationUpdated", lambda told: self._known.extend(told["registrations"]))
        self._session.send("ServiceWorker.enable")

    def hears_of_the_network(self) -> None:
        while not (mine := [one for one in self._known if one["scopeURL"].startswith("/".join(self._address[:3]))]):
            self.page.wait_for_timeout(50)
        told = {"origin": "/".join(self._address[:3]), "registrationId": mine[-1]["registrationId"]}
        self._session.send("ServiceWorker.dispatchSyncEvent", told | {"tag": "guiju-queue", "lastChance": False})

    def waits_until(self, came: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE_MS / 1000
        while not came() and time.monotonic() < until:
            self.page.wait_for_timeout(100)


def test_what_waits_is_sent_in_the_background_when_the_page_is_closed(syncing_phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = syncing_phone.signs_in(site, "liqiang")
    syncing_phone.network(False)
    liqiang.opens("Service Order", name)
    liqiang.types(服务过程记录="写完就把手机揣进口袋。")
    keeps(liqiang)
    asked = "navigator.serviceWorker.ready.then((it) => it.sync.getTags())"
    assert liqiang.page.evaluate(asked) == ["guiju-queue"]
    worker = Worker(syncing_phone)
    liqiang.page.close()

    syncing_phone.network(True)
    worker.hears_of_the_network()

    worker.waits_until(lambda: bool(orders(site, "写完就把手机揣进口袋。")))
    (arrived,) = orders(site, "写完就把手机揣进口袋。")
    assert (arrived["name"], arrived["version"]) == (name, 2)


def test_a_page_and_the_background_never_send_one_save_twice(
    syncing_phone: Phone, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = order(site)
    liqiang = syncing_phone.signs_in(site, "liqiang")
    syncing_phone.network(False)
    for number in range(3):
        liqiang.opens("Service Order", name)
        liqiang.types(服务过程记录=f"第 {number} 次写。")
        keeps(liqiang)
    worker = Worker(syncing_phone)
    sent: list[str] = []
    made_before = site.documents.made_before
    monkeypatch.setattr(site.documents, "made_before", lambda user, key: sent.append(key) or made_before(user, key))

    syncing_phone.network(True)  # the page hears of it, and so does the worker, again and again
    for _ in range(5):
        worker.hears_of_the_network()
    waits(liqiang, "已同步")
    worker.page.wait_for_timeout(1000)

    assert (len(sent), len(set(sent))) == (3, 3)
    assert site.documents.load(site.user("liqiang"), "Service Order", name)["version"] == 4


def test_what_somebody_else_changed_meanwhile_is_chosen_field_by_field(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Service Order", name)
    liqiang.types(服务过程记录="在现场写的。")
    keeps(liqiang)
    site.documents.save(
        site.user("wangfang"), "Service Order", {"work_report": "办公室写的。", "site": "二号车间"}, name=name, version=1
    )

    phone.network(True)
    waits(liqiang, "1 项需处理")
    liqiang.page.locator("[data-queue] a").tap()
    liqiang.is_ready()
    choices = liqiang.page.locator("table.conflict")
    expect(choices).to_contain_text("办公室写的。")
    expect(choices).to_contain_text("在现场写的。")
    name_of_field = choices.get_by_text("服务过程记录", exact=True)
    assert name_of_field.evaluate("(cell) => cell.getBoundingClientRect().height < 40")  # on one line, not a letter to a line
    liqiang.page.get_by_role("button", name="按所选保存").tap()

    waits(liqiang, "已同步")
    saved = site.documents.load(site.user("liqiang"), "Service Order", name)
    assert (saved["work_report"], saved["site"]) == ("在现场写的。", "二号车间")


def test_what_the_rules_refuse_comes_back_with_the_reason_and_what_was_typed(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Service Order", name)
    liqiang.types(结束时间="2026-06-15 08:00", 开始时间="不知道几点", 服务过程记录="时间没写对。")
    keeps(liqiang)

    phone.network(True)
    waits(liqiang, "1 项需处理")
    liqiang.page.locator("[data-queue] a").tap()
    liqiang.is_ready()
    expect(liqiang.page.locator("#errors")).to_contain_text("开始时间")
    assert liqiang.reads("服务过程记录") == "时间没写对。"
    liqiang.types(开始时间="2026-06-15 07:00")
    liqiang.saves()

    waits(liqiang, "已同步")
    assert site.documents.load(site.user("liqiang"), "Service Order", name)["work_report"] == "时间没写对。"


def test_the_next_person_sees_nothing_of_the_one_before_and_sends_nothing_of_theirs(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Service Order", name)
    liqiang.types(服务过程记录="李强写的。")
    keeps(liqiang)
    phone.session_ends(site)
    phone.network(True)

    wangfang = liqiang.becomes("wangfang").goes("/mine")
    waits(wangfang, "已同步")
    expect(wangfang.page.locator("[data-queue]")).not_to_be_visible()
    wangfang.page.wait_for_selector("body[data-kept]")
    phone.network(False)
    wangfang.goes(f"/form/Service%20Order/{name}")
    expect(wangfang.page.get_by_role("heading", name="没有网络，本机没有保存这个页面")).to_be_visible()
    assert site.documents.load(site.user("liqiang"), "Service Order", name)["version"] == 1

    phone.network(True)
    waits(wangfang.becomes("liqiang").goes("/mine"), "已同步")
    assert site.documents.load(site.user("liqiang"), "Service Order", name)["work_report"] == "李强写的。"


def test_a_server_that_is_started_anew_is_no_lost_network(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.server(False)
    liqiang.opens("Service Order", name)
    liqiang.types(服务过程记录="重启时写的。")
    keeps(liqiang)
    waits(liqiang, "服务器无应答，正在重试 · 1 项待发送")
    liqiang.goes("/list/Customer")
    expect(liqiang.page.get_by_role("heading", name="服务器没有应答，正在重试")).to_be_visible()

    phone.server(True)
    expect(liqiang.page.get_by_role("heading", level=1, name="客户")).to_be_visible()  # by itself
    waits(liqiang, "已同步")
    assert site.documents.load(site.user("liqiang"), "Service Order", name)["work_report"] == "重启时写的。"


def test_signing_out_leaves_nothing_on_the_phone(phone: Phone, site: Site) -> None:
    name = order(site)
    liqiang = phone.signs_in(site, "liqiang")
    phone.network(False)
    liqiang.opens("Service Order", name)
    liqiang.types(服务过程记录="不该留在手机上。")
    keeps(liqiang)

    liqiang.page.get_by_label("我的账号").tap()
    liqiang.page.get_by_role("button", name="退出登录").tap()
    liqiang.page.get_by_role("button", name="删除并退出").tap()
    expect(liqiang.page.get_by_role("heading", name="没有网络，本机没有保存这个页面")).to_be_visible()
    liqiang.goes(f"/form/Service%20Order/{name}")
    expect(liqiang.page.get_by_role("heading", name="没有网络，本机没有保存这个页面")).to_be_visible()
    phone.network(True)
    phone.server(False, has_proxy=True)  # whose answer is not the server's: it has yet to be told
    liqiang.goes("/mine")
    expect(liqiang.page.get_by_role("heading", name="服务器没有应答，正在重试")).to_be_visible()
    phone.server(True)
    liqiang.goes("/mine")
    expect(liqiang.page.get_by_role("heading", name="登录规矩")).to_be_visible()

    left = liqiang.page.evaluate(
        """() => new Promise((done) => { indexedDB.open("guiju", 1).onsuccess = ({ target }) => {
            if (!target.result.objectStoreNames.contains("queue")) { done(0); return; }
            target.result.transaction("queue").objectStore("queue").count().onsuccess = (counted) => done(counted.target.result);
        }; })"""
    )
    assert (left, liqiang.page.evaluate("caches.has('guiju-kept')")) == (0, False)
