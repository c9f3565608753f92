from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.load import Refusal, sources
from rag.load.file import LINE_LIMIT
from rag.types import Source


def load(*places: Path | str, stdin: bytes = b"") -> list[Source | Refusal]:
    return list(sources([str(place) for place in places], io.BytesIO(stdin)))


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def lines(path: Path, rows: Sequence[object]) -> Path:
    return write(path, "".join(json.dumps(row) + "\n" for row in rows))


def one(*places: Path | str, stdin: bytes = b"") -> Source:
    (found,) = load(*places, stdin=stdin)
    assert isinstance(found, Source), found
    return found


def refusal(*places: Path | str, stdin: bytes = b"") -> Refusal:
    (found,) = load(*places, stdin=stdin)
    assert isinstance(found, Refusal), found
    assert "\n" not in found.reason
    return found


# Plain text


def test_a_plain_text_is_named_by_its_file(tmp_path: Path) -> None:
    path = write(tmp_path / "beras_2023-09-05.txt", "Harga beras naik.\n")
    assert one(path) == Source(
        str(path), "Harga beras naik.\n", "beras_2023-09-05", None, "beras_2023-09-05", "2023-09-05"
    )


def test_a_file_name_without_a_true_date_gives_no_date(tmp_path: Path) -> None:
    assert one(write(tmp_path / "beras-2023-13-05.txt", "Ya.")).published is None
    assert one(write(tmp_path / "12023-12-055.txt", "Ya.")).published is None


def test_front_matter_gives_what_it_has(tmp_path: Path) -> None:
    front = "id: a1\ntitle: 'Harga: naik'\nurl: https://contoh.id/a1\ndate: 2023-09-05\nauthor: X"
    text = f"---\n{front}\n---\nIsi.\n"
    found = one(write(tmp_path / "x.txt", text))
    assert (found.id, found.title, found.url, found.published, found.text) == (
        "a1",
        "Harga: naik",
        "https://contoh.id/a1",
        "2023-09-05",
        "Isi.\n",
    )


@pytest.mark.parametrize(
    ("given_date", "stored"),
    [
        ("2023-09-05", "2023-09-05"),
        ("2023-09-05T07:30:00Z", "2023-09-05T07:30:00Z"),
        ("'2023-09-05T07:30'", "2023-09-05T07:30"),
        ("20230905", "2023-09-05"),
    ],
)
def test_a_date_of_front_matter_is_iso(tmp_path: Path, given_date: str, stored: str) -> None:
    assert one(write(tmp_path / "x.txt", f"---\npublished: {given_date}\n---\nIsi.")).published == stored


@pytest.mark.parametrize(
    ("front", "part"),
    [
        ("title: [a", "`title` (line 2)"),
        ("title: a: b", "`title` (line 2)"),
        ("date: 2023-13-45", "`published`"),
        ("date: kemarin", "`published`"),
        ("title: [a, b]", "`title`"),
        ("id: {a: b}", "`id`"),
    ],
)
def test_a_field_of_front_matter_that_cannot_be_read_is_left_out_and_named(
    tmp_path: Path, front: str, part: str
) -> None:
    found = one(write(tmp_path / "x.txt", f"---\n{front}\nauthor: Ani\n---\nIsi."))
    assert part in (found.note or "")
    assert "\n" not in (found.note or "")
    assert (found.id, found.title, found.published, found.author) == ("x", "x", None, "Ani")
    assert found.text == "Isi."


def test_a_text_that_begins_with_a_rule_has_no_front_matter(tmp_path: Path) -> None:
    assert one(write(tmp_path / "x.txt", "---\nIsi yang biasa.\n---\nLagi.")).text.startswith("---")
    assert one(write(tmp_path / "y.txt", "---\nIsi yang biasa.")).text == "---\nIsi yang biasa."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_in_unicode_encodings_is_read(tmp_path: Path, encoding: str) -> None:
    assert one(write(tmp_path / "x.txt", "Café “naik”.\r\nYa.".encode(encoding))).text == "Café “naik”.\nYa."


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "empty"),
        (b" \n\n", "no text"),
        ("Café".encode("latin-1"), "UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "UTF-8"),
        (b"abc\x00def", "NUL"),
        (b"\xff\xfea", "UTF-16"),
        (b"---\ntitle: a\n---\n", "no text"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, part: str) -> None:
    found = refusal(write(tmp_path / "x.txt", content))
    assert part in found.reason
    assert found.place == str(tmp_path / "x.txt")


def test_a_text_over_the_limit_is_refused(tmp_path: Path) -> None:
    assert "20 MB" in refusal(write(tmp_path / "x.txt", b"a" * (LINE_LIMIT + 1))).reason


def test_markdown_over_its_own_limit_is_refused(tmp_path: Path) -> None:
    assert ".txt" in refusal(write(tmp_path / "x.md", b"a" * (2 * 1024**2 + 1))).reason


# Files and folders


def test_a_missing_file_and_an_unknown_kind_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.txt").reason == "no such file"
    assert ".jsonl" in refusal(write(tmp_path / "x.odt", "a")).reason
    assert "fetched" in refusal("https://contoh.id/a").reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.txt", "Isi.")
    path.chmod(0)
    assert "cannot be read" in refusal(path).reason


def test_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.txt")
    assert refusal(tmp_path / "x.txt").reason == "not a file"


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "x.png", ".hidden.txt", "c/d.txt", "c/.git/e.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / name, "Isi.")
    lines(tmp_path / "c" / "c.jsonl", [{"id": 1, "text": "Satu."}, {"id": 2, "text": "Dua."}])
    assert [source.id for source in load(tmp_path)] == ["a", "b", "1", "2", "d"]


def test_a_folder_without_articles_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.png", "a")
    assert "no file" in refusal(tmp_path).reason


def test_a_bad_place_does_not_stop_the_others(tmp_path: Path) -> None:
    found = load(tmp_path / "none.txt", write(tmp_path / "x.txt", "Isi."))
    assert [type(source) for source in found] == [Refusal, Source]


def test_a_name_in_another_encoding_is_read(tmp_path: Path) -> None:
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9.txt")
    try:
        with open(path, "wb") as file:
            file.write(b"Isi.")
    except OSError:
        pytest.skip("this file system has UTF-8 names only")
    found = one(tmp_path)
    assert (found.id, found.title) == ("caf\ufffd", "caf\ufffd")
    found.place.encode()


# Markdown


def test_markdown_is_read_as_a_reader_sees_it(tmp_path: Path) -> None:
    text = """# Harga *beras* naik

Harga **beras** di [Pasar Baru](https://contoh.id "peta")
naik &amp; terus naik.![foto](a.png)

## Sebab

* hujan
* `banjir`

1. Satu
2. Dua

> Kata dia.

```
kode = 1
```

<div>Kotak</div> <!-- rahasia -->

| a | b |
|---|---|
| 1 | 2 |

---
"""
    found = one(write(tmp_path / "x.md", text))
    assert found.title == "Harga beras naik"
    assert found.text.split("\n\n") == [
        "Harga beras di Pasar Baru naik & terus naik.",
        "Sebab",
        "hujan",
        "banjir",
        "1. Satu",
        "2. Dua",
        "Kata dia.",
        "kode = 1",
        "Kotak",
        "a | b",
        "1 | 2",
    ]


def test_a_heading_stays_where_front_matter_has_another_title(tmp_path: Path) -> None:
    found = one(write(tmp_path / "x.md", "---\ntitle: Lain\n---\n# Judul\n\nIsi."))
    assert (found.title, found.text) == ("Lain", "Judul\n\nIsi.")


def test_a_heading_that_repeats_the_title_of_front_matter_goes(tmp_path: Path) -> None:
    found = one(write(tmp_path / "x.md", "---\ntitle: Judul\n---\n# Judul\n\nIsi."))
    assert (found.title, found.text) == ("Judul", "Isi.")


def test_markdown_without_a_heading_is_named_by_its_file(tmp_path: Path) -> None:
    assert one(write(tmp_path / "x.markdown", "Isi.")).title == "x"


# JSON lines


def test_json_lines_are_articles(tmp_path: Path) -> None:
    row = {"id": "a1", "url": "https://contoh.id", "title": "J", "published": "2023-09-05", "text": "Isi.\n"}
    path = lines(tmp_path / "x.jsonl", [row])
    assert one(path) == Source(f"{path}:1", "Isi.\n", "a1", "https://contoh.id", "J", "2023-09-05")


def test_a_line_without_an_id_is_named_by_its_url_or_its_text(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "x.jsonl", [{"url": "u", "text": "Isi."}, {"text": "Isi."}, {"id": None, "text": "Isi."}]
    )
    ids = [source.id for source in load(path)]
    assert ids[0] == "u"
    assert ids[1] == ids[2]
    assert len(str(ids[1])) == 16


def test_a_broken_line_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    rows = [json.dumps({"id": number, "text": "Isi."}) for number in range(1, 41)]
    rows[16] = '{"id": 17, "text": "Isi."'
    path = write(tmp_path / "file.jsonl", "\n".join(rows))
    found = load(path)
    assert [source.id for source in found if isinstance(source, Source)] == [
        str(number) for number in range(1, 41) if number != 17
    ]
    (refused,) = [source for source in found if isinstance(source, Refusal)]
    assert refused.place == f"{path}:17"
    assert "JSON" in refused.reason


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("[1]", "object"),
        ("{}", "`text` is missing"),
        ('{"text": null}', "`text` is missing"),
        ('{"text": 5}', "`text` is not a string"),
        ('{"text": " "}', "`text` is empty"),
        (r'{"text": "a\ud800"}', "surrogate"),
        ("[" * 100_000, "JSON"),
        ('{"text": "a", "n": ' + "9" * 5000 + "}", "JSON"),
        (b'{"text": "\xe9"}', "UTF-8"),
    ],
)
def test_a_line_that_cannot_be_used_says_why(tmp_path: Path, line: str | bytes, part: str) -> None:
    data = line if isinstance(line, bytes) else line.encode()
    found = load(write(tmp_path / "x.jsonl", data + b'\n{"id": "b", "text": "Isi."}'))
    assert isinstance(found[0], Refusal)
    assert part in found[0].reason
    assert found[0].place.endswith("x.jsonl:1")
    assert [source.id for source in found[1:]] == ["b"]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ('{"text": "a", "id": 1.5}', "`id`"),
        ('{"text": "a", "id": true}', "`id`"),
        ('{"text": "a", "title": ["a"]}', "`title`"),
        ('{"text": "a", "url": {}}', "`url`"),
        ('{"text": "a", "author": 5}', "`author`"),
        ('{"text": "a", "published": 2023}', "`published`"),
        ('{"text": "a", "published": "bulan lalu"}', "`published`"),
        ('{"text": "a", "published": {"hari": 1}}', "`published`"),
        (r'{"text": "a", "title": "\udc00"}', "`title`"),
        (r'{"text": "a", "id": "\udc00"}', "`id`"),
    ],
)
def test_a_field_of_a_line_that_cannot_be_read_is_left_out_and_named(
    tmp_path: Path, line: str, part: str
) -> None:
    found = one(write(tmp_path / "x.jsonl", line))
    assert (found.text, found.url, found.title, found.published, found.author) == (
        "a",
        None,
        None,
        None,
        None,
    )
    assert found.id == "ca978112ca1bbdca"
    assert part in (found.note or "")


def test_a_refused_line_keeps_its_name(tmp_path: Path) -> None:
    found = refusal(lines(tmp_path / "x.jsonl", [{"id": "a1", "title": "J"}]))
    assert (found.id, found.title) == ("a1", "J")


def test_empty_fields_empty_lines_and_a_mark_at_the_start_do_no_harm(tmp_path: Path) -> None:
    row = {"id": 7, "url": "", "title": None, "published": "", "text": "Isi.", "author": "X"}
    found = one(write(tmp_path / "x.jsonl", b"\xef\xbb\xbf" + json.dumps(row).encode() + b"\r\n\n\n"))
    assert (found.id, found.url, found.title, found.published) == ("7", None, None, None)


def test_a_line_over_the_limit_is_refused_and_the_next_ones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with path.open("wb") as file:
        file.write(b'{"id": "a", "text": "Satu."}\n{"id": "b", "text": "')
        for _ in range(50):
            file.write(b"a" * 1024 * 1024)
        file.write(b'"}\n{"id": "c", "text": "Tiga."}\n')
    first, second, third = load(path)
    assert [first.id, third.id] == ["a", "c"]
    assert isinstance(second, Refusal)
    assert (second.place, "20 MB" in second.reason) == (f"{path}:2", True)


def test_json_lines_in_utf_16_are_refused(tmp_path: Path) -> None:
    assert "UTF-16" in refusal(write(tmp_path / "x.jsonl", '{"text": "a"}'.encode("utf-16"))).reason


def test_a_file_of_empty_lines_is_refused(tmp_path: Path) -> None:
    assert "empty" in refusal(write(tmp_path / "x.jsonl", "\n\n")).reason


# Standard input


def test_json_lines_come_in_through_standard_input() -> None:
    found = load("-", stdin=b'\n\n{"id": 1, "text": "Satu."}\n{"id": 2}\n')
    assert [(source.place, source.id) for source in found] == [
        ("standard input:3", "1"),
        ("standard input:4", "2"),
    ]


def test_plain_text_comes_in_through_standard_input() -> None:
    found = one("-", stdin=b"\n---\nHarga beras naik.\n\nYa.")
    assert found.text == "\n---\nHarga beras naik.\n\nYa."
    assert found.title is None
    assert len(str(found.id)) == 16


def test_an_empty_standard_input_is_refused() -> None:
    assert "empty" in refusal("-", stdin=b"").reason
    assert "empty" in refusal("-", stdin=b"\n \n").reason


@given(st.binary(max_size=200))
def test_standard_input_of_any_bytes_never_raises(data: bytes) -> None:
    for found in load("-", stdin=data):
        assert found.place.startswith("standard input")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["id", "url", "title", "published", "text"]),
            st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.just("2023-09-05"),
        )
    )
)
def test_every_line_becomes_a_source_that_can_be_stored_or_a_refusal(rows: list[dict[str, object]]) -> None:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    found = load("-", stdin=data)
    assert len(found) == max(1, len(rows))
    for source in found:
        if isinstance(source, Source):
            assert source.id
            assert source.text.strip()
            json.dumps(
                [source.id, source.title, source.url, source.published, source.text], ensure_ascii=False
            ).encode()


def test_front_matter_is_taken_as_it_is_written(tmp_path: Path) -> None:
    front = "---\nid: 0012345\ntitle: No\nurl: 1_000\n---\nHujan turun."
    only = one(write(tmp_path / "a.md", front))
    assert (only.id, only.title, only.url) == ("0012345", "No", "1_000")
    huge = "---\nid: 0x" + "F" * 5_000 + "\n---\nHujan turun."
    assert len(one(write(tmp_path / "b.md", huge)).id or "") == 5_002


def test_a_list_that_is_empty_numbers_nothing_else(tmp_path: Path) -> None:
    only = one(write(tmp_path / "a.md", "3.\n\nHarga naik 5 persen.\n"))
    assert only.text == "Harga naik 5 persen."


def test_scripts_styles_and_comments_of_html_are_not_text(tmp_path: Path) -> None:
    html = (
        "Satu.\n\n<script>alert(1)</script>\n\n<style>\np {}\n</style>\n\n<!-- a\nb -->\n\n<p>Dua.</p>\n\n"
        + "<!--" * 50_000
    )
    only = one(write(tmp_path / "a.md", html))
    assert only.text.split() == ["Satu.", "Dua."]


def test_a_line_of_html_is_read_as_its_reader_sees_it(tmp_path: Path) -> None:
    html = "<p>Lahan 10<sup>6</sup> bibit, <del>12</del> 17&nbsp;orang.</p><p>Air naik &amp; turun.</p>"
    found = one(lines(tmp_path / "a.jsonl", [{"title": "Lahan 10<sup>6</sup> &amp; b", "text": html}]))
    assert found.text == "Lahan 10⁶ bibit, 17 orang.\nAir naik & turun."
    assert found.title == "Lahan 10⁶ & b"


@pytest.mark.parametrize("text", ["Harga < 5 dan > 3.", "Tag <p> dan </p> dipakai di laman.", "a <b> c"])
def test_a_line_that_only_tells_of_html_stays(tmp_path: Path, text: str) -> None:
    found = one(lines(tmp_path / "a.jsonl", [{"title": "a < b", "text": text}]))
    assert (found.text, found.title) == (text, "a < b")
