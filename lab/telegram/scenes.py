"""The talks that the README's pictures show: readers and admins before the real bot."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from lab.telegram.fuzz import is_status
from tests.telegram_server import TelegramServer, User

PATIENCE = 900.0
"""Seconds to wait for a reply."""
TRIES, INLINE_SECONDS = 10, 45.0
"""How often something is asked inline, and seconds to wait each time: Telegram takes no late answer."""
QUOTES = (
    "Berapa orang meninggal akibat banjir bandang di Tanah Rawang?",
    "Kenapa harga beras di Pasar Induk Cempaka naik?",
)
"""Questions that several quotes answer."""
OTHERS = 16
"""Whose questions come before; a status message appears after a second only, so they must last longer."""


def answered(server: TelegramServer, user: User, question: str) -> dict[str, Any]:
    """Asks, and waits for the answer."""
    sent = user.says(question)

    def found() -> list[dict[str, Any]]:
        return [
            m for m in user.answers if m.get("reply_to_message", {}).get("message_id") == sent["message_id"]
        ]

    server.wait_for(lambda: found() and not any(is_status(m) for m in user.answers), PATIENCE)
    return found()[-1]


def talk(
    server: TelegramServer, admin: User, archive: Path, names: Collection[str]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Talks to the bot; the name of each picture that is wanted, and what its chat then shows."""
    # The models are loaded by the time that there is an answer.
    answered(server, server.user("Dewi"), "Berapa curah hujan di Bukit Sialang?")
    scenes: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "waiting": lambda: waiting_chat(server),
        "reader": lambda: reader_chat(server),
        "quotes": lambda: chat_of(server, "Rini", *QUOTES),
        "list": lambda: chat_of(server, "Tia", "apa saja akibat letusan gunung tarangga?"),
        "inline": lambda: inline_chat(server),
        "admin": lambda: admin_chat(server, admin),
        "digest": lambda: digest_chat(server, admin, archive),
        "report": lambda: report_chat(server, admin),
    }
    for name, scene in scenes.items():
        if not names or name in names:
            yield name, scene()


def reader_chat(server: TelegramServer) -> list[dict[str, Any]]:
    """A greeting, an answer, its sentence among the neighbours, and a question in chat spelling."""
    reader = server.user("Ani", language_code="id")
    answered(server, reader, "/start")
    answer = answered(server, reader, "Siapa Menteri Pertahanan Rusia?")
    reader.presses(answer, "Konteks [1]")
    server.wait_for(lambda: not server.unanswered, PATIENCE)
    answered(server, reader, "brp curah hujan di bukit sialang?")
    return list(server.state.shown(reader.chat))


def chat_of(server: TelegramServer, name: str, *questions: str) -> list[dict[str, Any]]:
    """A reader's questions and their answers."""
    reader = server.user(name, language_code="id")
    for question in questions:
        answered(server, reader, question)
    return list(server.state.shown(reader.chat))


def inline_chat(server: TelegramServer) -> list[dict[str, Any]]:
    """Two readers; one of them asks the bot in between and sends what it offers."""
    one, other = server.user("Sari", language_code="id"), server.user("Tono", language_code="id")
    other.says("Menteri Pertahanan Rusia sekarang siapa, ya?", to=one)
    for _ in range(TRIES):
        query = one.types("Siapa Menteri Pertahanan Rusia?")
        end = monotonic() + INLINE_SECONDS
        while query.results is None and monotonic() < end:
            sleep(0.2)
        if query.results:
            break
    one.chooses(query, one)
    shown = [m for m in server.state.shown(one.chat) if m.get("from", {}).get("username") != "kutip_bot"]
    # The chat as the one who asks inline sees it: the other's message is not their own.
    return [{**m, "from": {**m["from"], "is_bot": m["from"]["id"] == other.id}} for m in shown]


def digest_chat(server: TelegramServer, admin: User, archive: Path) -> list[dict[str, Any]]:
    """A reader follows a topic; an article comes in, and the hour of the digest."""
    reader = server.user("Lina", language_code="id")
    answered(server, reader, "/langganan harga cabai")
    channel = server.channel("Kabar Pagi", username="kabar_pagi")
    for text in (
        "Harga cabai rawit di Pasar Baru naik menjadi Rp52.000 per kilogram pada Senin.\nStok menipis.",
        "Panen cabai di Karang Asri mundur dua pekan, dan harga diperkirakan baru turun akhir bulan.",
    ):
        sent = admin.forwards(channel.posts(text))
        server.wait_for(lambda sent=sent: _replied(admin, sent), PATIENCE)  # type: ignore[misc]
    db = sqlite3.connect(archive, timeout=30)
    with db:
        # A day passes.
        db.execute("UPDATE subscription SET looked_at = looked_at - 90000")
    db.close()
    server.wait_for(
        lambda: any(m["text"].startswith("📰") and "reply_markup" in m for m in reader.answers), PATIENCE
    )
    return list(server.state.shown(reader.chat))


def report_chat(server: TelegramServer, admin: User) -> list[dict[str, Any]]:
    """What an editor reads each day, after readers have asked and judged."""
    reader = server.user("Dedi", language_code="id")
    for question in ("Kapan stasiun kereta cepat dibuka?", "Kapan stasiun kereta cepat dibuka?"):
        answered(server, reader, question)
    wrong = answered(server, reader, "Berapa curah hujan di Bukit Sialang?")
    rows = wrong["reply_markup"]["inline_keyboard"]
    reader.presses_data(wrong, next(b["callback_data"] for row in rows for b in row if "👎" in b["text"]))
    server.wait_for(lambda: not server.unanswered, PATIENCE)
    seen = len(list(server.state.shown(admin.chat)))
    before = admin.info["language_code"]
    admin.info["language_code"] = "id"
    answered(server, admin, "/laporan")
    admin.info["language_code"] = before
    return list(server.state.shown(admin.chat))[seen:]


def _replied(user: User, sent: dict[str, Any]) -> bool:
    return any(m.get("reply_to_message", {}).get("message_id") == sent["message_id"] for m in user.answers)


def waiting_chat(server: TelegramServer) -> list[dict[str, Any]]:
    """What a reader sees while others' questions come before theirs; then it is cancelled."""
    others, reader = [server.user(f"Pembaca {number}") for number in range(OTHERS)], server.user("Citra")
    for other in others:
        other.says("Berapa curah hujan di Bukit Sialang?")
    reader.says("Siapa Menteri Pertahanan Rusia?")

    def told() -> list[dict[str, Any]]:
        return [m for m in reader.answers if is_status(m) and "sebelum giliran Anda" in m["text"]]

    server.wait_for(lambda: bool(told()), PATIENCE)
    shown = list(server.state.shown(reader.chat))
    reader.presses(told()[0], "Batal")
    server.wait_for(lambda: not server.unanswered, PATIENCE)
    server.wait_for(lambda: all(o.answers and not any(map(is_status, o.answers)) for o in others), PATIENCE)
    return shown


def admin_chat(server: TelegramServer, admin: User) -> list[dict[str, Any]]:
    """An admin adds an article by file and one by forwarding, and asks about it."""
    note = b"The new bridge at Karang Asri opened on 3 October 2026.\nIt cost 41 billion rupiah.\n"
    for send in (
        lambda: admin.sends_document("bridge.txt", note, mime="text/plain"),
        lambda: admin.forwards(
            server.channel("Kabar Pagi").posts(
                "Harga cabai di Pasar Baru turun menjadi Rp38.000 per kilogram."
            )
        ),
    ):
        sent = send()
        server.wait_for(
            lambda sent=sent: any(  # type: ignore[misc]
                m.get("reply_to_message", {}).get("message_id") == sent["message_id"] for m in admin.answers
            ),
            PATIENCE,
        )
    answered(server, admin, "How much did the bridge at Karang Asri cost?")
    return list(server.state.shown(admin.chat))
