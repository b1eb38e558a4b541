"""What saerok is meant to reach beside the other engines, and whether a run reached it."""
OVERLAP_MIN = 0.97  # Below it an engine has answered another question, and its time says nothing.


def says_something(name, task):
    """Phrases are compared all the same: saerok ranks them by their words, the others do not."""
    return name.startswith("phrase") or task.get("agreement", 1) >= OVERLAP_MIN


def ratio(other, mine, task, key):
    """How many times as long the other takes; None where a figure is missing or says nothing."""
    if not all(task in one and says_something(task, one[task]) for one in (other, mine)):
        return None
    return other[task][key] / mine[task][key]


def row(set_name, what, value, must=None, most=False, unit=" ×"):
    """A line of the table; nothing where a figure is missing."""
    if value is None:
        return None
    measured = f"{value:.{4 if unit == '' else 2}f}{unit}"
    if must is None:
        return f"| {set_name} | {what} | {measured} | – | |"
    is_met = value <= must if most else value >= must
    bound = f"at {'most' if most else 'least'} {must:g}{unit}"
    return f"| {set_name} | {what} | {measured} | {bound} | {'yes' if is_met else '**no**'} |"


def korean_rows(name, tasks, bytes_of):
    mine, lucene, bm25s = tasks["saerok"], tasks["lucene"], tasks["bm25s"]
    yield row(name, "OR top-10, mean, Lucene's time ÷ saerok's", ratio(lucene, mine, "or10", "mean"), 1.5)
    yield row(name, "the same, p99", ratio(lucene, mine, "or10", "p99"), 2)
    yield row(name, "OR top-10, mean, bm25s's ÷ saerok's", ratio(bm25s, mine, "or10", "mean"), 1.1)
    yield from operator_rows(name, lucene, mine)
    yield from filter_rows(name, lucene, mine)
    yield from size_rows(name, bytes_of)


def english_rows(name, tasks, bytes_of):
    mine = tasks["saerok"]
    for key, must in (("mean", 1.2), ("p99", 1.5)):
        ratios = [ratio(tasks[other], mine, "or10", key) for other in ("lucene", "tantivy")]
        ratios = [one for one in ratios if one is not None]
        yield row(name, f"OR top-10, {key}, the better of Lucene's and tantivy's ÷ saerok's",
                  min(ratios) if ratios else None, must)
    yield from operator_rows(name, tasks["lucene"], mine)
    yield from filter_rows(name, tasks["lucene"], mine)
    yield from size_rows(name, bytes_of)


def operator_rows(name, lucene, mine):
    for task, what in (("and10", "AND top-10"), ("phrase10", "phrase top-10"), ("count", "count")):
        yield row(name, f"{what}, mean, Lucene's ÷ saerok's", ratio(lucene, mine, task, "mean"), 1)


def filter_rows(name, lucene, mine):
    for percent, must in ((50, 1.15), (1, 0.6)):
        task = f"or10_filter{percent}"
        if task not in mine or "or10" not in mine:
            continue
        beside = ratio(lucene, mine, task, "mean")
        what = f"OR with a filter of {percent} %, ÷ without"
        if beside is not None:
            what += (f" (Lucene {lucene[task]['mean'] / lucene['or10']['mean']:.2f}; "
                     f"its time ÷ saerok's {beside:.1f} ×)")
        yield row(name, what, mine[task]["mean"] / mine["or10"]["mean"], must, most=True)


def size_rows(name, bytes_of):
    for mode, what, must in (("plain", "documents and frequencies", 1), ("positions", "with positions", None)):
        mine, lucene = bytes_of("saerok", mode), bytes_of("lucene", mode)
        if mine and lucene:
            yield row(name, f"bytes, {what}, saerok's ÷ Lucene's", mine / lucene, must, most=True)


def indexing_rows(rows):
    for one in rows:
        if one["analyser"] != "nori" or not one["lucene"]:
            continue
        mine = min(one["saerok"])
        yield row(one["set"], "text to searchable, nori's time ÷ saerok's", min(one["lucene"]) / mine, 20)
        yield row(one["set"], "text to searchable", one["bytes"] / 1e6 / mine, 15, unit=" MB/s")


# By how much, beside Lucene's analyser of the same run.
QUALITY = {"ko-korquad1": ("Lucene nori", 0.003), "ko-science-ir": ("Lucene nori", 0.005),
           "en-scifact": ("Lucene english", 0)}


def quality_rows(rows):
    found = {(one["set"], one["engine"]): one[one["figure"]] for one in rows}
    for name, (other, more) in QUALITY.items():
        if (name, "saerok") in found and (name, other) in found:
            figure = next(one["figure"] for one in rows if one["set"] == name)
            yield row(name, f"{figure}; {other} + {more:g}" if more else f"{figure}; {other}",
                      found[name, "saerok"], round(found[name, other] + more, 4), unit="")


def table(sets, indexing, quality):
    """`sets`: by name, each engine's tasks and a function of engine and mode that gives bytes."""
    yield "| set | what | measured | must | reached |"
    yield "|---|---|---|---|---|"
    for name, (tasks, bytes_of) in sets.items():
        rows = korean_rows if name.startswith("ko") else english_rows
        yield from filter(None, rows(name, tasks, bytes_of))
    yield from filter(None, indexing_rows(indexing or []))
    yield from filter(None, quality_rows(quality or []))
    yield ""
