#!/usr/bin/env python3
"""Writes multilingual-e5-small as the peers want it, from the very weights that saerok imports:

    make_model.py e5-small-q4.bin FOLDER

FOLDER gets a Hugging Face model (config.json, model.safetensors, tokenizer.json) with the settings
of sentence-transformers, model.onnx made of onnxruntime's fused operators, and int8/model.onnx,
which onnxruntime's own dynamic quantisation makes of it. Weights are the 4-bit ones, as f32.
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def array(self, dtype, count):
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values


def read_packaged(path):
    """(measures, pieces, scores, special ids, tensors by their packaged names)."""
    reader = Reader(Path(path).read_bytes())
    if reader.array("S4", 1)[0] != b"E5S1" or reader.take("I") != 1:
        sys.exit(f"{path} is not the packaged model")
    names = ("hidden", "layers", "heads", "wide", "vocabulary", "positions", "types")
    shape = dict(zip(names, reader.take("7i")))
    shape["epsilon"] = reader.take("f")
    reader.take("i")
    count, *special = reader.take("5i")
    blob_size = reader.take("Q")
    offsets = reader.array("<u4", count + 1)
    scores = reader.array("<f4", count)
    blob = reader.array("u1", blob_size).tobytes()
    pieces = [blob[a:b].decode() for a, b in zip(offsets, offsets[1:])]
    reader.take("i")
    reader.array("u1", reader.take("I"))
    tensors = {}
    for _ in range(reader.take("i")):
        name = reader.array("u1", reader.take("H")).tobytes().decode()
        kind, elements, offset, size = reader.take("BIQQ")
        raw = np.frombuffer(reader.data, "u1", size, offset)
        if kind == 0:
            tensors[name] = raw.view("<f4")
        else:  # Blocks of a half-precision scale and 32 nibbles, low halves first.
            blocks = raw.reshape(-1, 18)
            scale = blocks[:, :2].copy().view("<f2").astype("f4")
            low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
            values = np.concatenate([low, high], axis=1).astype("f4") - 8
            tensors[name] = (values * scale).reshape(-1)
        assert tensors[name].size == elements
    return shape, pieces, scores, special, tensors


def bert_tensors(shape, packed):
    """By the names of BertModel, in its shapes."""
    h, wide = shape["hidden"], shape["wide"]
    out = {
        "embeddings.word_embeddings.weight": packed["emb.word"].reshape(-1, h),
        "embeddings.position_embeddings.weight": packed["emb.pos"].reshape(-1, h),
        "embeddings.token_type_embeddings.weight": packed["emb.type"].reshape(-1, h),
        "embeddings.LayerNorm.weight": packed["emb.ln.w"],
        "embeddings.LayerNorm.bias": packed["emb.ln.b"],
        "pooler.dense.weight": np.zeros((h, h), "f4"),  # Not used, but asked for.
        "pooler.dense.bias": np.zeros(h, "f4"),
    }
    parts = {"q": ("attention.self.query", h, h), "k": ("attention.self.key", h, h),
             "v": ("attention.self.value", h, h), "ao": ("attention.output.dense", h, h),
             "fi": ("intermediate.dense", wide, h), "fo": ("output.dense", h, wide)}
    norms = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
    for i in range(shape["layers"]):
        at = f"encoder.layer.{i}."
        for short, (name, rows, columns) in parts.items():
            out[at + name + ".weight"] = packed[f"l{i}.{short}.w"].reshape(rows, columns)
            out[at + name + ".bias"] = packed[f"l{i}.{short}.b"]
        for short, name in norms.items():
            out[at + name + ".weight"] = packed[f"l{i}.{short}.w"]
            out[at + name + ".bias"] = packed[f"l{i}.{short}.b"]
    return {name: np.ascontiguousarray(value, "<f4") for name, value in out.items()}


def write_safetensors(path, tensors):
    header, at = {"__metadata__": {"format": "pt"}}, 0
    for name, value in tensors.items():
        header[name] = {"dtype": "F32", "shape": list(value.shape),
                        "data_offsets": [at, at + value.nbytes]}
        at += value.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(value.tobytes())


def write_tokenizer(folder, pieces, scores, special):
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    begin, end, pad, unknown = (pieces[i] for i in special)
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, map(float, scores))), special[3]))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, special[0]), (end, special[1])])
    tokenizer.add_special_tokens([begin, end, pad, unknown])
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos_token": begin, "cls_token": begin, "eos_token": end, "sep_token": end,
             "pad_token": pad, "unk_token": unknown}
    (folder / "special_tokens_map.json").write_text(json.dumps(names))
    (folder / "tokenizer_config.json").write_text(json.dumps(
        names | {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512}))


def write_settings(folder, shape, special):
    (folder / "config.json").write_text(json.dumps({
        "architectures": ["BertModel"], "model_type": "bert", "hidden_act": "gelu",
        "hidden_size": shape["hidden"], "num_hidden_layers": shape["layers"],
        "num_attention_heads": shape["heads"], "intermediate_size": shape["wide"],
        "vocab_size": shape["vocabulary"], "max_position_embeddings": shape["positions"],
        "type_vocab_size": shape["types"], "layer_norm_eps": shape["epsilon"],
        "pad_token_id": special[2], "position_embedding_type": "absolute"}))
    (folder / "modules.json").write_text(json.dumps([
        {"idx": i, "name": str(i), "path": path, "type": "sentence_transformers.models." + kind}
        for i, (path, kind) in enumerate((("", "Transformer"), ("1_Pooling", "Pooling"),
                                          ("2_Normalize", "Normalize")))]))
    (folder / "sentence_bert_config.json").write_text(
        json.dumps({"max_seq_length": 512, "do_lower_case": False}))
    for part in ("1_Pooling", "2_Normalize"):
        (folder / part).mkdir(exist_ok=True)
    (folder / "1_Pooling/config.json").write_text(json.dumps(
        {"word_embedding_dimension": shape["hidden"], "pooling_mode_mean_tokens": True,
         "pooling_mode_cls_token": False}))


def write_onnx(path, shape, tensors):
    """The graph that onnxruntime's own optimiser of transformers comes to."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    nodes, constants = [], {}

    def constant(name, value):
        constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def add(kind, inputs, output, domain="", **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], domain=domain, name=output,
                                      **attributes))
        return output

    fused = "com.microsoft"
    constant("zero", np.array([0], "i8"))
    positions = tensors["embeddings.position_embeddings.weight"] + \
        tensors["embeddings.token_type_embeddings.weight"][0]
    add("Shape", ["input_ids"], "length", start=1, end=2)
    add("Slice", [constant("positions", positions), "zero", "length", "zero"], "placed")
    add("Gather", [constant("words", tensors["embeddings.word_embeddings.weight"]), "input_ids"],
        "pieces")
    add("Add", ["pieces", "placed"], "embedded")
    x = add("LayerNormalization",
            ["embedded", constant("ln.w", tensors["embeddings.LayerNorm.weight"]),
             constant("ln.b", tensors["embeddings.LayerNorm.bias"])], "x", epsilon=shape["epsilon"])
    add("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    for i in range(shape["layers"]):
        def weight(name, i=i):
            return constant(f"{i}.{name}.w", tensors[f"encoder.layer.{i}.{name}.weight"].T)

        def vector(name, end, i=i):
            return constant(f"{i}.{name}.{end}", tensors[f"encoder.layer.{i}.{name}.{end}"])

        own = [f"encoder.layer.{i}.attention.self.{part}." for part in ("query", "key", "value")]
        packed = np.concatenate([tensors[name + "weight"].T for name in own], axis=1)
        bias = np.concatenate([tensors[name + "bias"] for name in own])
        add("Attention", [x, constant(f"{i}.qkv.w", packed), constant(f"{i}.qkv.b", bias), "mask"],
            f"{i}.mixed", fused, num_heads=shape["heads"])
        add("MatMul", [f"{i}.mixed", weight("attention.output.dense")], f"{i}.attended")

        def norm(values, skip, name, dense, output):
            return add("SkipLayerNormalization",
                       [values, skip, vector(name, "weight"), vector(name, "bias"),
                        vector(dense, "bias")], output, fused, epsilon=shape["epsilon"])

        x = norm(f"{i}.attended", x, "attention.output.LayerNorm", "attention.output.dense",
                 f"{i}.middle")
        add("MatMul", [x, weight("intermediate.dense")], f"{i}.up")
        add("BiasGelu", [f"{i}.up", vector("intermediate.dense", "bias")], f"{i}.active", fused)
        add("MatMul", [f"{i}.active", weight("output.dense")], f"{i}.down")
        x = norm(f"{i}.down", x, "output.LayerNorm", "output.dense", f"{i}.out")
    nodes[-1].output[0] = "last_hidden_state"
    tokens = ["batch", "length"]
    graph = helper.make_graph(
        nodes, "e5",
        [helper.make_tensor_value_info(name, TensorProto.INT64, tokens)
         for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT,
                                       [*tokens, shape["hidden"]])], list(constants.values()))
    opset = [helper.make_opsetid("", 17), helper.make_opsetid(fused, 1)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), path)


def main():
    source, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    shape, pieces, scores, special, packed = read_packaged(source)
    tensors = bert_tensors(shape, packed)
    write_settings(folder, shape, special)
    write_tokenizer(folder, pieces, scores, special)
    write_safetensors(folder / "model.safetensors", tensors)
    write_onnx(str(folder / "model.onnx"), shape, tensors)
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    (folder / "int8").mkdir(exist_ok=True)
    quantize_dynamic(str(folder / "model.onnx"), str(folder / "int8/model.onnx"),
                     op_types_to_quantize=["MatMul", "Attention"], weight_type=QuantType.QInt8,
                     per_channel=True,
                     extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})


if __name__ == "__main__":
    main()
