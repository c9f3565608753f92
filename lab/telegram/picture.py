"""The README's pictures of the bot: `python -m lab.telegram.picture [NAME…]` talks to it and draws the chats.

What is drawn are the messages that the strict Telegram holds, with their entities and buttons. Written here
is only what Telegram's own apps add: a sign for a file, where a message was forwarded from.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lab.telegram.running import ROOT, Running, kutip
from lab.telegram.scenes import PATIENCE, talk
from tests.telegram_server import TelegramServer
from tests.telegram_server.text import slice_units, units

WIDTH, PAD, SIZE, LINE, GAP = 440, 12, 14, 19, 8
BUBBLE = 360
FOLDED_LINES = 3
"""What a folded quote shows of itself."""
_COLOURS = {"bot": "#ffffff", "user": "#e3f7d5", "draft": "#f3f6fa", "sky": "#c9dbe8", "button": "#7c98ad"}
_FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
# Widths of Helvetica's characters, in thousandths of its size, by the characters that have them.
_WIDTHS = {
    191: "'",
    222: "ijl",
    278: " !,./:;If[]\\t",
    333: "-()`r",
    355: '"',
    389: "*",
    500: "Jckxvyzs",
    556: "#$?Labdeghnopqu_0123456789",
    584: "+<=>~",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1015: "@",
}
_WIDTH = {character: width for width, characters in _WIDTHS.items() for character in characters}


@dataclass(frozen=True, slots=True)
class Run:
    """Some text in one look."""

    text: str
    bold: bool = False
    italic: bool = False
    code: bool = False
    link: bool = False

    @property
    def width(self) -> float:
        wide = sum(_WIDTH.get(c, 1200 if ord(c) > 0x2190 else 556) for c in self.text) * SIZE / 1000
        return wide * (1.07 if self.bold else 1.0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a bubble; `quoted` stands in a block."""

    runs: tuple[Run, ...]
    quoted: bool = False
    folded: bool = False


def runs(text: str, entities: Sequence[dict[str, Any]]) -> Iterator[tuple[Run, str | None]]:
    """The stretches of a text with their looks, and the block that each is in."""
    ends = {0, units(text), *(e["offset"] for e in entities), *(e["offset"] + e["length"] for e in entities)}
    cuts = sorted(ends)
    for start, end in pairwise(cuts):
        kinds = {e["type"] for e in entities if e["offset"] <= start and end <= e["offset"] + e["length"]}
        look = Run(
            slice_units(text, start, end),
            "bold" in kinds,
            "italic" in kinds,
            bool(kinds & {"code", "pre"}),
            bool(kinds & {"text_link", "url", "bot_command", "mention", "hashtag"}),
        )
        yield look, next((kind for kind in kinds if kind.endswith("blockquote")), None)


def lines(message: dict[str, Any], width: float) -> list[Line]:
    """A message's text, broken into lines."""
    text = message.get("text") or message.get("caption") or ""
    entities = message.get("entities") or message.get("caption_entities") or []
    done: list[Line] = []
    line: list[Run] = []
    used, block, folded = 0.0, None, 0

    def close() -> None:
        nonlocal line, used, folded
        if block == "expandable_blockquote":
            folded += 1
        if block != "expandable_blockquote" or folded <= FOLDED_LINES:
            done.append(Line(tuple(line), block is not None, block is not None and folded == FOLDED_LINES))
        line, used = [], 0.0

    for look, inside in runs(text, entities):
        if inside != block:
            if line:
                close()
            block, folded = inside, 0
        room = width - (14 if block else 0)
        for word in re.findall(r"\n|[^\s]+|[^\S\n]+", look.text):
            if word == "\n":
                if line or not done or not done[-1].quoted or block is None:
                    close()
                continue
            piece = Run(word, look.bold, look.italic, look.code, look.link)
            if used + piece.width > room and line:
                close()
                if word.isspace():
                    continue
            line.append(piece)
            used += piece.width
    if line:
        close()
    # A block ends its own line: the break after it is no empty one.
    return [each for place, each in enumerate(done) if each.runs or place == 0 or not done[place - 1].quoted]


class Drawing:
    """One chat, from top to bottom."""

    def __init__(self, title: str) -> None:
        self._parts: list[str] = []
        self._y = 54.0
        self._title = title

    def message(self, message: dict[str, Any]) -> None:
        own = not message.get("from", {}).get("is_bot", "draft_id" in message)
        width = BUBBLE - 2 * PAD
        rows = lines(message, width)
        if document := message.get("document"):
            rows.insert(0, Line((Run(f"📄 {document['file_name']}", bold=True),)))
        reply = message.get("reply_to_message")
        if bot := message.get("via_bot"):
            rows.insert(0, Line((Run(f"via @{bot['username']}", link=True),)))
        if message.get("forward_origin", {}).get("chat"):
            said = "Diteruskan dari" if message["from"].get("language_code") == "id" else "Forwarded from"
            rows.insert(0, Line((Run(f"{said} {message['forward_origin']['chat']['title']}", italic=True),)))
        wide = max(
            (sum(run.width for run in row.runs) + (14 if row.quoted else 0) for row in rows), default=40.0
        )
        keyboard = message.get("reply_markup", {}).get("inline_keyboard", [])
        wide = width if keyboard or reply else min(wide, width)
        x = WIDTH - PAD - wide - 2 * PAD if own else PAD
        height = LINE * len(rows) + 2 * GAP + (LINE + 4 if reply else 0)
        fill = _COLOURS["user" if own else "draft" if "draft_id" in message else "bot"]
        dash = ' stroke="#8aa4b8" stroke-dasharray="4 3"' if "draft_id" in message else ""
        self._parts.append(
            f'<rect x="{x:.1f}" y="{self._y:.1f}" width="{wide + 2 * PAD:.1f}" height="{height:.1f}" rx="12" '
            f'fill="{fill}"{dash}/>'
        )
        y = self._y + GAP
        if reply:
            file = reply.get("document", {}).get("file_name", "")
            short = " ".join((reply.get("text") or reply.get("caption") or f"📄 {file}").split())
            while Run(short).width > wide - 14:
                short = short[:-2] + "…"
            self._bar(x + PAD, y, LINE)
            self._line(Line((Run(short, italic=True),)), x + PAD + 10, y)
            y += LINE + 4
        for row in rows:
            if row.quoted:
                self._parts.append(
                    f'<rect x="{x + PAD:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{LINE}" fill="#e8f0f7"/>'
                )
                self._bar(x + PAD, y, LINE)
            self._line(row, x + PAD + (10 if row.quoted else 0), y)
            if row.folded:
                self._text("⌄", x + PAD + wide - 14, y)
            y += LINE
        self._y += height + 4
        for buttons in keyboard:
            each = (wide + 2 * PAD - 4 * (len(buttons) - 1)) / len(buttons)
            for place, button in enumerate(buttons):
                left = x + place * (each + 4)
                self._parts.append(
                    f'<rect x="{left:.1f}" y="{self._y:.1f}" width="{each:.1f}" height="28" rx="8" '
                    f'fill="{_COLOURS["button"]}" fill-opacity="0.75"/>'
                )
                label = button["text"]
                while Run(label).width > each - 8:
                    label = label[:-2] + "…"
                at = left + (each - Run(label).width) / 2
                self._text(label, at, self._y + 4.5, fill="#ffffff")
            self._y += 32
        self._y += GAP

    def svg(self) -> str:
        height = self._y + 4
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" font-family={quoteattr(_FONT)} font-size="{SIZE}">\n'
            f'<rect width="{WIDTH}" height="{height:.0f}" rx="10" fill="{_COLOURS["sky"]}"/>\n'
            f'<rect width="{WIDTH}" height="44" rx="10" fill="#517da2"/>\n'
            f'<text x="{PAD}" y="28" fill="#ffffff" font-weight="bold">{escape(self._title)}</text>\n'
            + "\n".join(self._parts)
            + "\n</svg>\n"
        )

    def _bar(self, x: float, y: float, height: float) -> None:
        self._parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="3" height="{height}" fill="#3d81b8"/>')

    def _line(self, line: Line, x: float, y: float) -> None:
        for run in line.runs:
            if run.text.strip():
                style = ' font-weight="bold"' * run.bold + ' font-style="italic"' * run.italic
                style += ' font-family="monospace"' * run.code
                self._text(
                    run.text, x, y, fill="#2678b6" if run.link else "#111111", style=style, bold=run.bold
                )
            x += run.width

    def _text(
        self, text: str, x: float, y: float, *, fill: str = "#111111", style: str = "", bold: bool = False
    ) -> None:
        # The length is given, so that lines end where they were broken, whatever font is there.
        wide = Run(text, bold).width
        fit = f' textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"' if len(text) > 1 else ""
        self._parts.append(
            f'<text x="{x:.1f}" y="{y + 14:.1f}" fill="{fill}"{style}{fit}>{escape(text)}</text>'
        )


def draw(title: str, messages: Sequence[dict[str, Any]]) -> str:
    """A chat as SVG."""
    drawing = Drawing(title)
    for message in messages:
        drawing.message(message)
    return drawing.svg()


def main() -> None:
    with TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        kutip(home, "ingest", str(ROOT / "seeds" / "articles"))
        with TelegramServer(inline=True) as server:
            admin = server.user("Budi", language_code="en")
            with Running(home, server, {"KUTIP_TELEGRAM_ADMINS": str(admin.id)}) as bot:
                bot.wait_until_up(PATIENCE)
                for name, messages in talk(server, admin, home / "archive.db", sys.argv[1:]):
                    (ROOT / "lab" / "telegram" / f"{name}.svg").write_text(draw("Kutip", messages), "utf-8")
            server.assert_clean()


if __name__ == "__main__":
    main()
