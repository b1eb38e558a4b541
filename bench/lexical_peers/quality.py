#!/usr/bin/env python3
"""Finds what people ask for, each engine with its own analysis: BM25, k1 1.2, b .75, title + text.

  quality.py --data DIR --work DIR --out JSON [--saerok LEXICAL_QUALITY] [--lucene COMMAND]
"""
import argparse
import json
import math
import re
import shlex
import subprocess
from pathlib import Path

from make_data import records

SETS = {  # Name: corpus, questions, judgements, Lucene's analysers, what is compared.
    "ko-korquad1": ("corpus.jsonl.zst", "queries.jsonl", "qrels.tsv",
                    ("nori", "nori-content"), "MRR@10"),
    "ko-science-ir": ("corpus.jsonl.zst", "queries_generated.jsonl.zst", "qrels_generated.tsv",
                      ("nori", "nori-content"), "MRR@10"),
    "en-scifact": ("corpus.jsonl.zst", "queries_test.jsonl", "qrels_test.tsv",
                   ("english",), "nDCG@10"),
}


def judgements(path):
    gains = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, gain = line.split()
        if float(gain) > 0:
            gains.setdefault(query, {})[document] = float(gain)
    return gains


def judge(run, gains):
    reciprocal = recall = ndcg = 0.0
    for query, gain in gains.items():
        found = run.get(query, [])
        places = [rank for rank, document in enumerate(found) if document in gain]
        reciprocal += 1 / (places[0] + 1) if places else 0
        recall += len(places) / len(gain)
        best = sorted(gain.values(), reverse=True)[:10]
        ndcg += (sum(gain[found[rank]] / math.log2(rank + 2) for rank in places)
                 / sum(value / math.log2(rank + 2) for rank, value in enumerate(best)))
    count = len(gains)
    return {"MRR@10": reciprocal / count, "R@10": recall / count, "nDCG@10": ndcg / count,
            "queries": count}


def flat(record, with_title):
    title = record.get("title", "") if with_title else ""
    text = f"{title}\n{record['text']}" if title else record["text"]
    return record["_id"] + "\t" + " ".join(text.split()) + "\n"


def lucene(command, analyser, folder, files, gains, work):
    documents, queries, run = work / "documents.tsv", work / "queries.tsv", work / "run.tsv"
    with open(documents, "w", encoding="utf-8") as out:
        out.writelines(flat(record, True) for record in records(folder / files[0]))
    with open(queries, "w", encoding="utf-8") as out:
        out.writelines(flat(record, False) for record in records(folder / files[1])
                       if record["_id"] in gains)
    subprocess.run([*shlex.split(command), analyser, documents, queries, run], check=True)
    lines = (line.split("\t") for line in run.read_text(encoding="utf-8").splitlines())
    return judge({query: found.split() for query, found in lines}, gains)


def saerok(program, folder, files):
    printed = subprocess.run([program, *(folder / file for file in files)], check=True,
                             capture_output=True, text=True).stdout
    figures = {name: float(value) for name, value in re.findall(r"(\S+@\d+) ([\d.]+)", printed)}
    figures["queries"] = int(re.search(r"\((\d+) queries", printed).group(1))
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--saerok")
    parser.add_argument("--lucene")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, (*files, analysers, figure) in SETS.items():
        folder = options.data / name
        if not all((folder / file).exists() for file in files):
            print(f"quality: {name} is not in {options.data}, left out")
            continue
        if options.saerok:
            rows.append({"set": name, "figure": figure, "engine": "saerok",
                         **saerok(options.saerok, folder, files)})
        if options.lucene:
            gains = judgements(folder / files[2])
            for analyser in analysers:
                rows.append({"set": name, "figure": figure, "engine": f"Lucene {analyser}",
                             **lucene(options.lucene, analyser, folder, files, gains,
                                      options.work)})
    options.out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
