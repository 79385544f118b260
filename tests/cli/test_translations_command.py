"""`guiju translations`: a language from its empty file to its messages, and a faulty file refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from console_session import run

from server.core import translations


@pytest.fixture(autouse=True)
def no_language_stays() -> Iterator[None]:
    yield
    translations.put_in_force([])


def test_a_language_is_exported_imported_and_spoken(made_site: Path, tmp_path: Path) -> None:
    site = str(shutil.copytree(made_site, tmp_path / "site"))
    file = tmp_path / "vi.po"
    assert run("--site", site, "translations", "export", "vi", str(file))[0] == 0
    sentence = 'msgid "The metadata is up to date; nothing to do."\nmsgstr ""'
    assert sentence in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(sentence, sentence[:-1] + 'Siêu dữ liệu đã mới nhất."'), "utf-8")

    code, imported = run("--site", site, "translations", "import", str(file))

    assert (code, "vi: 1 translations changed" in imported) == (0, True)
    assert "prints show their codes instead" in imported  # the print font has no ữ
    assert "Tiếng Việt" in run("--site", site, "translations", "list")[1]
    assert "Siêu dữ liệu đã mới nhất." in run("--site", site, "publish", language="vi")[1]


def test_a_faulty_file_ends_the_command_and_a_pack_with_one_is_not_published(made_site: Path, tmp_path: Path) -> None:
    site = shutil.copytree(made_site, tmp_path / "site")
    (site / "translations").mkdir(exist_ok=True)
    faulty = site / "translations" / "de.po"
    faulty.write_text('msgid ""\nmsgstr "Language: de\\n"\n\nmsgid "New {what}"\nmsgstr "Neu"\n', "utf-8")

    for command in (["translations", "import", str(faulty)], ["check"], ["publish"]):
        code, output = run("--site", str(site), *command)
        assert (code, "lacks {what}" in output) == (1, True), output
