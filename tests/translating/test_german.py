"""A third language, whole: pages, messages with values, prints, REST. What has no translation reads English."""

from __future__ import annotations

import html
import io
import re

from flask.testing import FlaskClient
from pypdf import PdfReader

from server.access.user import User
from server.app import create_app
from server.core.text import Text
from server.site import Site

ROOT = User.administrator()


def test_list_form_and_inbox_read_german_and_english_where_nobody_translated(
    site: Site, anna: FlaskClient, signed_in: object, dear: str
) -> None:
    found = anna.get("/list/Purchase").text
    form = anna.get(f"/form/Purchase/{dear}").text
    inbox = signed_in("bernd").get("/inbox").text  # type: ignore[operator]

    assert "Bestellanforderung anlegen" in found
    assert "Dringlichkeit" in found
    assert "Hoch" in found
    assert "What to buy" in found
    assert 'lang="de"' in form
    assert "Bemerkung" in form
    assert "2,500.00 für High &amp; Low: mehr als 1000" in inbox
    assert "Verwaltung" in form  # who owes the approval
    assert "Eingang" in inbox


def test_a_rules_message_keeps_its_values_and_translates_choices(site: Site) -> None:
    saved = site.documents.save(site.user("anna"), "Purchase", {"what": "Amount", "urgency": "High", "amount": 1200})

    (warning,) = [fault.text.to("de") for fault in saved.warnings]

    assert warning == "Amount – Dringlichkeit Hoch"


def test_errors_of_the_program_are_read_back_from_their_filled_sentences(site: Site, anna: FlaskClient) -> None:
    missing = anna.get("/form/Purchase/CG-9999")
    answer = anna.get("/api/resource/Purchase/CG-9999", headers={"Accept-Language": "de-AT,en;q=0.5"}).get_json()

    assert "Bestellanforderung „CG-9999“ gibt es nicht (mehr)." in missing.text
    assert answer["message"] == "Bestellanforderung „CG-9999“ gibt es nicht (mehr)."


def test_the_sign_in_page_offers_and_speaks_the_language(site: Site) -> None:
    stranger = create_app(site).test_client()

    german = stranger.get("/login", headers={"Accept-Language": "de"}).text

    assert "Bei Guiju anmelden" in german
    assert 'href="/language/de"' in german
    stranger.get("/language/en")
    assert "Sign in to Guiju" in stranger.get("/login", headers={"Accept-Language": "de"}).text


def test_a_print_reads_german(site: Site, dear: str) -> None:
    pdf = site.printouts.pdf(site.user("anna"), "Purchase", dear)

    text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()

    assert "Bestellanforderung" in text
    assert "Dringlichkeit" in text
    assert "Seite 1 von 1" in text
    assert "Gedruckt" in text


def test_a_user_chooses_among_the_languages_that_there_are(site: Site) -> None:
    field = site.snapshot().doctype("User").field("language")

    assert field.choices == ("zh", "en", "de")
    assert field.choice_label("de").to("zh") == "Deutsch"


def test_chinese_and_english_stay_as_they_are(site: Site) -> None:
    text = Text("采购申请", "Purchase")

    assert (text.to("zh"), text.to("en"), text.to("de"), text.to("fr")) == (
        "采购申请",
        "Purchase",
        "Bestellanforderung",
        "Purchase",
    )


def test_nothing_on_the_desk_but_data_is_out_of_a_translators_reach(site: Site, anna: FlaskClient, dear: str) -> None:
    """A language that puts every text in marks: what stands outside of them was typed by people, or cannot be translated."""
    marked = {item.key: f"«{item.en}»" for item in site.translations.entries()}
    site.translations.save(ROOT, "eo", marked)
    anna.set_cookie("language", "eo")
    typed = {"Anna Groß", "anna", "bernd", "Bernd Fuß", "High & Low", "Amount"}
    names = {"EO", "中文", "English", "Deutsch", "Esperanto", "Ctrl K", "YYYY-MM-DD"}  # days are written so in every language

    for address in ("/", "/list/Purchase", f"/form/Purchase/{dear}", "/form/Purchase/CG-9999", "/inbox", "/account/password"):
        page = re.sub(r"(?s)<(script|option)\b.*?</\1>", "", anna.get(address).text)
        said = re.findall(r""">([^<]*[^\W\d_][^<]*)<|(?:title|placeholder|aria-label)="([^"]*[^\W\d_][^"]*)\"""", page)
        texts = {html.unescape(text or attribute).strip() for text, attribute in said}
        assert {text for text in texts if "«" not in text and not text.startswith("CG-")} <= typed | names, address
    site.translations.save(ROOT, "eo", dict.fromkeys(marked, ""))
