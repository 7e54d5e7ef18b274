"""The page reader: a scraped Indonesian news page becomes its headline and its body paragraphs, furniture dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass

from stance.text import fold, sentences

__all__ = ["Body", "Page", "read_page"]

# Every pattern below was met on real Indonesian portals; tests/pages/ holds pages in the manner of each, written anew.
_FLAGS = re.IGNORECASE
_LINK = re.compile(
    r"^[\W_]*(?:(?:baca|simak|lihat|tonton|klik|dengarkan|cek)\s*(?:juga|pula|selengkapnya|lainnya|artikel|berita|video)\b"
    r"|(?:baca|simak|lihat|tonton)\s*:|(?:berita|artikel)\s+(?:terkait|lainnya|menarik|pilihan|terpopuler)\b"
    r"|\[\s*gambas|pilihan\s+(?:editor|redaksi)\b|saksikan\s+(?:juga\s+)?(?:video|live|siaran)|selengkapnya\s*:"
    r"|video\s*:|infografis\s*:|(?:also\s+)?read\s+(?:more|also)\b|see\s+also\b)",
    _FLAGS,
)
_INLINE_LINK = re.compile(r"\s*[\[(]?\b(?:baca|simak|lihat|tonton)\s+(?:juga|selengkapnya)\s*[:：].*$", _FLAGS)
_CAPTION = re.compile(
    r"^[\W_]*(?:foto(?:\s*/\s*|\s*:|\s+(?:ilustrasi|arsip|file|dok)\b)|ilustrasi\b(?!\s+(?:ini|itu|tersebut)\b)|dok(?:umentasi)?\s*[.:/]"
    r"|(?:keterangan|sumber|kredit)\s+(?:foto|gambar)|gambar\s*:|tangkapan\s+layar\b|arsip\s+foto|caption\s*:)"
    r"|[(\[](?:\s*(?:foto|photo|dok|sumber|ist(?:imewa)?|via|credit)\b[^()\[\]]*|[^()\[\]]*/\s*(?:foto|photo|pool|handout|via)\b[^()\[\]]*)[)\]]\W*$"
    r"|[(\[](?:(?:AFP|REUTERS|AP|AP Photo|ANTARA FOTO|Antara|EPA|Xinhua|TASS|Sputnik|Getty Images|Anadolu|Kremlin|Shutterstock|Bloomberg)"
    r"(?:\s*/\s*[^()\[\]]+)+|Getty Images|Shutterstock|AP Photo|ANTARA FOTO)[)\]]\W*$",
    _FLAGS,
)
_SHORT_CREDIT = re.compile(r"\bfoto\b|/(?:afp|reuters|getty|antara|epa|xinhua|pool|ap)\b|\b(?:getty images|shutterstock)\b", _FLAGS)
_BYLINE = re.compile(
    r"^[\W_]*(?:penulis|editor|reporter|redaktur|kontributor|pewarta|wartawan|penerjemah|penyunting|uploader|laporan"
    r"|tim\s+redaksi|author|writer|sumber|source|oleh|by)\s*[:：]"
    r"|^(?:oleh|laporan(?:\s+wartawan)?|by)\s+(?:[A-Z][\w.'’-]*[\s,]*){1,6}$"
    r"|^[\w.-]+\.(?:com|co\.id|id|net|news)\s*/\s*[\w .'-]+$",
)
_INITIALS = re.compile(r"^\W*\(?\s*[a-z]{2,5}(?:\s*[/|,-]\s*[a-z]{2,5}){0,3}\s*\)?\W*$|^\W*[(\[]\s*[A-Za-z]{2,12}(?:\s*[/|]\s*[A-Za-z]{2,12}){0,3}\s*[)\]]\W*$")
_DAY = r"(?:senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad)"
_STAMP = re.compile(
    rf"^\W*(?:(?:diterbitkan|diperbarui|dipublikasikan|terbit|update|updated|published|tayang|posted)\b.*"
    rf"|(?:[\w.]+\s*[-–|]\s*)?(?:{_DAY}\s*,?\s*)?\d{{1,2}}[\s/.-]+(?:\w{{3,9}}|\d{{1,2}})[\s/.-]+\d{{2,4}}\b[^.]{{0,40}}"
    r"|\d{1,2}[:.]\d{2}\s*(?:wib|wita|wit)?|\d+\s+(?:menit|jam|hari|minggu|bulan)\s+(?:yang\s+)?lalu|waktu\s+baca\b.*|\d+\s+(?:komentar|shares?|views?|dibaca)\b.*)\W*$",
    _FLAGS,
)
_CHROME = re.compile(
    r"^\W*(?:(?:bagikan|share|sebarkan|salin|copy\s+link|facebook|twitter|whatsapp|telegram|line|instagram|youtube|tiktok|x|email|e-mail|print|cetak)\b[\s\w:,|/&]{0,60}"
    r"|(?:advertisement|iklan|adv|ads|scroll\s+to\b.*|lanjutkan\s+membaca.*|gulir\s+untuk.*|sponsored\b.*|promo(?:ted|si)?|skip\s+ad.*|loading\b.*)"
    r"|(?:halaman|page|hal)\s*:?\s*(?:\d+|berikut|selanjut|sebelum|semua|next|prev).*|(?:selanjutnya|berikutnya|sebelumnya|next|previous|prev|show\s+all|tampilkan\s+semua|lihat\s+semua|\d+(?:\s*[|,/]?\s*\d+)*)"
    r"|(?:tags?|topik|kata\s+kunci|label|keywords?|kategori)\s*(?::.*|$)|#\w+(?:[\s,]+#\w+)*|(?:komentar|tulis\s+komentar.*|beri\s+komentar.*|kirim\s+komentar.*|login|masuk|daftar|log\s*in|sign\s+(?:in|up))"
    r"|(?:home|beranda)(?:\s*[>/»|›]\s*.*)?|(?:ikuti|follow|dapatkan|unduh|download|install|gabung|bergabung|join|berlangganan|langganan|subscribe|aktifkan|nikmati|temukan)\b.*\b(?:google|whatsapp|telegram|aplikasi|app|channel|kanal|saluran|newsletter|notifikasi|twitter|facebook|instagram|play\s+store|berita\s+(?:terbaru|pilihan|terkini)|grup).*"
    r"|(?:terpopuler|trending|terkini|berita\s+terkini|rekomendasi|populer|most\s+popular|headline|breaking\s+news|video\s+pilihan|lainnya))\W*$",
    _FLAGS,
)
_LEGAL = re.compile(
    r"©|\bcopyright\b|\bhak\s+cipta\b|all\s+rights\s+reserved|artikel\s+ini\s+(?:telah|sudah|pernah)?\s*(?:tayang|dimuat|terbit|diterbitkan)|^\W*disclaimer\b"
    r"|dilarang\s+(?:keras\s+)?(?:mengambil|menyalin|mengutip|memperbanyak)|di\s*luar\s+tanggung\s+jawab\s+redaksi|kebijakan\s+privasi|syarat\s+(?:dan|&)\s+ketentuan|pedoman\s+media\s+siber"
    r"|^\W*(?:konten|artikel|berita)\s+ini\s+(?:adalah\s+(?:kerja\s*sama|iklan)|merupakan\s+(?:kerja\s*sama|kiriman)|diterjemahkan)|^\W*situs\s+ini\s+menggunakan|\bcookies?\b",
    _FLAGS,
)
_IMAGE = re.compile(r"^\W*(?:!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>|https?://\S+|www\.\S+|\[?image\b[^\]]*\]?|\S+\.(?:jpe?g|png|webp|gif))\W*$", _FLAGS)
_MARKUP = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>", _FLAGS)
_COMMENTS = re.compile(r"^\W*(?:\d+\s+)?(?:komentar|tulis\s+komentar\b.*|beri\s+komentar\b.*|comments?|leave\s+a\s+(?:reply|comment).*|tinggalkan\s+(?:balasan|komentar).*)\W*$", _FLAGS)
# `JAKARTA, KOMPAS.com -`, `Moskow (ANTARA) –`, `SERAMBINEWS.COM, BEIJING -`, `Jakarta, CNN Indonesia --`
_DATELINE = re.compile(
    r"^\W{0,3}(?:[A-Z][\w.'’ ]{1,28}[,/(\s]\s*)?(?:[A-Z0-9]{3,}[\w.,()/ '’&-]{0,45}?|[\w.]+\.(?:com|id|net)[\w,()/ ]{0,30}?|[A-Z][\w.'’ ]{1,30}(?:,[^-–—]{2,30}|\([^)]{2,30}\)))\s*[-–—]+\s*\S"
)
_END = re.compile(r"[.!?…:;][\"”’'»)\]]*\W*$|[\"”’»]\W*$")
_TITLE_SMALL = frozenset("di ke dari yang dan untuk pada dengan dalam akan oleh atau bagi soal usai saat jika agar hingga tak ini itu".split())

_BLOCK_WORDS, _BLOCK_SENTENCES = 110, 5  # a line beyond both is several paragraphs run together
_PARAGRAPH_SENTENCES, _PARAGRAPH_WORDS = 3, 60


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

    A paragraph keeps the words of its line; white space is folded, image markup and an appended "Baca juga: …" are cut.
    Lines that hold several paragraphs run together are split into paragraphs of one to three sentences.

    Raises TypeError when `text` is no string, ValueError when it is HTML and the extra is missing.
    """
    if not isinstance(text, str):
        raise TypeError(f"read_page needs the page as a string, got {type(text).__name__}")
    if _looks_like_html(text):
        text = _main_text(text)
    lines = [(n, _clean(raw)) for n, raw in enumerate(re.split(r"\r\n|[\n\r\f\v\u0085\u2028\u2029]", text), 1)]
    lines = [(n, line) for n, line in lines if line]
    for k, (_, line) in enumerate(lines):
        if k and _COMMENTS.match(line):
            lines = lines[:k]
            break
    headline, start = _headline(lines)
    kept = [(n, line) for n, line in lines[start:] if not _is_furniture(line)]
    kept = _without_story_lists(kept)
    seen = {_key(headline)} if headline else set()
    body: list[Body] = []
    for n, line in kept:
        for paragraph in _paragraphs(line):
            key = _key(paragraph)
            if key and key not in seen:
                seen.add(key)
                body.append(Body(n, paragraph))
    return Page(headline, tuple(body))


def _looks_like_html(text: str) -> bool:
    return bool(re.search(r"<(?:!doctype html|html|body|article|div|p)\b[^>]*>", text[:5000], re.IGNORECASE))


def _main_text(html: str) -> str:
    try:
        import trafilatura
    except ImportError:
        raise ValueError(
            "this page is HTML; plain text is needed, or the extra that reads HTML: pip install 'stance[html]'"
        ) from None
    found = trafilatura.extract(html, include_comments=False, include_tables=False, favor_recall=True)
    return found or ""


def _clean(raw: str) -> str:
    line = _MARKUP.sub(" ", raw.replace("\x00", " "))
    line = re.sub(r"\s+", " ", line).strip()
    if line.startswith("|") or line.count("|") >= 2 or line.count("\t") >= 2:
        return "" if line.count("|") >= 2 else line
    shorter = _INLINE_LINK.sub("", line)
    return shorter if len(shorter.split()) >= 4 and _END.search(shorter) else line


def _is_furniture(line: str) -> bool:
    words = line.split()
    ended = bool(_END.search(line))
    if not any(character.isalnum() for character in line):
        return True
    if any(p.search(line) for p in (_LINK, _BYLINE, _INITIALS, _STAMP, _CHROME, _IMAGE)):
        return True
    if _CAPTION.search(line) and (len(words) <= 45):
        return True
    if _LEGAL.search(line) and len(words) <= 60:
        return True
    if line.endswith(("...", "…")):  # a cut-off teaser; a quotation that trails off ends in its mark
        return True
    return not ended and (len(words) <= 8 or (len(words) <= 14 and bool(_SHORT_CREDIT.search(line))) or _is_title(line))


def _is_title(line: str) -> bool:
    """Whether a line without an end mark is set as a headline: nearly every word of weight begins with a capital."""
    words = [w for w in re.findall(r"[^\W\d_][\w'’-]*", line) if w.lower() not in _TITLE_SMALL]
    return 3 <= len(words) <= 25 and sum(w[0].isupper() for w in words) >= 0.8 * len(words)


def _headline(lines: list[tuple[int, str]]) -> tuple[str | None, int]:
    """The headline and the index of the first line after it (and after decks, where a dateline shows the lead)."""
    first = next((k for k, (_, line) in enumerate(lines) if not _is_opening_furniture(line)), None)
    if first is None:
        return None, 0
    line = lines[first][1]
    if _END.search(line) and not line.endswith(("?", "!", "'", '"', "”", "’")) or len(line.split()) > 25 or _DATELINE.match(line):
        return None, first
    lead = next((k for k, (_, text) in enumerate(lines[first + 1 : first + 9], first + 1) if _DATELINE.match(text) and len(text.split()) > 8), None)
    if lead is None:
        return line, first + 1
    if all(len(text.split()) <= 45 for _, text in lines[first + 1 : lead]):
        return line, lead
    return line, first + 1


def _is_opening_furniture(line: str) -> bool:
    """Furniture above the headline; a headline itself has no end mark, so the test for short lines is left out."""
    if len(line.split()) <= 3:
        return True
    return any(p.search(line) for p in (_LINK, _BYLINE, _INITIALS, _STAMP, _CHROME, _IMAGE, _CAPTION, _LEGAL))


def _without_story_lists(lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """`lines` without runs of three or more lines that have no end mark: lists of other stories."""
    kept: list[tuple[int, str]] = []
    run: list[tuple[int, str]] = []
    for item in [*lines, (0, ".")]:
        if not _END.search(item[1]) and len(item[1].split()) <= 20 and not re.match(r"^\W*(?:[-•*–]|\d+[.)])\s", item[1]):
            run.append(item)
            continue
        kept += run if len(run) < 3 else []
        run = []
        kept.append(item)
    return kept[:-1]


def _paragraphs(line: str) -> list[str]:
    spans = sentences(line)
    if len(line.split()) <= _BLOCK_WORDS or len(spans) <= _BLOCK_SENTENCES:
        return [line]
    groups: list[list[tuple[int, int]]] = [[]]
    for span in spans:
        group = groups[-1]
        words = len(line[group[0][0] : span[1]].split()) if group else 0
        if group and not _inside_quotation(line[group[0][0] : group[-1][1]]) and (
            len(group) >= _PARAGRAPH_SENTENCES or words > _PARAGRAPH_WORDS
        ):
            groups.append([])
        groups[-1].append(span)
    return [line[group[0][0] : group[-1][1]] for group in groups if group]


def _inside_quotation(text: str) -> bool:
    return text.count("“") > text.count("”") or text.count('"') % 2 == 1


def _key(text: str | None) -> str:
    return "".join(character for character in fold(text or "") if character.isalnum())
