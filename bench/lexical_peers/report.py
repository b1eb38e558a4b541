#!/usr/bin/env python3
"""Writes the tables of lexical_peers as Markdown: report.py WORK [--docs FILE], which run has filled.

With --docs they also replace what stands in FILE between the two comments that name this program.
"""
import argparse
import json
import os
import platform
import statistics
import sys
from pathlib import Path

import musts

ENGINES = ("saerok", "lucene", "tantivy", "bm25s", "xapian", "sqlite")
NAMES = {"lucene": "Lucene", "xapian": "Xapian", "sqlite": "SQLite FTS5"}
TASKS = ("or10", "or100", "and10", "phrase10", "count")


def load(path):
    return json.loads(path.read_text()) if path.exists() and path.stat().st_size else None


def hits(path):
    """Of each query: [(document, score)…]."""
    if not path.exists():
        return None
    return [[(int(number), float(score)) for number, score in (hit.split(":") for hit in line.split())]
            for line in path.read_text().splitlines()]


def agreement(found, reference, k):
    """Share of the reference's best k that an engine found; whom the reference scores like its
    last counts as well, since ties may fall either way. For counts (k 0), the share of equal ones."""
    shares = []
    for mine, theirs in zip(found, reference):
        if k == 0:
            shares.append(float(mine[0][0] == theirs[0][0]))
            continue
        if not theirs:
            shares.append(float(not mine))
            continue
        depth = min(k, len(theirs))
        least = theirs[depth - 1][1] * (1 - 1e-5)
        good = {number for number, score in theirs if score >= least}
        shares.append(min(depth, sum(number in good for number, _ in mine[:k])) / depth)
    return statistics.fmean(shares) if shares else 0.0


def measured(folder, engine):
    """Median over the rounds of each figure, by task, and the agreement with Lucene."""
    rounds = [json.loads(path.read_text()) for path in sorted(folder.glob(f"{engine}.*.json"))
              if path.stat().st_size]
    tasks = {}
    for name in {name for one in rounds for name in one["tasks"]}:
        each = [one["tasks"][name] for one in rounds if name in one["tasks"]]
        tasks[name] = {key: statistics.median(one[key] for one in each) for key in each[0]}
        tasks[name]["means"] = [one["mean"] for one in each]
        mine, theirs = hits(folder / f"{engine}.ids.{name}"), hits(folder / f"lucene.ids.{name}")
        if mine is not None and theirs is not None:
            k = int(name.lstrip("abcdefghijklmnopqrstuvwxyz") or 0) if "_" not in name else 10
            tasks[name]["agreement"] = agreement(mine, theirs, k)
    return tasks


def microseconds(task, keys):
    if task is None:
        return "–"
    text = " / ".join(f"{task[key]:,.0f}" for key in keys)
    if task.get("agreement", 1) < musts.OVERLAP_MIN:
        text = f"({text})"
    return text


def times(other, mine):
    value = musts.ratio(other, mine, "or10", "mean")
    return "–" if value is None else f"{value:.2f} ×"


def bytes_in(folder):
    def bytes_of(engine, mode):
        built = load(folder / f"{engine}.{mode}.build")
        return built["bytes"] if built else None
    return bytes_of


def speed_table(folder, all_tasks, skipped):
    yield ("| engine | OR top-10 mean / p50 / p99 µs | OR top-100 mean / p99 | AND top-10 | "
           "phrase top-10 | count | overlap@10 | Lucene's OR ÷ its | bm25s's OR ÷ its | "
           "index s, MB/s | MB | with positions |")
    yield "|---" * 12 + "|"
    text_bytes = (folder / "tokens.size").read_text().strip()
    for engine in ENGINES:
        name, tasks = NAMES.get(engine, engine), all_tasks[engine]
        built = load(folder / f"{engine}.plain.build")
        if built is None:
            yield f"| {name} | {skipped.get(engine, 'not run')}" + " |" * 11
            continue
        with_positions = load(folder / f"{engine}.positions.build")
        overlap = tasks.get("or10", {}).get("agreement")
        cells = [
            f"{name} {built['version'].removeprefix(engine).strip()}",
            microseconds(tasks.get("or10"), ("mean", "p50", "p99")),
            microseconds(tasks.get("or100"), ("mean", "p99")),
            *(microseconds(tasks.get(task), ("mean",)) for task in TASKS[2:]),
            f"{overlap:.3f}" if overlap is not None else "–",
            times(all_tasks["lucene"], tasks),
            times(all_tasks["bm25s"], tasks),
            f"{built['seconds']:.1f}, {int(text_bytes) / 1e6 / built['seconds']:.1f}",
            f"{built['bytes'] / 1e6:.1f}",
            f"{with_positions['bytes'] / 1e6:.1f}" if with_positions else "–",
        ]
        yield "| " + " | ".join(cells) + " |"
    yield ""
    spread = [f"{NAMES.get(engine, engine)} {min(means):,.0f}–{max(means):,.0f}"
              for engine, tasks in all_tasks.items()
              if (means := tasks.get("or10", {}).get("means"))]
    yield f"OR top-10, means of the rounds: {', '.join(spread)} µs."
    few = [f"{NAMES.get(engine, engine)} {tasks['or10']['queries']:.0f}"
           for engine, tasks in all_tasks.items() if engine == "sqlite" and "or10" in tasks]
    if few:
        yield f"Questions timed where a budget ended them: {', '.join(few)} of them, OR top-10."
    for engine in ("saerok", "lucene"):
        filters = all_tasks[engine]
        if all(name in filters for name in ("or10", "or10_filter50", "or10_filter1")):
            mean = filters["or10"]["mean"]
            yield (f"OR top-10 of {NAMES.get(engine, engine)} with a filter of 50 % of the documents: "
                   f"{filters['or10_filter50']['mean']:,.0f} µs "
                   f"({filters['or10_filter50']['mean'] / mean:.2f} × unfiltered), of 1 %: "
                   f"{filters['or10_filter1']['mean']:,.0f} µs "
                   f"({filters['or10_filter1']['mean'] / mean:.2f} ×).")
    loads = [float(path.read_text().split()[0]) for path in folder.glob("*.load")]
    if loads:
        yield f"Load average while measuring: {min(loads):.1f} to {max(loads):.1f}."
    yield ""


def quality_table(rows):
    yield "| set | engine | MRR@10 | R@10 | nDCG@10 | questions |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        cells = [f"**{row[key]:.4f}**" if row["figure"] == key else f"{row[key]:.4f}"
                 for key in ("MRR@10", "R@10", "nDCG@10")]
        yield f"| {row['set']} | {row['engine']} | {' | '.join(cells)} | {row['queries']:,} |"
    yield ""


def indexing_table(rows):
    yield "| set | saerok, s (MB/s) | Lucene's analyser | Lucene, s (MB/s) | Lucene's ÷ saerok's |"
    yield "|---|---|---|---|---|"
    for row in rows:
        megabytes, ours = row["bytes"] / 1e6, min(row["saerok"])
        theirs = min(row["lucene"]) if row["lucene"] else None
        cells = [row["set"], f"{ours:.2f} ({megabytes / ours:.1f})", row["analyser"],
                 f"{theirs:.2f} ({megabytes / theirs:.2f})" if theirs else "–",
                 f"{theirs / ours:.1f} ×" if theirs else "–"]
        yield "| " + " | ".join(cells) + " |"
    yield ""


def processor():
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"


BEGIN = "<!-- Written by bench/lexical_peers/run --docs, and overwritten by it. -->"
END = "<!-- End of what bench/lexical_peers/run --docs writes. -->"


def report(work, heading, tasks_of):
    """`heading`: of which level the sections are. `tasks_of`: by set, each engine's figures."""
    skipped = dict(line.split("\t") for line in (work / "skipped").read_text().splitlines())
    yield (f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}. Every "
           "engine gets the same tokens (saerok's stems), one thread, one segment, warm; k1 1.2, b "
           ".75; a query's distinct terms; each query's fastest of 5, medians of the rounds, in "
           "which the engines take turns. OR, AND and count on an index without positions (SQLite "
           "has them always), phrases on one with. Count: documents that hold every term. Times in "
           f"brackets: less than {musts.OVERLAP_MIN} of Lucene's hits found (ties counted as found): of "
           "phrases, because saerok ranks by their words; else they say nothing. –: the engine or "
           "its harness has it not.")
    yield ""
    indexing, quality = load(work / "indexing.json"), load(work / "quality.json")
    yield f"{heading} What is aimed at, and what was reached"
    yield ""
    sets = {folder.name: (tasks, bytes_in(folder)) for folder, tasks in tasks_of.items()}
    yield from musts.table(sets, indexing, quality)
    about = {}
    for path in sorted(work.glob("*.about.json")):
        about |= json.loads(path.read_text())
    for folder, tasks in tasks_of.items():
        documents = (folder / "documents").read_text().strip()
        yield f"{heading} {folder.name}: {int(documents):,} documents"
        yield ""
        yield f"Synthetic: {about.get(folder.name[:2], '')}."
        yield ""
        yield from speed_table(folder, tasks, skipped)
    if indexing:
        yield f"{heading} From text to searchable, one core, each engine with its own analysis"
        yield ""
        yield ("Fastest of three turns; the text is stored and the index committed. Reading and "
               "parsing the corpus counts for saerok only; Lucene is warm.")
        yield ""
        yield from indexing_table(indexing)
    if quality:
        yield f"{heading} Quality, each engine with its own analysis"
        yield ""
        yield from quality_table(quality)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("--docs", type=Path)
    arguments = parser.parse_args()
    tasks_of = {folder: {engine: measured(folder, engine) for engine in ENGINES}
                for folder in sorted((arguments.work / "results").iterdir())}
    lines = ["# Lexical engines side by side", "", *report(arguments.work, "##", tasks_of)]
    (arguments.work / "report.md").write_text("\n".join(lines), encoding="utf-8")
    if arguments.docs is None:
        return
    text = arguments.docs.read_text(encoding="utf-8")
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        sys.exit(f"{arguments.docs} does not have the two comments between which the tables go")
    before, after = text[: text.index(BEGIN)], text[text.index(END):]
    tables = "\n".join(report(arguments.work, "###", tasks_of))
    arguments.docs.write_text(f"{before}{BEGIN}\n\n{tables}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
