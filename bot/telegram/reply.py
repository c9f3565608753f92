"""An answer as Telegram shows it: text, quotes in their blocks, and the buttons below. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, SwitchInlineQueryChosenChat

from bot.phrases import Phrases, dated
from bot.telegram.callbacks import Act, button
from bot.telegram.fragment import host
from bot.telegram.layout import Words, layout
from bot.telegram.messages import Builder, Kind, Mark, Marked, utf16_length
from bot.telegram.phrases import say
from rag.reading.select import found_in
from rag.types import Answer, Article, Citation, Language, Sentence

LONG_QUOTE = 280
"""Characters of a quote over which it is folded."""
MOST_COPIED = 256
"""Characters that a button copies (https://core.telegram.org/bots/api#copytextbutton)."""
MOST_ASKED_INLINE = 256
"""Characters of an inline query (https://core.telegram.org/bots/api#inlinequery)."""
AROUND = 2
"""Sentences before and after a quote that its context shows."""


def answer_text(answer: Answer, publishers: Mapping[int, str] = MappingProxyType({})) -> Marked:
    """How the question was understood, where its spelling was corrected; the answer; then each citation: a
    line that says where it stands, and the quote itself. A quote that is the answer stands in the answer's
    place, with that line below it.

    `publishers` are those that are known, by the number of the citation. A translation stands under its
    quote and outside its block, labelled as a machine's.
    """
    built = Builder()
    if answer.understood:
        built.add(Phrases().understood(answer.language, answer.understood), "italic").add("\n\n")
    (pieces, below), bold = layout(answer), answer.short
    for place, piece in enumerate(pieces):
        if isinstance(piece, Words):
            built.add("\n\n" if place else "")
            stretch = _stretch(piece.text, bold)
            built.add(piece.text, inside=[Mark("bold", *stretch)] if stretch else [])
            bold = None if stretch else bold
            continue
        built.add(("\n" if isinstance(pieces[place - 1], Words) else "\n\n") if place else "")
        for citation in piece.citations:
            _quote(built, citation, answer)
            built.add("\n")
        others = "".join(f"[{each.number}] " for each in piece.citations[:-1])
        last = piece.citations[-1]
        built.add(others + source_line(last, answer.language, publishers.get(last.number)), "italic")
        for citation in piece.citations:
            _translation(built, citation, answer.language)
    for citation in below:
        source = source_line(citation, answer.language, publishers.get(citation.number))
        built.add("\n\n").add(source, "italic").add("\n")
        _quote(built, citation, answer)
        _translation(built, citation, answer.language)
    return built.marked()


def _quote(built: Builder, citation: Citation, answer: Answer) -> None:
    kind: Kind = "expandable_blockquote" if len(citation.quote) > LONG_QUOTE else "blockquote"
    item = next((each.text for each in answer.claims if each.citations == (citation.number,)), None)
    words = answer.short or (item if item != citation.quote else None)
    marked = found_in(words, citation.quote) if words else None
    # A block holds lines; what ends a line inside a quote is white space to a reader.
    built.add(citation.quote, kind, inside=[Mark("bold", *marked)] if marked else [])


def _translation(built: Builder, citation: Citation, language: Language) -> None:
    if citation.gloss:
        # Outside the block: a translation by a model is never to be taken for the quote.
        label = Phrases().machine_translation(language)
        built.add(f"\n{label}: ", "italic").add(" ".join(citation.gloss.split()))


def growing_text(answer: Answer) -> Marked:
    """An answer that is still being written: what is said so far, without quotes."""
    return Builder().add(answer.text or "…").add(" …").marked()


def source_line(citation: Citation, language: Language, publisher: str | None = None) -> str:
    """`[1] Title · publisher · 5 September 2023`, as far as they are known; the site's name will do."""
    parts = (
        citation.title or citation.article,
        publisher or host(citation.url),
        dated(citation.published, language),
    )
    return f"[{citation.number}] " + " · ".join(" ".join(part.split()) for part in parts if part)


def translations(answer: Answer) -> Marked:
    """The translations alone, each labelled as a machine's, where there is no room beside the quotes."""
    built, label = Builder(), Phrases().machine_translation(answer.language)
    for citation in answer.citations:
        if citation.gloss:
            built.add(f"[{citation.number}] {label}: ", "italic")
            built.add(" ".join(citation.gloss.split())).add("\n\n")
    return built.marked()


def answer_buttons(
    id: int,
    answer: Answer,
    opens: Callable[[Citation], str | None],
    translate: bool | None = None,
    judged: frozenset[int] = frozenset(),
    share: InlineKeyboardButton | None = None,
) -> InlineKeyboardMarkup | None:
    """A row for each citation, and one for what readers think of it; none under an answer without citations.

    `judged` are the verdicts there are, by citation, 0 for one that helped. `opens` gives the address at
    which a citation can be read, None where it has none. `translate` adds a button that asks for
    translations of the quotes, False one that takes them away; `share` is a button that shares the answer.
    """
    language = answer.language
    rows = []
    for citation in answer.citations:
        number = citation.number
        row = []
        if address := opens(citation):
            label = say("open", language, number=number, host=host(citation.url) or "")
            row.append(InlineKeyboardButton(label, url=address))
        row.append(button(say("context", language, number=number), Act.CONTEXT, id, number))
        if utf16_length(citation.quote) <= MOST_COPIED:
            # A quote that would have to be cut is none; it can still be copied out of its block.
            copied = CopyTextButton(citation.quote)
            row.append(InlineKeyboardButton(say("copy", language, number=number), copy_text=copied))
        rows.append(row)
    extra = []
    if translate is not None:
        label = say("translate" if translate else "untranslate", language)
        extra.append(button(label, Act.TRANSLATE, id, int(translate)))
    if share is not None and answer.status == "answered" and answer.citations:
        extra.append(share)
    if extra:
        rows.append(extra)
    if answer.status == "answered" and answer.citations:
        rows.append(feedback_row(id, answer, judged))
    return InlineKeyboardMarkup(rows) if rows else None


def share_button(answer: Answer, inline: bool, link: str) -> InlineKeyboardButton:
    """Lets the reader choose a chat and sends the answer there: by the bot's inline mode where that is on and
    takes the question, else as a link that asks it again."""
    label = say("share", answer.language)
    if inline and len(answer.question) <= MOST_ASKED_INLINE:
        chosen = SwitchInlineQueryChosenChat(
            answer.question, allow_user_chats=True, allow_group_chats=True, allow_channel_chats=True
        )
        return InlineKeyboardButton(label, switch_inline_query_chosen_chat=chosen)
    text = quote(answer.question[:MOST_ASKED_INLINE], safe="", errors="replace")
    return InlineKeyboardButton(label, url=f"https://t.me/share/url?url={quote(link, safe='')}&text={text}")


def feedback_row(id: int, answer: Answer, judged: frozenset[int]) -> list[InlineKeyboardButton]:
    """Helpful, or a wrong quote; what was said of it is ticked."""
    language = answer.language
    return [
        button(_ticked(say("helpful", language), 0 in judged), Act.VERDICT, id, 0),
        button(_ticked(say("wrong", language), bool(judged - {0})), Act.WRONG, id),
    ]


def which_quote(id: int, answer: Answer, judged: frozenset[int]) -> list[InlineKeyboardButton]:
    """One button a citation, for the reader to name the wrong one."""
    return [
        button(
            _ticked(say("which", answer.language, number=citation.number), citation.number in judged),
            Act.VERDICT,
            id,
            citation.number,
        )
        for citation in answer.citations
    ]


def _ticked(label: str, ticked: bool) -> str:
    return f"✓ {label}" if ticked else label


def context(
    citation: Citation,
    quoted: Article | None,
    sentences: Sequence[Sentence],
    current: Article | None,
    language: Language,
) -> Marked:
    """The sentence among its neighbours, as they stood when it was quoted.

    `quoted` is the version that was quoted, with its sentences; None where it was deleted. `current` is
    the version that can be found now; None where the article was removed.
    """
    built = Builder().add(source_line(citation, language), "italic").add("\n\n")
    note = _note(citation, quoted, current)
    if note is not None:
        built.add(say(note, language)).add("\n\n")
    here = next((i for i, s in enumerate(sentences) if s.start <= citation.start < s.end), None)
    if quoted is None or here is None:
        return built.add(citation.quote, "bold").marked()
    near = sentences[max(0, here - AROUND) : here + AROUND + 1]
    text = quoted.text[near[0].start : near[-1].end]
    start, end = citation.start - near[0].start, citation.end - near[0].start
    built.add("… " if near[0].start > 0 else "")
    built.add(text, inside=[Mark("bold", start, end)])
    return built.add(" …" if near[-1].end < len(quoted.text.rstrip()) else "").marked()


def _note(citation: Citation, quoted: Article | None, current: Article | None) -> str | None:
    if quoted is None:
        return "purged"
    if current is None:
        return "removed"
    changed = current.version != citation.version and current.text != quoted.text
    return "changed" if changed else None


def _stretch(text: str, short: str | None) -> tuple[int, int] | None:
    """Where the answer's shortest form stands in its text."""
    at = text.find(short) if short else -1
    return (at, at + len(short)) if short and at >= 0 else None
