"""Addresses that open at a sentence. Whether a browser finds it is tried by lab/telegram/fragments.py."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from bot.telegram.fragment import at_sentence, host, web

URL = "https://berita.example.com/a"


def fragment(text: str, sentence: str, url: str = URL) -> str:
    start = text.rindex(sentence)
    found = at_sentence(url, text, start, start + len(sentence))
    assert found is not None
    return found


def test_a_short_sentence_stands_in_the_address_as_a_whole() -> None:
    assert fragment("Hujan turun. Air naik.", "Air naik.") == f"{URL}#:~:text=Air%20naik."


def test_a_long_sentence_is_named_by_its_ends() -> None:
    sentence = (
        "Menteri itu berpendapat bahwa kerja sama militer dengan negara tetangga adalah langkah yang wajar."
    )
    assert unquote(fragment(f"Awal. {sentence}", sentence)) == (
        f"{URL}#:~:text=Menteri itu berpendapat bahwa kerja sama,negara tetangga adalah langkah yang wajar."
    )


def test_what_means_something_in_a_directive_is_encoded() -> None:
    assert fragment("Ya. Kim Jong-un, A&B 5%.", "Kim Jong-un, A&B 5%.") == (
        f"{URL}#:~:text=Kim%20Jong%2Dun%2C%20A%26B%205%25."
    )


def test_a_sentence_that_stands_twice_is_told_apart_by_the_words_before_it() -> None:
    text = "Ia pergi. Lalu hujan turun. Ia pergi."
    assert unquote(fragment(text, "Ia pergi.")) == f"{URL}#:~:text=pergi. Lalu hujan turun.-,Ia pergi."


def test_a_long_beginning_that_stands_earlier_is_made_longer() -> None:
    head = "Kepala dinas itu mengatakan kepada para wartawan"
    text = f"{head} kemarin bahwa semua jalan sudah dibuka lagi untuk umum oleh petugas. " + (
        f"{head} pagi ini bahwa satu jalan masih ditutup oleh petugas karena longsor besar itu."
    )
    sentence = text[text.rindex(head) :]
    assert unquote(fragment(text, sentence)).startswith(f"{URL}#:~:text={head} pagi,")


def test_an_anchor_of_the_address_stays() -> None:
    assert fragment("Air naik.", "Air naik.", f"{URL}#isi") == f"{URL}#isi:~:text=Air%20naik."


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "javascript:alert(1)",
        "ftp://example.com/a",
        "https://localhost/a",
        "http://127.0.0.1/a",
        "https://exa mple.com/a",
        "https://example.com/\nx",
        "https://user:pass@example.com/",
        "https://[::1]/",
        "https://example.com:99999/",
        "bukan alamat",
        "https://example.com/" + "a" * 3000,
    ],
)
def test_what_telegram_would_refuse_becomes_no_button(url: str | None) -> None:
    assert web(url) is None
    assert host(url) is None


def test_a_good_address_is_written_as_a_browser_writes_it() -> None:
    assert (
        web("HTTPS://www.Berita.id/baca/é?a=b c".replace(" ", "+"))
        == "https://www.berita.id/baca/%C3%A9?a=b+c"
    )
    assert host("https://www.berita.id/x") == "berita.id"
    assert web("https://bücher.example/") == "https://xn--bcher-kva.example/"


def test_an_address_that_would_be_too_long_opens_the_page_at_its_top() -> None:
    text = "界" * 400
    assert at_sentence(URL, text, 0, 400) == URL
