#!/usr/bin/python3
"""Turns the HTTP contract into what the program serves: openapi.json and docs.html.

    tools/openapi_docs.py --contract contract --out DIR

Run at build time; both files are carried inside the binary. docs.html is one page that needs nothing else: no script, no
font, no picture, one <style> (openapi_docs.css). Every operation, schema and error code has an anchor (an error's is its code, which is what
a problem's `type` points to). The same contract gives the same bytes. Needs python3 and PyYAML.
"""

import argparse
import collections
import html
import json
import re
import sys
from pathlib import Path

import yaml

METHODS = ("get", "post", "put", "patch", "delete")
STYLE = (Path(__file__).with_name("openapi_docs.css")).read_text(encoding="utf-8")
LINE_MAX = 76  # an example's value that fits is written on one line
BIGGEST = 2**53 - 1


def text(value) -> str:
    return html.escape(str(value), quote=True)


# -- Markdown, as much of it as the contract uses: paragraphs, lists, tables, **bold**, *emphasis*, `code` ----------------

def inline(source: str) -> str:
    """Inline marks of one paragraph. Code comes first, so that nothing inside it is read as a mark."""
    pieces = re.split(r"(`[^`]+`)", source)
    for at, piece in enumerate(pieces):
        if piece.startswith("`") and piece.endswith("`") and len(piece) > 2:
            pieces[at] = f"<code>{text(piece[1:-1])}</code>"
        else:
            marked = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", text(piece))
            pieces[at] = re.sub(r"(?<![\w*])\*([^*\s][^*]*)\*(?![\w*])", r"<em>\1</em>", marked)
    # Bold text that holds code was cut at the code: join its two halves.
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", "".join(pieces))


def table_cells(line: str) -> list:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def markdown(source: str) -> str:
    out = []
    for block in re.split(r"\n\s*\n", source.strip()):
        lines = block.strip().split("\n")
        if lines[0].startswith("|") and len(lines) > 1:
            head, rows = table_cells(lines[0]), [table_cells(line) for line in lines[2:]]
            out.append(table(head, [[inline(cell) for cell in row] for row in rows]))
        elif all(line.startswith(("- ", "  ")) for line in lines):
            items = re.split(r"\n- ", "\n" + block.strip())[1:]
            out.append("<ul>" + "".join(f"<li>{inline(' '.join(item.split()))}</li>" for item in items) + "</ul>")
        else:
            out.append(f"<p>{inline(' '.join(line.strip() for line in lines))}</p>")
    return "\n".join(out)


def table(head: list, rows: list) -> str:
    """Cells are HTML. On a phone the style sheet turns each row into a card."""
    titles = "".join(f"<th scope=\"col\">{inline(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def pretty(value, indent: int = 0) -> str:
    """JSON for people: whatever fits in a line stays in one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= LINE_MAX or not isinstance(value, (dict, list)) or not value:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        inner = [f"{pad}{json.dumps(key, ensure_ascii=False)}: {pretty(item, indent + 2)}" for key, item in value.items()]
        return "{\n" + ",\n".join(inner) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + pretty(item, indent + 2) for item in value) + "\n" + " " * indent + "]"


class Page:
    def __init__(self, spec: dict, errors: list):
        self.spec = spec
        self.errors = errors
        self.status_of = {error["code"]: error["status"] for error in errors}
        self.everywhere = self.common_responses()

    # -- the contract ---------------------------------------------------------------------------------------------

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.spec
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        return node

    def operations(self):
        for path, item in self.spec["paths"].items():
            for method in (key for key in item if key in METHODS):
                yield path, method, item[method], [*item.get("parameters", []), *item[method].get("parameters", [])]

    def common_responses(self) -> list:
        """The (status, $ref) pairs that nearly every operation answers with: told once. An operation that has its own
        answer with such a status shows that."""
        used = collections.Counter((status, response["$ref"]) for _, _, operation, _ in self.operations()
                                   for status, response in operation["responses"].items() if "$ref" in response)
        count = sum(1 for _ in self.operations())
        return sorted(pair for pair, times in used.items() if times * 3 > count * 2)

    def codes(self, response: dict) -> list:
        problem = response.get("content", {}).get("application/problem+json", {})
        return [name for name in problem.get("examples", {}) if name in self.status_of]

    # -- schemas in words -----------------------------------------------------------------------------------------

    def kind(self, schema) -> str:
        """What a value is, as HTML: its type, its bounds, a link to the schema that says more."""
        if not isinstance(schema, dict):
            return "never there" if schema is False else "anything"
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            target = self.resolve({"$ref": schema["$ref"]})
            if target.get("type") == "object" or "enum" in target or name == "SeatIds":
                return f"<a href=\"#schema-{text(name)}\">{text(name)}</a>"
            return self.kind(target)
        if "const" in schema:
            return f"<code>{text(json.dumps(schema['const']))}</code>"
        if "enum" in schema:
            return " · ".join(f"<code>{text(value)}</code>" for value in schema["enum"])
        if schema.get("type") == "array":
            least, most = schema.get("minItems", 0), schema.get("maxItems")
            count = f"{least} to {most} of " if most is not None else ("at least 1 of " if least else "list of ")
            return count + self.kind(schema.get("items", {}))
        if "contentMediaType" in schema:
            return "binary"
        words = [schema.get("type", "object" if "properties" in schema else "value")]
        if schema.get("format") in ("uuid", "date-time", "uri-reference"):
            words.append({"uuid": "(UUID)", "date-time": "(time)", "uri-reference": "(address)"}[schema["format"]])
        bounds = [self.bound(schema.get("minimum", schema.get("minLength"))),
                  self.bound(schema.get("maximum", schema.get("maxLength")))]
        if any(bounds) and words[0] in ("integer", "number", "string"):
            span = f"{bounds[0]} to {bounds[1]}" if all(bounds) else f"from {bounds[0]}" if bounds[0] else f"up to {bounds[1]}"
            words.append(span + (" characters" if words[0] == "string" else ""))
        if "default" in schema:
            words.append(f"(default {schema['default']})")
        return text(" ".join(words))

    @staticmethod
    def bound(value) -> str:
        if value is None:
            return ""
        return {BIGGEST: "2^53−1", -BIGGEST: "−(2^53−1)", 2**32 - 1: "2^32−1"}.get(value, str(value))

    def members(self, schema: dict, prefix: str = "", depth: int = 0) -> list:
        """One row a member: name, type, meaning. Unnamed objects inside are listed in place, as outer.inner."""
        schema = self.resolve(schema)
        rows = []
        required = schema.get("required", [])
        for name, member in schema.get("properties", {}).items():
            mark = "" if name in required else "<span class=\"optional\">optional</span>"
            note = inline(" ".join(self.resolve(member).get("description", "").split())) if isinstance(member, dict) else ""
            rows.append([f"<code>{text(prefix + name)}</code> {mark}", self.kind(member), note])
            inner, suffix = member, ""
            while isinstance(inner, dict) and inner.get("type") == "array":
                inner, suffix = inner.get("items", {}), suffix + "[]"
            if isinstance(inner, dict) and "properties" in inner and depth < 4:
                rows += self.members(inner, prefix + name + suffix + ".", depth + 1)
        return rows

    # -- one operation --------------------------------------------------------------------------------------------

    def curl(self, path: str, method: str, operation: dict, parameters: list) -> str:
        internal = "servers" in operation
        address, headers, query = path, [], []
        for parameter in map(self.resolve, parameters):
            example = parameter.get("example", parameter.get("schema", {}).get("examples", [""])[0])
            if parameter["in"] == "path":
                address = address.replace("{" + parameter["name"] + "}", str(example))
            elif parameter.get("required") and parameter["in"] == "query":
                query.append(f"{parameter['name']}={example}")
            elif parameter.get("required") and parameter["in"] == "header":
                headers.append(f"-H '{parameter['name']}: {example}'")
        server = (operation.get("servers") or self.spec["servers"])[0]["url"]
        words = ["curl -i" + ("N" if operation["operationId"] == "streamSeats" else "")]
        if method != "get":
            words.append(f"-X {method.upper()}")
        if internal:
            words.append("-H \"Authorization: Bearer $(cat data/internal.token)\"")
        elif operation.get("security"):
            words.append("-b buyer.txt -c buyer.txt")
        words += headers
        examples = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("examples", {})
        for example in list(examples.values())[:1]:
            words.append("-H 'Content-Type: application/json'")
            words.append(f"-d '{json.dumps(self.resolve(example)['value'])}'")
        words.append(f"'{server}{address}{'?' + '&'.join(query) if query else ''}'")
        lines, line = [], words[0]
        for word in words[1:]:
            if len(line) + len(word) > LINE_MAX:
                lines.append(line)
                line = "  " + word
            else:
                line += " " + word
        return " \\\n".join([*lines, line])

    def examples(self, media: str, content: dict) -> str:
        out = []
        for example in content.get("examples", {}).values():
            example = self.resolve(example)
            value = example["value"]
            shown = value if isinstance(value, str) else pretty(value)
            title = f"<figcaption>{inline(example['summary'])}</figcaption>" if "summary" in example else ""
            out.append(f"<figure>{title}<pre tabindex=\"0\"><code>{text(shown.rstrip())}</code></pre></figure>")
        if "x-onsale-hex" in content:
            example = content["x-onsale-hex"]
            out.append(f"<figure><figcaption>{inline(example['summary'])}, in hexadecimal</figcaption>"
                       f"<pre tabindex=\"0\"><code>{text(example['value'])}</code></pre></figure>")
        return "".join(out)

    def body(self, content: dict) -> str:
        out = []
        for media, body in content.items():
            schema = body.get("schema", {})
            kind = self.kind(schema)
            out.append(f"<p class=\"media\"><code>{text(media)}</code>{' · ' + kind if kind not in ('string', 'binary') else ''}</p>")
            if self.resolve(schema).get("type") == "object" and media != "application/problem+json":
                rows = self.members(schema)
                if rows:
                    out.append(f"<details><summary>Members</summary>{table(['Member', 'Type', 'Meaning'], rows)}</details>")
            out.append(self.examples(media, body))
        return "".join(out)

    def refusal_rows(self, responses: list) -> list:
        rows = []
        for status, response in responses:
            codes = " ".join(f"<a class=\"code\" href=\"#{code}\">{code}</a>" for code in self.codes(response))
            headers = [name for name in response.get("headers", {}) if name != "Trace-Id"]
            told = inline(response["description"]) + (f" <span class=\"with\">with {', '.join(headers)}</span>" if headers else "")
            rows.append([f"<span class=\"status s{status[0]}\">{status}</span>", codes, told])
        return rows

    def operation(self, path: str, method: str, operation: dict, parameters: list) -> str:
        out = [f"<section class=\"operation\" id=\"{operation['operationId']}\">",
               f"<h3><a href=\"#{operation['operationId']}\">{inline(operation['summary'])}</a></h3>",
               f"<p class=\"route\"><span class=\"method {method}\">{method.upper()}</span> <code>{self.breakable(path)}</code></p>"]
        if operation.get("description"):
            out.append(markdown(operation["description"]))
        if parameters:
            rows = []
            for parameter in map(self.resolve, parameters):
                mark = "" if parameter.get("required") else " <span class=\"optional\">optional</span>"
                rows.append([f"<code>{text(parameter['name'])}</code>{mark}", text(parameter["in"]), self.kind(parameter["schema"]),
                             inline(" ".join(parameter.get("description", "").split()))])
            out.append("<h4>Parameters</h4>" + table(["Name", "In", "Type", "Meaning"], rows))
        if "requestBody" in operation:
            out.append("<h4>Body</h4>" + self.body(operation["requestBody"]["content"]))
        out.append(f"<h4>Try it</h4><pre class=\"curl\" tabindex=\"0\"><code>{text(self.curl(path, method, operation, parameters))}</code></pre>")
        refusals = []
        for status, response in sorted(operation["responses"].items()):
            if "$ref" in response and (status, response["$ref"]) in self.everywhere:
                continue
            resolved = self.resolve(response)
            if status >= "400" and self.codes(resolved) and len(resolved["content"]) == 1:
                refusals.append((status, resolved))
                continue
            out.append(f"<h4><span class=\"status s{status[0]}\">{status}</span> {inline(resolved['description'])}</h4>")
            headers = [name for name in resolved.get("headers", {}) if name != "Trace-Id"]
            if headers:
                out.append("<p class=\"with\">Headers: " + ", ".join(
                    f"<a href=\"#header-{text(name)}\">{text(name)}</a>" for name in headers) + "</p>")
            out.append(self.body(resolved.get("content", {})))
        if refusals:
            out.append("<h4>Refusals</h4>" + table(["Status", "Code", "When"], self.refusal_rows(refusals)))
        return "\n".join([*out, "</section>"])

    @staticmethod
    def breakable(path: str) -> str:
        return re.sub(r"/(?=.)", "/<wbr>", text(path))

    # -- the page -------------------------------------------------------------------------------------------------

    def headers_chapter(self) -> str:
        named = {}
        for _, _, operation, _ in self.operations():
            for response in operation["responses"].values():
                named.update(self.resolve(response).get("headers", {}))
        rows = []
        for name in sorted(named):
            header = self.resolve(named[name])
            always = "" if header.get("required") else " Not on every such answer."
            rows.append([f"<code id=\"header-{text(name)}\">{text(name)}</code>", inline(header["description"]) + always,
                         f"<code>{text(header['example'])}</code>" if "example" in header else ""])
        return table(["Header", "Meaning", "Example"], rows)

    def errors_chapter(self) -> str:
        out = []
        for error in sorted(self.errors, key=lambda entry: (entry["status"], entry["code"])):
            retry = "<span class=\"retry\">the same request may succeed later</span>" if error["retryable"] else ""
            out.append(f"<div class=\"error\" id=\"{error['code']}\"><h3><span class=\"status s{str(error['status'])[0]}\">"
                       f"{error['status']}</span> <a href=\"#{error['code']}\">{error['code']}</a></h3>"
                       f"<p class=\"message\">{text(error['message'])}</p><p>{inline(error['when'])} {retry}</p></div>")
        return "\n".join(out)

    def schemas_chapter(self) -> str:
        out = []
        for name, schema in self.spec["components"]["schemas"].items():
            out.append(f"<section class=\"schema\" id=\"schema-{text(name)}\"><h3><a href=\"#schema-{text(name)}\">{text(name)}</a></h3>")
            if schema.get("description"):
                out.append(f"<p>{inline(' '.join(schema['description'].split()))}</p>")
            rows = self.members(schema)
            if name == "ErrorCode":
                out.append("<p>One of the codes under <a href=\"#errors\">Errors</a>.</p>")
            elif rows:
                out.append(table(["Member", "Type", "Meaning"], rows))
            else:
                out.append(f"<p>{self.kind(schema)}" + (f", <code>{text(schema['pattern'])}</code>" if "pattern" in schema else "") + "</p>")
            out.append("</section>")
        return "\n".join(out)

    def render(self) -> str:
        info = self.spec["info"]
        by_tag = {tag["name"]: [] for tag in self.spec["tags"]}
        for entry in self.operations():
            by_tag[entry[2]["tags"][0]].append(entry)
        nav, main = [], []
        for tag in self.spec["tags"]:
            name = tag["name"]
            links = "".join(
                f"<li><a href=\"#{operation['operationId']}\"><span class=\"method {method}\">{method.upper()}</span>"
                f"<span>{inline(operation['summary'])}</span></a></li>" for _, method, operation, _ in by_tag[name])
            nav.append(f"<li><a class=\"chapter\" href=\"#{name}\">{name.capitalize()}</a><ul>{links}</ul></li>")
            main.append(f"<section class=\"chapter\" id=\"{name}\"><h2>{name.capitalize()}</h2>{markdown(tag['description'])}"
                        + "".join(self.operation(*entry) for entry in by_tag[name]) + "</section>")
        edge = table(["Status", "Code", "When"], self.refusal_rows(
            [(status, self.resolve({"$ref": reference})) for status, reference in self.everywhere]))
        problem = self.spec["components"]["examples"]["RESERVATION_CONFLICT"]["value"]
        nav += ["<li><a class=\"chapter\" href=\"#everywhere\">On every call</a></li>", "<li><a class=\"chapter\" href=\"#errors\">Errors</a></li>",
                "<li><a class=\"chapter\" href=\"#schemas\">Schemas</a></li>"]
        main += [f"<section class=\"chapter\" id=\"everywhere\"><h2>On every call</h2><h3>Headers of answers</h3>{self.headers_chapter()}"
                 f"<h3>Refusals at the edge</h3><p>Any call can be answered with these.</p>{edge}</section>",
                 "<section class=\"chapter\" id=\"errors\"><h2>Errors</h2><p>Decide by <code>code</code>, show <code>message</code>. "
                 "Every refusal has this body, <code>application/problem+json</code>:</p>"
                 f"<pre tabindex=\"0\"><code>{text(pretty(problem))}</code></pre>{self.errors_chapter()}</section>",
                 f"<section class=\"chapter\" id=\"schemas\"><h2>Schemas</h2>{self.schemas_chapter()}</section>"]
        contents = f"<ul><li><a class=\"chapter\" href=\"#start\">Start here</a></li>{''.join(nav)}</ul>"
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{text(info['title'])} · HTTP contract</title>
<link rel="icon" href="data:,">
<style>
{STYLE}</style>
</head>
<body>
<a class="skip" href="#start">To the text</a>
<header><p class="brand"><a href="/">{text(info['title'])}</a> <span>HTTP contract {text(info['version'])}</span></p>
<p class="links"><a href="/openapi.json">openapi.json</a></p></header>
<div class="columns">
<nav class="side" aria-label="Contents">{contents}</nav>
<main>
<details class="top"><summary>Contents</summary><nav aria-label="Contents">{contents}</nav></details>
<section class="chapter" id="start"><h1>{text(info['summary'])}</h1>
{markdown(info['description'])}</section>
{chr(10).join(main)}
</main>
</div>
</body>
</html>
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contract", type=Path, required=True, help="the folder with openapi.yaml and errors.json")
    parser.add_argument("--out", type=Path, required=True, help="where openapi.json and docs.html go")
    arguments = parser.parse_args()
    try:
        spec = yaml.safe_load((arguments.contract / "openapi.yaml").read_text(encoding="utf-8"))
        errors = json.loads((arguments.contract / "errors.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        print(f"openapi_docs: {error}", file=sys.stderr)
        return 1
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "openapi.json").write_text(json.dumps(spec, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
    (arguments.out / "docs.html").write_text(Page(spec, errors).render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
