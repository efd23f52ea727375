"""A tiny convolutional network as an ONNX file, with every kind of output a card can use."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CARD: dict[str, object] = {"size": [32, 24], "output": "feat", "mean": 127.5, "std": 127.5, "post": ["sqrt"]}

_TYPES = {"float32": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8}


def write_network(
    path: Path,
    card: Mapping[str, object] | None = None,
    *,
    seed: int = 0,
    dtype: str = "float32",
    layout: str = "NCHW",
    batch: int | str = "n",
    sides: tuple[int | str, int | str] = (24, 32),
) -> Path:
    """Write ``path`` and its card. Outputs: ``input`` (as float), ``map``, ``tokens`` and ``feat``, 8 channels each."""
    rng = np.random.default_rng(seed)
    weights: dict[str, np.ndarray[Any, Any]] = {
        "w": (rng.standard_normal((8, 3, 4, 4)) / 4).astype(np.float32),
        "b": rng.standard_normal(8).astype(np.float32),
        "flat": np.array([0, 8, -1], np.int64),
    }
    nchw = layout == "NCHW"
    if nchw:
        ordered = helper.make_node("Identity", ["cast"], ["input"])
    else:
        ordered = helper.make_node("Transpose", ["cast"], ["input"], perm=[0, 3, 1, 2])
    nodes = [
        helper.make_node("Cast", ["x"], ["cast"], to=TensorProto.FLOAT),
        ordered,
        helper.make_node("Conv", ["input", "w", "b"], ["signed"], strides=[4, 4]),
        helper.make_node("Relu", ["signed"], ["map"]),
        helper.make_node("GlobalAveragePool", ["map"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["feat"]),
        helper.make_node("Reshape", ["signed", "flat"], ["rows"]),
        helper.make_node("Transpose", ["rows"], ["tokens"], perm=[0, 2, 1]),
    ]
    height, width = sides
    shape = [batch, 3, height, width] if nchw else [batch, height, width, 3]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", _TYPES[dtype], shape)],
        [
            helper.make_tensor_value_info("feat", TensorProto.FLOAT, [batch, 8]),
            helper.make_tensor_value_info("map", TensorProto.FLOAT, [batch, 8, "h", "w"]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [batch, "t", 8]),
            helper.make_tensor_value_info("input", TensorProto.FLOAT, [batch, 3, "ih", "iw"]),
        ],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    write_card(path, CARD if card is None else card)
    return path


def write_card(path: Path, card: object) -> None:
    """The card beside a network."""
    path.with_suffix(".json").write_text(json.dumps(card), "utf-8")
