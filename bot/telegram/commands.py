"""The commands: one table, which the menu, the help and the dispatch use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.telegram import admins, readers
from bot.telegram.messages import plain
from bot.telegram.parts import Call, Parts
from bot.telegram.phrases import say
from rag.types import Language

Handler = Callable[[Parts, Call], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that the bot offers, under a name in each language; every name works for everyone.

    `line` says what it does, in the menu and the help; `argument` is what the help shows behind the name.
    `admin`: only for admins, alone with the bot; to others it is unknown. `at_once`: it does not wait for
    the chat's earlier messages. `in_help`: the help has a line for it.
    """

    name: Mapping[Language, str]
    line: Mapping[Language, str]
    handler: Handler
    argument: Mapping[Language, str] | None = None
    admin: bool = False
    at_once: bool = False
    in_help: bool = True


async def show_help(parts: Parts, call: Call) -> None:
    """Says how the bot is used, with a line for each command."""
    language = call.language
    such, name = await parts.such(language), parts.me.username
    text = say("help", language, such=such, commands=_lines(language, admin=False), bot=name)
    if parts.is_admin_in(call.message):
        text += "\n\n" + say("help_admin", language, commands=_lines(language, admin=True))
    await parts.send(call.row, call.message, plain(text))


ASK = Offer(
    {"id": "tanya", "en": "ask"},
    {"id": "bertanya, juga di grup", "en": "ask, also in groups"},
    readers.ask_what,
    {"id": "PERTANYAAN", "en": "QUESTION"},
)
"""The command that asks."""

START = Offer(
    {"id": "start", "en": "start"},
    {"id": "mulai", "en": "start"},
    readers.start,
    in_help=False,
)
"""The command that Telegram sends first, and with links."""

COMMANDS: Sequence[Offer] = (
    START,
    Offer(
        {"id": "bantuan", "en": "help"},
        {"id": "cara memakai bot ini", "en": "how to use this bot"},
        show_help,
        in_help=False,
    ),
    ASK,
    Offer(
        {"id": "sumber", "en": "sources"},
        {"id": "sumber jawaban terakhir", "en": "sources of the last answer"},
        readers.sources,
    ),
    Offer(
        {"id": "batal", "en": "cancel"},
        {"id": "batalkan pertanyaan yang menunggu", "en": "cancel the questions that wait"},
        readers.cancel,
        at_once=True,
    ),
    Offer(
        {"id": "lupa", "en": "forget"},
        {"id": "hapus percakapan ini", "en": "delete this conversation"},
        readers.forget,
    ),
    Offer(
        {"id": "langganan", "en": "follow"},
        {
            "id": "ikuti topik, dapatkan kutipan dari artikel baru",
            "en": "follow a topic: quotes from new articles",
        },
        readers.follow,
        {"id": "TOPIK", "en": "TOPIC"},
    ),
    Offer(
        {"id": "berhenti", "en": "unfollow"},
        {"id": "berhenti berlangganan", "en": "stop following"},
        readers.unfollow,
    ),
    Offer(
        {"id": "bahasa", "en": "language"},
        {"id": "pilih bahasa pesan bot", "en": "choose the language of the bot's messages"},
        readers.choose_language,
    ),
    Offer(
        {"id": "privasi", "en": "privacy"},
        {"id": "apa yang disimpan tentang Anda", "en": "what is stored about you"},
        readers.privacy,
    ),
    Offer(
        {"id": "artikel", "en": "articles"},
        {"id": "daftar artikel, bisa dicari menurut judul", "en": "the articles, or those with a word"},
        admins.articles,
        {"id": "[KATA]", "en": "[WORD]"},
        admin=True,
    ),
    Offer(
        {"id": "pantau", "en": "watch"},
        {"id": "pantau feed RSS, atau lihat yang dipantau", "en": "watch an RSS feed, or see those watched"},
        admins.watch,
        {"id": "[ALAMAT]", "en": "[ADDRESS]"},
        admin=True,
    ),
    Offer(
        {"id": "pengguna", "en": "users"},
        {"id": "siapa yang boleh memakai bot", "en": "who may use the bot"},
        admins.users,
        admin=True,
    ),
    Offer(
        {"id": "laporan", "en": "report"},
        {"id": "laporan 24 jam terakhir", "en": "the report of the last 24 hours"},
        admins.daily,
        admin=True,
    ),
    Offer(
        {"id": "statistik", "en": "statistics"},
        {"id": "statistik", "en": "figures"},
        admins.figures,
        admin=True,
    ),
    Offer(
        {"id": "kesehatan", "en": "health"},
        {"id": "status bot", "en": "how the bot is"},
        admins.health,
        admin=True,
    ),
)
"""All commands, in the order of menu and help."""

_BY_NAME: Mapping[str, Offer] = {name: offer for offer in COMMANDS for name in offer.name.values()}


def offered(name: str) -> Offer | None:
    """The command of this name, in either language."""
    return _BY_NAME.get(name)


def menu(language: Language, admin: bool) -> list[tuple[str, str]]:
    """(name, line) of each command that a user of this language is shown."""
    return [(offer.name[language], offer.line[language]) for offer in COMMANDS if admin or not offer.admin]


def _lines(language: Language, admin: bool) -> str:
    shown = [offer for offer in COMMANDS if offer.in_help and offer.admin == admin]
    return "\n".join(
        f"/{offer.name[language]}{f' {offer.argument[language]}' if offer.argument else ''} – "
        f"{offer.line[language]}"
        for offer in shown
    )
