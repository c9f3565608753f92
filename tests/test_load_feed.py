"""Feeds as they are found: what is wrong with them does no harm."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from rag.load.child import Parser
from rag.load.feed import parse
from rag.load.fetch import Fetcher
from rag.load.web import Web
from rag.store.archive import Archive
from rag.store.feeds import Feeds
from rag.types import Refusal, Source
from tests.test_load_web import FIRST, SECOND, THIRD, feed, file, load, refusal, rss, titles, web
from tests.web_server import Site, page


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


@pytest.mark.parametrize(
    "prefix",
    [
        b"<!-- made by a program -->\n<?xml version='1.0'?>",
        b"<br />\n<b>Warning</b>: Undefined index in <b>/www/rss.php</b><br />\n<?xml version='1.0'?>",
        b"\xef\xbb\xbf \n\n",
        b"<?xml version='1.0' encoding='utf-8'?>\n<?xml-stylesheet href='a.xsl'?>\n",
    ],
)
def test_what_stands_before_a_feed_does_no_harm(
    site: Site, archive: Archive, parser: Parser, prefix: bytes
) -> None:
    site.html("/a", page("Berita a", FIRST, SECOND, THIRD))
    site.pages["/rss"] = (200, {"Content-Type": "text/html"}, prefix + rss(("/a", "Berita a", "")))
    assert titles(load(web(archive), site.url + "/rss", parser)) == ["Berita a"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_feed_in_utf_16_is_read(site: Site, archive: Archive, parser: Parser, encoding: str) -> None:
    site.html("/a", page("Berita a", FIRST, SECOND, THIRD))
    text = '<?xml version="1.0" encoding="utf-16"?>' + rss(("/a", "Berita “a”", "")).decode()
    site.pages["/rss"] = (200, {"Content-Type": "application/rss+xml"}, text.encode(encoding))
    assert len(load(web(archive), site.url + "/rss", parser)) == 1


def test_a_packed_feed_is_a_feed_at_an_address_and_in_a_file(
    site: Site, archive: Archive, parser: Parser, tmp_path: Path
) -> None:
    body = "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in (FIRST, SECOND, THIRD) * 3)
    packed = gzip.compress(rss(("/a", "Banjir", body)))
    site.html("/a", page("Berita a", FIRST, SECOND, THIRD))
    site.pages["/rss.xml.gz"] = (200, {"Content-Type": "application/gzip"}, packed)
    assert titles(load(web(archive), site.url + "/rss.xml.gz", parser)) == ["Berita a"]
    for name in ("a.xml.gz", "b.rss.gz", "c.xml"):
        assert titles(file(tmp_path / name, packed, parser)) == ["Banjir"]
    bomb = gzip.compress(b"<rss>" + bytes(50_000_000))
    assert "unpacks to more" in refusal(file(tmp_path / "d.xml.gz", bomb, parser))
    assert "compressed data is damaged" in refusal(
        file(tmp_path / "e.xml.gz", b"\x1f\x8bxxxxxxxxxxxx", parser)
    )


def items(*entries: dict[str, str]) -> bytes:
    inner = "".join(
        "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in entry.items()) + "</item>"
        for entry in entries
    )
    return f"<rss version='2.0'><channel><title>Suara Lembah</title>{inner}</channel></rss>".encode()


BODY = "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in (FIRST, SECOND, THIRD) * 3)


def test_one_guid_for_all_entries_is_none(site: Site, archive: Archive, parser: Parser) -> None:
    for name in "abc":
        site.html(f"/{name}", page(f"Berita {name}", f"{name}: {FIRST}", SECOND, THIRD))
    entries = [{"guid": "https://contoh.id/", "link": f"/{n}", "title": f"Berita {n}"} for n in "abc"]
    site.pages["/rss"] = (200, {"Content-Type": "text/xml"}, items(*entries))
    one = web(archive)
    assert sorted(str(t) for t in titles(load(one, site.url + "/rss", parser))) == [
        "Berita a",
        "Berita b",
        "Berita c",
    ]
    assert load(one, site.url + "/rss", parser) == []


def test_entries_that_are_places_of_one_page_are_told_apart(
    site: Site, archive: Archive, parser: Parser
) -> None:
    site.html("/semua", page("Semua", FIRST, SECOND, THIRD))
    entries = [
        {
            "guid": n,
            "link": f"/semua#{n}",
            "title": f"Berita {n}",
            "description": f"&lt;p&gt;{n}!&lt;/p&gt;{BODY}",
        }
        for n in "ab"
    ]
    entries += [{"guid": n, "link": f"/semua#{n}", "title": f"Berita {n}"} for n in "cd"]
    site.pages["/rss"] = (200, {"Content-Type": "text/xml"}, items(*entries))
    found = load(web(archive), site.url + "/rss", parser)
    assert sorted(str(t) for t in titles(found)) == ["Berita a", "Berita b", "Semua"]
    urls = sorted(str(each.url).removeprefix(site.url) for each in found if isinstance(each, Source))
    assert urls == ["/semua", "/semua#a", "/semua#b"]
    assert site.asked.count("/semua") == 1


@pytest.mark.parametrize(
    ("escaped", "title"),
    [
        ("Banjir &amp;amp; Longsor", "Banjir & Longsor"),
        ("&amp;quot;Siap,&amp;quot; Kata Bupati", '"Siap," Kata Bupati'),
        ("Warga &amp;#8220;Lega&amp;#8221;", "Warga “Lega”"),
        ("&lt;b&gt;Banjir&lt;/b&gt; Lagi", "Banjir Lagi"),
        ("Harga &lt; 5 Ribu &amp; Naik", "Harga < 5 Ribu & Naik"),
    ],
)
def test_a_title_is_in_plain_letters(tmp_path: Path, parser: Parser, escaped: str, title: str) -> None:
    data = items({"guid": "1", "title": escaped, "description": BODY})
    assert titles(file(tmp_path / "a.xml", data, parser)) == [title]


def test_a_feed_that_became_a_page_is_one_line_and_adds_nothing(
    site: Site, archive: Archive, parser: Parser
) -> None:
    url = feed(site, "a")
    assert len(load(web(archive), url, parser)) == 1
    site.html("/rss", page("Selamat datang", FIRST, SECOND, THIRD))
    assert "no feed" in refusal(load(web(archive), url, parser))
    watching = Web(Fetcher(True, pause=0), Feeds(archive), watching=True)
    assert load(watching, url, parser) == []  # told already


@pytest.mark.parametrize(
    ("given_dates", "published"),
    [
        ({"pubDate": "Selasa, 12 Maret 2024 00:30 WIB"}, "2024-03-12T00:30:00+07:00"),
        ({"pubDate": "12 Mar 2024 00:30:00 +0700"}, "2024-03-12T00:30:00+07:00"),
        ({"pubDate": "2024-03-12T00:30:00+07:00"}, "2024-03-12T00:30:00+07:00"),
        ({"pubDate": "2099-01-01T00:00:00Z"}, None),
        ({"pubDate": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"pubDate": "besok"}, None),
        ({"pubDate": "10/3/2024"}, None),
    ],
)
def test_a_feeds_dates_are_read_in_their_own_time_zone(
    tmp_path: Path, parser: Parser, given_dates: dict[str, str], published: str | None
) -> None:
    data = items({"guid": "1", "title": "Banjir", "description": BODY, **given_dates})
    (found,) = file(tmp_path / "a.xml", data, parser)
    assert isinstance(found, Source)
    assert found.published == published
    assert (found.note is None) is (published is not None)


def test_the_dates_of_one_feed_decide_for_each_other(tmp_path: Path, parser: Parser) -> None:
    days = ("10/3/2024", "10/21/2024", "1/2/2024")
    data = items(*({"guid": day, "title": day, "description": BODY, "pubDate": day} for day in days))
    found = file(tmp_path / "a.xml", data, parser)
    assert [each.published for each in found if isinstance(each, Source)] == [
        "2024-10-03",
        "2024-10-21",
        "2024-01-02",
    ]


def test_when_an_entry_was_published_counts_before_when_it_was_updated(
    tmp_path: Path, parser: Parser
) -> None:
    html = "".join(f"&lt;p&gt;{line}&lt;/p&gt;" for line in (FIRST, SECOND, THIRD) * 3)
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Suara Lembah</title>"
        "<entry><id>1</id><title>Banjir</title>"
        "<updated>2024-05-01T10:00:00Z</updated><published>2024-03-12T00:30:00+07:00</published>"
        f"<content type='html'>{html}</content></entry></feed>"
    )
    (found,) = file(tmp_path / "a.atom", atom.encode(), parser)
    assert isinstance(found, Source)
    assert found.published == "2024-03-12T00:30:00+07:00"


def test_a_pages_own_date_counts_before_its_feeds(site: Site, archive: Archive, parser: Parser) -> None:
    said = '{"@type": "NewsArticle", "datePublished": "2024-03-10T09:00:00+08:00"}'
    said = f'<script type="application/ld+json">{said}</script>'
    site.html("/a", page("Berita a", FIRST, SECOND, THIRD, head=said))
    entry = {"guid": "/a", "link": "/a", "title": "A", "pubDate": "Mon, 01 Jan 2024 00:00:00 GMT"}
    site.pages["/rss"] = (200, {"Content-Type": "text/xml"}, items(entry))
    (found,) = load(web(archive), site.url + "/rss", parser)
    assert isinstance(found, Source)
    assert found.published == "2024-03-10T09:00:00+08:00"


def test_an_entry_with_a_link_that_is_none_does_not_stop_the_others(
    site: Site, archive: Archive, parser: Parser
) -> None:
    site.html("/a", page("Berita a", FIRST, SECOND, THIRD))
    entries = [
        {"guid": "1", "link": "http://[::1/", "title": "Rusak", "description": BODY},
        {"guid": "2", "link": "http://[", "title": "Rusak juga"},
        {"guid": "3", "link": "/a", "title": "Berita a"},
    ]
    site.pages["/rss"] = (200, {"Content-Type": "text/xml"}, items(*entries))
    found = load(web(archive), site.url + "/rss", parser)
    assert sorted(str(each.title) for each in found) == ["Berita a", "Rusak", "Rusak juga"]
    assert sum(isinstance(each, Refusal) for each in found) == 1


def test_an_entry_that_was_escaped_once_too_often_is_read() -> None:
    said = [f"Banjir setinggi {n} meter merendam desa di Kecamatan Wanareja, kata petugas." for n in range(9)]
    said.append("Lahan 10⁶ bibit.")
    body = "".join(f"<p>{line}</p>" for line in said).replace("⁶", "<sup>6</sup>")
    item = f"<item><guid>1</guid><title>J</title><description>{escape(escape(body))}</description></item>"
    data = f"<rss version='2.0'><channel><title>S</title>{item}</channel></rss>"
    (entry,) = parse(data.encode())["entries"]
    assert entry["text"].split("\n") == said
