"""Text in any encoding is read; what is no text is told as what it is."""

import bz2
import codecs
import gzip
import io
import lzma
import tarfile
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suture.core.errors import BadFile
from suture.core.surrogates import joined
from suture.files.text_files import read_text

TEXT = '{"é": "😀"}\nsecond\n'
ENCODINGS = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "UTF-16, little": codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
    "UTF-16, big": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-16, big, without a mark": TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32"),
    "UTF-32 without a mark": TEXT.encode("utf-32-be"),
    "Windows": TEXT.replace("\n", "\r\n").encode(),
    "old Mac": TEXT.replace("\n", "\r").encode(),
    "Windows, UTF-16": TEXT.replace("\n", "\r\n").encode("utf-16"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzipped"])
@pytest.mark.parametrize("name", ENCODINGS)
def test_every_encoding_is_read(tmp_path, name, packed):
    path = tmp_path / "a.jsonl"  # gzip is seen in the bytes, not in the name
    path.write_bytes(gzip.compress(ENCODINGS[name]) if packed else ENCODINGS[name])
    assert read_text(path, what="text") == TEXT


@given(st.text(st.characters(exclude_categories=()), max_size=50).filter(lambda text: "\x00" not in text))
def test_half_a_character_comes_as_it_is(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("half") / "a.txt"
    for encoding in ("utf-8", "utf-16"):
        path.write_bytes(("begin " + text).encode(encoding, "surrogatepass"))
        assert read_text(path, what="text") == joined("begin " + text.replace("\r\n", "\n").replace("\r", "\n"))


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), "content")
    return file.getvalue()


def tarred():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "what", "mend"),
    [
        (b"", "an empty file", None),
        (b"PAR1\x15\x04", "a Parquet table", "read_parquet"),
        (b"ARROW1\x00\x00", "an Arrow table", "read_feather"),
        (bz2.compress(b"{}"), "a bzip2 archive", "bunzip2"),
        (lzma.compress(b"{}"), "an xz archive", "unxz"),
        (b"\x28\xb5\x2f\xfd\x04", "a Zstandard archive", "unzstd"),
        (b"SQLite format 3\x00", "an SQLite database", None),
        (b"GGUF\x03\x00\x00\x00", "a GGUF model", None),
        (b"%PDF-1.7", "a PDF document", None),
        (bytes(100), "nothing but zero bytes", None),
        (b'{"a": 1}\n\x00\x00', "text that ends in zero bytes", "tr -d"),
        (b"\x7fELF\x02\x01\x01\x00\x00", "binary data", None),
        (zipped("rows.jsonl", "b"), "a zip archive (of rows.jsonl, b)", "unzip"),
        (zipped("[Content_Types].xml"), "an Excel or Word document", "CSV"),
        (zipped("_journal/start.json"), "a log of inspect_ai", "suture compare"),
        (zipped("a")[:30], "a zip archive that is cut off", None),
        (tarred(), "a tar archive", "tar -xf"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a Git LFS pointer", "git lfs pull"),
        (b"/annex/objects/SHA256E-s1--0.jsonl\n", "a git-annex pointer", "git annex get"),
        (b"../.git/annex/objects/a/b\n", "a git-annex pointer", "git annex get"),
        (b"<!DOCTYPE html>\n<html>", "an HTML page", "raw file"),
        (b"\xef\xbb\xbf\n <HTML lang='en'>", "an HTML page", "raw file"),
        (b"<?xml version='1.0'?>", "an XML document", None),
        ("<!doctype html>".encode("utf-16"), "an HTML page", "raw file"),
        (gzip.compress(b"<!doctype html>", mtime=0), "an HTML page", "raw file"),
        (gzip.compress(b"", mtime=0), "an empty file", None),
    ],
)
def test_what_is_no_text_is_told_as_what_it_is(tmp_path, data, what, mend):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(data)
    with pytest.raises(BadFile) as caught:
        read_text(path, what="JSON lines")
    assert str(caught.value).startswith(f"{path}: {what}")
    assert str(caught.value).endswith("and no JSON lines")
    assert (mend or "give a JSON lines") in caught.value.mend


def test_text_in_another_encoding_names_its_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" * 5000 + "é".encode("latin-1") + b"\n")
    with pytest.raises(BadFile, match=r"line 5001: not UTF-8 text \(byte 0xe9\)") as caught:
        read_text(path, what="JSON lines")
    assert caught.value.mend == f"iconv -f WINDOWS-1252 -t UTF-8 {path} > utf8-a.jsonl"


def test_a_file_cut_within_a_character_is_cut_off(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"a": "é"}\n'.encode() * 9 + "é".encode()[:1])
    with pytest.raises(BadFile, match="cut off in the middle of a character") as caught:
        read_text(path, what="JSON lines")
    assert caught.value.mend == "write or fetch it again"


@pytest.mark.parametrize("cut", [-1, -5, 20])
def test_what_is_cut_off_is_told(tmp_path, cut):
    path = tmp_path / "a.jsonl"
    for data in (gzip.compress(TEXT.encode() * 100)[:cut], codecs.BOM_UTF16 + TEXT.encode("utf-16-le")[:-1]):
        path.write_bytes(data)
        with pytest.raises(BadFile, match="cut off"):
            read_text(path, what="text")


def test_a_directory_tells_what_is_in_it(tmp_path):
    with pytest.raises(BadFile, match=r"a directory, and no JSON lines$"):
        read_text(tmp_path, what="JSON lines")
    for name in "abcd":
        (tmp_path / name).write_text("x")
    with pytest.raises(BadFile, match=r"a directory, and no JSON lines; in it: a, b, c, \.\.\."):
        read_text(tmp_path, what="JSON lines")


def test_a_missing_file(tmp_path):
    with pytest.raises(BadFile, match="no recipe here"):
        read_text(tmp_path / "a.yaml", what="recipe")
