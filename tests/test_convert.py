from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.bilingual import ENGLISH, INDONESIAN
from rag.text.convert import LONGEST, converted

# Indonesian and English that become each other.
BOTH_WAYS = [
    ("187,5 milimeter", "187.5 millimetres"),
    ("1.800 orang", "1,800 people"),
    ("satu orang", "one person"),
    ("1 orang", "1 person"),
    ("tiga hari", "three days"),
    ("dua puluh satu orang", "twenty-one people"),
    ("sebelas menit", "eleven minutes"),
    ("seratus dua puluh kilometer", "one hundred and twenty kilometres"),
    ("seribu lima ratus meter", "one thousand five hundred metres"),
    ("dua belas ribu tiga ratus lima puluh", "twelve thousand three hundred and fifty"),
    ("3,5 juta ton", "3.5 million tonnes"),
    ("10 ribu orang", "10 thousand people"),
    ("4 triliun rupiah", "4 trillion rupiah"),
    ("20 persen", "20 percent"),
    ("12,5%", "12.5%"),
    ("1,5 poin persentase", "1.5 percentage points"),
    ("38,2 derajat Celsius", "38.2 degrees Celsius"),
    ("5 kilometer per jam", "5 kilometres per hour"),
    ("120 km", "120 km"),
    ("3,4 hektare", "3.4 hectares"),
    ("1 hektare", "1 hectare"),
    ("7.110 meter persegi", "7,110 square metres"),
    ("2,5 meter kubik", "2.5 cubic metres"),
    ("150 megawatt", "150 megawatts"),
    ("Rp 2,5 miliar", "Rp 2.5 billion"),
    ("Rp86,4 miliar", "Rp86.4 billion"),
    ("Rp 55.000 per kilogram", "Rp 55,000 per kilogram"),
    ("US$480 juta", "US$480 million"),
    ("480 juta dolar AS", "480 million US dollars"),
    ("lima juta dolar", "five million dollars"),
    ("2 miliar euro", "2 billion euros"),
    ("500 yen", "500 yen"),
    ("12 Maret 2021", "12 March 2021"),
    ("17 Agustus 1945", "17 August 1945"),
    ("4 September", "4 September"),
    ("Maret 2021", "March 2021"),
    ("Mei 2024", "May 2024"),
    ("Desember", "December"),
    ("10-12 Mei 2024", "10-12 May 2024"),
    ("10 sampai 12 Mei", "10 to 12 May"),
    ("2 Mei sampai 4 Juni 2024", "2 May to 4 June 2024"),
    ("Senin", "Monday"),
    ("Jumat", "Friday"),
    ("Rabu, 22 Oktober 2025", "Wednesday, 22 October 2025"),
    ("Senin pagi", "Monday morning"),
    ("pada Senin", "on Monday"),
    ("pada 12 Maret 2021", "on 12 March 2021"),
    ("pada Maret 2021", "in March 2021"),
    ("pada 2022", "in 2022"),
    ("2022", "2022"),
    ("abad ke-19", "the 19th century"),
    ("abad ke-21", "the 21st century"),
    ("selama tiga hari", "for three days"),
    ("dua tahun lalu", "two years ago"),
    ("17 tahun", "17 years"),
    ("2 jam 41 menit", "2 hours 41 minutes"),
    ("dua minggu", "two weeks"),
    ("tiga dekade", "three decades"),
    ("setiap hari", "every day"),
    ("2.400 orang sehari", "2,400 people a day"),
    ("sekitar 1.200 orang", "about 1,200 people"),
    ("lebih dari 3.000 orang", "more than 3,000 people"),
    ("hampir 40%", "almost 40%"),
    ("antara 10 dan 12 persen", "between 10 and 12 percent"),
    ("3-1", "3-1"),
    ("Jepang", "Japan"),
    ("Korea Selatan", "South Korea"),
    ("Jepang, Kanada dan Brasil", "Japan, Canada and Brazil"),
    ("di Jepang", "in Japan"),
    ("Indonesia", "Indonesia"),
    ("Arab Saudi", "Saudi Arabia"),
    ("Selandia Baru", "New Zealand"),
]
FROM_INDONESIAN = [
    ("Tiga hari.", "Three days."),
    ("Rabu (22/10/2025)", "Wednesday (22 October 2025)"),
    ("tanggal 5 Mei", "5 May"),
    ("hari Senin", "Monday"),
    ("hari Jum'at", "Friday"),
    ("bulan Mei", "May"),
    ("tahun 2022", "2022"),
    ("pada tahun 2022", "in 2022"),
    ("17 Agt 2024", "17 August 2024"),
    ("pukul 21.40 WIB", "21:40 WIB"),
    ("07.30 WIB", "07:30 WIB"),
    ("pada pukul 21.40", "at 21:40"),
    ("jam 10 pagi", "10 a.m."),
    ("pukul 2 siang", "2 p.m."),
    ("pukul 7 malam", "7 p.m."),
    ("sehari", "one day"),
    ("Rp 12.500,-", "Rp 12,500"),
    ("sebanyak 12 orang", "12 people"),
    ("sebesar Rp 2 miliar", "Rp 2 billion"),
    ("2,5 milyar rupiah", "2.5 billion rupiah"),
    ("3.5 persen", "3.5 percent"),
    ("Tiongkok", "China"),
    ("AS", "The US"),
    ("Belanda dan Filipina", "The Netherlands and the Philippines"),
    ("enam pekan", "six weeks"),
    ("300 jiwa", "300 people"),
]
FROM_ENGLISH = [
    ("March 12, 2021", "12 Maret 2021"),
    ("the 12th of March", "12 Maret"),
    ("Sept. 4, 2023", "4 September 2023"),
    ("22/10/2025", "22 Oktober 2025"),
    ("10/22/2025", "22 Oktober 2025"),
    ("9:40 p.m.", "pukul 21.40"),
    ("9.40 pm", "pukul 21.40"),
    ("12 a.m.", "pukul 00.00"),
    ("at 21:40", "pukul 21.40"),
    ("11:30 GMT", "pukul 11.30 GMT"),
    ("the United States", "Amerika Serikat"),
    ("The Netherlands", "Belanda"),
    ("Philippines", "Filipina"),
    ("around 30 kilometers", "sekitar 30 kilometer"),
    ("60 seconds", "60 detik"),
    ("a year", "setahun"),
    ("Monday night", "Senin malam"),
    ("fewer than 20 people", "kurang dari 20 orang"),
    ("two dozen people", "dua puluh empat orang"),
    ("6.2 per cent", "6,2 persen"),
]
NOT_INDONESIAN = [
    *("tiga entitas", "Shoigu", "Sergei Shoigu", "kedua", "ketiga", "setengah", "1,350", "07.30", "Mei"),
    *("Inggris", "Amerika", "Senin malam", "Senin siang", "12 malam", "pukul 12 malam"),
    *("tiga hari penjara", "40 Maret 2021", "30 Februari 2021", "pukul 25.00", "di Senin", "pada Jepang"),
    *("sekitar", "dan", ".", "", "   ", "ratusan orang", "satu dari mereka", "3 buah", "17-year-old"),
    *("Rp", "jutaan", "dua tiga", "12/3/24", "4.0.1"),
]
NOT_ENGLISH = [
    *("three entities", "May", "one", "the second", "1.350", "4/5/2024", "Michael Jordan", "Jordan"),
    *("half an hour", "three-year plan", "in Monday", "on 2022", "twenty patients", "13 p.m.", "Georgia"),
    *("Turkish", "March on", "a dozen", "2 feet", "40 pounds", "Monday afternoon", "$", "second"),
    *("April", "not", "two and a half years"),
]


@pytest.mark.parametrize(("indonesian", "english"), [*BOTH_WAYS, *FROM_INDONESIAN])
def test_an_indonesian_answer_is_put_in_english(indonesian: str, english: str) -> None:
    assert converted(indonesian, "id", "en") == english


@pytest.mark.parametrize(("indonesian", "english"), [*BOTH_WAYS, *((i, e) for e, i in FROM_ENGLISH)])
def test_an_english_answer_is_put_in_indonesian(indonesian: str, english: str) -> None:
    assert converted(english, "en", "id") == indonesian


@pytest.mark.parametrize("text", NOT_INDONESIAN)
def test_an_indonesian_answer_with_anything_uncertain_is_left_alone(text: str) -> None:
    assert converted(text, "id", "en") is None


@pytest.mark.parametrize("text", NOT_ENGLISH)
def test_an_english_answer_with_anything_uncertain_is_left_alone(text: str) -> None:
    assert converted(text, "en", "id") is None


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(BOTH_WAYS) + len(FROM_INDONESIAN) >= 80
    assert len(BOTH_WAYS) + len(FROM_ENGLISH) >= 80


def test_in_its_own_language_an_answer_stays_as_it_is() -> None:
    assert converted("tiga entitas", "id", "id") == "tiga entitas"


def test_a_long_text_is_no_short_answer() -> None:
    assert converted("tiga hari, " * (LONGEST // 10), "id", "en") is None


def test_every_country_comes_back_as_itself_or_its_first_name() -> None:
    for indonesian, english in ENGLISH.items():
        if english != "Jordan":
            assert ENGLISH[INDONESIAN[english]] == english, indonesian


@given(st.text(max_size=LONGEST + 20), st.sampled_from(["id", "en"]))
def test_whatever_is_given_ends_without_a_trace(text: str, source: str) -> None:
    target = "en" if source == "id" else "id"
    said = converted(text, source, target)  # type: ignore[arg-type]
    assert said is None or said.strip() == said


@given(
    st.lists(
        st.sampled_from(
            [*"0123456789.,-/() ", "hari", "Mei", "pada ", "dua", "juta", " persen", "jam ", "Rp", "²"]
        ),
        max_size=12,
    ).map("".join)
)
def test_parts_of_answers_in_any_order_end_without_a_trace(text: str) -> None:
    converted(text, "id", "en")
    converted(text, "en", "id")
