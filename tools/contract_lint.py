#!/usr/bin/python3
"""Checks that the contract is well-formed and agrees with itself and with the code's enum of failures.

    tools/contract_lint.py [CHECKOUT]

- openapi.yaml: every $ref leads somewhere and nothing is left unused; each operation has an id, a tag and a summary of its own, at
  least one refusal, and a Trace-Id on every answer; each path parameter is declared; 405 has Allow, 429 and 503 have
  Retry-After, 401 has WWW-Authenticate; each example is valid by its schema, with the texts of errors.json;
- errors.json and the schema ErrorCode hold the same codes, each is used by some answer with its status, and each enumerator
  of backend/base/code.hpp has its code;
- events/*.json: each is a valid schema whose examples it accepts, and which refuses them with any required member missing.

Each fault is one line; the exit code is 1 if there is any. Needs PyYAML and jsonschema; openapi-spec-validator is used if it
can be imported.
"""

import json
import re
import sys
from pathlib import Path

import jsonschema
import yaml

METHODS = {"get", "post", "put", "patch", "delete", "head", "options", "trace"}
# The enum's words for the code, the wire's words for people (backend/base/code.hpp).
RENAMED = {"not_allowed": "FORBIDDEN", "route_not_found": "NOT_FOUND"}
EXTRA_HEADERS = {"405": "Allow", "429": "Retry-After", "503": "Retry-After", "401": "WWW-Authenticate"}
ERROR_MEMBERS = {"code": str, "status": int, "title": str, "message": str, "retryable": bool, "docs": str, "when": str}
MESSAGE_LENGTH_MAX = 120


class Contract:
    def __init__(self, checkout: Path):
        self.folder = checkout / "contract"
        self.spec = yaml.safe_load((self.folder / "openapi.yaml").read_text(encoding="utf-8"))
        self.errors = json.loads((self.folder / "errors.json").read_text(encoding="utf-8"))
        self.enum = checkout / "backend/base/code.hpp"
        self.faults = []
        self.used = set()

    def fault(self, where: str, what: str) -> None:
        self.faults.append(f"{where}: {what}")

    # -- $ref -----------------------------------------------------------------------------------------------------

    def find(self, reference: str):
        node = self.spec
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            node = self.find(node["$ref"])
        return node

    def check_references(self) -> bool:
        """False if one leads nowhere: nothing else can be checked then."""
        broken = False
        for where, node in walk(self.spec, "openapi.yaml"):
            if node is None:  # YAML: a comma in an unquoted text inside {…} begins a new, empty member
                self.fault(where, "has no value")
            reference = node.get("$ref") if isinstance(node, dict) else None
            if not isinstance(reference, str):
                continue
            try:
                self.find(reference)
                self.used.add(reference)
            except (KeyError, TypeError, IndexError):
                self.fault(where, f"{reference} is not there")
                broken = True
        for kind, entries in self.spec["components"].items():
            for name in entries if kind != "securitySchemes" else ():
                reference = f"#/components/{kind}/{name}"
                # An example that no answer shows is found by its code, below.
                if reference not in self.used:
                    self.fault("openapi.yaml", f"{reference} is used nowhere")
        return not broken

    # -- examples -------------------------------------------------------------------------------------------------

    def validator(self, schema: dict) -> jsonschema.Draft202012Validator:
        # References are from the document's root: the schema takes the components along.
        return jsonschema.Draft202012Validator({**schema, "components": self.spec["components"]},
                                               format_checker=jsonschema.FormatChecker())

    def check_value(self, where: str, schema: dict, value) -> None:
        for error in sorted(self.validator(schema).iter_errors(value), key=str):
            at = "/".join(str(part) for part in error.absolute_path)
            self.fault(where, f"the example does not fit its schema{' at ' + at if at else ''}: {error.message[:160]}")

    def check_content(self, where: str, content: dict) -> None:
        for media, body in content.items():
            schema = body.get("schema")
            if schema is None:
                self.fault(f"{where} {media}", "has no schema")
                continue
            for name, example in body.get("examples", {}).items():
                self.check_value(f"{where} {media} example {name}", schema, self.resolve(example)["value"])

    def check_parameter(self, where: str, parameter: dict) -> None:
        schema = self.resolve(parameter["schema"])
        if "example" in parameter:
            self.check_value(f"{where} parameter {parameter['name']}", parameter["schema"], parameter["example"])
        for value in schema.get("examples", []):
            self.check_value(f"{where} parameter {parameter['name']}", schema, value)

    # -- operations -----------------------------------------------------------------------------------------------

    def check_operations(self) -> None:
        ids, summaries = {}, {}
        tags = {tag["name"] for tag in self.spec.get("tags", [])}
        for path, item in self.spec["paths"].items():
            for method, operation in item.items():
                if method not in METHODS:
                    continue
                where = f"{method.upper()} {path}"
                name = operation.get("operationId")
                if not name:
                    self.fault(where, "has no operationId")
                elif name in ids:
                    self.fault(where, f"has the operationId of {ids[name]}")
                ids[name] = where
                summary = operation.get("summary")
                if not summary:
                    self.fault(where, "has no summary")
                elif summary in summaries:
                    self.fault(where, f"has the summary of {summaries[summary]}")
                summaries[summary] = where
                if len(operation.get("tags", [])) != 1 or operation["tags"][0] not in tags:
                    self.fault(where, "has not exactly one of the declared tags")
                self.check_operation(where, path, item, operation)

    def check_operation(self, where: str, path: str, item: dict, operation: dict) -> None:
        parameters = [self.resolve(each) for each in [*item.get("parameters", []), *operation.get("parameters", [])]]
        declared = {each["name"] for each in parameters if each["in"] == "path"}
        if declared != set(re.findall(r"{(\w+)}", path)):
            self.fault(where, "the path's parameters are not those declared")
        for parameter in parameters:
            self.check_parameter(where, parameter)
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]
            self.check_content(where, content)
            if not any(body.get("examples") for body in content.values()):
                self.fault(where, "the body has no example")
        responses = operation.get("responses", {})
        if not any(status[0] in "45" or status == "default" for status in responses):
            self.fault(where, "has no refusal")
        if "default" in responses:
            self.fault(where, "default says nothing: name each status")
        for status, response in responses.items():
            self.check_response(f"{where} {status}", status, self.resolve(response))
        for status, response in responses.items():
            for name, link in self.resolve(response).get("links", {}).items():
                if not any(link.get("operationId") == each.get("operationId") for other in self.spec["paths"].values()
                           for method, each in other.items() if method in METHODS):
                    self.fault(f"{where} {status}", f"link {name} leads to no operation")

    def check_response(self, where: str, status: str, response: dict) -> None:
        headers = response.get("headers", {})
        content = response.get("content", {})
        if not self.resolve(headers.get("Trace-Id", {})).get("required"):
            self.fault(where, "has no Trace-Id")
        for name, header in headers.items():
            header = self.resolve(header)
            if "example" in header:
                self.check_value(f"{where} header {name}", header["schema"], header["example"])
        if status in EXTRA_HEADERS and "application/json" not in content and EXTRA_HEADERS[status] not in headers:
            self.fault(where, f"has no {EXTRA_HEADERS[status]}")
        if status in ("204", "304") and content:
            self.fault(where, "has a body, which it cannot")
        if status[0] in "45":
            problem = content.get("application/problem+json")
            if problem is None:
                self.fault(where, "is no application/problem+json")
            else:
                self.check_problem(where, status, problem)
        self.check_content(where, content)

    def check_problem(self, where: str, status: str, problem: dict) -> None:
        by_code = {error["code"]: error for error in self.errors}
        allowed = [code for part in problem["schema"].get("allOf", [])
                   for code in part.get("properties", {}).get("code", {}).get("enum", [])]
        if sorted(allowed) != sorted(problem.get("examples", {})):
            self.fault(where, "does not show an example of each of its codes")
        for code in allowed:
            if code not in by_code:
                self.fault(where, f"{code} is not in errors.json")
            elif str(by_code[code]["status"]) != status:
                self.fault(where, f"{code} has the status {by_code[code]['status']} in errors.json")
            else:
                self.used.add(code)
        for name, example in problem.get("examples", {}).items():
            value, error = self.resolve(example)["value"], by_code.get(name)
            if error is None:
                continue
            for member, wanted in (("code", "code"), ("status", "status"), ("title", "title"), ("message", "message"), ("type", "docs")):
                if value.get(member) != error[wanted]:
                    self.fault(where, f"the example of {name} has another {member} than errors.json")

    # -- errors.json ----------------------------------------------------------------------------------------------

    def check_errors(self) -> None:
        codes = [error.get("code") for error in self.errors]
        for error in self.errors:
            where = f"errors.json {error.get('code')}"
            for member, kind in ERROR_MEMBERS.items():
                if type(error.get(member)) is not kind or error[member] == "":
                    self.fault(where, f"{member} is missing or no {kind.__name__}")
            for member in sorted(set(error) - set(ERROR_MEMBERS)):
                self.fault(where, f"has an unknown member {member}")
            if error.get("docs") != f"/docs#{error.get('code')}":
                self.fault(where, "docs does not lead to its entry")
            if len(error.get("message") or "") > MESSAGE_LENGTH_MAX:
                self.fault(where, f"the message is longer than {MESSAGE_LENGTH_MAX} characters")
            if codes.count(error.get("code")) > 1:
                self.fault(where, "is there more than once")
            if error.get("code") not in self.used:
                self.fault(where, "no answer in openapi.yaml uses it")
        listed = self.spec["components"]["schemas"]["ErrorCode"]["enum"]
        for code in sorted(set(codes) ^ set(listed)):
            self.fault("openapi.yaml ErrorCode", f"{code} is in {'errors.json' if code in codes else 'the schema'} only")
        if self.enum.exists():
            body = re.search(r"enum class Code[^{]*{(.*?)};", self.enum.read_text(encoding="utf-8"), re.DOTALL)
            names = re.findall(r"^\s*([a-z_]+)", re.sub(r"//.*", "", body.group(1)), re.MULTILINE) if body else []
            wire = {RENAMED.get(name, name.upper()) for name in names}
            for code in sorted(wire ^ set(codes)):
                self.fault("backend/base/code.hpp", f"{code} is in {'errors.json' if code in codes else 'the enum'} only")

    # -- events/*.json --------------------------------------------------------------------------------------------

    def check_events(self) -> None:
        envelope = json.loads((self.folder / "events/envelope.json").read_text(encoding="utf-8"))
        named = set(envelope["properties"]["type"]["enum"])
        files = {file.stem: file for file in sorted((self.folder / "events").glob("*.json")) if file.stem != "envelope"}
        for name in sorted(named ^ set(files)):
            self.fault("events/envelope.json", f"{name} has {'no file' if name in named else 'a file but is not among the types'}")
        for name, file in files.items():
            where, schema = f"events/{file.name}", json.loads(file.read_text(encoding="utf-8"))
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                self.fault(where, f"is no valid schema: {error.message}")
                continue
            validator = event_validator(schema, envelope)
            if schema.get("properties", {}).get("type") != {"const": name}:
                self.fault(where, "does not fix its type to its name")
            if not schema.get("examples"):
                self.fault(where, "has no example")
            for example in schema.get("examples", []):
                wrong = [f"the example does not fit: {error.message[:160]}" for error in validator.iter_errors(example)]
                for told in wrong:
                    self.fault(where, told)
                if wrong:
                    continue
                for holder, members in ((example, envelope["required"]), (example["data"], envelope["properties"]["data"]["required"])):
                    for member in members:
                        kept = holder.pop(member)
                        if validator.is_valid(example):
                            self.fault(where, f"accepts an event without {member}")
                        holder[member] = kept
                if example["subject"] != example["data"]["orderId"]:
                    self.fault(where, "the example's subject is not its order")


def event_validator(schema: dict, envelope: dict) -> jsonschema.Draft202012Validator:
    """One schema that stands alone: the envelope's text takes the place of the reference to its file."""
    whole = json.loads(json.dumps(schema).replace('"envelope.json"', '"#/$defs/envelope"'))
    inner = {key: value for key, value in envelope.items() if key not in ("$id", "$schema", "$defs", "unevaluatedProperties")}
    whole.pop("$id", None)
    whole["$defs"] = {**envelope["$defs"], "envelope": inner}
    whole["unevaluatedProperties"] = envelope["unevaluatedProperties"]
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


def walk(node, where: str):
    yield where, node
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("value", "example"):  # data, not contract
                yield from walk(value, f"{where}/{key}")
    elif isinstance(node, list):
        for at, value in enumerate(node):
            yield from walk(value, f"{where}/{at}")


def main() -> int:
    checkout = (Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent).resolve()
    try:
        contract = Contract(checkout)
    except (OSError, ValueError, yaml.YAMLError) as error:
        print(f"contract: {error}")
        return 1
    if contract.check_references():
        contract.check_operations()
        contract.check_errors()
        for name, schema in contract.spec["components"]["schemas"].items():
            try:
                jsonschema.Draft202012Validator.check_schema(schema)
            except jsonschema.SchemaError as error:
                contract.fault(f"openapi.yaml schema {name}", error.message)
    contract.check_events()
    try:
        from openapi_spec_validator import OpenAPIV31SpecValidator
        for error in OpenAPIV31SpecValidator(contract.spec).iter_errors():
            contract.fault("openapi.yaml", f"{'/'.join(map(str, getattr(error, 'absolute_path', [])))}: {str(getattr(error, 'message', error))[:160]}")
    except ImportError:
        pass
    for fault in dict.fromkeys(contract.faults):
        print(fault)
    return 1 if contract.faults else 0


if __name__ == "__main__":
    sys.exit(main())
