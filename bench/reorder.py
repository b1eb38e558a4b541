#!/usr/bin/env python3
"""Puts documents into an order in which like ones are neighbours, for docs/decisions/012.

  reorder.py TOKENS as_it_is|shuffled|bisected OUT

TOKENS holds a document a line, its terms separated by blanks, as lexical_tokens writes them; OUT gets
the same lines in another order. Bisected: recursive graph bisection, Dhulipala et al., "Compressing
graphs and indexes with recursive graph bisection", 2016. Needs numpy.
"""
import sys

import numpy as np

LEAF = 64
ITERATIONS = 12


def cost(degrees, size):
    """Bits that gaps of so many postings among so many documents take, about."""
    return degrees * np.log2(size / (degrees + 1))


def term_sets(lines):
    """Of each document the numbers of its terms that another one has too."""
    vocabulary = {}
    sets = [np.unique(np.array([vocabulary.setdefault(word, len(vocabulary))
                                for word in line.split()], np.int64)) for line in lines]
    holding = np.zeros(len(vocabulary), np.int64)
    for terms in sets:
        holding[terms] += 1
    return [terms[holding[terms] > 1] for terms in sets]


def bisected(sets, order):
    size = len(order)
    if size <= LEAF:
        return order
    half = size // 2
    owners = np.repeat(np.arange(size), [len(sets[i]) for i in order])
    terms, at = np.unique(np.concatenate([sets[i] for i in order]), return_inverse=True)
    on_right = np.arange(size) >= half
    for _ in range(ITERATIONS):
        right = np.bincount(at, weights=on_right[owners], minlength=len(terms))
        left = np.bincount(at, minlength=len(terms)) - right
        now = cost(left, half) + cost(right, size - half)
        to_right = now - cost(np.maximum(left - 1, 0), half) - cost(right + 1, size - half)
        to_left = now - cost(left + 1, half) - cost(np.maximum(right - 1, 0), size - half)
        gains = np.bincount(owners, weights=np.where(on_right[owners], to_left[at], to_right[at]),
                            minlength=size)
        lefts, rights = np.flatnonzero(~on_right), np.flatnonzero(on_right)
        lefts = lefts[np.argsort(-gains[lefts])]
        rights = rights[np.argsort(-gains[rights])]
        pairs = min(len(lefts), len(rights))
        swapped = int((gains[lefts[:pairs]] + gains[rights[:pairs]] > 0).sum())
        if swapped == 0:
            break
        on_right[lefts[:swapped]] = True
        on_right[rights[:swapped]] = False
    return np.concatenate([bisected(sets, order[~on_right]), bisected(sets, order[on_right])])


def main():
    tokens, kind, out = sys.argv[1:]
    with open(tokens, encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]
    order = np.arange(len(lines))
    if kind == "shuffled":
        order = np.random.default_rng(1).permutation(len(lines))
    elif kind == "bisected":
        order = bisected(term_sets(lines), order)
    elif kind != "as_it_is":
        sys.exit(__doc__)
    with open(out, "w", encoding="utf-8") as file:
        file.writelines(lines[i] + "\n" for i in order)


if __name__ == "__main__":
    main()
