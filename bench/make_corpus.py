#!/usr/bin/env python3
"""Writes a synthetic corpus with vectors and queries: bench/make_corpus.py FOLDER [DOCUMENTS] [DIMENSION].

corpus.jsonl (id, title, content), vectors.jsonl (id, vector), queries.jsonl (text, vector). The same
arguments give the same bytes. Words are drawn by Zipf's law from a made-up vocabulary, half of it
Hangul with particles attached, so that the analyser works as on real text.
"""
import json
import math
import os
import random
import sys

SYLLABLES = [chr(0xAC00 + 28 * i) for i in range(0, 399, 3)] + [chr(0xAC00 + 28 * i + 4) for i in range(0, 399, 7)]
PARTICLES = ["", "", "은", "을", "이", "에서", "으로", "의", "에", "와", "까지", "했다"]
LETTERS = ["ba", "re", "ton", "mi", "sel", "ko", "pra", "ind", "ula", "ver", "com", "ster"]


def vocabulary(rng, count):
    korean = {"".join(rng.choices(SYLLABLES, k=rng.randint(2, 4))) for _ in range(count)}
    english = {"".join(rng.choices(LETTERS, k=rng.randint(2, 4))) for _ in range(count // 3)}
    return sorted(korean), sorted(english)


def main():
    folder = sys.argv[1]
    documents = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    dimension = int(sys.argv[3]) if len(sys.argv) > 3 else 384
    rng = random.Random(20261122)
    korean, english = vocabulary(rng, 40_000)
    os.makedirs(folder, exist_ok=True)

    def draw(words):
        # Zipf by inversion: rank about exp(u ln n).
        return words[min(int(math.exp(rng.random() * math.log(len(words)))), len(words) - 1)]

    def word():
        return draw(korean) + rng.choice(PARTICLES) if rng.random() < 0.75 else draw(english)

    def vector():
        return [round(rng.gauss(0, 1), 4) for _ in range(dimension)]

    with open(f"{folder}/corpus.jsonl", "w") as corpus, open(f"{folder}/vectors.jsonl", "w") as vectors:
        for i in range(documents):
            sentences = []
            for _ in range(rng.randint(2, 6)):
                sentences.append(" ".join(word() for _ in range(rng.randint(6, 16))) + ".")
            record = {"id": f"d{i}", "title": f"{word()} {word()}", "content": " ".join(sentences)}
            corpus.write(json.dumps(record, ensure_ascii=False) + "\n")
            vectors.write(json.dumps({"id": f"d{i}", "vector": vector()}) + "\n")
    with open(f"{folder}/queries.jsonl", "w") as queries:
        for _ in range(500):
            text = " ".join(word() for _ in range(rng.randint(3, 8)))
            queries.write(json.dumps({"text": text, "vector": vector()}, ensure_ascii=False) + "\n")


main()
