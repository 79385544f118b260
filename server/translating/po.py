"""PO files: written for translators, read with every fault named by its entry. Nothing of ours is stored here."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, PoFileParser, write_po

from .. import __version__
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..core.translations import places
from .entries import Entry

MAX_ENTRIES = 100_000
MAX_TEXT = 10_000
MAX_PLURALS = 6  # Arabic has the most
BRACES = "python-brace-format"
_LINE = re.compile(r'\s*(?:#.*|(?:msg(?:ctxt|id|id_plural|str(?:\[\d+\])?)\s*)?"(?:[^"\\]|\\.)*"\s*)?')


@dataclass(frozen=True)
class Read:
    """What a PO file holds: translations by (context, English), and what was left out, each with why."""

    language: str
    translations: Mapping[tuple[str, str], str]
    left_out: tuple[Fault, ...] = field(default=())


def write(
    language: str, entries: Iterable[Entry], translations: Mapping[tuple[str, str], str], *, project: str = "Guiju"
) -> bytes:
    """The entries as a PO file: English as msgid, the Chinese and the places as comments; translations that no entry asks for at
    the moment are kept at the end, so that nothing is lost on the way."""
    catalog = Catalog(
        locale=language.replace("-", "_"),
        header_comment=f"# {project}: {locale_of(language).english_name}",
        project=project,
        version=__version__,
        charset="utf-8",
        fuzzy=False,
    )
    known = set()
    for item in entries:
        known.add((item.context, item.en))
        catalog.add(
            item.en,
            translations.get((item.context, item.en), ""),
            locations=[_location(reference) for reference in item.references],
            flags=[BRACES] if item.is_template else [],
            auto_comments=[f"中文：{line}" for line in item.zh.splitlines()] if item.zh != item.en else [],
            context=item.context or None,
        )
    for (context, en), text in translations.items():
        if (context, en) not in known and text:
            catalog.add(en, text, auto_comments=["not used at present"], context=context or None)
    file = io.BytesIO()
    write_po(file, catalog, width=100, include_lineno=True)
    return file.getvalue()


def _location(reference: str) -> tuple[str, int]:
    file, _, line = reference.rpartition(":")
    return (file, int(line)) if line.isdigit() else (reference.replace(": ", "/").replace(" ", "_"), 0)


def read(content: bytes, known: Iterable[Entry], *, language: str | None = None, source: str = "PO") -> Read:
    """The translations of a PO file. Raises ValidationFailed with every fault; then nothing of it may be used.

    An entry marked fuzzy is left out and named. Wrong places are a fault in a text of this site; a text that the site does not
    have (a Frappe application's file holds thousands) is left out when its places are wrong.
    """
    catalog = _parsed(content, source)
    spoken = _language(language or str(catalog.locale or catalog.locale_identifier or ""), source)
    entries = {(item.context, item.en): item for item in known}
    by_english = {item.en: item for item in entries.values()}
    found: dict[tuple[str, str], str] = {}
    faults: list[Fault] = []
    left_out: list[Fault] = []
    for message in catalog:
        msgid, text = _first(message.id), _first(message.string)
        if not msgid or not text.strip():
            continue
        context = message.context or ""
        where = f"{source}:{message.lineno or '?'}"
        if message.fuzzy:
            left_out.append(
                _fault(
                    where,
                    msgid,
                    "标为 fuzzy，未采用；请核对译文并去掉该标记",
                    "is marked fuzzy and was left out; check it and take the mark off",
                )
            )
            continue
        if len(text) > MAX_TEXT:
            faults.append(
                _fault(where, msgid, f"译文超过 {MAX_TEXT} 个字符", f"its translation has more than {MAX_TEXT} characters")
            )
            continue
        entry = entries.get((context, msgid)) or by_english.get(msgid)
        wrong = wrong_places(msgid, text, entry.optional if entry else frozenset())
        if wrong is not None:
            (faults if entry else left_out).append(_fault(where, msgid, wrong.zh, wrong.en))
            continue
        found[context, msgid] = text
    if len(found) > MAX_ENTRIES:
        faults.append(Fault(source, Text(f"超过 {MAX_ENTRIES} 条", f"has more than {MAX_ENTRIES} entries")))
    if faults:
        raise _refused(source, faults)
    return Read(spoken, found, tuple(left_out))


def wrong_places(en: str, translated: str, optional: frozenset[str] = frozenset()) -> Text | None:
    """What is wrong with the places of a translation; None when nothing is."""
    wanted, given = places(en), places(translated)
    strange, missing = sorted(given - wanted), sorted(wanted - given - optional)
    if strange:
        written = " ".join(f"{{{name}}}" for name in strange)
        return Text(f"译文中的占位 {written} 原文没有", f"its translation has {written}, which the text has not")
    if missing:
        written = " ".join(f"{{{name}}}" for name in missing)
        return Text(f"译文缺少占位 {written}", f"its translation lacks {written}")
    return None


def locale_of(language: str) -> Locale:
    """The locale of a language tag. Raises ValidationFailed for one that is none, or is written from right to left."""
    try:
        locale = Locale.parse(language.strip().replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ValidationFailed(
            Text(
                f"“{language}”不是语言代码，应如 de、vi、pt-BR。",
                f'"{language}" is not the code of a language; expected e.g. de, vi, pt-BR.',
            )
        ) from None
    if locale.text_direction == "rtl":
        raise ValidationFailed(
            Text(
                f"{locale.english_name} 从右向左书写，页面和打印尚不支持。",
                f"{locale.english_name} is written from right to left; pages and prints cannot do that yet.",
            )
        )
    return locale


def code_of(language: str) -> str:
    """The code by which a language is known here: `pt-BR` for `pt_BR`; any English is `en`, simplified Chinese `zh`.

    Raises as `locale_of`.
    """
    locale = locale_of(language)
    is_traditional = locale.script == "Hant" or locale.territory in ("TW", "HK", "MO")
    if locale.language == "en" or (locale.language == "zh" and not is_traditional):
        return locale.language
    if locale.language == "zh":
        return f"zh-{locale.territory or 'TW'}"
    return str(locale).replace("_", "-")


def native_name(language: str) -> str:
    """What a language calls itself: Deutsch, Tiếng Việt."""
    name = locale_of(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def _language(written: str, source: str) -> str:
    if not written:
        raise ValidationFailed(
            Text(
                f"{source} 没有写明语言：请在文件头写 Language，或用 --language 指明。",
                f"{source} does not name its language: write Language in its header, or give --language.",
            )
        )
    return code_of(written)


class _Catalog(Catalog):
    """Makes room for as many plurals as there are, not for as many as a header says."""

    @property
    def num_plurals(self) -> int:
        return min(super().num_plurals, MAX_PLURALS)


def _parsed(content: bytes, source: str) -> Catalog:
    content = content.removeprefix(b"\xef\xbb\xbf")
    try:
        catalog = _Catalog()
        PoFileParser(catalog, abort_invalid=True).parse(io.BytesIO(content))
        lines = content.decode(catalog.charset or "utf-8").split("\n")
    except UnicodeDecodeError as error:
        said = Text(
            f"第 {error.start} 字节起不是文件头所写的编码，请另存为 UTF-8",
            f"is not in the encoding that its header names, from byte {error.start} on; save it as UTF-8",
        )
        raise _refused(source, [Fault(source, said)]) from None
    except (PoFileError, ValueError, LookupError) as error:
        line = getattr(error, "lineno", None)
        said = Text(f"不是有效的 PO 文件：{error}", f"is not a valid PO file: {error}")
        raise _refused(source, [Fault(f"{source}:{line + 1}" if isinstance(line, int) else source, said)]) from None
    broken = [number for number, line in enumerate(lines, 1) if not _LINE.fullmatch(line)]
    if broken:  # the reader would drop a letter here and a whole entry there
        said = Text("不是 PO 文件的一行，请检查引号", "is no line of a PO file; check its quotes")
        faults = [
            Fault(f"{source}:{line}", Text(f"{source}:{line} {said.zh}。", f"{source}:{line} {said.en}."))
            for line in broken[:20]
        ]
        raise _refused(source, faults)
    if not len(catalog):
        raise _refused(source, [Fault(source, Text("其中没有任何条目，不是 PO 文件", "holds no entry; it is not a PO file"))])
    return catalog


def _first(text: object) -> str:
    """A plural has several forms; ours have one."""
    if isinstance(text, list | tuple):
        return str(text[0]) if text else ""
    return str(text or "")


def _fault(where: str, msgid: str, zh: str, en: str) -> Fault:
    shown = msgid if len(msgid) <= 80 else msgid[:79] + "…"
    return Fault(where, Text(f"{where}：“{shown}”{zh}。", f'{where}: "{shown}" {en}.'))


def _refused(source: str, faults: list[Fault]) -> ValidationFailed:
    return ValidationFailed(
        Text(f"{source} 未导入，共 {len(faults)} 处错误：", f"{source} was not imported; faults: {len(faults)}."), faults
    )


__all__ = ["Read", "code_of", "locale_of", "native_name", "read", "wrong_places", "write"]
