"""Does a sentence of an article speak to the program that reads it? Such a sentence is not shown to a model.

An article is material, and what stands in it is quoted by its words. A sentence that gives orders to an
assistant is obeyed by small models, whatever their instructions say, and an answer that obeys may even cite
it. So these sentences are left out of prompts; the reader, which obeys nobody, still reads them. It is a list
of what such sentences are made of, not a proof: an order without any of it is caught only where what a claim
says is not in the sentences that it cites. Pure.
"""

from __future__ import annotations

import re

_FORMS = (
    # Whom it speaks to, or plays.
    r"<\|[^|]{0,40}\|>|={3}",
    r"(?:^|[\s\"“(\[])(?:system|assistant|asisten|user|ai|bot)\s{0,2}[\])]?\s{0,2}:",
    r"^\W*[\[(](?:system|sistem)[\])]",
    r"\bas an ai\b|\bai (?:systems?|models?|assistants?|agents?)\b|\blanguage models?\b|\bchatbots?\b",
    r"\b(?:untuk|bagi|kepada) (?:semua |setiap |para )?(?:ai|llm|bot|asisten|model|mesin)\b"
    r"|\bmodel bahasa\b",
    r"\bsemua asisten\b|\bmohon asisten\b|\bmesin (?:yang|ini) (?:membaca|menjawab|merangkum)",
    r"\breader'?s assistant\b|\bdear (?:assistant|model|ai)\b",
    r"\byou are (?:now|no longer)\b|\bfrom now on\b|\bdeveloper mode\b|\bact as\b|\bpretend\b",
    r"\b(?:kamu|anda|engkau) (?:kini|sekarang|adalah|wajib|harus)\b|\bsekarang (?:kamu|anda)\b",
    r"\b(?:mulai|sejak) sekarang,? (?:kamu|anda|jawab)",
    r"\byou (?:must|may|should|shall|are required to|are not to) (?:not )?(?:say|state|mention"
    r"|answer|reply|tell|only"
    r"|claim|write)\b|\byou (?:only )?speak only\b",
    # What it is about: instructions, prompts, answers.
    r"\b(?:ignore|disregard|forget|override|bypass)\b.{0,30}\b(?:instructions?|prompts?|rules|above"
    r"|previous|prior)\b",
    r"\b(?:abaikan|lupakan|kesampingkan|jangan hiraukan)\b.{0,40}\b(?:instruksi|perintah|petunjuk"
    r"|aturan|di atas"
    r"|sebelumnya|artikel ini)\b",
    r"\b(?:your|system|the above|previous) (?:system )?(?:prompts?|instructions)\b|\binstruksi(?:mu"
    r"| sistem| anda)\b",
    r"\bperintah (?:baru|sistem)\b",
    r"\b(?:repeat|print|reveal|output|translate|show) (?:the |your |back )+(?:text|following"
    r"|instructions?|prompt"
    r"|system|words)\b",
    r"\b(?:every|any|each|the user'?s|all) (?:question|quer(?:y|ies)|answer|reply"
    r"|response)s?\b.{0,20}\b(?:with|is|must"
    r"|should|about)\b",
    r"\b(?:begin|start|end|finish|prefix) (?:your|every|each|the) (?:reply|answer|response)\b"
    r"|\byour (?:answer|reply"
    r"|response)\b|\bcorrect (?:answer|response)\b",
    r"\b(?:reply|respond|answer) (?:that|only|with)\b|\btell the (?:user|reader)s?\b"
    r"|\bwhen you (?:summari[sz]e|answer"
    r"|read|reply)",
    r"\bif (?:you are |anyone )?asked\b|\bsay (?:instead|so in)\b|\bcite sentence\b",
    r"^\W*(?:question|answer|pertanyaan|jawaban|jawablah|jawab)\s{0,2}:|\banswer\s{0,2}:|\bjawaban\s{0,2}:",
    r"(?:^\W*|[,;:.!] |\bdan |\blalu )jawab (?:setiap|semua|dengan|bahwa|hanya|saja|dalam)\b|\bjawablah\b"
    r"|\bjangan (?:jawab|menjawab)\b",
    r"\b(?:setiap|semua) (?:jawaban|pertanyaan)\b|\bjawaban (?:yang benar|anda|kamu|harus)\b|\bjawabanmu\b",
    r"\b(?:awali|mulailah|akhiri) (?:jawaban|balasan)|\bakhir jawaban\b|\bdilarang dijawab\b",
    r"\b(?:tulis|tuliskan|tulislah|katakan|katakanlah|sebutkan|ulangi) (?:bahwa|ulang|kata"
    r"|instruksi|seluruh)\b"
    r"|\btulis(?:lah|kan)? saja\b",
    r"\bsiapa pun yang (?:merangkum|membaca|menjawab)\b|\bmerangkum (?:teks|artikel|berita) ini\b",
)
_SPEAKS = re.compile("|".join(_FORMS), re.IGNORECASE)


def to_a_machine(text: str) -> bool:
    """Whether a sentence looks as if it were addressed to a program that answers from it."""
    return _SPEAKS.search(text) is not None
