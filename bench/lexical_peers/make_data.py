#!/usr/bin/env python3
"""Makes the texts and questions that the lexical engines are compared on; the same on every run.

  make_data.py texts --data DIR --out OUT [--wordnet DIR] [--korean N] [--english N] [--queries N]
  make_data.py operators --docs TOKENS --queries TOKENS --out PREFIX [--count N]

`texts` writes OUT/{ko,en}.{docs,queries}.txt, one text a line, and OUT/about.json. `operators`
takes the same cut into tokens and writes PREFIX.or (a question's distinct terms), .and and .count
(two or three terms of one document) and .phrase (two or three terms in a row).
"""
import argparse
import json
import random
import re
import subprocess
from pathlib import Path

SEED = 20260805
KEPT = 0.6  # So many of a text's words stay; copies would make every engine's pruning look good.


def records(path):
    """Of a JSONL file, also as .zst; none if it is not there."""
    if not path.exists():
        return
    if path.suffix == ".zst":
        lines = subprocess.run(["zstd", "-dc", path], check=True, capture_output=True).stdout
    else:
        lines = path.read_bytes()
    for line in lines.decode().split("\n"):
        if line:
            yield json.loads(line)


def sentences(text):
    for sentence in re.split(r"(?<=[.?!])\s+|\n+", text):
        words = sentence.split()
        if 3 <= len(words) <= 40:
            yield words


def mixed(rng, words, pool):
    return [word if rng.random() < KEPT else pool[int(rng.random() * len(pool))] for word in words]


def write_lines(path, lines):
    with open(path, "w", encoding="utf-8") as out:
        for line in lines:
            out.write(line + "\n")


def korean(data, count, query_count):
    rng = random.Random(SEED)
    pool = []
    corpora = [data / "ko-science-ir/corpus.jsonl.zst", data / "ko-korquad1/corpus.jsonl.zst"]
    for corpus in corpora:
        for record in records(corpus):
            pool.extend(sentences(record["text"]))
    if not pool:
        raise SystemExit(f"make_data: no Korean corpora in {data}")
    running = [word for sentence in pool for word in sentence]
    documents = []
    for _ in range(count):
        words = []
        for _ in range(max(1, round(rng.lognormvariate(1.5, 0.6)))):
            words += mixed(rng, pool[int(rng.random() * len(pool))], running)
        documents.append(" ".join(words))
    questions = [record["text"].replace("\n", " ")
                 for path in (data / "ko-science-ir/queries_generated.jsonl.zst",
                              data / "ko-korquad1/queries.jsonl")
                 for record in records(path)]
    rng.shuffle(questions)
    return documents, questions[:query_count], f"{len(pool):,} sentences"


def english_sources(data, wordnet):
    """Distinct short texts, in a fixed order."""
    texts = {}
    for name in ("noun", "verb", "adj", "adv"):
        path = wordnet / f"data.{name}" if wordnet else Path("/nonexistent")
        if not path.exists():
            continue
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("  ") or " | " not in line:
                continue
            for part in line.split(" | ", 1)[1].split(";"):
                texts[part.strip().strip('"')] = None
    try:
        packages = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True)
        for line in packages.stdout.decode(errors="replace").splitlines():
            if line.startswith("Description: "):
                texts[line[13:]] = None
    except (OSError, subprocess.CalledProcessError):
        print("make_data: no package descriptions: apt-cache is not there")
    for corpus in ("en-scifact/corpus.jsonl.zst", "en-cisi/corpus.jsonl.zst",
                   "ko-science-ir/corpus_en.jsonl.zst"):
        for record in records(data / corpus):
            for sentence in sentences(record["text"]):
                texts[" ".join(sentence)] = None
    return [text.split() for text in texts if len(text.split()) >= 2]


def english(data, wordnet, count, query_count):
    rng = random.Random(SEED + 1)
    sources = english_sources(data, wordnet)
    if not sources:
        raise SystemExit(f"make_data: no English texts in {data}")
    running = [word for text in sources for word in text]
    documents = [" ".join(mixed(rng, sources[int(rng.random() * len(sources))], running))
                 for _ in range(count)]
    questions = [record["text"].replace("\n", " ")
                 for path in (data / "en-scifact/queries_test.jsonl",
                              data / "en-scifact/queries_train.jsonl",
                              data / "en-cisi/queries.jsonl")
                 for record in records(path)]
    rng.shuffle(questions)
    questions = questions[: query_count * 3 // 5]
    written = len(questions)
    while len(questions) < query_count:
        words = documents[int(rng.random() * count)].split()
        places = sorted(rng.sample(range(len(words)), min(len(words), rng.randint(2, 6))))
        questions.append(" ".join(words[place] for place in places))
    return documents, questions, f"{len(sources):,} texts", written


def make_texts(options):
    options.out.mkdir(parents=True, exist_ok=True)
    documents, questions, source = korean(options.data, options.korean, options.queries)
    write_lines(options.out / "ko.docs.txt", documents)
    write_lines(options.out / "ko.queries.txt", questions)
    about = {"ko": f"made of {source} of Korean encyclopaedias and science, {1 - KEPT:.0%} of the "
                   f"words replaced at random; {len(questions):,} real questions"}
    documents, questions, source, written = english(
        options.data, options.wordnet, options.english, options.queries)
    write_lines(options.out / "en.docs.txt", documents)
    write_lines(options.out / "en.queries.txt", questions)
    about["en"] = (f"{source} (glosses, package descriptions, sentences) drawn again and again, "
                   f"{1 - KEPT:.0%} of the words replaced at random; {written:,} real questions, "
                   f"{len(questions) - written:,} of 2–6 words of a document")
    (options.out / "about.json").write_text(json.dumps(about, ensure_ascii=False))


def make_operators(options):
    rng = random.Random(SEED + 2)
    with open(options.queries, encoding="utf-8") as lines:
        questions = [" ".join(dict.fromkeys(line.split())) for line in lines]
    write_lines(f"{options.out}.or", [question for question in questions if question])
    with open(options.docs, encoding="utf-8") as lines:
        documents = [line.split() for line in lines]
    documents = [document for document in documents if len(set(document)) >= 3]

    def conjunctions():
        for _ in range(options.count):
            terms = list(dict.fromkeys(documents[int(rng.random() * len(documents))]))
            yield " ".join(rng.sample(terms, rng.randint(2, 3)))

    def phrases():
        for _ in range(options.count):
            terms = documents[int(rng.random() * len(documents))]
            length = rng.randint(2, 3)
            begin = rng.randint(0, len(terms) - length)
            yield " ".join(terms[begin : begin + length])

    write_lines(f"{options.out}.and", conjunctions())
    write_lines(f"{options.out}.count", conjunctions())
    write_lines(f"{options.out}.phrase", phrases())


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    texts = commands.add_parser("texts")
    texts.add_argument("--data", type=Path, required=True)
    texts.add_argument("--wordnet", type=Path)
    texts.add_argument("--out", type=Path, required=True)
    texts.add_argument("--korean", type=int, default=200_000)
    texts.add_argument("--english", type=int, default=1_000_000)
    texts.add_argument("--queries", type=int, default=2_000)
    texts.set_defaults(run=make_texts)
    operators = commands.add_parser("operators")
    operators.add_argument("--docs", required=True)
    operators.add_argument("--queries", required=True)
    operators.add_argument("--out", required=True)
    operators.add_argument("--count", type=int, default=2_000)
    operators.set_defaults(run=make_operators)
    options = parser.parse_args()
    options.run(options)


if __name__ == "__main__":
    main()
