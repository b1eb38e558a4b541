"""bm25s's side of lexical_peers, with numba and one thread; arguments as lexical_peer.cpp.

A query goes straight to bm25s's compiled function, so that none of its Python is timed but the
look-up of the terms."""
import os

import bm25s
import numpy as np
from bm25s.numba.retrieve_utils import _retrieve_internal_jitted_serial

import harness


def build(index, tokens, _positions):
    model = bm25s.BM25(method="lucene", k1=1.2, b=0.75, backend="numba")
    vocabulary, ids = {}, []
    with open(tokens, encoding="utf-8") as lines:
        for line in lines:
            ids.append([vocabulary.setdefault(term, len(vocabulary)) for term in line.split()])
    model.index((ids, vocabulary), show_progress=False)
    model.save(index)
    size = sum(entry.stat().st_size for entry in os.scandir(index))
    return f"{bm25s.__version__}, numba", len(ids), size


def searcher(index):
    model = bm25s.BM25.load(index)
    vocabulary, scores = model.vocab_dict, model.scores
    arrays = {"data": scores["data"], "indptr": scores["indptr"], "indices": scores["indices"],
              "num_docs": scores["num_docs"], "nonoccurrence_array": None, "weight_mask": None,
              "sorted": True, "dtype": np.dtype("float32"), "int_dtype": np.dtype("int32")}

    def task_of(kind, k):
        if kind != "or":
            return None

        def task(terms):
            ids = np.array([vocabulary[term] for term in terms if term in vocabulary], dtype=np.int32)
            pointers = np.array([0, len(ids)], dtype=np.int32)
            found, numbers = _retrieve_internal_jitted_serial(ids, pointers, k, **arrays)
            return Hits(numbers[0], found[0])

        return task

    return task_of


class Hits:
    """Made into Python's numbers only when written, outside the clock."""

    def __init__(self, numbers, scores):
        self.numbers, self.scores = numbers, scores

    def __iter__(self):
        return ((int(n), float(s)) for n, s in zip(self.numbers, self.scores) if s > 0)


if __name__ == "__main__":
    harness.main("bm25s", build, searcher)
