"""Messages of every kind: python -m lab.telegram.fuzz --count 2000 [--seed N]

Arbitrary Unicode, right to left, families of emoji, combining marks, 10,000 characters, control characters,
commands and what only looks like one, links, markup, and things without any text. Every message must get a
reply, and the strict Telegram must take every call.
"""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tqdm import tqdm

from lab.telegram.running import BRISK, ROOT, Running, kutip
from tests.telegram_server import TelegramServer, User
from tests.telegram_server.text import MOST_TEXT, cleaned, is_blank

USERS = 8
LONG = 10_000
PATIENCE = 120.0
_WORDS = (
    "siapa apa berapa kapan di mana menteri pertahanan Rusia beras banjir who what when the minister".split()
)
_COMMANDS = (
    *(
        "/start",
        "/help",
        "/bantuan",
        "/tanya",
        "/ask",
        "/sumber",
        "/sources",
        "/batal",
        "/cancel",
        "/privasi",
    ),
    *(
        "/privacy",
        "/artikel",
        "/statistik",
        "/kesehatan",
        "/tidakada",
        "/TANYA",
        "/tanya@kutip_bot",
        "/tanya@lain",
    ),
    *(
        "/start x",
        "/start aaaa-_",
        "/ tanya",
        "//tanya",
        "∕tanya siapa",
        "／tanya siapa",
        "/tаnya siapa",
        "/",
        "/@",
        "/1",
    ),
    *(
        "/tanya\nsiapa",
        "/tanya\u00a0siapa",
        "/tanya\u200bsiapa",
        "/t\u0301anya siapa",
        "/lupa",
        "/bahasa",
        "/language",
    ),
)
_MARKUP = (
    "*_`[",
    "<b>siapa</b>",
    "[a](http://x)",
    "```",
    "||x||",
    "&lt;",
    "\\",
    "%s %(a)s {0} {}",
    "$(x)",
    "'; --",
)


def _unicode(random: Random) -> str:
    """Any code points that are characters, of a few planes."""
    planes = (
        *((0x20, 0x7F), (0xA0, 0x24F), (0x300, 0x36F), (0x590, 0x8FF), (0xE00, 0xE7F), (0x1100, 0x11FF)),
        *((0x2000, 0x2BFF), (0x4E00, 0x9FFF), (0x1F000, 0x1FAFF), (0x20000, 0x2A6DF), (0xE0000, 0xE007F)),
    )
    points = (random.randint(*random.choice(planes)) for _ in range(random.randint(1, 300)))
    return "".join(map(chr, points))


def _right_to_left(random: Random) -> str:
    words = (
        "مَن هو وزير الدفاع الروسي؟",
        "מי שר ההגנה של רוסיה?",
        "\u202eabc\u202c",
        "\u2067siapa\u2069",
        "\u200f",
        "١٢٣",
    )
    return " ".join(random.choices([*words, *_WORDS], k=random.randint(1, 30)))


def _emoji(random: Random) -> str:
    parts = (
        "👨‍👩‍👧‍👦",
        "👩🏽‍🚒",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "🇮🇩",
        "1️⃣",
        "❤️‍🔥",
        "🧑🏿‍🤝‍🧑🏻",
        "\u200d",
        "\ufe0f",
        "🏻",
        "🇮",
        " ",
        "siapa",
    )
    return "".join(random.choices(parts, k=random.randint(1, 400)))


def _marks(random: Random) -> str:
    return "".join(
        c + "".join(random.choices("\u0300\u0301\u0327\u0489\u20dd", k=random.randint(0, 40)))
        for c in "siapa dia?"
    )


def _long(random: Random) -> str:
    made = ""
    while len(made) < LONG:
        made += random.choice(_WORDS) + random.choice((" ", " ", ", ", "? ", "\n", "", "😀"))
    return made[:LONG]


def _control(random: Random) -> str:
    points = (random.choice([random.randint(0, 31), random.randint(0x7F, 0x9F), ord("a")]) for _ in range(80))
    return "".join(map(chr, points)) + random.choice(
        ("", "\ufffe", "\uffff", "\ufeff", "\u2028x", "\x00siapa")
    )


def _command(random: Random) -> str:
    return random.choice(_COMMANDS) + random.choice(
        ("", " ", " siapa menteri?", "\n\n", " " + _emoji(random)[:50])
    )


def _question(random: Random) -> str:
    text = " ".join(random.choices(_WORDS, k=random.randint(1, 12))) + random.choice(("?", "", "!!!", "…"))
    return random.choice(
        (text, text.upper(), unicodedata.normalize("NFD", text), text + random.choice(_MARKUP))
    )


def _markup(random: Random) -> str:
    return " ".join(
        random.choices([*_MARKUP, *_WORDS, "https://example.org/a?b=c#d", "@kutip_bot", "#berita"], k=20)
    )


KINDS: dict[str, Callable[[Random], str]] = {
    "unicode": _unicode,
    "right to left": _right_to_left,
    "emoji": _emoji,
    "combining marks": _marks,
    "long": _long,
    "control characters": _control,
    "command": _command,
    "question": _question,
    "markup": _markup,
}


def messages(count: int, seed: int) -> list[tuple[str, str]]:
    """So many (kind, text), each of which a client would send."""
    random = Random(seed)
    made: list[tuple[str, str]] = []
    while len(made) < count:
        kind = random.choice(list(KINDS))
        text = KINDS[kind](random)
        if not is_blank(cleaned(text)[0]):
            made.append((kind, text))
    return made


def run(count: int, seed: int, home: Path, users: int = USERS) -> list[str]:
    """What was wrong; the figures are printed."""
    made = messages(count, seed)
    with TelegramServer() as server, Running(home, server, BRISK) as bot:
        bot.wait_until_up()
        people = [server.user(f"Pembaca {n}", language_code=("id", "en", None)[n % 3]) for n in range(users)]
        with ThreadPoolExecutor(users) as pool, tqdm(total=count, mininterval=5) as bar:
            parts = [(people[n], made[n::users]) for n in range(users)]
            found = pool.map(lambda part: _talk(server, *part, bar), parts)
            problems = [line for part in found for line in part]
        server.wait_for(lambda: not server.state.updates, 30)
        problems += [*bot.unclean(), *server.crashes]
        problems += [f"{call.method} {call.parameters}: {call.refused}" for call in server.violations]
        refused = Counter(str(call.refused) for call in server.refusals)
        print(
            ", ".join(
                f"{number} {kind}" for kind, number in sorted(Counter(kind for kind, _ in made).items())
            )
        )
        print(f"{len(made)} messages, {len(server.calls)} calls, {sum(refused.values())} refused")
        print("\n".join(f"{number} {why}" for why, number in refused.items()))
    return problems


def _talk(server: TelegramServer, user: User, texts: list[tuple[str, str]], bar: tqdm[None]) -> list[str]:
    """Says one after the other, each once the one before has its reply."""
    problems: list[str] = []
    for kind, text in texts:
        # A client splits what is too long; one that does not is tried, too.
        split = len(cleaned(text)[0]) > MOST_TEXT and ord(text[0]) % 2
        sent = user.says_long(text) if split else [user.says(text, beyond_limit=True)]
        wanted = {message["message_id"] for message in sent}
        try:
            server.wait_for(lambda wanted=wanted: wanted <= replied_to(user), PATIENCE)  # type: ignore[misc]
        except AssertionError as error:
            problems.append(f"no reply to {kind} {text[:80]!r} ({len(text)} characters): {error}")
            if len(problems) > 2:
                break
        bar.update()
    return problems


def replied_to(user: User) -> set[int]:
    """The messages in a user's chat to which one of the bot's replies."""
    return {
        answer["reply_to_message"]["message_id"] for answer in user.answers if "reply_to_message" in answer
    }


def is_status(message: dict[str, object]) -> bool:
    """A small message that says that the bot is at work: its only button cancels."""
    markup = message.get("reply_markup")
    rows = markup["inline_keyboard"] if isinstance(markup, dict) else []
    return [len(row) for row in rows] == [1] and str(rows[0][0]["text"]).lower() in ("batal", "cancel")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        kutip(home, "ingest", str(ROOT / "seeds" / "articles"))
        problems = run(options.count, options.seed, home)
    for problem in problems:
        print(problem)
    print("failed" if problems else "every message got a well-formed reply")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
