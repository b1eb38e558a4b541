#!/usr/bin/env python3
"""What the sources that a chat model is given hold and cost, by the settings that choose them.

    bench/source_coverage.py DATA [--every N] [--set NAME=VALUE …]

Asks the sample vault's questions (examples/questions) and every Nth of KorQuAD's in DATA, the public sets,
with a chat service of this program in place of a model, and looks at what it is given to read. For each
row of settings: the part of the questions whose reference answer stands in it, letters and digits compared;
how many questions have gained and lost it beside the first row; and the characters of the prompt, its
instructions and the question included. Search is by words and by meaning where an embedder is under
~/.local/share/saerok/models, unless --set says otherwise.
"""

import argparse
import http.client
import json
import os
import statistics

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


def prompt_of(daemon, service, question, settings):
    """All that the model is given for the question, and the part of it before the question."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port)
    named = dict(setting.split("=", 1) for setting in settings)
    body = {"question": question, "search": "always",
            "settings": {name: typed(value) for name, value in named.items()}}
    headers = {name: value for name, value in daemon.headers.items() if name != "Accept"}
    service.asked = None
    connection.request("POST", "/v1/saerok/ask", json.dumps(body), headers)
    response = json.loads(connection.getresponse().read())
    connection.close()
    if "sources" not in response:
        raise SystemExit("source_coverage: %s" % response)
    if service.asked is None:  # Nothing was found, so nothing was asked.
        return "", ""
    said = "".join(message["content"] for message in service.asked["messages"])
    return said, said[:said.rindex(question)]


def squeezed(text):
    return "".join(c for c in text.casefold() if c.isalnum())


def vault():
    """Name, notes, and questions with their reference answers."""
    with open(os.path.join(ROOT, "examples", "questions", "queries.jsonl"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return ("sample vault", os.path.join(ROOT, "examples", "vault"),
            [(r["text"], [r["expect"]]) for r in records if r.get("expect")])


def korquad(data, every):
    folder = os.path.join(data, "ko-korquad1")
    with open(os.path.join(folder, "queries.jsonl"), encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    return ("KorQuAD", os.path.join(folder, "corpus.jsonl.zst"),
            [(r["text"], r["metadata"]["answers"]) for r in records][::every])


def look(daemon, service, questions, settings):
    """For each question whether its answer is to be read, and how much is to be read for it."""
    held, read = [], []
    for question, answers in questions:
        said, sources = prompt_of(daemon, service, question, settings)
        held.append(any(squeezed(answer) in squeezed(sources) for answer in answers))
        read.append(len(said))
    return held, read


def report(name, notes, questions, settings):
    service, model = start_service()
    with serving([*model, "ask.support_min=0", *settings], notes) as daemon:
        print("%s: %d questions" % (name, len(questions)))
        first = None
        for row in ROWS:
            held, read = look(daemon, service, questions, row)
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
    report(*vault(), given.set)
    if os.path.isdir(os.path.join(given.data, "ko-korquad1")):
        report(*korquad(given.data, given.every), given.set)
    else:
        print("KorQuAD is not in %s, left out" % given.data)


if __name__ == "__main__":
    main()
