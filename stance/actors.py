"""Who acts in the news: names by the side they stand for, and the verbs by which Indonesian reports give someone the word."""

from __future__ import annotations

__all__ = ["ACTORS", "PRONOUN", "ROLES", "VERB_AFTER", "VERB_BEFORE", "VERB_CARRIED", "role_of", "verb_of"]

ROLES = (
    "moscow",
    "beijing",
    "washington",
    "europe",
    "kyiv",
    "taipei",
    "china's edges",
    "neighbours",
    "jakarta",
    "pyongyang",
    "middle east",
    "united nations",
)  # fmt: skip
PRONOUN = len(ROLES) + 1  # `ia`, `dia`, `beliau`: whoever spoke before

# Written for this project from the coverage it was made for. A name stands for a side, not for a line: which line a
# paragraph carries is for the labels to teach. Words that begin with a capital here are names only when capitalised
# in the text (`AS` the country, `as` the card; `Wang` the minister, `wang` the money).
ACTORS: dict[str, str] = {
    "moscow": """rusia moskow moskwa moscow kremlin putin lavrov peskov medvedev zakharova shoigu nebenzya nebenzia ryabkov
        rudenko gerasimov patrushev belousov ushakov mishustin matviyenko volodin naryshkin bortnikov konashenkov wagner
        prigozhin kadyrov gazprom rosneft rosatom rosoboronexport siluanov nabiullina novak kosachev slutsky polyanskiy
        polyansky grushko vershinin morgulov denisov antonov vorobieva tolchenov dmitriev medinsky surovikin sobyanin
        gladkov Tass TASS RIA Novosti interfax sputnik Ria soviet Beruang""",
    "beijing": """china tiongkok cina rrt rrc beijing jinping Xi Wang Qin Mao Geng Hua keqiang Li wenbin lijian chunying jiakun
        shuang jiechi shangfu fenghe Dong hanhui xinhua Pla PLA PKT PKC huawei zte smic tiktok bytedance dji Jintao
        qiang zhanshu lanfo wentao Zhao leji Tirai shein temu byd alibaba tencent""",
    "washington": """AS USA amerika serikat washington biden trump blinken sullivan austin pentagon yellen raimondo rubio
        vance hegseth obama pompeo bolton kirby Price Burns harris pelosi nuland psaki leavitt fbi cia bessent witkoff
        kellogg waltz clinton mattis tillerson esper milley Patel Miller Sherman Campbell Estevez lutnick greer Putih
        kongres senat gabbard""",
    "europe": """nato eropa stoltenberg rutte leyen michel borrell kallas brussel inggris london prancis perancis macron paris
        jerman scholz merz merkel berlin baerbock polandia sunak Johnson truss starmer cameron G7 Barat sekutu hungaria
        orban belanda italia meloni spanyol lithuania lituania estonia latvia swedia finlandia kanada trudeau carney
        australia albanese morrison mogherini juncker hollande tusk sikorski wallace lammy""",
    "kyiv": """ukraina ukraine kyiv kiev zelensky zelenskyy zelenskiy zelenskyi zelenski kuleba podolyak yermak zaluzhny zaluzhnyi
        syrskyi syrsky sybiha reznikov umerov danilov budanov poroshenko shmyhal klitschko kislitsya kyslytsya
        hamianin svyrydenko stefanchuk fedorov""",
    "taipei": "taiwan taipei tsai Lai",
    "china's edges": "xinjiang uighur uyghur uigur tibet hongkong Hong Kong",
    "neighbours": """jepang tokyo kishida abe ishiba takaichi suga filipina manila marcos duterte vietnam hanoi korsel seoul yoon
        moon india modi jaishankar malaysia singapura asean hayashi tarriela teodoro""",
    "jakarta": """indonesia jakarta jokowi widodo prabowo subianto retno marsudi sugiono RI WNI dpr kemlu tni bakamla luhut
        airlangga natuna mahfud hikmahanto Indonesia""",
    "pyongyang": "korut pyongyang jongun Kim",
    "middle east": """iran teheran israel netanyahu hamas gaza palestina suriah assad damaskus khamenei pezeshkian raisi
        araghchi hizbullah houthi yaman turki erdogan saudi""",
    "united nations": "pbb guterres iaea grossi dujarric",
}
_ROLE = {name: number for number, role in enumerate(ROLES, 1) for name in ACTORS[role].split()}
_PRONOUNS = frozenset(("ia", "dia", "beliau"))

VERB_AFTER, VERB_BEFORE, VERB_CARRIED = (
    1,
    2,
    3,
)  # the speaker follows; the speaker went before; the speaker is carried on
_AFTER = frozenset(
    """
    kata ujar ucap tutur sebut ungkap jelas tegas tambah lanjut imbuh papar terang tulis klaim timpal tukas keluh
    seru cetus tandas sambung sahut jawab beber urai menurut
    """.split()
)
# Stems whose active form (me-) has its speaker before it.
_BEFORE = frozenset(
    """
    kata ujar ucap tutur sebut ungkap jelas tegas tambah lanjut papar terang tulis nyata klaim tuduh tuding kecam
    kutuk kritik desak minta seru ingat bantah tolak tepis sangkal tampik puji sambut nilai anggap pandang yakin
    sampai umum janji ancam jawab lapor komentar harap imbau sindir beber aku peringat serang bela dukung sesal
    tegur
    """.split()
)
# Active forms of other stems, of ber-, and those that the stemmer gets wrong (`menepis` becomes `menep`).
_SAYING = frozenset(
    """
    berkata berujar bertutur berpendapat berpidato berjanji berharap berkomentar berargumen beralasan berkilah berdalih
    bersikeras berseloroh berkelakar bertanya berkicau bercuit berkeras bersumpah beranggapan berpandangan berkeyakinan
    menepis menanggapi menyalahkan mencatat menyinggung menuntut memastikan menekankan mengusulkan menawarkan
    membenarkan menduga mengeluh mengeluhkan menyoroti menyimpulkan mempertanyakan menjanjikan menggambarkan menamai
    menjuluki memprotes mengungkit membalas menyahut menimpali menandaskan mengemukakan mengutarakan melontarkan
    menggarisbawahi mengonfirmasi mencap melabeli menuliskan menyarankan mengisyaratkan mencemooh mengejek meledek
    mengolok menertawakan menyayangkan menyangsikan meragukan mengkhawatirkan mewanti memperkirakan
    meramalkan
    """.split()
)


def role_of(word: str, folded: str) -> int:
    """The number of the role (1 for ROLES[0]) that `word` names, PRONOUN, or 0; `folded` is its lower-case form."""
    if folded in _PRONOUNS:
        return PRONOUN
    return _ROLE.get(word) or _ROLE.get(folded, 0)


def verb_of(folded: str, stem: str) -> int:
    """How `folded`, of that stem, gives someone the word: VERB_AFTER, VERB_BEFORE, VERB_CARRIED (`katanya`), or 0."""
    if folded in _AFTER:
        return VERB_AFTER
    if stem in _AFTER and folded == stem + "nya":
        return VERB_CARRIED
    if folded in _SAYING or (stem in _BEFORE and folded.startswith("me")):
        return VERB_BEFORE
    return 0
