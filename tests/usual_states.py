"""The states of tests/targets/usual_waits.py."""

import ast

from looks import TARGETS

PROGRAM = TARGETS / "usual_waits.py"
HELPERS = {"ready", "soon", "hour", "for_ever", "serve", "as_long_as_it_lives"}
SICK = {"beside_a_server", "kept_in_a_set"}


def _functions():
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [one.name for one in ast.parse(PROGRAM.read_text()).body if isinstance(one, kinds)]
    return [name for name in found if name not in HELPERS]


HEALTHY = [name for name in _functions() if name not in SICK]
