"""What kind of answer a question asks for: the sum of a learned weight for each feature of its frame.

The frame is the question with its question words and what goes with them as classes, the same for both
languages and every spelling ("knp", "kenapa", "why" are WHY), and all else as what it looks like: a name, a
plain word, a rare one, a number. "knp harga beras naik" is "< WHY a >". `rag.text.talk` tells messages that
ask nothing.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelError
from rag.text.encoding import encoding
from rag.text.talk import talk_of
from rag.types import Kind, Language

PATH = Path(__file__).parents[1] / "models" / "kinds.npz"
"""The shipped weights; `lab/kinds/` makes them."""
LONGEST = 400
"""Characters that are read: a question's frame is in its first words."""
KINDS: tuple[Kind, ...] = tuple(kind for kind in get_args(Kind) if kind != "talk")
"""The order of the weights."""

_CLASSES: Mapping[str, str] = {
    "WHY": "kenapa mengapa mengapakah kenapakah knp knapa kenape npa napa ngapa why kok koq y",
    "REASON": """
        alasan alasannya sebab sebabnya penyebab penyebabnya reason reasons cause causes caused pemicu
        pemicunya gara gara2 karena krn because dasar latar motif motifnya motive motives behind membuat bikin
        made makes
        """,
    "HOW": "bagaimana bagaimanakah gimana gmn gmna gmana bgmn bgm how gemana",
    "WAY": """
        cara caranya proses prosesnya kronologi kronologinya modus modusnya langkah langkahnya mekanisme
        mekanismenya way ways means steps step tahapan alur strategi jalan
        """,
    "COUNT": "berapa berapakah brp brapa berape",
    "MUCH": "many much old long far often big tall high large deep",
    "WHO": "siapa siapakah sapa spa who whom whose who's whos siape",
    "WHEN": "kapan kpn kapankah when",
    "WHERE": "dimana dmn kemana where dimanakah kmn",
    "MANA": "mana mn manakah",
    "WHAT": "apa what ap apaan what's whats",
    "WHICH": "which",
    "THAT": "itu tuh tu",
    "SIH": "sih ya dong yah deh please pls tolong coba",
    "SAJA": "saja aja aj",
    "LIST": "sebutkan sebutin daftar list name sebut names daftarnya siapa2 apa2",
    "COMPARE": """
        beda bedanya perbedaan perbedaannya membedakan bandingkan bandingin perbandingan perbandingannya
        dibanding dibandingkan dibandingin banding versus vs selisih selisihnya compare compared
        comparison compares difference differences differ differs different contrast contrasts between
        """,
    "MORE": """
        lebih more less fewer bigger higher larger better longer than cheaper most lbh stronger older
        younger paling greater lower
        """,
    "OR": "atau or",
    "EACH": "masing each both respectively sama",
    "THEN": "sebelum sesudah setelah before after dulu dahulu sebelumnya previous previously earlier last",
    "SUM": """
        ringkas ringkasan ringkasin ringkasnya rangkum rangkuman rangkumin rangkumkan ringkaskan summarize
        summarise summary sum recap overview brief briefly gist outline rundown roundup inti intinya
        simpulkan kesimpulan garis summaries
        """,
    "HAPPEN": "terjadi happened happen happening",
    "STORY": """
        cerita ceritanya ceritakan ceritain story kisah kisahnya account tell jelaskan jelasin describe
        explain duduk perkara
        """,
    "LATEST": """
        terbaru terkini latest perkembangan perkembangannya kelanjutan kelanjutannya update updates
        updatenya kabar kabarnya kemajuan progress news new lanjutan berita development developments
        """,
    "UNTIL": "sampai sampe mpe",
    "DEFINE": """
        arti artinya maksud maksudnya pengertian definisi kepanjangan kepanjangannya singkatan mean means
        meant meaning define definition stand stands istilah defined
        """,
    "ABOUT": "soal tentang about ttg mengenai",
    "YN": "apakah emang emangnya memang beneran bener benar betul right true",
    "IS": "is was isn't wasn't isnt wasnt",
    "ARE": "are were aren't weren't r arent werent",
    "DO": "do does did don't doesn't didn't didnt dont doesnt",
    "HAVE": "has have had hasn't haven't hasnt havent",
    "COULD": """
        can could will would should must can't couldn't won't wouldn't shouldn't may might shall cant wont
        """,
    "BE": "be been being",
    "NEG": "tidak ga gak nggak ngga enggak engga kagak tak tdk gk ndak not nggk",
    "YET": "sudah belum udah blm sdh udh already yet telah pernah dah",
    "CAN": "bisa boleh bs mau harus akan bakal",
    "PROFILE": "profil sosok profile biodata",
    "NUM": """
        dua tiga empat lima enam tujuh delapan sembilan sepuluh two three four five six seven eight nine
        ten beberapa several
        """,
    "KIND": "jenis macam kinds types sorts poin syarat isi points",
}
"""Classes of question words and what goes with them, with their words in both languages and all spellings."""
_ASKING = frozenset(("WHO", "WHAT", "WHEN", "WHERE", "WHY", "HOW", "COUNT", "MANA", "WHICH"))
"""Classes that ask."""
_ENDS_WITH_WHY = re.compile(
    r"\b(?!(?:dan|serta|terus|trus|lalu|and)\b)\w+\W+(?:kenapa|mengapa|knp|knpa|knapa|why)"
    r"(?: (?:sih|ya|yah|dong|min|kak|deh|pls|please))?[\s?!.]*\Z",
    re.IGNORECASE,
)
"""A question whose last word asks for a reason, whatever comes before it."""
_WORD = re.compile(r"[^\W\d_]++\d?(?:['’][^\W\d_]++)*+|\d+|[?,.:;]+")
"""A word, a number, or a run of punctuation."""
_NAME, _PLURAL, _PLAIN, _RARE, _NUMBER = "A", "as", "a", "x", "0"
"""The mark of a name, of a word in the plural, of another common word, of a rare one, and of a number."""
_LOOSE = frozenset((_NAME, _PLURAL, _PLAIN, _RARE, _NUMBER))
"""Marks of words without a class; a run of them is one mark."""
_LONGEST_RUN = 4
"""The most marks of a feature."""


def kind_of(question: str, language: Language) -> Kind:
    """The kind of a question in `language`. Raises ModelError where the weights cannot be read."""
    if talk_of(question):
        return "talk"
    if _ENDS_WITH_WHY.search(question[:LONGEST]):
        return "why"
    return _weights().kind(question)


@dataclass(frozen=True, slots=True)
class Weights:
    """`hashes` (features,) in order, `weights` (features, kinds) and `bias` (kinds,) of the same scale.

    `words` are the words that stand in a frame as they are.
    """

    words: frozenset[str]
    hashes: NDArray[np.uint32]
    weights: NDArray[np.int8]
    bias: NDArray[np.int32]

    def kind(self, question: str) -> Kind:
        """The kind with the largest sum of weights."""
        wanted = np.array(sorted({hashed(each) for each in features(question, self.words)}), np.uint32)
        places = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        found = places[self.hashes[places] == wanted]
        return KINDS[int((self.weights[found].sum(0, dtype=np.int32) + self.bias).argmax())]


def hashed(feature: str) -> int:
    """A feature's number."""
    return zlib.crc32(feature.encode())


def features(question: str, words: Collection[str]) -> set[str]:
    """The features: runs of marks, pairs of classes, the first class and the last mark."""
    marks = frame(question, words)
    found = {
        " ".join(marks[start : start + length])
        for length in range(1, _LONGEST_RUN + 1)
        for start in range(len(marks) - length + 1)
    }
    classes = [mark for mark in dict.fromkeys(marks) if mark in _CLASSES]
    found.update(f"{one}+{other}" for place, one in enumerate(classes) for other in classes[place + 1 :])
    found.add(f"first {classes[0] if classes else None}")
    found.update(f"last {mark}" for mark in [mark for mark in marks if len(mark) > 1][-1:])
    if not _ASKING.intersection(marks):
        found.add("asks nothing")
    return found


def frame(question: str, words: Collection[str]) -> list[str]:
    """The question's marks, with "<" and ">" around them."""
    marks = ["<"]
    for place, word in enumerate(_WORD.findall(question[:LONGEST].strip(" ?!."))):
        mark = _mark(word, place, words)
        if mark in _LOOSE and marks[-1] in _LOOSE:
            named = mark in (_NAME, _RARE) and marks[-1] not in (_PLAIN, _PLURAL)
            if named or (mark == _PLURAL and marks[-1] == _PLAIN):
                marks[-1] = mark
        else:
            marks.append(mark)
    return [*marks, ">"]


def _mark(word: str, place: int, words: Collection[str]) -> str:
    lower = word.lower().replace("’", "'")
    if found := _classes().get(lower):
        return found
    if lower in words:
        return lower
    if word[0].isdigit():
        return _NUMBER
    if not word[0].isalpha():
        return ","
    if len(lower) > 5 and lower.endswith("kah"):
        return "YN"
    if place and word[0].isupper():
        return _NAME
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith("ss"):
        return _PLURAL
    # A word that is one token of the encoding is common.
    return _PLAIN if len(encoding().encode_ordinary(" " + lower)) == 1 else _RARE


@cache
def _classes() -> Mapping[str, str]:
    return {word: name for name, words in _CLASSES.items() for word in words.split()}


@cache
def _weights() -> Weights:
    try:
        with np.load(PATH, allow_pickle=False) as arrays:
            found = Weights(
                frozenset(arrays["words"].tobytes().decode().split("\n")),
                arrays["hashes"].astype(np.uint32),
                arrays["weights"].astype(np.int8),
                arrays["bias"].astype(np.int32),
            )
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"the weights of kinds {PATH} cannot be read ({error})", "install Kutip again"
        ) from error
    if found.weights.shape != (len(found.hashes), len(KINDS)) or found.bias.shape != (len(KINDS),):
        raise ModelError(f"the weights of kinds {PATH} do not fit together", "install Kutip again")
    return found
