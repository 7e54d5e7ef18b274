"""The page reader: a scraped Indonesian news page becomes its headline and its body paragraphs, furniture dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.text import fold, sentences

__all__ = ["Body", "Page", "read_page"]

# What page furniture looks like, kind by kind, as it was met on Indonesian portals; tests/pages/ holds a page in the
# manner of each. STARTS tell a line by how it begins, WHOLE by all of it (dots and dashes around it aside), INSIDE
# anywhere in it. Letter case is ignored unless a pattern says otherwise.
_STARTS = (
    # links to other stories
    r"(?:baca|simak|lihat|tonton|klik|dengarkan|cek|intip)\s*(?:juga|pula|selengkapnya|lainnya|artikel|berita|video|breaking)\b",
    r"(?:baca|simak|lihat|tonton)\s*:",
    r"(?:berita|artikel)\s+(?:terkait|lainnya|menarik|pilihan|terpopuler)\b",
    r"\[\s*gambas|pilihan\s+(?:editor|redaksi)\b|saksikan\s+(?:juga\s+)?(?:video|live|siaran)|(?:video|infografis|selengkapnya)\s*:",
    r"(?:read|see)\s+(?:more|also)\b",
    # bylines
    r"(?:penulis|editor|reporter|redaktur|kontributor|pewarta|wartawan|penerjemah|penyunting|uploader|laporan|tim\s+redaksi|author"
    r"|writer|sumber|source|oleh|by)\s*[:：]",
    # pictures
    r"foto(?:\s*/|\s*:|\s+(?:ilustrasi|arsip|file|dok)\b)|ilustrasi\s*[:.(/]|dok(?:umentasi)?\s*[:/]|arsip\s+foto|gambar\s*:|caption\s*:",
    r"(?:keterangan|sumber|kredit)\s+(?:foto|gambar)",
    # the site speaking
    r"artikel\s+ini\s+(?:telah|sudah|pernah)?\s*(?:tayang|dimuat|terbit)|disclaimer\b|situs\s+ini\s+menggunakan|kami\s+menggunakan\s+cookie",
    r"(?:konten|artikel|berita)\s+ini\s+(?:adalah\s+(?:kerja\s*sama|iklan)|merupakan\s+(?:kerja\s*sama|kiriman))",
    r"(?:tags?|topik|kata\s+kunci|label|keywords?|kategori|halaman|terpopuler)\s*:",
    r"(?:ikuti|follow|dapatkan|unduh|download|install|gabung|bergabung|join|berlangganan|langganan|subscribe|aktifkan|nikmati|temukan)\b"
    r"(?=.*\b(?:google|whatsapp|telegram|aplikasi|app|apps|channel|kanal|saluran|newsletter|notifikasi|play\s+store|grup"
    r"|berita\s+(?:terbaru|pilihan|terkini)|buletin|kotak\s+masuk|laman\s+ini)\b)",
    r"kumpulan\s+berita\b|muat\s+komentar|[«‹<]+\s*(?:sebelum|prev)|(?:sebelumnya|previous)(?:\s+\d+)+\b",
    r"(?:bagikan|sebarkan|share)\b(?!.*[.!?]$)",
)
_WHOLE = (
    r"(?:diterbitkan|diperbarui|dipublikasikan|terbit|update|updated|published|tayang|posted)\b.{0,60}",
    r"(?:[\w.]+\s*[-–|]\s*)?(?:(?:senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad)\s*,?\s*)?"
    r"\d{1,2}[\s/.-]+(?:[a-z]{3,9}|\d{1,2})[\s/.-]+\d{2,4}\b[^.]{0,40}",
    r"(?:pukul\s+)?\d{1,2}[:.]\d{2}\s*(?:wib|wita|wit)?|\d+\s+(?:detik|menit|jam|hari|minggu|bulan)\s+(?:yang\s+)?lalu|waktu\s+baca\b.*",
    r"\d+\s+(?:komentar|shares?|views?|dibaca|kali)\b.{0,20}|\d[\d\s|,/]*",
    r"(?:share|salin|copy\s+link|facebook|twitter|whatsapp|telegram|line|instagram|youtube|tiktok|x|email|e-mail|print|cetak)\b[\s\w:,|/&]{0,60}",
    r"(?:advertisement|iklan\s*:.*|iklan|adv|ads|sponsored\b.*|promo(?:si)?|skip\s+ad.*|loading\b.*|scroll\s+to\b.*|gulir\s+untuk.*|lanjutkan\s+membaca.*)",
    r"(?:halaman|page|hal)\s*:?\s*(?:\d.*|berikut.*|selanjut.*|sebelum.*|semua|next|prev.*|\d+\s+dari.*)",
    r"(?:selanjutnya|berikutnya|sebelumnya|next|previous|prev|show\s+all|tampilkan\s+semua|lihat\s+semua|selengkapnya)",
    r"(?:tulis|beri|kirim|tinggalkan|lihat)\s+komentar.{0,80}|komentar|login|masuk|daftar|log\s*in|sign\s+(?:in|up)|#\w+(?:[\s,]+#\w+)*",
    r"(?:home|beranda)(?:\s*[>/»|›].*)?|terkini|rekomendasi|populer|trending.{0,20}|most\s+popular|headline|breaking\s+news|video\s+pilihan",
    r"!\[[^\[\]]*\]\([^()]*\)|<img\b[^<>]*>|https?://\S+|www\.\S+|\S+\.(?:jpe?g|png|webp|gif)",
    r"[\w.-]+\.(?:com|co\.id|id|net|news)\s*/\s*[\w .'’-]+",
    r"\(?\s*[a-z]{2,5}(?:\s*[/|,-]\s*[a-z]{2,5}){0,3}\s*\)?",
)
_INSIDE = (
    r"©|\bcopyright\b|\bhak\s+cipta\b|all\s+rights\s+reserved|kebijakan\s+privasi|syarat\s+(?:dan|&)\s+ketentuan|pedoman\s+media\s+siber",
    r"dilarang\s+(?:keras\s+)?(?:mengambil|menyalin|mengutip|memperbanyak|melakukan\s+(?:pengambilan|crawling))|tanggung\s+jawab\s+redaksi",
)
_AGENCY = (
    r"(?:afp|reuters|ap|antara|epa|xinhua|tass|sputnik|getty|anadolu|kremlin|shutterstock|bloomberg|pexels|unsplash"
    r"|istimewa|pixabay)"
)
_CREDIT = (  # ends of captions; a bare `(AFP)` ends many a body paragraph and is none
    rf"[(\[]\s*(?:foto|photo|dok|sumber|credit|via)\b[^()\[\]]*[)\]]\W*$|[(\[]\s*{_AGENCY}[\w .]*/[^()\[\]]+[)\]]\W*$"
    rf"|[(\[][^()\[\]]*/\s*(?:foto|photo|pool|handout|via|{_AGENCY})\b[^()\[\]]*[)\]]\W*$"
    r"|[(\[](?:getty images|shutterstock|ap photo|antara foto|istimewa|ist)[)\]]\W*$|[(\[]\w+\.com/[^()\[\]]+[)\]]\W*$"
)
_FURNITURE = (
    *(re.compile(rf"^[\W_]*(?:{pattern})", re.IGNORECASE) for pattern in _STARTS),
    *(re.compile(rf"^[\W_]*(?:{pattern})[\W_]*$", re.IGNORECASE) for pattern in _WHOLE[:-1]),
    re.compile(rf"^[\W_]*(?:{_WHOLE[-1]})[\W_]*$"),  # reporters' initials are lower case
    re.compile(r"^\W*[(\[]\s*[A-Za-z]{2,12}(?:\s*[/|-]\s*[A-Za-z]{2,12}){0,3}\s*[)\]]\W*$"),
    re.compile(r"^(?:Oleh|Laporan(?:\s+[Ww]artawan)?|By)\s+(?:[A-Z][\w.'’-]*(?:[\s,]+|$)){1,6}$"),
    *(re.compile(pattern, re.IGNORECASE) for pattern in (*_INSIDE, _CREDIT)),
)
_PICTURE_WORD = re.compile(rf"\bfoto\b|/{_AGENCY}\b|\b(?:getty images|shutterstock)\b", re.IGNORECASE)
_TRAILING = re.compile(
    r"\s*[\[(]?\b(?:baca|simak|lihat|tonton)\s+(?:juga|selengkapnya)\s*[:：].*$|(?<=[.!?\"”’])\s*[(\[][a-z]{2,6}(?:/[a-z]{2,6}){0,3}[)\]]$",
    re.IGNORECASE,
)
# what may be repeated stops at its own opening mark, or a page of nothing but opening marks would take its square in time
_IMAGE = r"!\[[^\[\]]*\]\([^()]*(?:\([^()]*\)[^()]*)*\)"
_MARKUP = re.compile(rf"{_IMAGE}|</?[a-z]+\b[^<>]*>", re.IGNORECASE)
_COMMENTS = re.compile(
    r"^\W*(?:\d+\s+)?(?:komentar(?:\s+(?:pembaca|anda)|\s*\(\d+\))?|comments?|leave\s+a\s+(?:reply|comment).*)\W*$",
    re.IGNORECASE,
)
# `JAKARTA, KOMPAS.com -`, `Moskow (ANTARA) –`, `SERAMBINEWS.COM, BEIJING -`, `Jakarta, CNN Indonesia --`
_DATELINE = re.compile(
    r"^\W{0,3}(?:[A-Z][\w.'’ ]{1,28}[,/(\s]\s*)?(?:[A-Z0-9]{3,}[\w.,()/ '’&-]{0,45}?|[\w.]+\.(?:com|id|net)[\w,()/ ]{0,30}?"
    r"|[A-Z][\w.'’ ]{1,30}(?:,[^-–—]{2,30}|\([^)]{2,30}\)))\s*[-–—]+\s*\S"
)
# in a block: `… KABARNUSA.COM - Kemenlu`, `… per kilogram.Baca juga: Dua Gudang TerbakarJuru bicara`, and the last words
_BLOCK_DATELINE = re.compile(r"\b[A-Z]{4,}(?:, ?|\s?\()[\w. ]{2,30}\)?\s[-–—]{1,2}\s(?=[A-Z])")
_GLUED_LINK = re.compile(
    r"\b(?:[Bb]aca|BACA|[Ss]imak|[Ll]ihat)\s+(?:[Jj]uga|JUGA)\s*:[^.!?]{0,150}?(?<=[a-z])(?=[A-Z][a-z]+ [a-z])"
)
_FOOTER = re.compile(r"\W*(?:penulis|editor|sumber|tags?|bagikan|reporter|pewarta|\([a-z/]{2,12}\))\b", re.IGNORECASE)
_END_MARKS = frozenset('.!?…:;"”’»')
_BULLET = re.compile(r"^\W*(?:[-•*–]|\d+[.)])\s")
_SMALL = frozenset(
    """
    di ke dari yang dan untuk pada dengan dalam akan oleh atau bagi soal usai saat jika agar hingga tak ini itu
    """.split()
)

_FURNITURE_CHARACTERS = 1000  # of a line of 60 words; the patterns take their square in time
_FURNITURE_WORDS, _HEADLINE_WORDS, _DECK_WORDS, _CELL_WORDS = 60, 25, 45, 15
_BLOCK_WORDS, _BLOCK_SENTENCES = 110, 5  # a line beyond both is several paragraphs run together
_PARAGRAPH_WORDS, _PARAGRAPH_SENTENCES = 60, 3


@dataclass(frozen=True)
class Body:
    """One body paragraph: its text and the number of its line in the source, counted from 1."""

    line: int
    text: str


@dataclass(frozen=True)
class Page:
    """A page as read: headline, where one was found, and body paragraphs in order."""

    headline: str | None
    body: tuple[Body, ...]


def read_page(text: str) -> Page:
    """The headline and the body paragraphs of a scraped page given as plain text or, with the extra `html`, as HTML.

    A paragraph keeps the words of its line; white space is folded, image markup, an appended "Baca juga: …" and
    reporters' initials are cut. Lines that hold several paragraphs run together are split into paragraphs of one to
    three sentences; then paragraphs share a line number.

    Raises TypeError when `text` is no string, ValueError when it is HTML and the extra is missing.
    """
    if not isinstance(text, str):
        raise TypeError(f"read_page needs the page as a string, got {type(text).__name__}")
    if _looks_like_html(text):
        text = _main_text(text)
    numbered = [(n, _clean(raw)) for n, raw in enumerate(re.split(r"\r\n|[\n\r\f\v\u0085\u2028\u2029]", text), 1)]
    lines = _without_comments([(n, line) for n, line in numbered if line])
    headline, start = _headline(lines)
    seen = {_key(line) for _, line in lines[:start]}  # headline and decks come again on every page of a long article
    body: list[Body] = []
    for n, line in _without_story_lists([(n, line) for n, line in lines[start:] if not _is_furniture(line)]):
        for paragraph in _paragraphs(line):
            key = _key(paragraph)
            if key not in seen:
                seen.add(key)
                body.append(Body(n, paragraph))
    return Page(headline if headline and body else None, tuple(body))


def _looks_like_html(text: str) -> bool:
    return (
        bool(re.match(r"\s*<(?:!doctype|html|head|body)\b", text, re.IGNORECASE))
        or len(re.findall(r"</(?:p|div)>", text[:20000], re.IGNORECASE)) >= 3
    )


def _main_text(html: str) -> str:
    try:
        import trafilatura
    except ImportError as error:
        raise ValueError(
            f"this page is HTML, and what reads it is missing ({error}); install it with: pip install '.[html]'"
        ) from None
    return trafilatura.extract(html, include_comments=False, include_tables=False, favor_recall=True) or ""


def _clean(raw: str) -> str:
    """The line with white space folded and markup cut; empty for a row of a table."""
    line = " ".join(_MARKUP.sub(" ", raw.replace("\x00", " ")).split())
    pipes = line.count("|")
    if pipes >= 2 and len(line.split()) <= _CELL_WORDS * pipes:
        return ""
    tail = _TRAILING.search(line)
    if (
        tail
        and len(tail.group().split()) <= _HEADLINE_WORDS
        and len(line[: tail.start()].split()) >= 3
        and _is_closed(line[: tail.start()])
    ):
        return line[: tail.start()]
    return line


def _without_comments(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """`lines` up to the heading of the readers' comments, once three lines of body have gone before it."""
    sentences_seen = 0
    for k, (_, line) in enumerate(lines):
        if sentences_seen >= 3 and _COMMENTS.match(line):
            return lines[:k]
        sentences_seen += _is_closed(line) and len(line.split()) >= 10
    return lines


def _headline(lines: list[tuple[int, str]]) -> tuple[str, int]:
    """The headline ("" for none) and the index where the body begins: after decks, where a dateline shows the lead."""
    first = next((k for k, (_, line) in enumerate(lines) if len(line.split()) > 3 and not _matches(line)), None)
    if first is None:
        return "", 0
    line = lines[first][1]
    closed = _is_closed(line) and line[-1] not in "?!'\"”’"
    if closed or len(line.split()) > _HEADLINE_WORDS or _DATELINE.match(line):
        return "", first
    ahead = lines[first + 1 : first + 12]
    lead = next(
        (k for k, (_, text) in enumerate(ahead, first + 1) if _DATELINE.match(text) and len(text.split()) > 8),
        first + 1,
    )
    decks = all(len(text.split()) <= _DECK_WORDS for _, text in lines[first + 1 : lead])
    return line, lead if decks else first + 1


def _matches(line: str) -> bool:
    short = len(line) <= _FURNITURE_CHARACTERS and len(line.split()) <= _FURNITURE_WORDS
    return short and any(pattern.search(line) for pattern in _FURNITURE)


def _is_closed(line: str) -> bool:
    """Whether an end mark or a closing quotation mark stands behind the last word."""
    for character in reversed(line):
        if character in _END_MARKS:
            return True
        if character.isalnum() or character == "_":
            return False
    return False


def _is_furniture(line: str) -> bool:
    if not any(character.isalnum() for character in line) or _matches(line):
        return True
    if line.endswith(("...", "…", "[…]", "[...]")):  # a cut-off teaser; a quotation that trails off ends in its mark
        return True
    words = len(line.split())
    if _is_closed(line):
        return (words <= 6 and bool(re.match(r"^\d+[.)]\s", line))) or (
            words <= 12 and line.endswith("?") and line[0] not in '"“'
        )
    numbered = bool(re.match(r"^\W*\d+[.)]\s", line)) and words <= 14
    return words <= 9 or numbered or _is_title(line) or (words <= 14 and bool(_PICTURE_WORD.search(line)))


def _is_title(line: str) -> bool:
    """Whether a line without an end mark is set as a headline: nearly every word of weight begins with a capital."""
    words = [w for w in re.findall(r"[^\W\d_][\w'’-]*", line) if w.lower() not in _SMALL]
    return 3 <= len(words) <= _HEADLINE_WORDS and sum(w[0].isupper() for w in words) >= 0.8 * len(words)


def _without_story_lists(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """`lines` without runs of three or more short ones that have no end mark: lists of other stories."""
    kept: list[tuple[int, str]] = []
    run: list[tuple[int, str]] = []
    for item in [*lines, (0, ".")]:
        if not _is_closed(item[1]) and len(item[1].split()) <= 20 and not _BULLET.match(item[1]):
            run.append(item)
        else:
            kept += [*(run if len(run) < 3 else []), item]
            run = []
    return kept[:-1]


def _paragraphs(line: str) -> list[str]:
    """The line, or, where several paragraphs were run together in it, groups of one to three of its sentences."""
    if len(line.split()) <= _BLOCK_WORDS or len(sentences(line)) <= _BLOCK_SENTENCES:
        return [line]
    lead = _BLOCK_DATELINE.search(line)  # what goes before it is the menu, the headline and the byline
    line = _GLUED_LINK.sub("", line[lead.start() :] if lead else line)
    groups: list[list[str]] = [[]]
    words = curly = straight = 0  # of the last group: its words, the curly quotation marks that are open, the straight ones
    for start, end in sentences(line):
        sentence = line[start:end]
        if _is_furniture(sentence) or (end == len(line) and not _is_closed(sentence) and _FOOTER.match(sentence)):
            continue
        more = len(sentence.split())
        full = len(groups[-1]) >= _PARAGRAPH_SENTENCES or words + more > _PARAGRAPH_WORDS
        if groups[-1] and full and curly <= 0 and straight % 2 == 0:
            groups.append([])
            words = curly = straight = 0
        groups[-1].append(sentence)
        words, straight = words + more, straight + sentence.count('"')
        curly += sentence.count("“") - sentence.count("”")
    return [" ".join(group) for group in groups if group]


def _key(text: str) -> str:
    return "".join(character for character in fold(text) if character.isalnum())
