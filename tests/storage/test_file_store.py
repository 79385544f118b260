"""Uploaded files: kept once by content, refused when they are not what they say."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from server.core.errors import NotFound, TooLarge, ValidationFailed
from server.metadata.fieldtypes.attachments import FILE_ADDRESS
from server.storage.files import FileStore, safe_filename

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


def archive(name: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr(name, "x")
    return content.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "files", max_bytes=10_000)


def test_the_same_content_is_kept_once(store: FileStore, tmp_path: Path) -> None:
    first = store.put(io.BytesIO(PNG), "照片.png")
    second = store.put(io.BytesIO(PNG), "copy.PNG")
    assert first == second
    assert (first.size, first.mimetype) == (28, "image/png")
    assert store.open(first.sha256).read() == PNG
    assert len([path for path in (tmp_path / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        pytest.param(b"%PDF-1.7 ...", "报告.pdf", id="pdf"),
        pytest.param(b"\xff\xd8\xff\xe0", "photo.JPG", id="jpeg"),
        pytest.param("零件，数量\n".encode("gbk"), "清单.csv", id="csv in gbk"),
        pytest.param(archive("word/document.xml"), "a.docx", id="docx"),
        pytest.param(archive("xl/workbook.xml"), "a.xlsx", id="xlsx"),
        pytest.param(b"\x00\x00\x00\x18ftypmp42", "现场.mp4", id="video"),
        pytest.param(b"AC1027", "图纸.dwg", id="drawing"),
    ],
)
def test_what_people_send_each_other_is_taken(store: FileStore, content: bytes, filename: str) -> None:
    assert store.path(store.put(io.BytesIO(content), filename).sha256).read_bytes() == content


@pytest.mark.parametrize(
    ("content", "filename", "said"),
    [
        pytest.param(b"<script>", "page.html", '".html"', id="a page"),
        pytest.param(b"<svg onload=x>", "logo.svg", '".svg"', id="svg can hold scripts"),
        pytest.param(b"MZ", "tool.exe", '".exe"', id="a program"),
        pytest.param(b"x", "noextension", "noextension", id="no extension"),
        pytest.param(b"<html>", "photo.png", "not what its extension says", id="a page named as picture"),
        pytest.param(b"MZ\x00\x00", "notes.txt", "not what its extension says", id="a program named as text"),
        pytest.param(archive("evil.txt"), "a.docx", "not what its extension says", id="a zip named as docx"),
        pytest.param(b"PK\x03\x04broken", "a.xlsx", "not what its extension says", id="a broken xlsx"),
        pytest.param(b"", "empty.pdf", "is empty", id="an empty file"),
    ],
)
def test_anything_else_is_refused_and_nothing_stays(
    store: FileStore, tmp_path: Path, content: bytes, filename: str, said: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        store.put(io.BytesIO(content), filename)
    assert said in caught.value.text.en
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_file_past_the_limit_is_refused(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        store.put(io.BytesIO(PNG + b"\x00" * 10_000), "big.png")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("sha256", ["0" * 64, "../../etc/passwd", ""])
def test_a_content_that_is_not_there_is_not_found(store: FileStore, sha256: str) -> None:
    with pytest.raises(NotFound):
        store.path(sha256)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param("检测报告 2026.pdf", "检测报告 2026.pdf", id="Chinese and a space"),
        pytest.param("../../etc/passwd.txt", "passwd.txt", id="folders"),
        pytest.param("C:\\Users\\li\\照片.png", "照片.png", id="a Windows path"),
        pytest.param(".htaccess.txt", "htaccess.txt", id="hidden"),
        pytest.param('a<b>"c"?.pdf', "a_b__c__.pdf", id="markup"),
        pytest.param("a\r\nb\u202egnp.exe.png", "a__b_gnp.exe.png", id="control characters"),
        pytest.param("", "file", id="nothing"),
        pytest.param("长" * 200 + ".pdf", "长" * 58 + ".pdf", id="too long"),
    ],
)
def test_names_are_made_safe_and_fit_an_address(given: str, expected: str) -> None:
    assert safe_filename(given) == expected
    assert FILE_ADDRESS.match(f"/files/abcdefghij/{expected}")
