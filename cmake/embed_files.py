#!/usr/bin/env python3
"""Writes files as C++ arrays.

    embed_files.py page OUTPUT FOLDER       the page's built files, each compressed with gzip
    embed_files.py openapi OUTPUT FILE      the description of the HTTP interface, in one piece
"""

import gzip
import json
import os
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
}


def array(name, data):
    rows = []
    for at in range(0, len(data), 24):
        rows.append(",".join(str(byte) for byte in data[at : at + 24]))
    return "const unsigned char %s[] = {\n%s};\n" % (name, ",\n".join(rows) or "0")


def view(name, size):
    return "std::string_view(reinterpret_cast<const char*>(%s), %d)" % (name, size)


def page(folder):
    arrays, rows = [], []
    paths = []
    for parent, _, names in os.walk(folder):
        for name in names:
            paths.append(os.path.relpath(os.path.join(parent, name), folder))
    for index, path in enumerate(sorted(paths)):
        ending = os.path.splitext(path)[1]
        if ending not in TYPES:
            sys.exit("embed_files.py: no content type for %s" % path)
        with open(os.path.join(folder, path), "rb") as file:
            data = gzip.compress(file.read(), 9, mtime=0)
        name = "kFile%d" % index
        arrays.append(array(name, data))
        address = "/" if path == "index.html" else "/" + path.replace(os.sep, "/")
        rows.append('    {"%s", "%s", %s, %s},\n' % (
            address, TYPES[ending], view(name, len(data)),
            "true" if address.startswith("/assets/") else "false"))
    body = "".join(arrays)
    if not rows:
        return body + "}  // namespace\n\nstd::span<const PageFile> page_files() { return {}; }\n"
    return (body + "\nconst PageFile kFiles[] = {\n" + "".join(rows) + "};\n\n}  // namespace\n\n"
            "std::span<const PageFile> page_files() { return kFiles; }\n")


def in_one_piece(path):
    """The description with the schemas beside it that it refers to among its own, so that a client
    needs no other file: schema/ask.json#/$defs/hit is #/components/schemas/ask_hit in it."""
    added = {}

    def target(file, pointer):
        name = os.path.splitext(os.path.basename(file))[0]
        return name + ("_" + pointer.rsplit("/", 1)[1] if pointer else "")

    def rewrite(node, file):
        if isinstance(node, list):
            return [rewrite(one, file) for one in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref", "")
        other, _, pointer = reference.partition("#")
        if not reference or (file is None and not other):
            return {key: rewrite(value, file) for key, value in node.items()}
        if pointer and not pointer.startswith("/$defs/"):
            sys.exit("embed_files.py: %s is neither a file nor a definition in one" % reference)
        other = os.path.join(os.path.dirname(path), other) if other else file
        add(other, pointer)
        return {"$ref": "#/components/schemas/" + target(other, pointer)}

    def add(file, pointer):
        name = target(file, pointer)
        if name in added:
            return
        added[name] = None  # It may refer to itself.
        with open(file, encoding="utf-8") as stream:
            schema = json.load(stream)
        for part in pointer.split("/")[1:]:
            schema = schema[part]
        schema = {key: value for key, value in schema.items() if key not in ("$schema", "$defs")}
        added[name] = rewrite(schema, file)

    with open(path, encoding="utf-8") as file:
        document = rewrite(json.load(file), None)
    schemas = document["components"]["schemas"]
    for name, schema in sorted(added.items()):
        if name in schemas:
            sys.exit("embed_files.py: %s is named twice among the schemas" % name)
        schemas[name] = schema
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def openapi(path):
    data = in_one_piece(path)
    return (array("kDocument", data) + "\n}  // namespace\n\n"
            "std::string_view openapi_document() { return %s; }\n" % view("kDocument", len(data)))


def main():
    kind, output, source = sys.argv[1:4]
    body = page(source) if kind == "page" else openapi(source)
    header = "server/page.h" if kind == "page" else "server/openapi.h"
    text = ("// Made by cmake/embed_files.py.\n#include \"%s\"\n\n"
            "namespace saerok::server {\nnamespace {\n\n%s\n}  // namespace saerok::server\n"
            % (header, body))
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)


main()
