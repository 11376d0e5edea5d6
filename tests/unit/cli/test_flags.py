"""The flags of the verbs: made from the settings types, explained, and called as they always were."""

import inspect
from collections import Counter
from typing import Annotated, get_args, get_origin, get_type_hints

import pytest
from cyclopts import App
from pydantic import BaseModel, Field, model_validator

from suture.cli.flags import as_typed, flags_of
from suture.cli.main import VERBS, parser_of
from suture.cli.mistakes import mistake_in
from suture.core.gate.rules import GateRules
from suture.core.measure.engine_choice import EngineChoice
from suture.core.measure.splits import Split
from suture.core.model.scaling import ScaleSettings
from suture.core.model.train_settings import Precision, Strategy, TrainSettings
from suture.core.plan.recipe import Recipe
from suture.core.teach.harvest_settings import HarvestSettings
from suture.core.teach.served_claims import ServedSettings
from suture.serve.record_settings import RecordSettings

TAKE = {
    "bench": (EngineChoice,),
    "gate": (GateRules,),
    "harvest": (HarvestSettings, ServedSettings),
    "rescue": (EngineChoice, ScaleSettings),
    "serve": (RecordSettings,),
    "suite from-model": (EngineChoice,),
    "train": (TrainSettings,),
}
"""The settings types that verbs take."""
OF_A_RECIPE = list(dict.fromkeys(kind for verb, kinds in TAKE.items() if verb != "serve" for kind in kinds))

BEFORE = {
    "bench": "suite out engine threads batch max-tokens source flips unsafe-local json home debug",
    "gate": "baseline candidate metric filter out markdown min-repaired protect margin confidence holdout-margin alpha "
    "certify require-gain model fresh-holdout json home debug",
    "harvest": "out share seed normalise no-normalise gate-only earlier source json home debug",
    "rescue": "base suite out scale first-layer failures engine threads batch max-tokens source any-name unsafe-local "
    "json home debug",
    "train": "base out strategy rank alpha lr epochs batch max-len target-modules seed replay-ratio kl-weight "
    "kl-new-weight mask-below load-in-4bit json home debug",
}
"""What was written in scripts before flags were made from the types."""


def commands():
    """Every verb and subcommand, by the words that call it."""
    for verb in VERBS:
        app = parser_of(verb)[verb]
        if app.default_command is not None:
            yield verb, app
        for name in app:
            if not name.startswith("-"):
                yield f"{verb} {name}", app[name]


COMMANDS = dict(commands())


def settings_in(app: App) -> dict[str, type[BaseModel]]:
    """The arguments of a verb's function that are settings, by name."""
    hints = get_type_hints(app.default_command, include_extras=True)
    plain = {name: get_args(hint)[0] if get_origin(hint) is Annotated else hint for name, hint in hints.items()}
    return {name: kind for name, kind in plain.items() if inspect.isclass(kind) and issubclass(kind, BaseModel)}


def arguments_of(app: App):
    return app.assemble_argument_collection(parse_docstring=True)


def flags_in(app: App) -> list[str]:
    return [name for argument in arguments_of(app) if argument.show for name in argument.names]


@pytest.mark.parametrize("command", COMMANDS)
def test_verbs_take_these_settings_types(command):
    assert set(settings_in(COMMANDS[command]).values()) == set(TAKE.get(command, ()))


@pytest.mark.parametrize(
    ("command", "settings"), [(command, kind) for command, kinds in TAKE.items() for kind in kinds], ids=str
)
def test_every_field_is_a_flag_with_the_field_s_own_help(command, settings):
    app = COMMANDS[command]
    (argument,) = [name for name, kind in settings_in(app).items() if kind is settings]
    (whole,) = [found for found in arguments_of(app) if found.field_info.name == argument and not found.keys]
    of_field = {found.keys[0]: found for found in whole.children}
    assert of_field.keys() == settings.model_fields.keys()
    source = " ".join(inspect.getsource(settings).split())
    for field, found in of_field.items():
        assert found.name.startswith("--"), field
        assert " ".join((found.parameter.help or "").split()) in source and found.parameter.help, field


@pytest.mark.parametrize("settings", sorted(OF_A_RECIPE, key=str))
def test_a_recipe_has_these_settings(settings):
    kinds = [part for field in Recipe.model_fields.values() for part in (field.annotation, *get_args(field.annotation))]
    assert settings in kinds


@pytest.mark.parametrize("command", COMMANDS)
def test_no_flag_has_two_meanings_and_each_is_explained(command):
    app = COMMANDS[command]
    assert [name for name, count in Counter(flags_in(app)).items() if count > 1] == []
    assert [found.name for found in arguments_of(app) if found.show and not found.parameter.help] == []


@pytest.mark.parametrize("verb", BEFORE)
def test_what_scripts_say_is_still_understood(verb):
    found = {name for argument in arguments_of(COMMANDS[verb]) for name in (*argument.names, *argument.negatives)}
    assert {f"--{name}" for name in BEFORE[verb].split()} <= found


def parsed(verb: str, words: str):
    """The settings a command line makes."""
    app = COMMANDS[verb]
    _, bound, _ = parser_of(verb).parse_args([verb, *words.split()], exit_on_error=False, print_error=False)
    return {name: bound.arguments.get(name) for name in settings_in(app)}


def test_a_command_line_makes_what_a_recipe_makes():
    words = "d --base b --strategy asft --lr 2e-4 --target-modules q_proj --target-modules v_proj --kl-budget 0.1"
    words += " --keep-every 8 --anchors-held 0.9 --precision bfloat16 --load-in-4bit"
    assert parsed("train", words)["settings"] == TrainSettings(
        strategy=Strategy.ASFT,
        lr=2e-4,
        target_modules=("q_proj", "v_proj"),
        kl_budget=0.1,
        keep_every=8,
        anchors_held=0.9,
        precision=Precision.BFLOAT16,
        load_in_4bit=True,
    )
    words = "s.json --base b --samples 8 --temperature 1 --top-p 0.9 --rewrites 2 --otherwise nothing --likeliest 0.5"
    harvested = parsed("harvest", f"{words} --rehearse 9")["settings"]
    assert (harvested.samples, harvested.otherwise, harvested.likeliest, harvested.rehearse) == (8, "nothing", 0.5, 9)
    engine = parsed("bench", "m --suite s --engine openai --engine-url http://h/v1 --engine-model n")["engine"]
    assert engine == EngineChoice(name="openai", url="http://h/v1", model="n")
    search = parsed("rescue", "a --base b --suite s --scale 0.5 --scale 1 --first-layer 0.5 --steps")["search"]
    assert search == ScaleSettings(scales=(0.5, 1.0), first_layer=(0.5,), steps=True)


@pytest.mark.parametrize(
    ("words", "splits"),
    [
        ("all", tuple(Split)),
        ("none", ()),
        ("repair", (Split.REPAIR,)),
        ("dev --protect repair", (Split.DEV, Split.REPAIR)),
    ],
)
def test_what_is_protected(words, splits):
    assert parsed("gate", f"--protect {words}")["rules"].protect == splits
    assert GateRules.model_validate({"protect": words.split(" --protect ")}).protect == splits


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("train d --base b --lr -1", "--lr: more than 0 is wanted (got '-1')"),
        ("train d --base b --target-modules= --rank x", "--rank: a whole number is wanted"),
        ("train d --base b --strategy masekd", "--strategy: unknown value 'masekd'; did you mean 'masked'?"),
        ("train d --base b --precision float16", "--precision: unknown value 'float16'; did you mean 'bfloat16'?"),
        ("harvest s.json --otherwise nowt", "--otherwise: unknown value 'nowt'"),
        ("harvest s.json --top-p 0", "--top-p: more than 0 is wanted (got '0')"),
        ("bench m --suite s --max-tokens 0", "--max-tokens: more than 0 is wanted (got '0')"),
        ("rescue a --base b --suite s --scale x", "--scale: a number is wanted"),
        ("gate a b --repeats 2", "--repeats: 2 measurements may be split evenly; take an odd number (got '2')"),
        ("gate a b --repeats 5 --max-repeats 3", "--repeats is 5, more than --max-repeats (3)"),
        ("gate a b --protect repiar", "--protect: unknown value 'repiar'; did you mean 'repair'?"),
        ("registry looks --alpha 2", "--alpha: a part of one is wanted, such as 0.05 (got 2.0)"),
        ("train d --base b --sweet 1", "Unknown option: --sweet"),
        ("train d", "--base"),
    ],
)
def test_a_wrong_value_is_one_line_in_the_words_of_the_command(suture, command, expected):
    said = suture(*command.split())
    assert said.code == 2
    complaint, *rest = said.err.splitlines()
    assert expected in complaint
    assert "pydantic" not in said.err and "validation error" not in said.err
    assert all(line.startswith("  mend: suture ") and line.endswith(" --help") for line in rest), said.err


def test_a_recipe_says_the_same_of_the_same_value(suture, tmp_path):
    text = "name: r\nmodel: m\nbase: b.gguf\nsuites: [humaneval]\nsplits: {repair: 1.0}\n"
    (tmp_path / "r.yaml").write_text(text + "train: {lr: -1}\ngate: {repeats: 2}\n")
    assert "r.yaml, line 6: train.lr: more than 0 is wanted (got -1)" in suture("heal", "r.yaml").err
    (tmp_path / "r.yaml").write_text(text + "gate: {repeats: 2}\n")
    assert "line 6: gate.repeats: 2 measurements may be split evenly; take an odd" in suture("heal", "r.yaml").err


class Toy(BaseModel):
    """Settings nobody has."""

    good_years: int = Field(default=3, gt=0)
    """How many."""
    flavour: Strategy = Strategy.REPLAY_KL

    @model_validator(mode="after")
    def _fits(self) -> "Toy":
        if self.good_years > 9:
            raise ValueError("good_years is more than flavour allows")
        return self


TOY = Toy()


def test_any_settings_type_can_be_taken():
    app, taken = App(name="toy"), []

    @app.default
    def verb(*, toy: Annotated[Toy, flags_of(Toy, {"flavour": "taste"})] = TOY) -> None:
        taken.append(toy)

    def run(*words: str) -> str:
        try:
            app(list(words), exit_on_error=False, print_error=False, result_action="return_value")
        except Exception as error:
            return str(mistake_in(error))
        return ""

    assert run("--good-years", "4", "--taste", "replay+kl") == ""
    assert taken == [Toy(good_years=4)]
    assert run("--taste", "reply") == "--taste: unknown value 'reply'; did you mean 'replay'?"
    assert run("--good-years", "10") == "--good-years is more than --taste allows"


@pytest.mark.parametrize(
    ("default", "typed"),
    [
        ((), None),
        (None, None),
        (False, None),
        (True, "True"),
        (0, "0"),
        ((1, 0.5), "1 0.5"),
        (tuple(Split), "repair dev holdout"),
        (Strategy.REPLAY_KL, "replay+kl"),
    ],
)
def test_defaults_are_shown_as_they_are_typed(default, typed):
    assert as_typed(default) == typed


def test_help_shows_values_that_are_understood(suture):
    said = " ".join(suture("train", "--help").out.replace("│", " ").split())
    assert "[choices: naive, replay, replay+kl, masked, asft, self-verified] [default: replay+kl]" in said
    assert "--empty" not in said
