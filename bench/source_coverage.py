#!/usr/bin/env python3
"""What the sources that a chat model is given hold and cost, by the settings that choose them.

    bench/source_coverage.py DATA [--every N] [--set NAME=VALUE …]

Asks every Nth question of the sample vault (examples/questions) and of KorQuAD in DATA, the public
sets, with a chat service of this program in place of a model. For each row of settings: the part of the
questions of which a source holds the reference answer, how many questions have gained and lost it
beside the first row, and the mean characters of all sources together, which a model has to read. Search
is by words and meaning where an embedder is under ~/.local/share/saerok/models and --set does not say
otherwise.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess

from measure_ask import ROOT, serving, start_service

ROWS = [
    [],
    ["ask.join_neighbours=off"],
    ["ask.duplicate_overlap=0"],
    ["ask.document_sources_max=1"],
    ["answer.sources=4"],
    ["answer.sources=3"],
    ["answer.sources=3", "ask.join_neighbours=off"],
    ["answer.sources=2"],
]


def typed(value):
    try:
        return float(value) if "." in value else int(value)
    except ValueError:
        return value


def ask(daemon, question, settings):
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port)
    named = dict(setting.split("=", 1) for setting in settings)
    body = {"question": question, "search": "always",
            "settings": {name: typed(value) for name, value in named.items()}}
    headers = {name: value for name, value in daemon.headers.items() if name != "Accept"}
    connection.request("POST", "/v1/saerok/ask", json.dumps(body), headers)
    response = json.loads(connection.getresponse().read())
    connection.close()
    if "sources" not in response:
        raise SystemExit("source_coverage: %s" % response)
    return response["sources"]


def squeezed(text):
    return "".join(c for c in text.casefold() if c.isalnum())


def vault():
    """Questions with their reference answers, and what gives the bytes of a source's file."""
    folder = os.path.join(ROOT, "examples", "vault")
    with open(os.path.join(ROOT, "examples", "questions", "queries.jsonl"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    questions = [(r["text"], [r["expect"]]) for r in records if r.get("expect")]

    def contents(source):
        with open(os.path.join(folder, source["path"]), "rb") as note:
            return note.read()
    return "sample vault", folder, questions, contents


def korquad(data):
    folder = os.path.join(data, "ko-korquad1")
    corpus = os.path.join(folder, "corpus.jsonl.zst")
    lines = subprocess.run(["zstd", "-dc", corpus], check=True, stdout=subprocess.PIPE).stdout
    texts = {r["_id"]: r["text"].encode() for r in map(json.loads, lines.splitlines())}
    with open(os.path.join(folder, "queries.jsonl"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    questions = [(r["text"], r["metadata"]["answers"]) for r in records]
    return "KorQuAD", corpus, questions, lambda source: texts[source["document_id"]]


def look(daemon, questions, contents, settings):
    """For each question whether a source holds its answer, and the characters of all of them."""
    held, read = [], []
    for question, answers in questions:
        parts = []
        for source in ask(daemon, question, settings):
            begin, end = source["bytes"]
            parts.append(contents(source)[begin:end].decode("utf-8", "replace"))
        held.append(any(squeezed(a) in squeezed(part) for a in answers for part in parts))
        read.append(sum(map(len, parts)))
    return held, read


def report(name, notes, questions, contents, every, settings):
    questions = questions[::every]
    with serving([*start_service(), "ask.support_min=0", *settings], notes) as daemon:
        print("%s: %d questions" % (name, len(questions)))
        first = None
        for row in ROWS:
            held, read = look(daemon, questions, contents, row)
            first = first or held
            gained = sum(h and not f for h, f in zip(held, first))
            lost = sum(f and not h for h, f in zip(held, first))
            print("  %.4f  gained %d, lost %d  %6.0f characters  %s" % (
                statistics.mean(held), gained, lost, statistics.mean(read),
                " ".join(row) or "defaults"), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--set", action="append", default=[])
    given = parser.parse_args()
    report(*vault(), 1, given.set)
    if os.path.isdir(os.path.join(given.data, "ko-korquad1")):
        report(*korquad(given.data), given.every, given.set)
    else:
        print("KorQuAD is not in %s, left out" % given.data)


if __name__ == "__main__":
    main()
