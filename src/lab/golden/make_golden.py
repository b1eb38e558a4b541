"""Writes the golden values that lab_test compares our measures with.

Run once by hand when a measure is added; the tests read the JSON and need no Python:

    python3 -m venv venv
    venv/bin/pip install pytrec-eval-terrier==0.5.11 rouge-score==0.1.2 nltk==3.10.4 scipy==1.17.1
    venv/bin/python make_golden.py

metrics.json: seeded rankings and judgements with trec_eval's values.
text.json: sentences of our own with the values of rouge-score, with and without its stemmer, and of
the SQuAD and KorQuAD definitions, which are written out below; words with their stems.
significance.json: paired values with scipy's exact permutation test, and Holm's correction.
"""

import collections
import json
import pathlib
import random
import re
import string
import unicodedata

import numpy
import pytrec_eval
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from scipy import stats

HERE = pathlib.Path(__file__).parent
DEPTHS = [1, 3, 5, 10, 100]

# Our name for a measure: trec_eval's name, and its name in pytrec_eval's answer.
MEASURES = {
    "ndcg": ("ndcg", "ndcg"),
    "map": ("map", "map"),
    "mrr": ("recip_rank", "recip_rank"),
    "recall": ("set_recall", "set_recall"),
    "precision": ("set_P", "set_P"),
    "r_precision": ("Rprec", "Rprec"),
    "bpref": ("bpref", "bpref"),
}
CUT = {"ndcg": "ndcg_cut", "map": "map_cut", "recall": "recall", "precision": "P",
       "success": "success"}
for ours, theirs in CUT.items():
    for depth in DEPTHS:
        MEASURES[f"{ours}@{depth}"] = (f"{theirs}.{depth}", f"{theirs}_{depth}")


def judged_order(ranking):
    """trec_eval's: by the score as a 32-bit float, then by document id, both descending."""
    return sorted(ranking, key=lambda d: (numpy.float32(ranking[d]), d.encode()), reverse=True)


def trec_values(ranking, judgements, measures):
    # trec_eval leaves such topics out, and pytrec_eval crashes on some: by our definition all 0.
    if not ranking or all(grade < 0 for grade in judgements.values()):
        return {ours: 0.0 for ours in measures}
    evaluator = pytrec_eval.RelevanceEvaluator({"t": judgements}, {m for m, _ in measures.values()})
    values = evaluator.evaluate({"t": ranking})["t"]
    return {ours: values[theirs] for ours, (_, theirs) in measures.items()}


def competition_map(order, judgements, is_search):
    """README of the competition: precision at each hit in the top 3, over the hits there."""
    if not is_search:
        return float(not order)
    hits = [place for place, document in enumerate(order[:3]) if judgements.get(document, 0) > 0]
    precisions = [(found + 1) / (place + 1) for found, place in enumerate(hits)]
    return sum(precisions) / len(precisions) if precisions else 0.0


def topic_of(ranking, judgements, is_search=True):
    values = trec_values(ranking, judgements, MEASURES)
    order = judged_order(ranking)
    for depth in DEPTHS:  # trec_eval cuts no reciprocal rank; a cut ranking says the same.
        cut = {d: ranking[d] for d in order[:depth]}
        cut_values = trec_values(cut, judgements, {"mrr": MEASURES["mrr"]})
        values[f"mrr@{depth}"] = cut_values["mrr"]
    values["map@3_competition"] = competition_map(order, judgements, is_search)
    entries = list(ranking.items())
    random.shuffle(entries)
    return {"ranking": entries, "judgements": judgements, "is_search": is_search,
            "values": {name: round(value, 12) for name, value in sorted(values.items())}}


def random_topic(documents, grades, retrieved, ties, names):
    judged = random.sample(names, min(documents, len(names)))
    judgements = {d: random.choice(grades) for d in judged}
    ranking = {}
    for document in random.sample(names, min(retrieved, len(names))):
        score = random.uniform(-2, 20)
        ranking[document] = float(round(score)) if ties else round(score, 4)
    return topic_of(ranking, judgements)


def make_metrics():
    random.seed(20240301)
    ascii_names = [f"d{i}" for i in range(150)]
    korean_names = [f"노트/{c}{i}.md" for c in "가나다라" for i in range(10)] + ["~last", "A", "a"]
    topics = []
    for i in range(40):
        names = korean_names if i % 4 == 3 else ascii_names
        grades = [[1], [0, 1], [0, 1, 2, 3], [-2, -1, 0, 1, 2]][i % 4]
        topics.append(random_topic(random.choice([1, 3, 12, 60]), grades,
                                   random.choice([1, 4, 15, 40]), i % 3 == 0, names))
    topics.append(random_topic(120, [0, 1], 140, True, ascii_names))
    topics.append(random_topic(120, [-1, 0, 1, 4], 140, False, ascii_names))
    # None relevant, none judged among those found, nothing found, everything tied.
    topics.append(topic_of({"a": 2.0, "b": 1.0}, {"a": 0, "b": -1}))
    topics.append(topic_of({"a": 2.0, "b": 1.0}, {"c": 1, "d": 0}))
    topics.append(topic_of({}, {"c": 1, "d": 0}))
    topics.append(topic_of({d: 1.0 for d in "abcdefgh"}, {"a": 1, "h": 2, "d": 0, "x": 3}))
    # Equal as 32-bit floats, not as doubles; and scores of every size.
    topics.append(topic_of({"a": 0.3 + 1e-12, "b": 0.3}, {"a": 1, "b": 0}))
    topics.append(topic_of({"a": 1e-30, "b": 1e30, "c": -1e30, "d": 0.0}, {"a": 2, "d": 1, "c": 0}))
    # Judged not relevant and unjudged documents above relevant ones: bpref tells them apart.
    topics.append(topic_of({"n1": 9.0, "u1": 8.0, "r1": 7.0, "n2": 6.0, "r2": 5.0, "n3": 4.0,
                            "r3": 3.0}, {"n1": 0, "n2": 0, "n3": 0, "r1": 1, "r2": 2, "r3": 1}))
    # A conversation that needs no search, silent and not.
    topics.append(topic_of({}, {}, is_search=False))
    topics.append(topic_of({"a": 1.0}, {}, is_search=False))
    return {"topics": topics}


ENGLISH = [
    ("The boiler was serviced in October.", "The boiler was serviced in October."),
    ("The boiler was serviced in October.", "In October a technician serviced the old boiler."),
    ("the cat sat on the mat", "the cat the mat the cat"),
    ("Green tea is brewed at 80 degrees for 2 minutes.",
     "Brew green tea for two minutes at eighty degrees, not more."),
    ("Segments are merged when ten of a size exist.", "A merge starts when there are 10 segments."),
    ("Nothing in common here", "completely different words"),
    ("one", "one two three four five six"),
    ("It's a well-known e-mail: user_name@example.com!",
     "Its well known email, user name at example"),
    ("UPPER lower MiXeD", "upper LOWER mixed"),
    ("", "a reference without a prediction"),
    ("a prediction without a reference", ""),
    ("...", "!!!"),
    ("a b a b a b c", "b a b a c c b"),
    ("The train from the coast arrives at noon; the one to the hills leaves at one.",
     "At noon the train from the coast arrives, and at one the train to the hills leaves."),
    ("v2.0.1 fixed 3 bugs in 2024", "In 2024, version 2.0.1 fixed three bugs"),
    ("tab\tand\nnewline  and   blanks", "tab and newline and blanks"),
    ("Merging happily enjoyed relational policies; skies were dying.",
     "The happy merge enjoys policy relations under a sky that dies."),
]
KOREAN = [
    ("보일러 점검은 10월 3일이다.", "보일러 점검은 10월 3일이다."),
    ("보일러는 시월에 점검했다", "보일러 점검은 시월에 했다."),
    ("녹차는 80도에서 2분 우린다.", "녹차를 우리는 온도는 80도이고 시간은 2분이다."),
    ("회의는 목요일 오후 세 시에 별관에서 열린다", "목요일 오후 3시, 별관에서 회의가 열린다"),
    ("《봄날의 산책》", "'봄날의 산책'"),
    ("서울특별시", "서울 특별시"),
    ("김하늘(팀장)", "김하늘 팀장"),
    ("전혀 다른 말", "회의록 없음"),
    ("", "답이 없다"),
    ("GPU 메모리는 24GB이다", "gpu 메모리: 24 GB"),
    ("분기 예산을 승인했다. 예산은 삼천만 원이다.", "이사회는 분기 예산 삼천만 원을 승인했다."),
    ("가 나 가 나 다", "나 가 다 가 나"),
]
ANSWERS = [
    ("The Eiffel Tower", "Eiffel tower!"), ("an apple a day", "apple day"), ("the", "a"),
    ("October 3rd, 2024", "3rd October 2024"), ("no", "yes"), ("", "something"),
    ("something", ""), ("", ""), ("the theatre", "theatre"), ("U.S.A.", "USA"),
    ("well-known", "well known"), ("42 people", "42"), ("a a a b", "b a b"),
]


class Tokens:
    """Letters and digits of every script: what rouge-score's own pattern keeps of ASCII."""

    def __init__(self, by_character):
        self.by_character = by_character

    def tokenize(self, text):
        text = unicodedata.normalize("NFC", text.lower())
        words = "".join(c if unicodedata.category(c)[0] in "LN" else " " for c in text).split()
        return [c for word in words for c in word] if self.by_character else words


SUFFIXES = """s es ies ied ed eed ing y ly ational tional enci ency anci ancy izer bli ably alli ally entli
ently eli ely ousli ously ization ation ator alism iveness fulness ousness aliti ality iviti ivity biliti bility
fulli fully logi logy icate ative alize iciti icity ical ful ness al ance ence er ic able ible ant ement ment ent
ion sion tion ou ism ate iti ous ive ize e ll lled lling tted tting ying""".split()
STEMS = """b tr sk fl enj happ cr troubl hop hopp fil fail siz fizz hiss relat condit rat val hesit digit conform radic
differ vil analog vietnam predic oper feud decis hope call form sens triplic electr good reviv allow infer airlin
gyroscop adjust defens irrit replac depend adopt homolog commun activ angular effect bowdler prob ceas contr roll
y yy oy syzyg aby geo theo psycho""".split()
WORDS = """sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed
dies died ties tied lies lied flies spied sss ssss ingly eding oed aed ied ies eed yed ying ay by enjoy toy 1990s 2nd
x2s agreed feed bleed need on in as is us gas this was has does its ass""".split()


def porter_stems():
    """Every suffix of the algorithm's steps behind stems of every measure, and the words of our English notes."""
    stemmer = PorterStemmer()
    words = {stem + suffix for stem in STEMS for suffix in random.sample(SUFFIXES, 14)} | set(WORDS)
    words |= {stem + suffix for stem in ("b", "tr", "oper", "analog", "conform") for suffix in SUFFIXES}
    for file in sorted((HERE / "../../../examples/vault").resolve().rglob("*.md")):
        words |= set(re.findall(r"\b[a-z]{3,}\b", file.read_text().lower()))
    return {word: stemmer.stem(word) for word in sorted(words)}


def rouge(pair, tokenizer=None, stems=False):
    scorer = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=stems,
                                      tokenizer=tokenizer)
    scores = scorer.score(pair[1], pair[0])  # (target, prediction)
    return {name: [round(x, 12) for x in scores[name]] for name in ("rouge1", "rouge2", "rougeL")}


def f1_of(prediction, reference):
    if not prediction or not reference:
        return float(prediction == reference)
    same = sum((collections.Counter(prediction) & collections.Counter(reference)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(prediction), same / len(reference)
    return 2 * precision * recall / (precision + recall)


def without_punctuation(text):
    return "".join(c for c in text if c not in set(string.punctuation))


def squad(text):
    """Lower case, no ASCII punctuation, no articles, single blanks."""
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", without_punctuation(text.lower())).split())


def korquad(text):
    """Quotation marks and brackets as blanks, lower case, no other ASCII punctuation."""
    return " ".join(without_punctuation(re.sub("['\"《》<>〈〉()‘’]", " ", text).lower()).split())


def make_text():
    answers = []
    for prediction, reference in ANSWERS + ENGLISH + KOREAN:
        p, r = squad(prediction), squad(reference)
        kp, kr = korquad(prediction), korquad(reference)
        answers.append({
            "prediction": prediction, "reference": reference,
            "squad": [float(p == r), round(f1_of(p.split(), r.split()), 12)],
            "korquad": [float(kp == kr),
                        round(f1_of(list(kp.replace(" ", "")), list(kr.replace(" ", ""))), 12)]})
    return {
        "english": [{"prediction": p, "reference": r, "word": rouge((p, r)),
                     "porter": rouge((p, r), stems=True)} for p, r in ENGLISH],
        "korean": [{"prediction": p, "reference": r, "word": rouge((p, r), Tokens(False)),
                    "syllable": rouge((p, r), Tokens(True))} for p, r in KOREAN + ENGLISH[:4]],
        "answers": answers, "stems": porter_stems()}


def holm(p_values):
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, p_values[i] * (len(p_values) - rank)))
        corrected[i] = largest
    return corrected


def make_significance():
    """scipy enumerates every sign where 2^n is at most n_resamples."""
    generator = numpy.random.default_rng(7)
    pairs = []
    for count, shift, step in [(3, 0.3, 0.01), (5, 0.1, 0.01), (8, 0.15, 0.25), (10, 0.0, 0.01),
                               (12, 0.2, 0.1), (13, 0.05, 0.01), (10, 0.4, 0.5)]:
        b = numpy.round(generator.uniform(0, 1, count) / step) * step
        a = numpy.round((b + generator.normal(shift, 0.3, count)) / step) * step
        result = stats.permutation_test((a, b), lambda x, y: numpy.mean(x - y),
                                        permutation_type="samples", n_resamples=2**14,
                                        alternative="two-sided")
        pairs.append({"a": [round(float(x), 6) for x in a], "b": [round(float(x), 6) for x in b],
                      "p": round(float(result.pvalue), 12)})
    larger = []
    for count, shift in [(60, 0.05), (200, 0.03), (200, 0.0)]:
        b = numpy.round(generator.uniform(0, 1, count), 3)
        a = numpy.round(b + generator.normal(shift, 0.2, count), 3)
        p = stats.permutation_test((a, b), lambda x, y, axis: numpy.mean(x - y, axis=axis),
                                   vectorized=True, permutation_type="samples",
                                   n_resamples=100_000, batch=1_000, rng=1).pvalue
        interval = stats.bootstrap((a - b,), numpy.mean, n_resamples=20_000, method="percentile",
                                   rng=1).confidence_interval
        larger.append({"a": a.tolist(), "b": b.tolist(), "p": round(float(p), 6),
                       "interval": [round(float(interval.low), 6), round(float(interval.high), 6)]})
    tables = [[0.01, 0.04, 0.03, 0.005], [0.5, 0.6, 0.9], [0.02], [0.01, 0.01, 0.04], []]
    return {"exact": pairs, "sampled": larger,
            "holm": [{"p": p, "corrected": [round(c, 12) for c in holm(p)]} for p in tables]}


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.replace('{"ranking"', '\n{"ranking"').replace('{"prediction"', '\n{"prediction"')
    (HERE / name).write_text(text.replace('{"a"', '\n{"a"') + "\n")


write("metrics.json", make_metrics())
random.seed(20240302)
write("text.json", make_text())
write("significance.json", make_significance())
