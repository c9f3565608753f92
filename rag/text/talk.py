"""Messages that ask nothing of the articles: greetings, thanks, praise, emoji. Pure.

A message is talk only where phrases of talk make up all of it: "halo, siapa menteri pertahanan rusia?" also
asks something, and is a question.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Literal

Talk = Literal[
    "about", "wellbeing", "goodbye", "thanks", "doubt", "praise", "salam", "greeting", "other", "emoji"
]
"""What was said: who or what are you (or: help), how are you, goodbye, thanks, is that true, praise,
peace be upon you, a greeting, something else that needs no answer (ok, haha, sorry), or signs alone."""

LONGEST = 80
"""Characters; a longer message is more than a greeting."""

_PHRASES: Mapping[Talk, str] = {
    "about": """
        siapa kamu, siapakah kamu, siapa anda, siapakah anda, kamu siapa, anda siapa, ini siapa, kamu itu
        siapa, kamu apa, kamu itu apa, siapa namamu, siapa nama kamu, siapa nama anda, nama kamu siapa,
        namamu siapa, nama anda siapa, ini bot, ini bot apa, bot apa ini, kamu bot, kamu robot, kamu ai,
        kamu manusia, kamu manusia atau robot, kamu manusia atau bot, apa kamu bot, apakah kamu bot, apakah
        kamu robot, apakah kamu manusia, bisa apa, bisa apa saja, kamu bisa apa, kamu bisa apa saja, bot ini
        bisa apa, bot ini bisa apa saja, bisa bantu apa, bisa bantu apa saja, kamu bisa bantu apa, kamu tahu
        apa, kamu tahu apa saja, apa yang bisa kamu lakukan, apa saja yang bisa kamu lakukan, apa yang kamu
        bisa, apa yang bisa saya tanyakan, apa saja yang bisa saya tanyakan, apa yang bisa ditanyakan, bisa
        tanya apa, bisa tanya apa saja, boleh tanya apa saja, bot ini buat apa, bot ini untuk apa, ini bot
        buat apa, ini bot untuk apa, apa kegunaan bot ini, apa fungsi bot ini, fungsi bot ini apa, kegunaan
        bot ini apa, cara pakai, cara pakainya, cara pakainya bagaimana, bagaimana cara pakainya, bagaimana
        cara pakai bot ini, bagaimana cara pakai, bagaimana cara menggunakan bot ini, cara kerja kamu
        bagaimana, bagaimana cara kerja kamu, bagaimana cara kerjamu, kamu dibuat siapa, siapa yang
        membuatmu, siapa yang membuat kamu, siapa yang bikin kamu, siapa yang buat kamu, siapa penciptamu,
        tolong, bantuan, bantu, tolong bantu, bantu saya, tolong saya, bisa bantu saya, bisa bantu, boleh
        tanya, mau tanya, saya mau tanya, saya mau bertanya, saya ingin bertanya, numpang tanya, izin
        bertanya, izin tanya, boleh bertanya, boleh tanya tidak, bisa tanya tidak, kamu mengerti bahasa
        indonesia, bisa bahasa indonesia, bisa bahasa inggris, kamu bisa bahasa inggris, who are you, what
        are you, what is this, what is this bot, what is your name, are you a bot, are you human, are you a
        human, are you a robot, are you an ai, are you ai, are you real, are you chatgpt, are you a real
        person, what can you do, what do you do, what can i ask, what can i ask you, what do you know, what
        is this bot for, what is this for, what does this bot do, what does this do, how does this work, how
        does this bot work, how does it work, how do you work, how do i use this, how do i use this bot, how
        to use, how to use this, how to use this bot, who made you, who created you, who built you, help,
        help me, can you help me, can you help, i need help, can i ask you something, can i ask something,
        can i ask a question, can i ask you a question, i have a question, do you speak english, do you
        speak indonesian, tell me about yourself, introduce yourself
        """,
    "wellbeing": """
        apa kabar, kamu apa kabar, apa kabarmu, apa kabarnya, apa kabar hari ini, apakabar, pa kabar,
        bagaimana kabarnya, bagaimana kabarmu, bagaimana kabar kamu, bagaimana kabar anda, kabarmu
        bagaimana, kabar baik, kamu sehat, sehat, lagi apa, lagi ngapain, kamu lagi apa, sibuk tidak, baik
        baik saja, how are you, how are you doing, how are you today, how are you doing today, how is it
        going, how do you do, how have you been, are you ok, are you okay, you good, what are you doing, how
        is your day
        """,
    "goodbye": """
        dah, dadah, bye, bye bye, babay, goodbye, good bye, sampai jumpa, sampai jumpa lagi, sampai nanti,
        sampai besok, sampai ketemu, sampai ketemu lagi, selamat tinggal, selamat tidur, selamat istirahat,
        met tidur, pamit, pamit dulu, saya pergi dulu, duluan, sudah dulu, sudah cukup, itu saja, sudah itu
        saja, cukup sekian, wassalam, wassalamualaikum, see you, see ya, see you later, see you tomorrow,
        see you soon, cya, later, talk to you later, ttyl, good night, gn, have a nice day, have a good day,
        have a great day, have a good one, take care, gotta go, i have to go, that is all, that will be all,
        nothing else
        """,
    "thanks": """
        terima kasih, terimakasih, trimakasih, trima kasih, makasih, makasi, kasih, mksh, mksih, trims, tq,
        tengkyu, thx, tnx, thnx, syukron, suwun, nuwun, matur nuwun, matur suwun, hatur nuhun, nuhun,
        thanks, many thanks, thank you, thankyou, ty, tysm, cheers, much appreciated, i appreciate it,
        appreciate it
        """,
    "doubt": "masa, ah masa, masa sih, serius, yakin, benarkah, really, are you sure, seriously",
    "praise": """
        bagus, mantap, mantab, mantul, keren, hebat, pintar, pinter, cerdas, top, markotop, jos, gandos,
        sip, luar biasa, wow, wah, gokil, cakep, sangat membantu, membantu sekali, saya suka kamu, saya
        suka, saya sayang kamu, love it, love this, love this bot, love you, i love you, i love it, i love
        this, great, great job, great work, good, good job, good work, good bot, nice, nice one, nice work,
        nice job, awesome, well done, amazing, cool, perfect, excellent, brilliant, smart, you are the best,
        impressive, helpful, that was fast, that was quick, that helped, that is great, that is helpful,
        that is very helpful
        """,
    "salam": """
        assalamualaikum, assalamu alaikum, assalamualaikum wr wb, assalamualaikum warahmatullahi
        wabarakatuh, asslm, aslm, ass wr wb, samlekum, waalaikumsalam, waalaikumussalam, waalaikum salam, wr
        wb
        """,
    "greeting": """
        halo, hallo, helo, hello, alo, hai, hay, hey, hei, hy, hi, hiya, howdy, yo, sup, what is up, wassup,
        greetings, woi, oi, permisi, misi, punten, selamat pagi, selamat siang, selamat sore, selamat malam,
        met pagi, met siang, met sore, met malam, pagi, siang, sore, malam, malem, met malem, good morning,
        good afternoon, good evening, gm, morning, afternoon, evening, selamat datang, salam, salam
        sejahtera, salam kenal, shalom, om swastiastu, tes, test, testing, ping, p, ada orang, anyone there,
        anybody there, are you there, nice to meet you, pleased to meet you, hadir
        """,
    "other": """
        ok, oke, okay, k, alright, sure, yes, yep, yeah, no, nope, got it, i see, i understand, oh, oo,
        begitu, oh begitu, iya, ya, y, siap, baik, baiklah, haha, lol, lmao, tidak, tidak jadi, maaf, sori,
        sorry, salah kirim, sama sama, santai, paham, sudah paham, mengerti, begitu dong, amin, lanjut, my
        bad, never mind, nevermind, nvm, wrong chat, you are welcome, no problem, no worries, interesting,
        alhamdulillah
        """,
}
"""The phrases of each kind. A message that says several things is answered for the first of these kinds."""
_AROUND = """
    kak, kakak, min, mimin, admin, bot, botnya, gan, bro, bang, mas, mbak, mba, pak, bu, kutip, semua,
    semuanya, all, everyone, everybody, man, mate, there, ya, yah, deh, dong, nih, sih, lho, loh, kok, juga,
    sekali, banyak, saja, dulu, lagi, so, very, much, a lot, too, super, then, kamu, anda, you, you are,
    ini, bot ini, this bot, today, hari ini, jawabannya, jawabanmu, infonya, bantuannya, informasinya, atas
    infonya, atas informasinya, atas bantuannya, atas jawabannya, info, sudah dijawab, sudah membantu,
    bantuan, semoga berkah, 123, for the help, for your help, for the info, for the information, for the
    answer, for your answer, for helping
    """
"""Words that go with talk and say nothing alone. A message of such words only is a call: "min", "kak"."""
_SAME = {
    **dict.fromkeys(("gimana", "gmn", "gmana"), "bagaimana"),
    **dict.fromkeys(("aja", "aj", "doang"), "saja"),
    **dict.fromkeys(("ga", "gak", "nggak", "ngga", "enggak", "engga", "gk"), "tidak"),
    **dict.fromkeys(("udah", "udh", "sdh"), "sudah"),
    **dict.fromkeys(("lo", "lu", "kau", "elo", "km"), "kamu"),
    **dict.fromkeys(("aku", "gue", "gua", "gw"), "saya"),
    **dict.fromkeys(("banget", "bgt", "bngt"), "sekali"),
    **{"nanya": "tanya", "tau": "tahu", "pake": "pakai", "yg": "yang", "gitu": "begitu", "ijin": "izin"},
    **{"u": "you", "ur": "your", "r": "are", "thank": "thanks", "ngerti": "mengerti", "bkin": "bikin"},
    **{"what's": "what is", "whats": "what is", "how's": "how is", "that's": "that is", "you're": "you are"},
}
"""Everyday spellings, with the words that the phrases use."""
_LAUGH = re.compile(r"k?(?:wk)+w?|a?(?:ha){2,}h?|(?:he){2,}h?|(?:xi){2,}|h?m{2,}|hm|ha|he")
"""A laugh or a murmur."""
_FACES = frozenset({":d", "xd", ":p", ";p", ":3", "<3", ":o"})
"""Smiles in letters."""
_MOST_WORDS = 7
"""The longest phrase."""


def talk_of(message: str) -> Talk | None:
    """The kind of talk of a message in either language; None if it says something else."""
    if len(message) > LONGEST:
        return None
    if not any(map(str.isalnum, message)) or message.strip().lower() in _FACES:
        # Full stops and question marks alone show nothing; a smile does.
        return "emoji" if re.search(r"[^\s.,!?…]", message) else "other"
    phrases, found = _phrases(), set[Talk | None]()
    words = _words(message, _vocabulary())
    while words:
        for length in range(min(len(words), _MOST_WORDS), 0, -1):
            if (phrase := " ".join(words[:length])) in phrases:
                found.add(phrases[phrase])
                del words[:length]
                break
        else:
            return None
    return next((kind for kind in _PHRASES if kind in found), "greeting")


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(" ".join(_phrases()).split())


@cache
def _phrases() -> Mapping[str, Talk | None]:
    """Each phrase and its kind; None for those that say nothing alone."""
    every: list[tuple[Talk | None, str]] = [(None, _AROUND), *_PHRASES.items()]
    return {" ".join(_words(phrase)): kind for kind, phrases in every for phrase in phrases.split(",")}


def _words(message: str, vocabulary: Collection[str] = ()) -> list[str]:
    """The message's words as the phrases spell them: haloooo and "gimana" are halo and "bagaimana".

    With a vocabulary, a word outside it is tried without its doubled letters.
    """
    lowered = re.sub(r"([^\W\d_])\1{2,}", r"\1\1", message.lower().replace("’", "'"))
    words = list[str]()
    for word in re.findall(r"[^\W_]+(?:'[^\W_]+)*", lowered):
        same = "haha" if _LAUGH.fullmatch(word) else _SAME.get(word, word.replace("'", ""))
        if vocabulary and same not in vocabulary:
            once = re.sub(r"(.)\1", r"\1", same)
            same = _SAME.get(once, once)
        words += same.split()
    return words
