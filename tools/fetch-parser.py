#!/usr/bin/env python3
"""Get the C source of tree-sitter and its grammars: fetch-parser.py CACHE OUTPUT_DIR

Downloads archives of fixed version and hash, tree-sitter from PyPI and the grammars of Python and
TOML from npm, once, into CACHE, and writes to OUTPUT_DIR tree_sitter.c, tree_sitter.h, and a
NAME_grammar.c and NAME_scanner.c of each grammar, with their headers copied in.
"""

import functools
import os
import pathlib
import re
import sys
import tarfile

from registry import Failure, download, from_npm, from_pypi

RUNTIME = "tree_sitter-0.26.1.tar.gz"
RUNTIME_SHA256 = "9919cbaf02d17fa9a4cd0e6da496aecf901b758e6eacf122eee393e3ef08aacd"
GRAMMAR = "tree-sitter-python-0.25.0.tgz"
GRAMMAR_SHA256 = "63b76b3fa8181fd79eaad4abcdb21e2babcb504dbfc7710a89934fa456d26096"
TOML = "tree-sitter-toml-0.7.0.tgz"
TOML_SHA256 = "b3a7834caf2e5266d09fc5df0b166a665412b9688b86ac02ab172c48bdab7e13"
TOML_OWNER = "@tree-sitter-grammars/"

LIBRARY = "tree_sitter-0.26.1/tree_sitter/core/lib"
PARSER = "package/src"

INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*(?:"([^"]+)"|<(tree_sitter/[^>]+)>)[^\n]*\n', re.M)


def read_sources(path):
    with tarfile.open(path) as archive:
        return {
            member.name: archive.extractfile(member).read()
            for member in archive
            if member.isfile() and member.name.endswith((".c", ".h"))
        }


def whole(sources, name, folders, seen):
    """Source `name` with the headers that are part of the archive in place of their #include."""

    def expand(match):
        wanted = (match[1] or match[2]).decode()
        here = os.path.dirname(name)
        for folder in (here, *folders):
            found = os.path.normpath(f"{folder}/{wanted}")
            if found in sources:
                if found in seen:
                    return b""
                seen.add(found)
                return whole(sources, found, folders, seen) + b"\n"
        return match[0]

    return INCLUDE.sub(expand, sources[name])


def write(path, text):
    """Third-party text: no linter of ours reads it."""
    path.write_bytes(b"/* NOLINTBEGIN */\n" + text + b"\n/* NOLINTEND */\n")


def write_grammar(output, name, grammar):
    for part, source in (("grammar", "parser"), ("scanner", "scanner")):
        text = whole(grammar, f"{PARSER}/{source}.c", [PARSER], set())
        write(output / f"{name}_{part}.c", text)


def main(arguments):
    if len(arguments) != 2:
        sys.exit("usage: fetch-parser.py CACHE OUTPUT_DIR")
    cache, output = map(pathlib.Path, arguments)
    runtime = read_sources(download(cache, RUNTIME, RUNTIME_SHA256, from_pypi))
    grammar = read_sources(download(cache, GRAMMAR, GRAMMAR_SHA256, from_npm))
    from_owner = functools.partial(from_npm, scope=TOML_OWNER)
    toml = read_sources(download(cache, TOML, TOML_SHA256, from_owner))
    folders = [f"{LIBRARY}/src", f"{LIBRARY}/include"]
    write(output / "tree_sitter.c", whole(runtime, f"{LIBRARY}/src/lib.c", folders, set()))
    write(output / "tree_sitter.h", runtime[f"{LIBRARY}/include/tree_sitter/api.h"])
    write_grammar(output, "python", grammar)
    write_grammar(output, "toml", toml)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failure as failure:
        sys.exit(f"fetch-parser: {failure}")
