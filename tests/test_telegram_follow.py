"""What is followed: digests of exact quotes at the chosen hours, never the same story twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.telegram import digests
from bot.telegram.following import Following
from bot.telegram.phrases import say
from bot.telegram.shelf import Arrival, Shelf
from bot.telegram.store import Store
from bot.telegram.topics import Topic, matches
from rag.search.lexicon import Lexicon
from rag.store.archive import Archive
from tests.telegram_quick import put, start
from tests.telegram_server import TelegramServer, User
from tests.test_telegram_bot import PATIENCE, Hand, Running, answered, asked, eventually, labels, marked

Json = dict[str, Any]
RICE = "Harga beras di Pasar Induk naik menjadi Rp15.000 per kilogram pada Senin."


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load()


def arrival(*sentences: str, id: str = "a", title: str = "Kabar", number: int = 1) -> Arrival:
    places, at = [], 0
    for sentence in sentences:
        places.append(at)
        at += len(sentence) + 1
    url = f"https://www.berita.example/{id}"
    return Arrival(number, id, 1, title, url, "2026-11-29", "id", sentences, tuple(places))


@pytest.mark.parametrize(
    ("topic", "language", "quoted"),
    [
        ("harga beras", "id", True),
        ("Berapa harga beras?", "id", True),
        ("beras pasar induk senin", "id", True),
        ("rice price", "en", True),
        ("harga minyak", "id", False),
        ("beras impor vietnam", "id", False),
    ],
)
def test_a_topic_is_matched_by_all_its_words_or_their_translations(
    topic: str, language: Any, quoted: bool, lexicon: Lexicon
) -> None:
    came = arrival("Pedagang mengeluh.", RICE, "Hujan turun di Bogor.")
    found = matches({1: Topic.read(topic, language, lexicon)}, [came])
    assert [match.quote for match in found.get(1, ())] == ([RICE] if quoted else [])


def test_the_sentence_that_holds_most_is_quoted_and_the_title_helps(lexicon: Lexicon) -> None:
    came = arrival("Kenaikan itu menekan warga.", "Beras kini Rp15.000.", title="Harga beras naik")
    found = matches({1: Topic.read("harga beras", "id", lexicon)}, [came])
    assert found[1][0].quote == "Beras kini Rp15.000."


def test_a_topic_has_a_limit_and_one_hour_always_stays(archive: Archive) -> None:
    store = Store(archive.place)
    following = Following(store)
    one = following.add(5, 0, 5, "beras", "id", 0, 2)
    assert one is not None
    assert following.add(5, 0, 5, "beras", "id", 0, 2) == one
    assert following.add(5, 0, 5, "cabai", "id", 0, 2) is not None
    assert following.add(5, 0, 5, "gula", "id", 0, 2) is None
    assert following.add(6, 0, 6, "gula", "id", 0, 2) is not None
    for hour in (6, 18, 7, 99):
        following.toggle(one.id, hour)
    found = following.find(one.id)
    assert found is not None
    assert found.hours == (18,)
    store.close()


# In the bot


@pytest.fixture(scope="module")
def telegram() -> Iterator[TelegramServer]:
    with TelegramServer() as server:
        yield server


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, telegram: TelegramServer) -> Iterator[Running]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "LOOK_SECONDS", 0.05)
        with start(tmp_path_factory.mktemp("follow") / "home", telegram, Hand()) as worker:
            yield worker


@pytest.fixture
def ani(telegram: TelegramServer, running: Running) -> Iterator[User]:
    yield telegram.user("Ani")
    telegram.assert_clean()


def come(running: Running, **articles: str) -> None:
    """Articles come in, and an hour of the digests has passed."""
    archive = Archive(running.settings.archive)
    for id, text in articles.items():
        put(archive, id, f"Judul {id}", text, "2026-11-29")
    archive.close()


def hour(running: Running) -> None:
    db = Archive(running.settings.archive)
    db.close()
    store = Store(running.settings.archive)
    with store.writing() as writing:
        writing.execute("UPDATE subscription SET looked_at = looked_at - 90000")
    store.close()


def news(user: User) -> list[Json]:
    return [each for each in user.answers if each["text"].startswith("📰")]


def test_what_comes_in_on_a_topic_is_quoted_at_its_hour_once(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    made = asked(telegram, ani, "/langganan Harga beras")
    assert made["text"].startswith("Anda sekarang mengikuti “Harga beras”.")
    assert labels(made)[:6] == ["✓ 06.00", "09.00", "12.00", "15.00", "✓ 18.00", "21.00"]
    come(running, r1=f"Pasar ramai. {RICE}", r2=f"{RICE} Sama saja.", r3="Harga minyak turun.")
    assert news(ani) == []
    hour(running)
    telegram.wait_for(lambda: news(ani) and "blockquote" in str(news(ani)[0].get("entities")), PATIENCE)
    (told,) = news(ani)
    assert marked(told, "blockquote") == [RICE]
    assert "Judul r2 · berita.example · 29 November 2026" in told["text"]
    links = [each["url"] for each in told["entities"] if each["type"] == "text_link"]
    assert links[0].startswith("https://www.berita.example/r2#:~:text=Harga%20beras")
    # The same story again, from elsewhere and in a newer version, is no news.
    come(running, r4=f"Kata pedagang. {RICE}", r1=f"Pasar sepi. {RICE}")
    hour(running)
    eventually(
        lambda: (
            running.rows("SELECT count(*) FROM subscription WHERE looked_at > strftime('%s') - 80000")
            == [(1,)]
        )
    )
    assert len(news(ani)) == 1
    come(running, r5="Harga beras turun tajam di Karawang.")
    hour(running)
    telegram.wait_for(lambda: len(news(ani)) == 2 and "reply_markup" in news(ani)[1], PATIENCE)
    assert marked(news(ani)[1], "blockquote") == ["Harga beras turun tajam di Karawang."]
    press = ani.presses(news(ani)[1], "Berhenti: Harga beras")
    telegram.wait_for(lambda: bool(press.answers), PATIENCE)
    assert running.rows("SELECT count(*) FROM subscription") == [(0,)]
    telegram.wait_for(lambda: "reply_markup" not in news(ani)[1], PATIENCE)


def test_following_is_listed_changed_and_ended(telegram: TelegramServer, ani: User, running: Running) -> None:
    assert asked(telegram, ani, "/berhenti")["text"] == say("follow_nothing", "id")
    assert asked(telegram, ani, "/langganan")["text"] == say("follow_what", "id")
    made = asked(telegram, ani, "/langganan banjir")
    press = ani.presses(made, "12.00")
    telegram.wait_for(lambda: bool(press.answers), PATIENCE)
    assert press.answers[0]["text"] == "Dikirim pukul 06.00, 12.00, 18.00."
    asked(telegram, ani, "/follow gempa")
    listed = asked(telegram, ani, "/langganan")
    assert "• banjir (06.00, 12.00, 18.00)" in listed["text"]
    assert "Berhenti: gempa" in labels(asked(telegram, ani, "/berhenti"))
    assert asked(telegram, ani, "/berhenti GEMPA")["text"] == "Langganan “gempa” dihentikan."
    assert asked(telegram, ani, "/berhenti")["text"] == "Langganan “banjir” dihentikan."
    over = ani.presses_data(listed, "s:1:0")
    stranger = telegram.user("Budi")
    mine = asked(telegram, ani, "/langganan banjir")
    id = running.rows(f"SELECT id FROM subscription WHERE chat = {ani.id}")[0][0]
    theirs = stranger.presses_data(asked(telegram, stranger, "/start"), f"s:{id}:0")
    telegram.wait_for(lambda: bool(over.answers and theirs.answers), PATIENCE)
    assert running.rows(f"SELECT count(*) FROM subscription WHERE chat = {ani.id}") == [(1,)]
    ani.presses(mine, "Berhenti: banjir")
    eventually(lambda: running.rows(f"SELECT count(*) FROM subscription WHERE chat = {ani.id}") == [(0,)])
    assert answered(ani)


def test_a_digest_that_was_promised_is_shown_after_a_restart_and_never_twice(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    store = Store(running.settings.archive)
    following, heading = Following(store), "📰 Kabar baru: gempa"
    for begun in (None, True):
        following.promise(
            ani.id, 0, {"heading": heading, "text": f"{heading}\n\nx", "marks": [], "language": "id"}
        )
        if begun:
            # It was shown, and the process ended before that was on record.
            telegram.wait_for(lambda: len(news(ani)) == 2 and news(ani)[1]["text"].endswith("x"), PATIENCE)
            with store.writing() as db:
                db.execute("UPDATE digest SET state = 'open'")
        else:
            telegram.wait_for(lambda: len(news(ani)) == 1 and news(ani)[0]["text"].endswith("x"), PATIENCE)
    eventually(lambda: running.rows("SELECT count(*) FROM digest WHERE state = 'open'") == [(0,)])
    assert len(news(ani)) == 2
    store.close()


def test_a_chat_that_the_bot_may_not_write_to_follows_nothing_any_more(
    telegram: TelegramServer, ani: User, running: Running
) -> None:
    asked(telegram, ani, "/langganan tsunami")
    ani.blocks()
    come(running, t1="Peringatan tsunami dicabut pada Minggu malam.")
    hour(running)
    eventually(lambda: running.rows(f"SELECT count(*) FROM subscription WHERE chat = {ani.id}") == [(0,)])
    eventually(lambda: running.rows("SELECT count(*) FROM digest WHERE state = 'open'") == [(0,)])


def test_new_versions_are_found_by_their_numbers(archive: Archive) -> None:
    store = Store(archive.place)
    shelf = Shelf(store)
    put(archive, "a", "A", "Satu. Dua.")
    before = shelf.last()
    put(archive, "b", "B", "Tiga. Empat.")
    assert [each.sentences for each in shelf.arrived(before, shelf.last())] == [("Tiga.", "Empat.")]
    assert [each.id for each in shelf.arrived(0, shelf.last())] == ["a", "b"]
    store.close()
