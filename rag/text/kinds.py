"""What kind of answer a question asks for, by the words that it opens with and a few inside."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.types import Kind, Language

_RULES: Sequence[tuple[Kind, str]] = (
    ("talk", r"^\W*(?:(?:hai|halo|hello|hi|hey|terima kasih|makasih|thanks|thank you)\W*)?$"),
    ("news", r"\b(?:kabar|perkembangan|update|latest)\b|\bwhat(?:'s| is) new\b|\bapa yang baru\b"),
    ("summary", r"\b(?:ringkas\w*|rangkum\w*|summar\w+|sum up|ceritakan|what happened|apa yang terjadi)\b"),
    ("compare", r"\b(?:banding\w*|dibanding\w*|beda\w*|perbedaan|selisih|versus|vs|compare\w*|differ\w*)\b"),
    ("compare", r"\b(?:mana yang lebih|lebih \w+ mana)\b|^(?=.*\bor\b)(?=.*\bmore\b)"),
    ("why", r"\b(?:mengapa|kenapa|knp|knapa|why|how come|kok|alasan\w*|penyebab\w*|sebabnya|reasons?)\b"),
    ("person", r"^\W*(?:[Ss]iapa(?:kah)?(?: sih| itu| sebenarnya)?|[Ww]ho(?:'s| is| was)) [A-Z]"),
    ("fact", r"\bhow (?:many|much|long|old|far|big|tall|often|high|deep)\b"),
    ("how", r"\b(?:bagaimana|gimana|gmn|gmna|cara(?:nya)?|how)\b"),
    ("list", r"\b(?:apa|siapa|mana) (?:saja|aja)\b|\b(?:sebutkan|daftar|list|name all|name the)\b"),
    ("define", r"^\W*(?:apa (?:itu|sih|arti|maksud)|apakah itu|what does .* mean)|\b(?:itu apa|apa itu)\b"),
    ("yesno", r"^\W*(?:apakah|apa benar|benarkah|adakah|bisakah|sudahkah|emang)\b"),
    ("yesno", r"^\W*(?:is|are|was|were|did|does|do|has|have|had|can|could|will|would|should)\b"),
    ("yesno", r"\b(?:ga|gak|nggak|ngga|engga|enggak|apa tidak|apa belum|atau tidak|or not)\W*$"),
)


def kind_of(question: str, language: Language) -> Kind:
    """The kind of a question in `language`; a question that shows no kind asks for a fact."""
    for kind, form in _RULES:
        if re.search(form, question, re.NOFLAG if kind == "person" else re.IGNORECASE):
            return kind
    return "fact"
