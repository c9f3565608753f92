"""Chat spellings and slips of the finger, put into the words that articles use.

"knp bnyuwangi banjir" becomes "kenapa banyuwangi banjir?". A chat spelling is looked up. A word that neither
the articles nor the lexicon know is replaced by a word of the articles that is one slip away (Damerau 1964: a
letter left out, put in, changed, or two that changed places), or two in a long word, where an article has it
beside the rarest words of the question: names, most often. A word that is known as it is typed stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from rag.search.query import LANGUAGES, STOP_WORDS, Translations
from rag.text.encoding import encoding
from rag.text.language import detect
from rag.text.stems import stem, words
from rag.types import Language

SHORTEST, LONGEST = 5, 30
"""Letters; a shorter word is one slip away from too many others, a longer one is no word."""
LONG = 8
"""A word with more letters than this may have two slips."""
MOST_WORDS = 12
"""The most unknown words that are corrected: a question has a few, another text may have hundreds."""
RAREST = 4
"""How many of the question's rarest words count: an article must have the correction and one of them."""
NEAREST = 2
"""The same as `RAREST`, for slips that change or add a letter, since more words are such a slip away."""
BESIDE = 50
"""The most chunks that are counted."""
_SHORTEST_ROOT = 4
"""Letters; a shorter root would be found in words that do not come from it."""
_COMMON_START = 3
"""Letters in which a word and its correction by two slips agree."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
"""Letters that a slip may put in."""

_SHORTEST_BARE = 3
"""Letters of a word that was typed without vowels: shorter ones stand for too many."""
_ENDINGS = ("", "i", "an", "kan", "nya")
"""What the articles' stems lack."""
_VOWELS = re.compile(r"[aeiou]")
_DOUBLED = re.compile(r"([a-z])\1+")
"""A letter that was held down too long."""

_CHAT: Mapping[Language, str] = {
    "id": """
        yg yang, yng yang, ygn yang, dgn dengan, dg dengan, dngn dengan, utk untuk, untk untuk, tdk tidak,
        gk tidak, ndak tidak, tsb tersebut, dmn di mana, dmna di mana, dimn di mana, kmn ke mana, kmna ke
        mana, drmn dari mana, mn mana, mna mana, brp berapa, brpa berapa, brapa berapa, bpr berapa, gmn
        bagaimana, gmna bagaimana, gmana bagaimana, bgmn bagaimana, bgaimana bagaimana, knp kenapa, knpa
        kenapa, knapa kenapa, napa kenapa, kpn kapan, kpan kapan, sapa siapa, siapa2 siapa saja, apa2 apa
        saja, sdh sudah, udh sudah, dah sudah, blm belum, blom belum, blum belum, krn karena, karna karena,
        krna karena, kmrn kemarin, kmaren kemarin, kemaren kemarin, kmrin kemarin, skrg sekarang, skrng
        sekarang, skg sekarang, jd jadi, jdi jadi, bs bisa, bsa bisa, org orang, orng orang, ortu orang tua,
        bgt sekali, bngt sekali, aj saja, aja saja, jg juga, jga juga, klo kalau, kalo kalau, tp tapi, tpi
        tapi, lg lagi, lgi lagi, sm sama, ama sama, dri dari, pd pada, pda pada, dlm dalam, thd terhadap,
        ttg tentang, ttng tentang, trs terus, trus terus, hrs harus, msh masih, bnyk banyak, byk banyak, lbh
        lebih, stlh setelah, sblm sebelum, dpt dapat, dapet dapat, dkt dekat, bw bawa, lwt lewat, sampe
        sampai, bkn bukan, bner benar, bener benar, jln jalan, thn tahun, taun tahun, bln bulan, tgl
        tanggal, mggu minggu, mlm malam, rmh rumah, bpk bapak, ank anak, cwek cewek, cwe cewek, cwo cowok,
        tmn teman, temen teman, ato atau, atw atau, hny hanya, cuman cuma, spt seperti, kyk seperti, kayak
        seperti, emg memang, emang memang, bhw bahwa, smua semua, smpe sampai, pke pakai, pake pakai, tau
        tahu, liat lihat, ilang hilang, dateng datang, jatoh jatuh, oplas operasi plastik, nyari mencari,
        nyuri mencuri, nolak menolak, nangkap menangkap, nangkep menangkap, ditangkep ditangkap, ketangkep
        tertangkap, ketangkap tertangkap, nembak menembak, nabrak menabrak, nyerang menyerang, nipu menipu,
        ngasih memberi, pengen ingin, pgn ingin, ambulan ambulans, pemrintah pemerintah, sbg sebagai, krg
        kurang, gara2 gara-gara
        """,
    "en": """
        u you, ur your, r are, n and, pls please, plz please, wanna want to, gonna going to, gotta have to,
        cuz because, coz because, bcoz because, thru through, tho though, wht what, wat what, wats what is,
        whats what is, whos who is, wheres where is, hows how is, whens when is, whys why is, dont do not,
        didnt did not, doesnt does not, isnt is not, wasnt was not, arent are not, cant cannot, wont will
        not, hasnt has not, havent have not, abt about, ppl people, govt government, yr year, yrs years, b4
        before, tmrw tomorrow, tmr tomorrow, yday yesterday, teh the, hw how, whn when, wich which, whch
        which, sellin selling, goin going, doin doing
        """,
}
"""For each language, chat spellings with the words that they stand for."""
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
"""A word, with the hyphens and apostrophes inside it."""
_PREFIX = re.compile(r"(?:di|ter|ber|ke|se|[mp]e(?:ng|ny|n|m)?)")
"""Indonesian prefixes, which a root may follow."""
_SWALLOWED = {"ng": "k", "n": "t", "ny": "s", "m": "p"}
"""The root's first letter that a prefix swallows: mengorupsi comes from korupsi."""


class Vocabulary(Protocol):
    """The part of the lexical index that spelling uses."""

    def frequency(self, word: str) -> int:
        """How many chunks have the word, in any of its forms."""
        ...

    def together(self, word: str, others: Sequence[str], most: int) -> int:
        """How many chunks have the word and one of the others, counted up to `most`."""
        ...

    def beginning(self, letters: str) -> Sequence[str]:
        """The stems that begin with these letters."""
        ...


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood; `changed` where a word is not as it was typed."""

    text: str
    changed: bool = False


def understood(
    question: str, language: Language, vocabulary: Vocabulary, lexicon: Translations
) -> Understood:
    """The question with its chat spellings written out, its slips corrected, and a question mark."""
    chat = _chat(language)
    typed = _WORD.findall(question)
    # People who set capitals and question marks make slips in names, if at all.
    careful = question[:1].isupper() and question.endswith("?")
    spelled = [_written_out(word, chat, place == 0) for place, word in enumerate(typed)]
    unknown = [
        place
        for place, word in enumerate(spelled)
        if word == typed[place]
        and not (careful and word.islower())
        and _may_be_a_slip(word, language, vocabulary, lexicon)
    ]
    bare = [] if careful or language != "id" else list(_bare(spelled, typed, vocabulary, lexicon))
    if unknown or bare:
        content = [w for word in spelled for w in words(word) if w not in STOP_WORDS[language]]
        counts = {word: count for word in content if (count := vocabulary.frequency(word))}
        rarest = sorted(counts, key=lambda word: (counts[word], word))[:RAREST]
        # If nothing in a question of several words is known, it is about something else.
        if rarest or len(content) <= 1:
            for place in unknown[:MOST_WORDS]:
                spelled[place] = _corrected(spelled[place], rarest, vocabulary)
        _with_vowels(spelled, [place for place in bare if spelled[place] == typed[place]], rarest, vocabulary)
    after = iter(spelled)
    text = _WORD.sub(lambda match: next(after), question)
    if text and text[-1].isalnum():
        text += "?"
    return Understood(text, spelled != typed)


def _bare(
    spelled: Sequence[str], typed: Sequence[str], vocabulary: Vocabulary, lexicon: Translations
) -> Iterator[int]:
    """The places of words that were typed without vowels."""
    for place, word in enumerate(spelled):
        if word == typed[place] and _is_bare(word, vocabulary, lexicon):
            yield place


def _with_vowels(
    spelled: list[str], bare: Sequence[int], rarest: Sequence[str], vocabulary: Vocabulary
) -> None:
    """Writes these words out, the longest first: each is a word of the articles beside what is known of the
    question."""
    beside = list(rarest)
    for place in sorted(bare[:MOST_WORDS], key=lambda place: -len(spelled[place])):
        lower = _DOUBLED.sub(r"\1", spelled[place].lower())
        meant = {each: vocabulary.frequency(each) for each in _filled(lower, vocabulary)}
        near = {each: vocabulary.together(each, beside, BESIDE) for each in meant} if beside else meant
        best = max(meant, key=lambda each: (near[each], meant[each], each), default=None)
        if best and near[best]:
            spelled[place] = best.capitalize() if spelled[place][0].isupper() else best
            beside.append(best)


def _is_bare(word: str, vocabulary: Vocabulary, lexicon: Translations) -> bool:
    """Whether a word is unknown, no abbreviation, and has two consonants or more for each vowel."""
    lower = _DOUBLED.sub(r"\1", word.lower())
    if word.isupper() or not _SHORTEST_BARE <= len(lower) <= LONGEST:
        return False
    if not lower.isascii() or not lower.isalpha():
        return False
    vowels = len(_VOWELS.findall(lower))
    if len(lower) - vowels < max(2 * vowels, 2) or any(lower in STOP_WORDS[each] for each in LANGUAGES):
        return False
    known = any(lexicon.translations(stem(lower, each), each) for each in LANGUAGES)
    return not known and not vocabulary.frequency(lower)


def _filled(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    """The words of the articles that have the letters of this one in order, and only vowels beside them."""
    stems = vocabulary.beginning(word[:1])
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if not word.endswith(ending) or len(root) < _SHORTEST_BARE:
            continue
        consonants = _VOWELS.sub("", root)
        for other in stems:
            if len(root) < len(other) <= 2 * len(root) + 1 and _VOWELS.sub("", other) == consonants:
                letters = iter(other)
                if all(letter in letters for letter in root):
                    yield other + ending


def language_of(question: str) -> Language:
    """The question's language, with the chat spellings of both written out: "brp yg" is Indonesian."""
    chat = {**_chat("en"), **_chat("id")}
    return detect(_WORD.sub(lambda match: chat.get(match[0], match[0]), question))


@cache
def _chat(language: Language) -> Mapping[str, str]:
    pairs = (pair.split(maxsplit=1) for pair in _CHAT[language].split(","))
    return {short: full.strip() for short, full in pairs}


def _written_out(word: str, chat: Mapping[str, str], first: bool) -> str:
    """A chat spelling in full, and a reduplication with both halves; a capital inside is a name's."""
    if word[0].isupper() and (not first or (word.isupper() and len(word) > 1)):
        return word
    if full := chat.get(word.lower()):
        return full.capitalize() if word[0].isupper() else full
    return f"{word[:-1]}-{word[:-1]}" if re.fullmatch(r"[a-z]{3,}2", word) else word


def _may_be_a_slip(word: str, language: Language, vocabulary: Vocabulary, lexicon: Translations) -> bool:
    """Whether neither the articles nor the lexicon know a word."""
    if not SHORTEST <= len(word) <= LONGEST or not word.isascii() or not word.isalpha():
        return False
    lower = word.lower()
    if any(lower in STOP_WORDS[each] for each in LANGUAGES) or vocabulary.frequency(lower):
        return False
    if any(lexicon.translations(stem(lower, each), each) for each in LANGUAGES):
        return False
    if any(vocabulary.frequency(root) for root in _roots(lower)):
        return False
    # A word that is one token of the encoding was frequent in the text from which that was made.
    return len(encoding().encode_ordinary(" " + lower)) > 1


def _roots(word: str) -> Iterator[str]:
    """The possible roots of an Indonesian word whose form the stemmer does not know."""
    for end in range(2, 5):
        if _PREFIX.fullmatch(word, 0, end) and len(word) - end >= _SHORTEST_ROOT:
            yield word[end:]
            if swallowed := _SWALLOWED.get(word[2:end]):
                yield swallowed + word[end:]


def _corrected(word: str, rarest: Sequence[str], vocabulary: Vocabulary) -> str:
    """The word of the articles that was meant; the word itself where none is likely."""
    lower = word.lower()
    for candidates in (_one_slip(lower), _two_slips(lower, vocabulary)):
        # A word of the same form: "Susi" is not "susui", of which the articles have "susu".
        same = (each for each in candidates if _affixes(each) == _affixes(lower))
        known = {each: count for each in same if (count := vocabulary.frequency(each))}
        found = {each: _beside(each, lower, rarest, vocabulary) for each in known} if rarest else known
        likely = max(found, key=lambda each: (found[each], known[each], each), default=None)
        if likely and found[likely]:
            return likely.capitalize() if word[0].isupper() else likely
    return word


def _affixes(word: str) -> int:
    """How many letters the Indonesian stemmer takes off."""
    return len(word) - len(stem(word, "id"))


def _beside(candidate: str, word: str, rarest: Sequence[str], vocabulary: Vocabulary) -> int:
    likely = len(candidate) > len(word) or sorted(candidate) == sorted(word)
    return vocabulary.together(candidate, rarest if likely else rarest[:NEAREST], BESIDE)


def _one_slip(word: str) -> set[str]:
    """Every word that is one slip away. The first letter stays, since it is nearly always right."""
    cuts = [(word[:place], word[place:]) for place in range(1, len(word) + 1)]
    found = {before + after[1:] for before, after in cuts if after}
    found |= {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    found |= {before + letter + after[1:] for before, after in cuts if after for letter in _LETTERS}
    found |= {before + letter + after for before, after in cuts for letter in _LETTERS}
    return found - {word}


def _two_slips(word: str, vocabulary: Vocabulary) -> Iterator[str]:
    if len(word) <= LONG:
        return
    for other in vocabulary.beginning(word[:_COMMON_START]):
        if abs(len(other) - len(word)) <= 2 and len(other) > LONG - 2 and _slips(word, other) <= 2:
            yield other


def _slips(word: str, other: str) -> int:
    """The fewest slips that make one word of the other (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(word, start=1):
        last, before, row = before, row, [place]
        for at, wanted in enumerate(other, start=1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != wanted))
            if place > 1 and at > 1 and letter == other[at - 2] and word[place - 2] == wanted:
                cost = min(cost, last[at - 2] + 1)
            row.append(cost)
    return row[-1]


def as_typed(question: str, language: Language) -> Understood:
    """The question as it is."""
    return Understood(question)
