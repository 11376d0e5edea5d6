"""The formats that can be converted, one row each."""

from collections.abc import Mapping

from suture.suites.convert.bird import BIRD
from suture.suites.convert.converter import Converter
from suture.suites.convert.glaive import GLAIVE
from suture.suites.convert.hermes import HERMES
from suture.suites.convert.inspect_samples import INSPECT
from suture.suites.convert.openai_chat import OPENAI
from suture.suites.convert.openai_evals import EVALS
from suture.suites.convert.promptfoo import PROMPTFOO
from suture.suites.convert.sharegpt import SHAREGPT
from suture.suites.convert.spider import SPIDER
from suture.suites.convert.table_file import CSV
from suture.suites.convert.toolace import TOOLACE
from suture.suites.convert.xlam import XLAM

CONVERTERS: Mapping[str, Converter] = {
    "promptfoo": PROMPTFOO,
    "openai": OPENAI,
    "evals": EVALS,
    "inspect": INSPECT,
    "xlam": XLAM,
    "hermes": HERMES,
    "toolace": TOOLACE,
    "glaive": GLAIVE,
    "sharegpt": SHAREGPT,
    "spider": SPIDER,
    "bird": BIRD,
    "csv": CSV,
}
