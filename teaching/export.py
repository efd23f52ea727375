"""The student as ONNX: normalisation folded into the convolutions, numbers in half precision, computed in single."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from teaching.student import Block, Student, Unit
from teaching.textures import Texture

OPSET = 17


class _Graph:
    """A graph that grows by a node at a time."""

    def __init__(self, half: bool) -> None:
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.half = half

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def weight(self, values: NDArray[np.float32]) -> str:
        name = f"w{len(self.weights)}"
        kept = values.astype(np.float16) if self.half and values.size > 1 else values.astype(np.float32)
        self.weights.append(numpy_helper.from_array(kept, name))
        # Casts of constants are worked out once, when the network is loaded.
        return self.add("Cast", name, to=TensorProto.FLOAT) if kept.dtype == np.float16 else name

    def conv(self, x: str, unit: Unit, stride: int = 1) -> str:
        weight, bias = (tensor.detach().numpy() for tensor in unit.folded())
        side = weight.shape[-1]
        names = self.weight(weight), self.weight(bias)
        return self.add("Conv", x, *names, strides=[stride] * 2, pads=[side // 2] * 4, kernel_shape=[side] * 2)

    def linear(self, layer: torch.nn.Linear) -> tuple[str, str]:
        return self.weight(layer.weight.detach().numpy()), self.weight(layer.bias.detach().numpy())

    def block(self, x: str, block: Block) -> str:
        y = self.conv(self.add("Relu", self.conv(x, block.first, block.stride)), block.second)
        if block.stride > 1:
            x = self.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
        if block.short is not None:
            x = self.conv(x, block.short)
        return self.add("Relu", self.add("Add", x, y))

    def whole(self, values: NDArray[np.int64]) -> str:
        """A weight of whole numbers."""
        self.weights.append(numpy_helper.from_array(values, f"w{len(self.weights)}"))
        return str(self.weights[-1].name)

    def texture(self, x: str, texture: Texture, name: str) -> None:
        """The block of a texture, unprojected pairs rooted and of length 1 (``rooted``)."""
        turn = np.ascontiguousarray(texture.turn.T)[:, :, None, None]
        turned = self.add("Conv", x, self.weight(turn), self.weight(texture.bias), kernel_shape=[1, 1])
        places = self.add("Reshape", turned, self.whole(np.array([0, len(turn), -1])))
        products = self.add("MatMul", places, self.add("Transpose", places, perm=[0, 2, 1]))
        pairs = self.add("Gather", self.add("Flatten", products), self.whole(texture.pairs), axis=1)
        roots = self.add("Mul", self.add("Sign", pairs), self.add("Sqrt", self.add("Abs", pairs)))
        unit = self.add("LpNormalization", roots, axis=1, p=2)
        names = self.weight(texture.projection), self.weight(texture.shift)
        self.nodes.append(helper.make_node("Gemm", [unit, *names], [name]))


def read_student(checkpoint: Path) -> Student:
    """The averaged student of a checkpoint, ready to look."""
    student = Student()
    student.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    return student.eval()


def to_onnx(student: Student, textures: Mapping[str, Texture], *, half: bool = True) -> bytes:
    """The bytes of an ONNX file: ``pixels`` (n, 3, h, w), 0 to 255, to ``look`` and a block of each texture's name."""
    graph = _Graph(half)
    middle, scale = graph.weight(np.float32([127.5])), graph.weight(np.float32([64.0]))
    x = graph.add("Div", graph.add("Sub", "pixels", middle), scale)
    x = graph.add("Relu", graph.conv(x, student.stem, 2))
    pooled, outputs = [], [("look", student.head.out_features)]
    for at, stage in enumerate(student.stages):
        for block in stage:
            x = graph.block(x, block)
        pooled.append(graph.add("Flatten", graph.add("GlobalAveragePool", x)))
        for name, texture in textures.items():
            if texture.stage == at:
                graph.texture(x, texture, name)
                outputs.append((name, texture.projection.shape[1]))
    joined = graph.add("Concat", *pooled[-2:], axis=1)
    hidden = graph.add("Relu", graph.add("Gemm", joined, *graph.linear(student.hidden), transB=1))
    graph.nodes.append(helper.make_node("Gemm", [hidden, *graph.linear(student.head)], ["look"], transB=1))
    pixels = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, "h", "w"])
    blocks = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", dim]) for name, dim in outputs]
    made = helper.make_graph(graph.nodes, "student", [pixels], blocks, graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data
