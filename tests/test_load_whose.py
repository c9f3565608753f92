"""Whose text an article is: only a host speaks for its addresses, and only a page for its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.load import Refusal, addresses
from rag.load.child import Parser
from rag.store.archive import Archive
from rag.types import Source
from tests.test_load_feed import BODY, items
from tests.test_load_web import FIRST, SECOND, THIRD, feed, file, load, titles, web
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


def other(url: str, path: str) -> str:
    """The same server under another name."""
    return url.replace("127.0.0.1", "localhost") + path


def test_a_feed_of_one_host_gives_no_text_of_another_hosts_article(
    site: Site, archive: Archive, parser: Parser
) -> None:
    site.html("/benar", page("Berita benar", FIRST, SECOND, THIRD))
    there = [other(site.url, "/tiada"), other(site.url, "/benar")]
    entries = [{"guid": url, "link": url, "title": "Palsu", "description": BODY} for url in there]
    site.pages["/rss"] = (200, {"Content-Type": "text/xml"}, items(*entries))
    found = load(web(archive), site.url + "/rss", parser)
    (told,) = [each for each in found if isinstance(each, Refusal)]
    (kept,) = [each for each in found if isinstance(each, Source)]
    assert "127.0.0.1 cannot give the text of a page of localhost" in told.reason
    assert (kept.title, kept.url) == ("Berita benar", there[1])
    assert kept.text == "\n".join((FIRST, SECOND, THIRD))


def test_a_feed_speaks_for_its_own_host_with_and_without_www() -> None:
    assert addresses.site("https://www.contoh.id/a") == addresses.site("https://m.contoh.id") == "contoh.id"
    assert addresses.site("https://jahat.contoh.id/a") != addresses.site("https://contoh.id/a")


def test_a_canonical_address_gives_what_stands_there(site: Site, archive: Archive, parser: Parser) -> None:
    head = f"<link rel='canonical' href='{site.url}/asli'>"
    site.html("/asli", page("Asli", FIRST, SECOND, THIRD, "Baris keempat ada di sini."))
    site.html("/amp/asli", page("Asli", FIRST, SECOND, THIRD, head=head))
    (found,) = load(web(archive), site.url + "/amp/asli", parser)
    assert isinstance(found, Source)
    assert found.url == site.url + "/asli"
    assert "Baris keempat" in found.text


@pytest.mark.parametrize("named", ["/lain", "/"])
def test_a_page_cannot_name_another_article_as_its_own(
    site: Site, archive: Archive, parser: Parser, named: str
) -> None:
    head = f"<link rel='canonical' href='{site.url}{named}'>"
    site.html(named, page("Lain", *(f"{line} Lain." for line in (FIRST, SECOND, THIRD))))
    site.html("/palsu", page("Palsu", FIRST, SECOND, THIRD, head=head))
    (found,) = load(web(archive), site.url + "/palsu", parser)
    assert isinstance(found, Source)
    assert (found.url, found.title) == (site.url + "/palsu", "Palsu")


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("https://www.contoh.id/a?utm_source=x&fbclid=1", "http://contoh.id/a/", True),
        ("https://m.contoh.id/a#b", "https://contoh.id/a", True),
        ("https://contoh.id/?p=1", "https://contoh.id/?p=2", False),
        ("https://contoh.id/a?page=2", "https://contoh.id/a", False),
        ("https://contoh.id/a", "https://lain.id/a", False),
    ],
)
def test_addresses_of_one_page_are_told(one: str, two: str, same: bool) -> None:
    assert addresses.same_page(one, two) is same


def test_an_article_is_followed_over_its_pages(site: Site, archive: Archive, parser: Parser) -> None:
    links = "<a href='/a'>1</a> <a href='/a?page=2'>2</a> <a href='/a?page=3'>3</a>"
    site.html("/a", page("Panjang", FIRST, SECOND, head="").replace("</article>", f"{links}</article>"))
    site.html("/a?page=2", page("Panjang", THIRD, f"Kedua. {SECOND}", head=""))
    (found,) = load(web(archive), site.url + "/a", parser)
    assert isinstance(found, Source)
    assert found.text == "\n".join((FIRST, SECOND, THIRD, f"Kedua. {SECOND}"))
    assert "/a?page=3 is not read" in (found.note or "")


def test_a_pages_further_pages_are_told_where_they_cannot_be_fetched(tmp_path: Path, parser: Parser) -> None:
    html = page("Panjang", FIRST, SECOND, THIRD, head="<link rel='next' href='/a/2'>")
    (found,) = file(tmp_path / "a.html", html.encode(), parser)
    assert isinstance(found, Source)
    assert "1 more page" in (found.note or "")


def test_a_site_that_wants_long_pauses_does_not_hold_the_thread(
    site: Site, archive: Archive, parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("rag.load.fetch.time.sleep", slept.append)
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nCrawl-delay: 9999\n")
    url = feed(site, *(f"a{number}" for number in range(40)))
    found = load(web(archive), url, parser)
    assert sum(slept) <= 160
    assert isinstance(found[-1], Refusal)
    assert "next time" in found[-1].reason
    assert 3 <= len(found) <= 6
    again = load(web(archive), url, parser)
    assert 3 <= len(again) <= 6
    assert titles(again[:-1]) != titles(found[:-1])
