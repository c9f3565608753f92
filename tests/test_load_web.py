from __future__ import annotations

import gzip
import io
import socket
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pypdf import PdfWriter

from rag.errors import InputError
from rag.load import Refusal, sources
from rag.load.addresses import address, is_public
from rag.load.child import Parser
from rag.load.fetch import Fetcher
from rag.load.file import load as load_file
from rag.load.web import Web
from rag.store.archive import Archive
from rag.store.feeds import Feed, Feeds
from rag.types import Source
from tests.web_server import Site, page

FIRST = "Banjir bandang menerjang empat desa di Kabupaten Tanah Rawang pada Minggu malam, kata petugas."
SECOND = "Sebanyak 1.350 warga mengungsi ke gedung sekolah dan masjid karena rumah mereka terendam air."
THIRD = "Pemerintah kabupaten menetapkan masa tanggap darurat selama empat belas hari sejak kejadian itu."


@pytest.fixture(scope="module")
def parser() -> Iterator[Parser]:
    opened = Parser()
    yield opened
    opened.close()


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    yield opened
    opened.close()


def web(archive: Archive, **options: object) -> Web:
    return Web(Fetcher(True, pause=0, **options), Feeds(archive))  # type: ignore[arg-type]


def load(web: Web, url: str, parser: Parser) -> list[Source | Refusal]:
    """All of it, each dealt with as an ingest would."""
    found = []
    for each in web.load(url, parser):
        found.append(each)
        web.settled(each.place)
    return found


def refusal(found: list[Source | Refusal]) -> str:
    assert len(found) == 1
    assert isinstance(found[0], Refusal)
    return found[0].reason


# --- pages ---------------------------------------------------------------------------------------------


def test_a_page_gives_its_article_and_not_what_stands_around_it(
    site: Site, archive: Archive, parser: Parser
) -> None:
    head = (
        "<link rel='canonical' href='https://127.0.0.1/berita/banjir'>"
        "<meta name='author' content='Rini Sari'>"
        "<meta property='article:published_time' content='2024-03-11T08:30:00+07:00'>"
    )
    url = site.html("/berita?utm=1", page("Banjir Melanda Desa", FIRST, SECOND, THIRD, head=head))
    (found,) = load(web(archive), url, parser)
    assert found == Source(
        place=url,
        text="\n".join((FIRST, SECOND, THIRD)),
        url="https://127.0.0.1/berita/banjir",
        title="Banjir Melanda Desa",
        published="2024-03-11T08:30:00+07:00",
        publisher="Suara Lembah",
        author="Rini Sari",
    )


def test_a_canonical_address_on_another_site_is_not_believed(
    site: Site, archive: Archive, parser: Parser
) -> None:
    head = "<link rel='canonical' href='https://kompas.example/berita/1'>"
    url = site.html("/a", page("Banjir", FIRST, SECOND, THIRD, head=head))
    (found,) = load(web(archive), url, parser)
    assert isinstance(found, Source)
    assert found.url == url


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (page("Banjir", FIRST, "Berlangganan untuk melanjutkan membaca."), "subscribers"),
        (
            page("Banjir", FIRST, SECOND, head='<script>{"isAccessibleForFree": false}</script>'),
            "subscribers",
        ),
        (
            page(
                "Kuki",
                "Kami memakai cookies. Dengan persetujuan Anda, cookies disimpan. Baca kebijakan privasi.",
            ),
            "cookies",
        ),
        ("<html><body><noscript>Please enable JavaScript to go on.</noscript></body></html>", "JavaScript"),
        ("<html><body><p>Halo.</p></body></html>", "no article"),
        ("<html></html>", "no article"),
        ("hanya teks", "is not read"),
        ("", "empty"),
    ],
)
def test_a_page_without_an_article_is_refused_and_the_line_says_what_it_is(
    site: Site, archive: Archive, parser: Parser, body: str, reason: str
) -> None:
    site.pages["/a"] = (200, {"Content-Type": "text/html" if "<" in body else "text/x-odd"}, body.encode())
    assert reason in refusal(load(web(archive), site.url + "/a", parser))


def test_html_over_its_limit_is_refused_before_it_is_read(
    site: Site, archive: Archive, parser: Parser
) -> None:
    url = site.html("/a", page("Besar", *[FIRST] * 20_000))
    assert "1 MB" in refusal(load(web(archive), url, parser))


# --- documents -----------------------------------------------------------------------------------------


def docx(*paragraphs: str, extra: str = "") -> bytes:
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f"{extra}<w:document {space}><w:body>{body}</w:body></w:document>"
        )
        archive.writestr(
            "docProps/core.xml",
            '<p xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
            "<dc:title>Banjir</dc:title><dc:creator>Rini</dc:creator>"
            "<dcterms:created>2024-03-11T08:00:00Z</dcterms:created></p>",
        )
    return data.getvalue()


def pdf(*lines: str, password: str | None = None) -> bytes:
    """A one-page PDF that sets each line below the last."""
    shown = " ".join(f"({line}) Tj 0 -16 Td" for line in lines)
    stream = f"BT /F1 12 Tf 40 760 Td {shown} ET".encode("latin-1")
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Title (Banjir) /CreationDate (D:20240311080000) >>",
    ]
    data = bytearray(b"%PDF-1.4\n")
    places = []
    for number, part in enumerate(parts, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(data)
    data += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer << /Size 7 /Root 1 0 R /Info 6 0 R >>\nstartxref\n%d\n%%%%EOF" % start
    if password is None:
        return bytes(data)
    writer = PdfWriter(clone_from=io.BytesIO(bytes(data)))
    writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def file(path: Path, data: bytes, parser: Parser) -> list[Source | Refusal]:
    path.write_bytes(data)
    return list(load_file(path, parser))


def test_a_word_file_gives_its_paragraphs_and_what_it_says_of_itself(tmp_path: Path, parser: Parser) -> None:
    (found,) = file(tmp_path / "a.docx", docx(FIRST, "", SECOND), parser)
    assert isinstance(found, Source)
    assert (found.id, found.text) == ("a", f"{FIRST}\n\n{SECOND}")
    assert (found.title, found.author, found.published) == ("Banjir", "Rini", "2024-03-11")


def test_a_pdf_gives_paragraphs_where_it_has_lines(tmp_path: Path, parser: Parser) -> None:
    lines = (
        "Banjir bandang menerjang empat desa di Kabupaten Tanah Ra-",
        "wang pada Minggu malam, dan warga menunggu di atas kata-",
        "kata petugas itu sampai subuh.",
        "Warga mengungsi.",
    )
    (found,) = file(tmp_path / "2024.pdf", pdf(*lines), parser)
    assert isinstance(found, Source)
    assert found.text == (
        "Banjir bandang menerjang empat desa di Kabupaten Tanah Rawang pada Minggu malam, dan warga menunggu "
        "di atas kata-kata petugas itu sampai subuh.\n\nWarga mengungsi."
    )
    assert (found.title, found.published) == ("Banjir", "2024-03-11")


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", lambda: pdf("Rahasia.", password="x"), "encrypted"),
        ("a.pdf", lambda: pdf(""), "pictures"),
        ("a.pdf", lambda: b"bukan", "not a PDF"),
        ("a.pdf", lambda: pdf("Teks.")[:200], "damaged"),
        ("a.docx", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted"),
        ("a.docx", lambda: pdf("Teks."), "not a Word document"),
        ("a.docx", lambda: docx(""), "no text"),
        ("a.docx", lambda: docx(FIRST)[:-40], "not a Word document"),
        ("a.docx", lambda: docx("a" * 25_000_000), "unpacks to more"),
        ("a.docx", lambda: docx("&b;", extra='<!DOCTYPE a [<!ENTITY b "c">]>'), "document type"),
        ("a.xml", lambda: b"<a/>", "not an RSS or Atom feed"),
        ("a.html", lambda: b"teks biasa", "not an HTML page"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_one_line(
    tmp_path: Path, parser: Parser, name: str, data: Callable[[], bytes], reason: str
) -> None:
    assert reason in refusal(file(tmp_path / name, data(), parser))


def test_a_file_that_takes_too_long_or_too_much_memory_costs_the_child_and_the_next_is_read(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.load.child.WALL_SECONDS", 0.0)
    with pytest.raises(InputError, match="too long"):
        parser.parse("docx", docx("a" * 1_000_000))
    monkeypatch.undo()
    assert parser.parse("docx", docx(FIRST))["text"] == FIRST


# --- what is fetched, and what is not --------------------------------------------------------------------


def test_redirects_compression_and_a_slow_answer(site: Site, archive: Archive, parser: Parser) -> None:
    body = page("Banjir", FIRST, SECOND, THIRD).encode()
    html = {"Content-Type": "text/html"}
    site.pages["/gzip"] = (200, html | {"Content-Encoding": "gzip"}, gzip.compress(body))
    site.pages["/deflate"] = (200, html | {"Content-Encoding": "deflate"}, zlib.compress(body))
    site.pages["/raw"] = (200, html | {"Content-Encoding": "deflate"}, zlib.compress(body, wbits=-15))
    site.pages["/moved"] = (302, {"Location": "/gzip"}, b"")
    site.pages["/round"] = (302, {"Location": "/round"}, b"")
    site.pages["/bomb"] = (200, html | {"Content-Encoding": "gzip"}, gzip.compress(bytes(50_000_000)))
    site.pages["/cut"] = (200, html | {"Content-Encoding": "gzip"}, gzip.compress(body)[:-100])
    site.pages["/odd"] = (200, html | {"Content-Encoding": "br"}, body)
    site.pages["/long"] = (200, html | {"Content-Length": "99999999"}, b"")
    site.pages["/short"] = (200, html | {"Content-Length": "9999"}, b"<html>")
    one = web(archive, seconds=1.0)
    for path in ("/gzip", "/deflate", "/raw", "/moved"):
        (found,) = load(one, site.url + path, parser)
        assert isinstance(found, Source), found
        assert found.text.startswith(FIRST)
    for path, reason in (
        *(
            ("/round", "redirects too often"),
            ("/bomb", "over 1 MB"),
            ("/cut", "compressed data is cut off"),
            ("/odd", "br"),
        ),
        *(("/long", "over 1 MB"), ("/short", "in time"), ("/none", "404")),
    ):
        assert reason in refusal(load(one, site.url + path, parser)), path


def test_robots_txt_is_asked_once_and_obeyed(site: Site, archive: Archive, parser: Parser) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: kutip\nDisallow: /tutup\nAllow: /tutup/buka$\n"
    site.pages["/robots.txt"] = (200, {"Content-Type": "text/plain"}, rules)
    site.html("/tutup/satu", page("Satu", FIRST, SECOND, THIRD))
    site.html("/tutup/buka", page("Dua", FIRST, SECOND, THIRD))
    one = web(archive)
    assert "robots.txt" in refusal(load(one, site.url + "/tutup/satu", parser))
    assert isinstance(load(one, site.url + "/tutup/buka", parser)[0], Source)
    assert site.asked == ["/robots.txt", "/tutup/buka"]


def test_requests_to_one_host_keep_their_distance(
    site: Site, archive: Archive, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("rag.load.fetch.time.sleep", slept.append)
    url = site.html("/a", page("Banjir", FIRST, SECOND, THIRD))
    load(Web(Fetcher(True, pause=5.0), Feeds(archive)), url, parser)
    assert len(slept) == 1  # robots.txt at once, the page after it
    assert 4.0 < slept[0] <= 5.0


class Trap:
    """A socket on loopback that counts who connects."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.connections += 1

    def close(self) -> None:
        self._socket.close()


HOSTILE = (
    *("http://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.1:{port}/", "http://0:{port}/"),
    *("http://2130706433:{port}/", "http://0x7f000001:{port}/", "http://0177.0.0.1:{port}/"),
    *("http://[::1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://[::ffff:7f00:1]:{port}/"),
    *("http://[64:ff9b::127.0.0.1]:{port}/", "http://[::127.0.0.1]:{port}/", "http://127.0.0.1.:{port}/"),
    *("http://①②⑦.0.0.1:{port}/", "http://user@127.0.0.1:{port}/", "http://127.0.0.1:{port}@example.com/"),
    *(
        "http://10.0.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[fe80::1]/",
    ),
    *("http://100.64.0.1/", "http://224.0.0.1/", "http://[fc00::1]/", "http://[2002:7f00:1::]/"),
    *(
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/_x",
        "ftp://127.0.0.1:{port}/",
        "dict://127.0.0.1:{port}/",
    ),
    *(
        "http://",
        "http:///etc/passwd",
        "http://127.0.0.1:{port}\\@example.com/",
        "http://exa mple/",
        "http://[::1/",
    ),
    *("http://example.com:99999/", "http://\u202eelpmaxe/", "http://a..b/"),
)


@pytest.mark.parametrize("url", HOSTILE)
def test_no_address_of_this_machine_or_its_network_is_ever_connected_to(
    url: str, archive: Archive, parser: Parser
) -> None:
    trap = Trap()
    one = Web(Fetcher(pause=0, seconds=2.0), Feeds(archive))
    try:
        found = list(sources([url.format(port=trap.port)], None, one))
        assert refusal(found)
        assert trap.connections == 0
    finally:
        one.close()
        trap.close()


def test_a_name_that_changes_its_answer_and_a_redirect_within_are_refused(
    site: Site, archive: Archive, parser: Parser
) -> None:
    answers = iter([["93.184.216.34", "127.0.0.1"], ["127.0.0.1"]])  # one good and one not; then another
    one = Web(Fetcher(pause=0, seconds=1.0, resolve=lambda host, port: next(answers)), Feeds(archive))
    for _ in range(2):
        assert "public internet" in refusal(load(one, "http://berita.example/", parser))
    # As if the first host were public: what it leads to is looked at again, before a connection.
    site.pages["/"] = (302, {"Location": "http://127.0.0.2/"}, b"")
    one = Web(Fetcher(pause=0, allowed=lambda number: number == "127.0.0.1"), Feeds(archive))
    assert "127.0.0.2, which is not on the public internet" in refusal(load(one, site.url, parser))


def test_which_addresses_are_public() -> None:
    for number in ("93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"):
        assert is_public(number), number
    for number in (
        *("192.0.0.8", "192.0.0.170", "192.88.99.1", "198.51.100.7", "203.0.113.9", "255.0.0.1", "0.1.2.3"),
        *(
            "fec0::1",
            "3fff::1",
            "3fff:fff::1",
            "100::1",
            "64:ff9b:1::1",
            "5f00::1",
            "2001:10::1",
            "2002:808:808::1",
        ),
        *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.1.1", "100.64.0.1"),
        *(
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "::",
            "::1",
            "fe80::1%eth0",
        ),
        *(
            "fc00::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "::7f00:1",
            "2001:db8::1",
            "x",
        ),
    ):
        assert not is_public(number), number


def test_an_address_is_sent_as_it_is_meant() -> None:
    found = address("HTTPS://Berita.Example:443/jalan raya".replace(" ", "%20") + "?q=é#di-bawah")
    assert str(found) == "https://berita.example/jalan%20raya?q=%C3%A9"
    assert address("http://bücher.example").host == "xn--bcher-kva.example"


# --- feeds -----------------------------------------------------------------------------------------------


def rss(*entries: tuple[str, str, str]) -> bytes:
    """(link, title, summary)"""
    items = "".join(
        f"<item><guid>{link}</guid><link>{link}</link><title>{title}</title><description>{summary}</description>"
        "<pubDate>Tue, 12 Mar 2024 06:00:00 +0700</pubDate></item>"
        for link, title, summary in entries
    )
    return f"<rss version='2.0'><channel><title>Suara Lembah</title>{items}</channel></rss>".encode()


def feed(site: Site, *names: str, summary: str = "") -> str:
    for name in names:
        site.html(f"/{name}", page(f"Berita {name}", f"{name}: {FIRST}", SECOND, THIRD))
    body = rss(*((f"/{name}", f"Berita {name}", summary) for name in names))

    def said(headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        tag = f'"{zlib.crc32(body)}"'
        if headers.get("If-None-Match") == tag:
            return 304, {"ETag": tag}, b""
        return 200, {"Content-Type": "application/rss+xml", "ETag": tag}, body

    site.pages["/rss"] = said
    return site.url + "/rss"


def titles(found: list[Source | Refusal]) -> list[str | None]:
    assert all(isinstance(each, Source) for each in found), found
    return [each.title for each in found]


def test_a_feed_that_grows_repeats_and_changes_gives_each_entry_once(
    site: Site, archive: Archive, parser: Parser
) -> None:
    one = web(archive)
    url = feed(site, "a", "b", "a")
    found = load(one, url, parser)
    assert titles(found) == ["Berita a", "Berita b"]
    assert {each.published for each in found if isinstance(each, Source)} == {"2024-03-12T06:00:00+07:00"}
    assert load(one, url, parser) == []
    assert site.asked.count("/a") == 1
    feed(site, "c", "a", "b")
    assert titles(load(one, url, parser)) == ["Berita c"]
    assert load(one, url, parser) == []
    feed(site, "c", "a", "b", summary="Diperbarui.")
    assert len(load(one, url, parser)) == 3
    assert [each.url for each in Feeds(archive).feeds()] == [url]


def test_what_was_not_committed_comes_again(site: Site, archive: Archive, parser: Parser) -> None:
    url = feed(site, "a", "b")
    one = web(archive)
    given = one.load(url, parser)
    one.settled(next(given).place)
    next(given)
    given.close()
    assert titles(load(web(archive), url, parser)) == ["Berita a"]


def test_an_outage_is_told_once_to_who_watches_and_its_end_too(
    site: Site, archive: Archive, parser: Parser
) -> None:
    url = feed(site, "a")
    said: list[str] = []
    one = Web(Fetcher(True, pause=0), Feeds(archive), said.append, watching=True)
    assert len(load(one, url, parser)) == 1
    site.pages["/rss"] = (503, {}, b"")
    assert "503" in refusal(load(one, url, parser))
    assert load(one, url, parser) == []
    assert Feeds(archive).feed(url).failing_since
    feed(site, "a", "b")
    assert titles(load(one, url, parser)) == ["Berita b"]
    assert said == [f"{url} answers again"]
    assert Feeds(archive).feed(url).failing_since is None


def test_an_entrys_own_text_is_taken_where_its_page_has_none(
    site: Site, archive: Archive, parser: Parser
) -> None:
    body = "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in (FIRST, SECOND, THIRD) * 3)
    site.pages["/rss"] = (
        200,
        {"Content-Type": "text/xml"},
        rss(("/none", "Banjir", body), ("/no", "B", "x")),
    )
    found = load(web(archive), site.url + "/rss", parser)
    assert isinstance(found[0], Refusal)
    assert "404" in found[0].reason
    assert isinstance(found[1], Source)
    assert (found[1].url, found[1].title) == (site.url + "/none", "Banjir")
    assert found[1].text.startswith(f"{FIRST}\n{SECOND}")


def test_a_server_in_trouble_is_left_alone_until_the_next_time(
    site: Site, archive: Archive, parser: Parser
) -> None:
    url = feed(site, "a", "b", "c")
    for name in "abc":
        site.pages[f"/{name}"] = (503, {}, b"")
    assert "next time" in refusal(load(web(archive), url, parser))
    assert sum(path in {"/a", "/b", "/c"} for path in site.asked) == 1
    assert Feeds(archive).feed(url) == Feed(url)
    feed(site, "a", "b", "c")
    assert len(load(web(archive), url, parser)) == 3
