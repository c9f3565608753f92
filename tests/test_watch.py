"""`kutip watch` from a feed on a real server to the archive: what comes, repeats, changes and goes away."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.app import App
from bot.settings import Settings
from bot.watch import watch
from rag.ingest import Ingested
from rag.load import fetch
from rag.store.feeds import Feeds
from tests.test_load_web import FIRST, SECOND, THIRD, rss
from tests.web_server import Site, page


@pytest.fixture
def site() -> Iterator[Site]:
    opened = Site()
    yield opened
    opened.close()


def publish(site: Site, *names: str, changed: str = "") -> None:
    """A feed of these entries, and their pages; one of them may have changed since."""
    for name in {*names}:
        more = "Jumlah pengungsi kini 900 orang." if name == changed else "Jumlah pengungsi 400 orang."
        site.html(f"/{name}", page(f"Berita {name}", f"{name}: {FIRST}", SECOND, f"{THIRD} {more}"))
    entries = ((f"/{n}", f"Berita {n}", "Diperbarui." if n == changed else "") for n in names)
    site.pages["/rss"] = (200, {"Content-Type": "application/rss+xml"}, rss(*entries))


def test_a_feed_that_grows_repeats_changes_and_goes_away_is_followed_in_the_archive(
    home: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "Fetcher", partial(fetch.Fetcher, pause=0))
    said: list[str] = []
    asked: list[list[str]] = []
    away = (503, {}, b"")

    app = App(Settings(home=home), say=said.append)

    def look(feeds: Sequence[str]) -> Iterator[Ingested]:
        return app.ingest(feeds, allow_local=True, watching=True)

    changes: list[Callable[[], object]] = [
        lambda: publish(site, "a", "b", "a"),
        lambda: publish(site, "c", "a", "b", changed="b"),
        lambda: site.pages.update({"/rss": away}),
        lambda: None,
        lambda: publish(site, "d", "c", "a", "b", changed="b"),
    ]
    rounds: list[list[Ingested]] = []

    def between(seconds: float = 0.0) -> None:
        """In place of the quarter of an hour that passes."""
        changes[len(rounds)]()
        rounds.append([])
        asked.append(site.asked[:])
        site.asked.clear()

    between()
    for article in watch([f"{site.url}/rss"], 15, len(changes), look, between):
        rounds[-1].append(article)

    told = [[(each.title, each.status, each.version) for each in found] for found in rounds]
    assert sorted(told[0]) == [("Berita a", "added", 1), ("Berita b", "added", 1)]
    assert sorted(told[1]) == [("Berita b", "updated", 2), ("Berita c", "added", 1)]
    assert [each.status for each in rounds[2]] == ["refused"]
    assert "503" in str(rounds[2][0].reason)
    assert told[3] == []
    assert told[4] == [("Berita d", "added", 1)]
    assert said == [f"{site.url}/rss answers again"]
    # Only what is new or has changed is fetched.
    assert sorted({*asked[2]} - {"/rss", "/robots.txt"}) == ["/b", "/c"]

    versions = {article.title: article.version for article in app.archive.articles()}
    assert versions == {"Berita a": 1, "Berita b": 2, "Berita c": 1, "Berita d": 1}
    id = next(article.id for article in app.archive.articles() if article.title == "Berita b")
    old, new = app.archive.article(id, 1), app.archive.article(id)
    assert old is not None
    assert new is not None
    assert "400 orang" in old.text
    assert "900 orang" in new.text
    assert Feeds(app.archive).feed(f"{site.url}/rss").failing_since is None
    # What can be found is the new version.
    found = app.archive.passages(sorted(app.projections.lexical.keys()))
    assert {(each.article.title, each.article.version) for each in found} == set(versions.items())
    app.close()
