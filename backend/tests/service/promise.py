"""The contract as something to hold an answer against: promise.check(method, path, answer) raises AssertionError with
what is not as contract/openapi.yaml says (status, media type, headers, body). Used by the tests that throw everything
at the office and only want to know that each answer is one that was promised."""

import functools
import json
import re
import urllib.parse
from pathlib import Path

import jsonschema
import yaml

CONTRACT = Path(__file__).resolve().parents[3] / "contract"
METHODS = ("get", "post", "delete", "put", "patch")


@functools.cache
def document() -> dict:
    return yaml.load((CONTRACT / "openapi.yaml").read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@functools.cache
def errors() -> dict:
    return {entry["code"]: entry for entry in json.loads((CONTRACT / "errors.json").read_text())}


def resolve(node):
    while isinstance(node, dict) and "$ref" in node:
        target = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


@functools.cache
def paths() -> list:
    """[(regex, template, path item)] with both forms of every service's addresses."""
    found = []
    for template, item in document()["paths"].items():
        pattern = re.sub(r"\\\{service\\\}", "(?:catalog|reservation|order|payment)", re.escape(template))
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", pattern)
        pattern = re.sub(r"^/ticketing/(catalog|reservation|order|payment)/", r"/ticketing/(?:\1/)?", pattern)
        found.append((re.compile(pattern + r"\Z"), template, item))
    return found


def operation(method: str, path: str):
    path = urllib.parse.urlsplit(path).path
    for pattern, _, item in paths():
        if pattern.match(path):
            return item.get("get" if method == "HEAD" else method.lower())
    return None


def validator(schema: dict):
    resolver = jsonschema.RefResolver(base_uri="", referrer=document())
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


@functools.cache
def problem_validator():
    return validator({"$ref": "#/components/schemas/Problem"})


def check_schema(schema: dict, value, what: str) -> None:
    wrong = [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
             for error in validator(schema).iter_errors(value)]
    assert not wrong, f"{what}: {wrong[:5]}"


def check_problem(answer, what: str = "") -> dict:
    """An error answer is one body everywhere: RFC 9457 with code, message, traceId; status and code agree."""
    what = f"{what} {answer!r}"
    assert (answer.header("content-type") or "").split(";")[0] in ("application/problem+json", "application/json"), what
    body = json.loads(answer.body)
    wrong = [error.message for error in problem_validator().iter_errors(body)]
    assert not wrong, f"{what}: {wrong[:5]}"
    assert body["code"] in errors(), what
    assert errors()[body["code"]]["status"] == answer.status == body["status"], what
    assert body["traceId"] == answer.header("Trace-Id"), what
    if answer.status == 503 or answer.status == 429:
        assert answer.header("Retry-After") is not None, what
    if answer.status == 405:
        assert answer.header("Allow"), what
    if answer.status == 401:
        assert answer.header("WWW-Authenticate"), what
    return body


def check(method: str, path: str, answer) -> None:
    """Everything the contract says of this answer, for any request whatever."""
    what = f"{method} {path[:200]} -> {answer!r}"
    assert re.fullmatch(r"[0-9a-f]{32}", answer.header("Trace-Id") or ""), what
    if answer.status >= 400:
        if method != "HEAD":
            check_problem(answer, what)
        else:
            assert answer.body == b"", what
    if method == "OPTIONS" and answer.status == 204:
        assert answer.header("Allow"), what
        return
    promised = operation(method, path)
    if promised is None:  # no such route or method: only errors of the edge may come
        assert answer.status in (400, 404, 405, 408, 413, 414, 417, 431, 501, 503), what
        return
    response = promised["responses"].get(str(answer.status))
    assert response is not None, f"status not in the contract: {what}"
    response = resolve(response)
    for name, header in response.get("headers", {}).items():
        header = resolve(header)
        value = answer.header(name)
        if value is None:
            assert not header.get("required"), f"no {name}: {what}"
            continue
        schema = resolve(header.get("schema", {}))
        if schema.get("type") == "integer":
            value = int(value)
        check_schema(schema, value, f"header {name} of {what}")
    content = response.get("content")
    if not content:
        assert not answer.body, what
        return
    media = (answer.header("content-type") or "").split(";")[0].strip()
    assert media in content, f"media type {media!r} not in the contract: {what}"
    if method != "HEAD" and media.endswith("json") and not answer.header("Content-Encoding"):
        check_schema(content[media]["schema"], json.loads(answer.body), what)
