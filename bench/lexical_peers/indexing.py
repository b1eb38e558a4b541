#!/usr/bin/env python3
"""How soon text is searchable, from a corpus on disk to a committed index with the text in it.

  indexing.py --data DIR --work DIR --out JSON --saerok PROGRAM [--lucene COMMAND]

Both on one and the same core, in turns. saerok by `saerok index --no-wait`: its own figure, which
counts reading and parsing the file too; Lucene by LuceneIndexing, which does not. Fastest of the turns.
"""
import argparse
import json
import os
import shlex
import shutil
import subprocess
from pathlib import Path

from make_data import records
from quality import flat

SETS = {"ko-korquad1": "nori", "ko-science-ir": "nori", "en-scifact": "english"}
CORPUS = "corpus.jsonl.zst"
TURNS = 3


def pinned(command):
    core = str(max(os.sched_getaffinity(0)))
    return ["taskset", "-c", core, *command] if shutil.which("taskset") else command


def saerok(program, corpus, work):
    """Seconds, and bytes of text."""
    store = work / "store"
    shutil.rmtree(store, ignore_errors=True)
    home = {"HOME": str(work), "XDG_DATA_HOME": str(work), "XDG_CONFIG_HOME": str(work)}
    printed = subprocess.run(
        pinned([program, "--store", str(store), "--json", "index", "--no-wait", str(corpus)]),
        check=True, capture_output=True, text=True, env=os.environ | home).stdout
    made = json.loads(printed)
    return made["seconds"]["text"], made["text_bytes"]


def lucene(command, analyser, corpus, work):
    documents, index = work / "documents.tsv", work / "lucene"
    if not documents.exists():
        with open(documents, "w", encoding="utf-8") as out:
            out.writelines(flat(record, True) for record in records(corpus))
    shutil.rmtree(index, ignore_errors=True)
    printed = subprocess.run(
        pinned([*shlex.split(command), analyser, str(documents), str(index), "1"]),
        check=True, capture_output=True, text=True).stdout
    return min(json.loads(printed))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--saerok", required=True)
    parser.add_argument("--lucene")
    options = parser.parse_args()
    rows = []
    for name, analyser in SETS.items():
        corpus = options.data / name / CORPUS
        if not corpus.exists():
            print(f"indexing: {name} is not in {options.data}, left out")
            continue
        work = options.work / name
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        row = {"set": name, "analyser": analyser, "saerok": [], "lucene": []}
        for _ in range(TURNS):
            seconds, row["bytes"] = saerok(options.saerok, corpus, work)
            row["saerok"].append(seconds)
            if options.lucene:
                row["lucene"].append(lucene(options.lucene, analyser, corpus, work))
        rows.append(row)
    options.out.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
