"""The bytes of uploaded files: a folder addressed by content, each content once.

Only kinds of file that people of a factory send each other are taken, and only when the first bytes agree with the name. Who
may open a file is decided by `documents.files`.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..core.errors import Fault, NotFound, StorageUnavailable, TooLarge, ValidationFailed
from ..core.text import Text

CHUNK_BYTES = 1024 * 1024
MAX_FILENAME_BYTES = 180
OFFICE_FOLDERS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was stored: the digest it is found by, its size, and its type by extension and first bytes."""

    sha256: str
    size: int
    mimetype: str


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of file: extensions, MIME type, and how its first bytes look."""

    extensions: tuple[str, ...]
    mimetype: str
    starts: Callable[[bytes], bool]


def _begins(*prefixes: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(prefixes)


def _riff(form: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _iso_media(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def _plain_text(head: bytes) -> bool:
    return b"\x00" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))


OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
KINDS: tuple[FileKind, ...] = (
    FileKind(("png",), "image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    FileKind(("jpg", "jpeg"), "image/jpeg", _begins(b"\xff\xd8\xff")),
    FileKind(("gif",), "image/gif", _begins(b"GIF87a", b"GIF89a")),
    FileKind(("webp",), "image/webp", _riff(b"WEBP")),
    FileKind(("bmp",), "image/bmp", _begins(b"BM")),
    FileKind(("tif", "tiff"), "image/tiff", _begins(b"II*\x00", b"MM\x00*")),
    FileKind(("heic",), "image/heic", _iso_media),
    FileKind(("pdf",), "application/pdf", _begins(b"%PDF-")),
    FileKind(("docx",), "application/vnd.openxmlformats-officedocument.wordprocessingml.document", _begins(ZIP)),
    FileKind(("xlsx",), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _begins(ZIP)),
    FileKind(("pptx",), "application/vnd.openxmlformats-officedocument.presentationml.presentation", _begins(ZIP)),
    FileKind(("doc", "wps"), "application/msword", _begins(OLE)),
    FileKind(("xls", "et"), "application/vnd.ms-excel", _begins(OLE)),
    FileKind(("ppt", "dps"), "application/vnd.ms-powerpoint", _begins(OLE)),
    FileKind(("zip",), "application/zip", _begins(ZIP, b"PK\x05\x06")),
    FileKind(("rar",), "application/vnd.rar", _begins(b"Rar!\x1a\x07")),
    FileKind(("7z",), "application/x-7z-compressed", _begins(b"7z\xbc\xaf\x27\x1c")),
    FileKind(("dwg",), "image/vnd.dwg", _begins(b"AC10")),
    FileKind(("mp4", "mov", "m4a"), "video/mp4", _iso_media),
    FileKind(("mp3",), "audio/mpeg", _begins(b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
    FileKind(("wav",), "audio/wav", _riff(b"WAVE")),
    FileKind(("amr",), "audio/amr", _begins(b"#!AMR")),
    FileKind(("txt", "csv", "log", "md"), "text/plain", _plain_text),
    FileKind(("dxf", "step", "stp", "igs", "iges", "json"), "application/octet-stream", _plain_text),
)
_BY_EXTENSION = {extension: kind for kind in KINDS for extension in kind.extensions}


class FileStore:
    """Files below one folder. `max_bytes` is the size of one file at most."""

    def __init__(self, directory: Path, max_bytes: int = 20 * 1024 * 1024) -> None:
        self._directory = directory
        self._max_bytes = max_bytes

    def put(self, stream: BinaryIO, filename: str) -> Kept:
        """Keep the content of `stream`. Raises ValidationFailed for a kind that is not taken or does not match its name,
        TooLarge, StorageUnavailable when the disk is full."""
        kind = _kind_of(filename)
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._directory, prefix="incoming-")
        except OSError as error:
            raise _no_room(error) from error
        incoming = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as target:
                sha256, size = self._copy(stream, target, filename, kind)
            _check_office(incoming, filename)
            final = self._place(sha256)
            final.parent.mkdir(exist_ok=True)
            incoming.replace(final)
        except OSError as error:
            raise _no_room(error) from error
        finally:
            incoming.unlink(missing_ok=True)
        return Kept(sha256, size, kind.mimetype)

    def path(self, sha256: str) -> Path:
        """Where a content lies. Raises NotFound when it is not there."""
        place = self._place(sha256)
        if not place.is_file():
            raise NotFound(
                Text(
                    "文件内容已不存在，请联系管理员从备份恢复。",
                    "The content of this file is gone; ask the administrator to restore it from the backup.",
                )
            )
        return place

    def open(self, sha256: str) -> BinaryIO:
        """The content for reading. Raises NotFound."""
        return self.path(sha256).open("rb")

    def _place(self, sha256: str) -> Path:
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise NotFound(Text("没有这个文件。", "There is no such file."))
        return self._directory / sha256[:2] / sha256

    def _copy(self, stream: BinaryIO, target: BinaryIO, filename: str, kind: FileKind) -> tuple[str, int]:
        hashed, size = hashlib.sha256(), 0
        while chunk := stream.read(CHUNK_BYTES):
            if size == 0 and not kind.starts(chunk[:4096]):
                raise _mismatch(filename)
            size += len(chunk)
            if size > self._max_bytes:
                raise _too_large(filename, self._max_bytes)
            hashed.update(chunk)
            target.write(chunk)
        if size == 0:
            raise _refused(Text(f"文件“{filename}”是空的，未上传。", f'The file "{filename}" is empty; it was not uploaded.'))
        target.flush()
        os.fsync(target.fileno())
        return hashed.hexdigest(), size


def safe_filename(filename: str) -> str:
    """The name as it may stand in an address and on a disk: no folders, no control characters, not hidden, not too long."""
    name = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    name = "".join(
        "_" if character in '<>:"|?*#%&' or unicodedata.category(character)[0] == "C" else character for character in name
    )
    name = re.sub(r"\s+", " ", name).strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    room = MAX_FILENAME_BYTES - len((dot + extension).encode())
    short = stem.encode()[: max(room, 1)].decode(errors="ignore").rstrip(" .")
    return (short or "file") + dot + extension[:20]


def _extension(filename: str) -> str:
    return safe_filename(filename).rpartition(".")[2].lower() if "." in filename else ""


def _kind_of(filename: str) -> FileKind:
    extension = _extension(filename)
    if extension not in _BY_EXTENSION:
        allowed = ", ".join(sorted(_BY_EXTENSION))
        shown = f".{extension}" if extension else filename
        raise _refused(
            Text(
                f"不接受“{shown}”类型的文件；可以上传：{allowed}。",
                f'Files of type "{shown}" are not taken; these are: {allowed}.',
            )
        )
    return _BY_EXTENSION[extension]


def _check_office(path: Path, filename: str) -> None:
    """An office file is a ZIP with its own folder; anything else under that name is refused. Nothing is unpacked."""
    folder = OFFICE_FOLDERS.get(_extension(filename))
    if folder is None:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            genuine = any(name.startswith(folder) for name in archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        genuine = False
    if not genuine:
        raise _mismatch(filename)


def _refused(text: Text) -> ValidationFailed:
    return ValidationFailed(text, [Fault("file", text)])


def _mismatch(filename: str) -> ValidationFailed:
    return _refused(
        Text(
            f"文件“{filename}”的内容与扩展名不符，未上传。请检查文件。",
            f'The content of "{filename}" is not what its extension says; it was not uploaded.',
        )
    )


def _too_large(filename: str, max_bytes: int) -> TooLarge:
    megabytes = max_bytes / 1024 / 1024
    return TooLarge(
        Text(
            f"文件“{filename}”超过 {megabytes:g} MB，请压缩后再上传。",
            f'The file "{filename}" is larger than {megabytes:g} MB; make it smaller and upload it again.',
        )
    )


def _no_room(error: OSError) -> StorageUnavailable:
    return StorageUnavailable(
        Text(
            f"文件无法写入磁盘（{error.strerror}），未上传，请联系管理员。",
            f"The file cannot be written to the disk ({error.strerror}); it was not uploaded. Tell the administrator.",
        )
    )
