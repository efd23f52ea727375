"""A Qdrant server for tests: its REST interface on a loopback port, before the client's own memory.

No Qdrant server can be counted on where tests run. This one reads every request with the official models, which
refuse what they do not know, and answers in the official form. What it keeps is kept by qdrant-client's in-memory
mode, behind a lock: it is made for one thread. It has no payload index, no graph and no quantisation; it only
remembers which of these were asked for.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from flask import Flask, Response, jsonify, request
from pydantic import BaseModel
from qdrant_client import QdrantClient, models
from werkzeug.serving import make_server


class QdrantTwin:
    """The twin, serving while it is entered."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        """method, path and body of every request"""
        self.indexed: dict[str, dict[str, Any]] = {}
        self.config: dict[str, dict[str, Any]] = {}
        self.fail: Callable[[], Response | None] = lambda: None
        """answers instead of the twin, if it says something"""
        self.longest = 0
        self._memory = QdrantClient(":memory:")
        self._turn = threading.Lock()
        self._server = make_server("127.0.0.1", 0, self._app(), threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Do not answer any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def _app(self) -> Flask:
        app = Flask("qdrant")
        app.before_request(self._noted)
        at = "/collections/<name>"
        rules: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", f"{at}/exists", lambda name: {"exists": self._memory.collection_exists(name)}),
            ("GET", at, self._info),
            ("PUT", at, self._create),
            ("PATCH", at, self._update),
            ("PUT", f"{at}/index", self._index),
            ("PUT", f"{at}/points", self._upsert),
            ("POST", f"{at}/points", self._retrieve),
            ("POST", f"{at}/points/query", self._query),
            ("POST", f"{at}/points/scroll", self._scroll),
            ("POST", f"{at}/points/delete", self._delete),
            ("POST", f"{at}/points/count", self._count),
        ]
        for method, path, answer in rules:
            app.add_url_rule(path, f"{method} {path}", self._answering(answer), methods=[method])
        return app

    def _noted(self) -> Response | None:
        self.longest = max(self.longest, request.content_length or 0)
        self.asked.append((request.method, request.path, request.get_json(silent=True)))
        return self.fail()

    def _answering(self, answer: Callable[..., Any]) -> Callable[..., tuple[Response, int]]:
        def view(name: str) -> tuple[Response, int]:
            try:
                with self._turn, warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    found = answer(name)
            except ValueError as error:
                # "Collection x already exists", "Collection x not found": the server has codes for them.
                status = 409 if "already exists" in str(error) else 404 if "not found" in str(error) else 400
                return jsonify({"status": {"error": str(error)}, "time": 0.0}), status
            result = found.model_dump(mode="json") if isinstance(found, BaseModel) else found
            return jsonify({"result": result, "status": "ok", "time": 0.0}), 200

        return view

    def _info(self, name: str) -> Any:
        told = self._memory.get_collection(name).model_dump(mode="json", exclude_none=True)
        told["config"]["quantization_config"] = self.config[name].get("quantization_config")
        return told

    def _create(self, name: str) -> bool:
        body = models.CreateCollection.model_validate_json(request.data)
        self._memory.create_collection(name, vectors_config=body.vectors)
        self.config[name] = body.model_dump(mode="json", exclude_none=True)
        return True

    def _update(self, name: str) -> bool:
        body = models.UpdateCollection.model_validate_json(request.data)
        self.config[name] |= body.model_dump(mode="json", exclude_none=True)
        if body.quantization_config == models.Disabled.DISABLED:
            del self.config[name]["quantization_config"]
        return True

    def _index(self, name: str) -> Any:
        body = models.CreateFieldIndex.model_validate_json(request.data)
        self._memory.get_collection(name)
        assert body.field_schema is not None
        schema = body.field_schema
        assert isinstance(schema, BaseModel)
        self.indexed.setdefault(name, {})[body.field_name] = schema.model_dump(exclude_none=True)
        return _DONE

    def _upsert(self, name: str) -> Any:
        assert request.args["wait"] == "true"
        body = models.PointsList.model_validate_json(request.data)
        self._memory.upsert(name, body.points)
        return _DONE

    def _retrieve(self, name: str) -> Any:
        body = models.PointRequest.model_validate_json(request.data)
        found = self._memory.retrieve(name, body.ids, with_payload=body.with_payload, with_vectors=body.with_vector)
        return [one.model_dump(mode="json") for one in found]

    def _query(self, name: str) -> Any:
        body = models.QueryRequest.model_validate_json(request.data)
        return self._memory.query_points(
            name,
            query=body.query,
            query_filter=body.filter,
            limit=body.limit or 10,
            with_payload=body.with_payload,
            with_vectors=body.with_vector,
        )

    def _scroll(self, name: str) -> Any:
        body = models.ScrollRequest.model_validate_json(request.data)
        records, onward = self._memory.scroll(
            name,
            scroll_filter=body.filter,
            limit=body.limit or 10,
            offset=body.offset,
            with_payload=body.with_payload,
            with_vectors=body.with_vector or False,
        )
        return {"points": [one.model_dump(mode="json") for one in records], "next_page_offset": onward}

    def _delete(self, name: str) -> Any:
        assert request.args["wait"] == "true"
        body = models.FilterSelector.model_validate_json(request.data)
        self._memory.delete(name, body)
        return _DONE

    def _count(self, name: str) -> Any:
        body = models.CountRequest.model_validate_json(request.data)
        return {"count": self._memory.count(name, count_filter=body.filter, exact=True).count}


_DONE = {"operation_id": 0, "status": "completed"}
