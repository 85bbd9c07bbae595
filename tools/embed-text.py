#!/usr/bin/env python3
"""Turn a text file into a C string: embed-text.py NAME INPUT OUTPUT.c"""

import pathlib
import sys


def main(name, source, output):
    lines = [f"extern const char {name}[];", f"const char {name}[] ="]
    for line in pathlib.Path(source).read_text(encoding="ascii").splitlines():
        escaped = line.replace("\\", "\\\\").replace('"', '\\"')
        lines.append(f'    "{escaped}\\n"')
    lines[-1] += ";"
    pathlib.Path(output).write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:])
