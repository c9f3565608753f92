"""How long digests take: python -m lab.telegram.digests --articles 1000 --subscriptions 200 [--questions 20]

Made-up articles come in, and so many chats follow made-up topics. Making all digests must take less time than
answering as many questions as there are subscriptions, and no chat may be told a quote twice. The time of a
question is that of the built-in reader over the same articles, measured on some of them.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import process_time
from types import SimpleNamespace
from typing import Any

from bot.app import App
from bot.settings import Settings
from bot.telegram.digests import Digests
from bot.telegram.following import Following
from bot.telegram.journal import Journal
from bot.telegram.memory import Memory
from bot.telegram.shelf import Shelf
from bot.telegram.store import Store

_THINGS = "beras cabai gula minyak telur daging bawang garam kopi teh ikan ayam jagung kedelai susu".split()
_PLACES = "Bogor Demak Kudus Garut Ciamis Blora Sragen Klaten Wonogiri Tegal Brebes Kendal Jepara".split()
_VERBS = "naik turun melonjak stabil merosot".split()


def articles(count: int, random: Random) -> Iterator[dict[str, str]]:
    """So many articles of a few sentences; some tell the same story in the same words."""
    for number in range(count):
        thing, place, verb = random.choice(_THINGS), random.choice(_PLACES), random.choice(_VERBS)
        said = f"Harga {thing} di {place} {verb} menjadi Rp{random.randint(9, 90)}.000 per kilogram."
        text = f"Pedagang pasar ramai pada hari ke-{number}. {said} Warga {place} tenang saja."
        yield {"id": f"a{number}", "title": f"Kabar {number}", "text": text, "published": "2026-11-29"}


def run(count: int, subscriptions: int, questions: int, folder: Path) -> list[str]:
    """What was wrong; the figures are printed."""
    random = Random(1)
    settings = Settings(home=folder / "home")
    lines = folder / "articles.jsonl"
    lines.write_text("\n".join(map(json.dumps, articles(count, random))), encoding="utf-8")
    app = App(settings)
    store = Store(app.archive.place)
    following, shelf = Following(store), Shelf(store)
    topics = [f"harga {random.choice(_THINGS)} {random.choice(_PLACES)}" for _ in range(subscriptions)]
    for chat, topic in enumerate(topics, start=1):
        following.add(1 + chat // 2, 0, chat, topic, "id", 0, 10)
    for _ in app.ingest([str(lines)]):
        pass
    with store.writing() as db:
        db.execute("UPDATE subscription SET looked_at = looked_at - 90000")
    parts: Any = SimpleNamespace(
        settings=settings, following=following, shelf=shelf, memory=Memory(store), journal=Journal(store)
    )
    start = process_time()
    looked = Digests(parts).make()
    took = process_time() - start
    app.prepare()
    start = process_time()
    for topic in topics[:questions]:
        app.ask(f"Berapa {topic}?")
    answering = (process_time() - start) / questions * subscriptions
    app.close()
    store.close()
    db = sqlite3.connect(settings.archive)
    told = [(chat, json.loads(data)) for chat, data in db.execute("SELECT chat, data FROM digest")]
    db.close()
    quotes = Counter(
        (chat, data["text"][start:end])
        for chat, data in told
        for kind, start, end, _ in data["marks"]
        if kind == "blockquote"
    )
    print(
        f"{count} articles, {looked} subscriptions: {len(told)} digests with {len(quotes)} quotes in "
        f"{took:.1f} s of CPU; answering {subscriptions} questions takes {answering:.1f} s"
    )
    problems = [f"chat {chat} was told twice: {quote}" for (chat, quote), n in quotes.items() if n > 1]
    if took >= answering:
        problems.append("digests take longer than answers")
    if not quotes:
        problems.append("nothing was quoted")
    return problems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--subscriptions", type=int, default=200)
    parser.add_argument("--questions", type=int, default=20)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        problems = run(options.articles, options.subscriptions, options.questions, Path(folder))
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
