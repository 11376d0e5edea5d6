"""The official checker of ``bfcl-eval``, without the vendors' packages that its own imports ask for."""

import importlib
import sys
import types
from typing import Any


class _AnyModel(dict):
    def __missing__(self, name: str) -> types.SimpleNamespace:
        return types.SimpleNamespace(underscore_to_dot=False)


def official_checker():
    """``passes(functions, calls, wanted, category)``; a crash of the checker is a failure, as its runner takes it."""
    name = "bfcl_eval.constants.model_config"
    if name not in sys.modules:
        stub = types.ModuleType(name)
        stub.MODEL_CONFIG_MAPPING = _AnyModel()  # pyright: ignore[reportAttributeAccessIssue]
        sys.modules[name] = stub
    for parser in ("java_parser", "js_parser"):
        sys.modules.setdefault(f"bfcl_eval.model_handler.parser.{parser}", types.ModuleType(parser))
    checker = importlib.import_module("bfcl_eval.eval_checker.ast_eval.ast_checker")
    language = importlib.import_module("bfcl_eval.constants.enums").Language.PYTHON

    def passes(functions: list[Any], calls: list[Any], wanted: list[Any], category: str) -> bool:
        try:
            return checker.ast_checker(functions, calls, wanted, language, category, "model")["valid"]
        except (AttributeError, TypeError, KeyError):
            return False

    return passes
