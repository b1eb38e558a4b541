"""What the Python harnesses share: the arguments, the clock and the output of lexical_peer.cpp."""
import json
import sys
import time

PASSES = 5
WARM_UP_SECONDS = 3


def read_queries(path):
    with open(path, encoding="utf-8") as lines:
        return [line.split() for line in lines]


def measure(task, queries, budget_seconds=None):
    """Each query's fastest time in microseconds, and its hits. Past the budget, one pass over the
    queries that fit in it has to do."""
    began = time.perf_counter()
    if budget_seconds is None:
        while time.perf_counter() - began < WARM_UP_SECONDS:
            for query in queries:
                task(query)
    fastest, found = [float("inf")] * len(queries), [[]] * len(queries)
    measuring = time.perf_counter()
    for _ in range(PASSES):
        for i, query in enumerate(queries):
            started = time.perf_counter()
            hits = task(query)
            fastest[i] = min(fastest[i], (time.perf_counter() - started) * 1e6)
            found[i] = hits
            if budget_seconds and time.perf_counter() - measuring > budget_seconds:
                known = [us for us in fastest if us < float("inf")]
                return known, found[: len(known)]
    return fastest, found


def summary(us):
    us = sorted(us)
    return {"queries": len(us), "mean": round(sum(us) / len(us), 2), "p50": round(us[len(us) // 2], 2),
            "p99": round(us[len(us) * 99 // 100], 2)}


def main(engine, build, searcher, budget_seconds=None):
    """`build(index, tokens, positions)` returns version, documents and bytes; `searcher(index)`
    returns a function that gives, for a task's kind and k, a function of a query's terms, or None."""
    command, index, first, *others = sys.argv[1:]
    if command == "build":
        began = time.perf_counter()
        version, documents, size = build(index, first, others[0] == "positions")
        print(json.dumps({"engine": engine, "version": version, "documents": documents,
                          "seconds": round(time.perf_counter() - began, 3), "bytes": size}))
        return
    results, tasks = others
    task_of, measured = searcher(index), {}
    for name in tasks.split(","):
        kind = name.rstrip("0123456789")
        task = None if "filter" in name else task_of(kind, int(name[len(kind):] or 0))
        if task is None:
            continue
        us, found = measure(task, read_queries(f"{first}.{kind}"), budget_seconds)
        with open(f"{results}.{name}", "w", encoding="utf-8") as out:
            for hits in found:
                out.write(" ".join(f"{number}:{score}" for number, score in hits) + "\n")
        measured[name] = summary(us)
    print(json.dumps({"engine": engine, "tasks": measured}))
