"""Words with exactly one translation between Indonesian and English: countries, units, some little words.
Pure.

Names that mean two things are left out: Inggris is England and the United Kingdom, Amerika a country and a
continent, Kongo two countries, and Jordan is a person's name, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from rag.types import Language

_SAME = (
    "Albania|Andorra|Angola|Argentina|Armenia|Australia|Austria|Azerbaijan|Bahrain|Bangladesh|"
    "Barbados|Belarus|Belize|Benin|Bhutan|Bolivia|Botswana|Bulgaria|Burkina Faso|Burundi|Chad|"
    "Denmark|El Salvador|Eritrea|Estonia|Eswatini|Fiji|Gabon|Gambia|Ghana|Grenada|Guatemala|"
    "Guinea|Guyana|Haiti|Honduras|Hong Kong|India|Indonesia|Iran|Israel|Kazakhstan|Kenya|"
    "Kiribati|Kosovo|Kuwait|Laos|Latvia|Lebanon|Lesotho|Liberia|Libya|Liechtenstein|Malawi|"
    "Malaysia|Mali|Malta|Mauritania|Mauritius|Moldova|Montenegro|Myanmar|Namibia|Nauru|Nepal|"
    "Niger|Nigeria|Oman|Pakistan|Palau|Panama|Paraguay|Peru|Portugal|Qatar|Rwanda|Samoa|"
    "San Marino|Senegal|Serbia|Sierra Leone|Slovenia|Somalia|Sri Lanka|Sudan|Suriname|Taiwan|"
    "Tanzania|Thailand|Togo|Tonga|Tunisia|Turkmenistan|Tuvalu|Uganda|Uruguay|Uzbekistan|"
    "Vanuatu|Venezuela|Vietnam|Zambia|Zimbabwe"
).split("|")
"""Countries that both languages call the same."""
_OTHERS = """
Afganistan=Afghanistan|Afghanistan=Afghanistan|Afrika Selatan=South Africa|Aljazair=Algeria
Amerika Serikat=the United States|Arab Saudi=Saudi Arabia|AS=the US|Belanda=the Netherlands|Belgia=Belgium
Bosnia dan Herzegovina=Bosnia and Herzegovina|Brasil=Brazil|Brunei Darussalam=Brunei|Brunei=Brunei
Ceko=the Czech Republic|Chili=Chile|Cile=Chile|Chile=Chile|Cina=China|Tiongkok=China|China=China
Ekuador=Ecuador|Etiopia=Ethiopia|Ethiopia=Ethiopia|Filipina=the Philippines|Finlandia=Finland
Guinea Khatulistiwa=Equatorial Guinea
Hungaria=Hungary|Irak=Iraq|Irlandia=Ireland|Islandia=Iceland|Italia=Italy|Jamaika=Jamaica|Jepang=Japan
Jerman=Germany|Kamboja=Cambodia|Kamerun=Cameroon|Kanada=Canada|Kirgizstan=Kyrgyzstan|Kolombia=Colombia
Korea Selatan=South Korea|Korsel=South Korea|Korea Utara=North Korea|Korut=North Korea|Kosta Rika=Costa Rica
Kroasia=Croatia|Kuba=Cuba|Lituania=Lithuania|Luksemburg=Luxembourg|Madagaskar=Madagascar|Makau=Macau
Maladewa=the Maldives|Maroko=Morocco|Meksiko=Mexico|Mesir=Egypt|Monako=Monaco|Mongolia=Mongolia
Mozambik=Mozambique|Nikaragua=Nicaragua|Norwegia=Norway|Palestina=Palestine|Pantai Gading=Ivory Coast
Papua Nugini=Papua New Guinea|Polandia=Poland|Prancis=France|Perancis=France|Rumania=Romania|Rusia=Russia
Selandia Baru=New Zealand|Singapura=Singapore|Siprus=Cyprus|Skotlandia=Scotland|Slowakia=Slovakia
Slovakia=Slovakia|Spanyol=Spain|Sudan Selatan=South Sudan|Suriah=Syria|Swedia=Sweden|Swiss=Switzerland
Tajikistan=Tajikistan|Timor Leste=Timor-Leste|Timor-Leste=Timor-Leste|Trinidad dan Tobago=Trinidad and Tobago
Turki=Turkey|Turkiye=Turkey|Ukraina=Ukraine|Uni Emirat Arab=the United Arab Emirates
Uni Eropa=the European Union|Uni Soviet=the Soviet Union|Vatikan=the Vatican|Wales=Wales|Yaman=Yemen
Yordania=Jordan|Yunani=Greece|Asia=Asia|Eropa=Europe|Afrika=Africa|Asia Tenggara=Southeast Asia
Timur Tengah=the Middle East
"""
"""Countries with two names, each as Indonesian=English."""
ENGLISH: Mapping[str, str] = {name: name for name in _SAME} | dict(
    pair.split("=", 1) for line in _OTHERS.split("\n") for pair in line.split("|") if pair
)
"""Indonesian name to English name, with the article that English puts before it."""

INDONESIAN: Mapping[str, str] = {
    form: indonesian
    for indonesian, english in reversed(list(ENGLISH.items()))
    for form in (english, english.removeprefix("the "), english.replace("the ", "The "))
    if english != "Jordan"
} | {
    "Czechia": "Ceko",
    "Türkiye": "Turki",
    "East Timor": "Timor Leste",
    "Cote d'Ivoire": "Pantai Gading",
    "Côte d'Ivoire": "Pantai Gading",
    "China": "Tiongkok",
    "France": "Prancis",
    "Chile": "Chili",
    "Brunei": "Brunei Darussalam",
    "Ethiopia": "Ethiopia",
    "Turkey": "Turki",
    "Slovakia": "Slowakia",
    "South Korea": "Korea Selatan",
    "North Korea": "Korea Utara",
}
"""English name, with its article or without, to Indonesian name."""

_UNITS = """
kilometer persegi,km persegi=square kilometre,square kilometer=square kilometres,square kilometers
meter persegi=square metre,square meter=square metres,square meters
meter kubik=cubic metre=cubic metres,cubic meters
kilometer=kilometre,kilometer=kilometres,kilometers|meter=metre,meter=metres,meters|mil=mile=miles
sentimeter=centimetre,centimeter=centimetres,centimeters
milimeter=millimetre,millimeter=millimetres,millimeters
inci,inch=inch=inches|hektare,hektar=hectare=hectares|kilogram=kilogram=kilograms|gram=gram=grams
miligram=milligram=milligrams|ton=tonne,ton=tonnes,tons
liter=litre,liter=litres,liters|mililiter=millilitre=millilitres
barel=barrel=barrels|watt=watt=watts|kilowatt=kilowatt=kilowatts|megawatt=megawatt=megawatts
gigawatt=gigawatt=gigawatts|volt=volt=volts|derajat Celsius,derajat celcius=degree Celsius=degrees Celsius
derajat Fahrenheit=degree Fahrenheit=degrees Fahrenheit|derajat=degree=degrees
persen=percent,per cent=percent,per cent|poin persentase=percentage point=percentage points
detik=second=seconds|menit=minute=minutes|jam=hour=hours|hari=day=days|minggu,pekan=week=weeks
bulan=month=months|tahun=year=years|dekade=decade=decades|abad=century=centuries|kali=time=times
orang,jiwa=person=people
dolar AS,dollar AS=US dollar=US dollars|dolar Singapura=Singapore dollar=Singapore dollars
dolar Australia=Australian dollar=Australian dollars|dolar,dollar=dollar=dollars|rupiah=rupiah=rupiah
euro=euro=euros|yen=yen=yen|yuan=yuan=yuan|ringgit=ringgit=ringgit|baht=baht=baht|won=won=won
"""
"""Units as Indonesian=English singular=English plural; of several spellings the first one is written."""
_WORDS = """
sekitar,kira-kira,kurang lebih=about,around,approximately,roughly|lebih dari=more than,over
hampir=almost,nearly|kurang dari=less than,fewer than|sedikitnya,setidaknya,paling sedikit=at least
paling banyak,maksimal=at most,up to
selama=for|antara=between|dan=and|atau=or|sampai,hingga,sampai dengan=to|setiap,tiap=every|per=per
lalu,yang lalu,silam=ago
"""
"""Little words as Indonesian=English; of several spellings the first one is written."""


@cache
def units_of(source: Language) -> Mapping[str, tuple[str, str]]:
    """A unit, in small letters, to its singular and plural in the other language."""
    found: dict[str, tuple[str, str]] = {}
    for entry in filter(None, re.split(r"[|\n]", _UNITS)):
        indonesian, one, several = (forms.split(",") for forms in entry.split("="))
        for form in indonesian if source == "id" else (*one, *several):
            found[form.lower()] = (one[0], several[0]) if source == "id" else (indonesian[0],) * 2
    return found


@cache
def words_of(source: Language) -> Mapping[str, str]:
    """Little words, in small letters, to their translation."""
    found: dict[str, str] = {}
    for entry in filter(None, re.split(r"[|\n]", _WORDS)):
        indonesian, english = (forms.split(",") for forms in entry.split("="))
        own, other = (indonesian, english) if source == "id" else (english, indonesian)
        found |= dict.fromkeys(own, other[0])
    return found
