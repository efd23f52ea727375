"""A network opened with onnxruntime: on the processor, with the same numbers every time, and no thread that spins."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import onnxruntime

from model_service.errors import Misconfigured

# Classes of the C extension, without a common ancestor of their own.
_STATE = onnxruntime.capi.onnxruntime_pybind11_state
ERRORS = (
    _STATE.Fail,
    _STATE.InvalidArgument,
    _STATE.InvalidGraph,
    _STATE.InvalidProtobuf,
    _STATE.NoSuchFile,
    _STATE.NotImplemented,
    _STATE.RuntimeException,
)
"""what onnxruntime raises on networks that it cannot open or run"""


def open_session(content: bytes, path: Path, threads: int) -> Any:
    """A session that uses so many cores at most; ``path`` is what a message calls the network.

    Raises Misconfigured where the bytes are no network that can be run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    # Idle threads that spin would take the cores from whatever else the process does.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Weights outside the file would escape the fingerprint: they are looked for where nothing is.
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", os.devnull)
    try:
        return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except ERRORS as error:
        raise Misconfigured(
            f"{path} is no ONNX network that can be run (weights must be inside the one file): {first_line(error)}."
        ) from None


def cores() -> int:
    """How many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def first_line(error: Exception) -> str:
    """What an error says first, short enough for a sentence."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300].rstrip(".")
