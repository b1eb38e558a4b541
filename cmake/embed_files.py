#!/usr/bin/env python3
"""Writes files as C++ arrays.

    embed_files.py page OUTPUT FOLDER       the page's built files, each compressed with gzip
    embed_files.py openapi OUTPUT FILE      the description of the HTTP interface, as it is
"""

import gzip
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


def openapi(path):
    with open(path, "rb") as file:
        data = file.read()
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
