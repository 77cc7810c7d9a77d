"""Flags of Config: strict values, their places, the exact replay, and how a command ends."""

import dataclasses
import io
import math
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tfgan.cli import flags
from tfgan.config import FIELDS, Config
from tfgan.core.checks import InputError

EXTRA = {
    "run_dir": flags.Flag(str, "", "Where the run leaves its files."),
    "step": flags.Flag(int, None, "Which step."),
    "scale": flags.Flag(float, 1.0, "How large."),
    "quiet": flags.Flag(bool, False, "Whether to print."),
}


def _attempt(function, *arguments):
    """Answers the result and None, or None and the message of the InputError; lets all else out."""
    try:
        return function(*arguments), None
    except InputError as error:
        return None, str(error)


def _refusal(*argv: str) -> str:
    _, message = _attempt(flags.parse, argv, EXTRA)
    assert message is not None
    return message


# Values.


def test_without_flags_all_is_default():
    own = {name: flag.default for name, flag in EXTRA.items()}
    assert flags.parse([], EXTRA) == (Config(), own)
    assert flags.parse([]) == (Config(), {})


def test_flags_reach_config_and_the_command():
    config, own = flags.parse(
        ["--seed=7", "--beta1=0", "--mirror", "--run_dir=runs/a", "--step=+3", "--quiet"], EXTRA
    )
    assert config == Config(seed=7, beta1=0.0, mirror=True)
    assert own == {"run_dir": "runs/a", "step": 3, "scale": 1.0, "quiet": True}


def test_calls_are_independent():
    flags.parse(["--seed=7", "--quiet"], EXTRA)
    config, own = flags.parse([], EXTRA)
    assert config.seed == 0
    assert own["quiet"] is False


@pytest.mark.parametrize(
    ("text", "value"),
    [("--mirror", True), ("--nomirror", False)]
    + [(f"--mirror={text}", True) for text in ("true", "True", "t", "1")]
    + [(f"--mirror={text}", False) for text in ("false", "F", "0")],
)
def test_booleans(text, value):
    assert flags.parse([text])[0].mirror is value


def test_a_flag_of_an_older_version_is_understood(tmp_path):
    def norms(*argv):
        config, _ = flags.parse(argv)
        return config.generator_norm, config.discriminator_norm

    assert norms("--batch_norm") == norms("--batch_norm=true") == ("batch", "batch")
    assert norms("--nobatch_norm") == ("none", "none")
    assert norms("--batch_norm", "--network=mlp") == norms("--batch_norm", "--data=ring")
    assert norms("--batch_norm", "--network=mlp") == ("none", "none")
    assert norms("--batch_norm", "--generator_norm=layer") == ("layer", "batch")
    path = tmp_path / "old.flags"
    path.write_text("--batch_norm=false\n")
    assert norms("--recipe=mnist") == ("batch", "batch")
    assert norms("--recipe=mnist", f"--flagfile={path}") == ("none", "none")
    path.write_text("\n--batch_norm=yes\n")
    assert _refusal(f"--flagfile={path}") == (
        f"{path}:2: flag --batch_norm=yes: must be true or false"
    )


def test_floats():
    for text in ("0.001", "1e-3", "+1E-3", ".001", "0.001"):
        assert flags.parse([f"--weight_clip={text}"])[0].weight_clip == 0.001
    value = flags.parse(["--weight_clip=1"])[0].weight_clip
    assert type(value) is float


BAD_INTEGERS = ["1_0", "0x10", "1e3", "3.0", "", "\u0663", "3a", "--3", "9" * 19, "9" * 5000]
BAD_FLOATS = ["nan", "inf", "-inf", "Infinity", "NaN", "1_0.5", "1e999", "", "0x1p3", "1,5", "."]
BAD_BOOLEANS = ["", "yes", "2", "truee"]


@pytest.mark.parametrize(
    ("name", "text"),
    [(name, text) for name in ("num_steps", "step") for text in BAD_INTEGERS]
    + [(name, text) for name in ("weight_clip", "scale") for text in BAD_FLOATS]
    + [(name, text) for name in ("mirror", "quiet") for text in BAD_BOOLEANS],
)
def test_a_value_of_another_type_is_refused(name, text, tmp_path):
    assert re.match(f"command line: flag --{name}=.*: must ", _refusal(f"--{name}={text}"))
    path = tmp_path / "x.flags"
    path.write_text(f"\n--{name}={text}\n", encoding="utf-8")
    assert _refusal(f"--flagfile={path}").startswith(f"{path}:2: flag --{name}=")


@pytest.mark.parametrize(
    ("argument", "bound"),
    [
        ("--batch_size=0", "batch_size must be at least 1"),
        ("--beta1=1", "beta1 must be less than 1"),
        ("--num_samples=5000", "num_samples must be at most 4096"),
        ("--compute_dtype=float16", "compute_dtype must be one of float32, bfloat16"),
        (
            "--network=dcgn",
            "unknown network 'dcgn'; did you mean 'dcgan'? Known: dcgan, maxout, mlp,",
        ),
        ("--objective=logistic", "unknown objective 'logistic'; did you mean 'relativistic'?"),
        (
            "--optimizer=Adam",
            "unknown optimizer 'Adam'; did you mean 'adam'? Known: adagrad, adam, rms",
        ),
    ],
)
def test_a_value_out_of_bounds_is_refused(argument, bound, tmp_path):
    path = tmp_path / "x.flags"
    path.write_text(f"# note\n\n{argument}\n")
    # Where it stands counts, though the command line would then override it.
    name = argument.split("=")[0]
    good = f"{name}={getattr(Config(), name[2:])}"
    assert _refusal(f"--flagfile={path}", good).startswith(f"{path}:3: {bound}")


def test_a_flag_of_a_command_knows_its_choices():
    extra = {"format": flags.Flag(str, "", "Which.", choices=("", "png", "gif"))}
    assert flags.parse(["--format=gif"], extra, with_config=False) == (None, {"format": "gif"})
    _, message = _attempt(flags.parse, ["--format=pgn"], extra)
    assert message == "command line: unknown format 'pgn'; did you mean 'png'? Known: gif, png."


def test_extra_cannot_take_a_known_name():
    for name in ("seed", "flagfile", "help"):
        with pytest.raises(ValueError, match=name):
            flags.parse([], {name: flags.Flag(int, 0, "Mine.")})


# The exact replay.

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Z", "C"], include_characters=" "),
    max_size=12,
)


def _legal(field: dataclasses.Field) -> st.SearchStrategy:
    bounds = field.metadata
    if field.type is bool:
        return st.booleans()
    if flags.CONFIG_FLAGS[field.name].choices:
        return st.sampled_from(flags.CONFIG_FLAGS[field.name].choices)
    if field.type is str:
        return st.sampled_from(bounds["choices"]) if bounds["choices"] else TEXT
    low, high = bounds["minimum"], bounds["maximum"]
    if field.type is int:
        return st.integers(low, 2**63 - 1 if high is None else high)
    return st.floats(
        low, bounds["below"], exclude_max=bounds["below"] is not None, allow_nan=False
    ).filter(math.isfinite)


CONFIGS = st.builds(Config, **{name: _legal(field) for name, field in FIELDS.items()})


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("flags") / "x.flags"


@settings(max_examples=100, deadline=None)
@given(config=CONFIGS)
def test_a_config_is_replayed_exactly_or_not_written(path, config):
    written, message = _attempt(flags.to_flags, config)
    if message is not None:
        texts = [value for value in config.to_dict().values() if type(value) is str]
        assert any(re.search(r"^ | $|[#\"'`‘’“”\\]|//| --", text) for text in texts), message
        return
    path.write_text(written, encoding="utf-8")
    assert flags.parse([f"--flagfile={path}"]) == (config, {})
    assert flags.parse(written.splitlines()) == (config, {})
    assert len(written.splitlines()) == len(FIELDS)


@pytest.mark.parametrize(
    "text", ["a\nb", "a\n--seed=3", " a", "a ", "a # b", "'a'", "a\0", "\ufeff"]
)
def test_a_text_that_no_file_can_hold_is_not_written(text):
    with pytest.raises(InputError, match="image_dir"):
        flags.to_flags(Config(image_dir=text))


def test_an_integer_given_to_a_float_field_is_written_as_a_float():
    assert flags.to_flags(Config(weight_clip=1)) == flags.to_flags(Config(weight_clip=1.0))


@pytest.mark.parametrize("name", ["num_steps", "weight_clip"])
def test_a_number_beyond_64_bits_is_no_config(name):
    with pytest.raises(InputError, match=f"{name} must fit in 64 bits"):
        Config(**{name: 10**400})


# Any file at all: it applies as an independent reader sees it, or is refused with its line.


def _independent(data: bytes) -> dict:
    """Reads one file as a person would. Raises whatever comes where a person would be in doubt."""
    read = {}
    for line in io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline=None):
        line = line.rstrip("\n").strip(" \t")
        if line[:1] == "#" or line[:2] == "//" or not line:
            continue
        assert line.isprintable()
        assert line.startswith("--")
        name, equals, value = line[2:].partition("=")
        if not equals:
            name, value = (name[2:], "false") if name.startswith("no") else (name, "true")
            assert FIELDS[name].type is bool
        kind = FIELDS[name].type
        assert name not in read
        if kind is str:
            assert not {value[:1], value[-1:]} & set("\"'`“”‘’")
            assert not value.endswith(" \\")
            words = value.split(" ")
            assert not any(word.startswith(("#", "//", "--")) for word in words[1:])
            assert not any(word.endswith(("#", "//")) for word in words[:-1])
            assert value == value.strip()
            read[name] = value
        elif kind is bool:
            read[name] = {"true": True, "1": True, "t": True}.get(value.lower(), False)
            assert read[name] or value.lower() in ("false", "0", "f")
        else:
            assert set(value) <= set("0123456789+-.eE" if kind is float else "0123456789+-")
            read[name] = kind(value)
    if read.get("model_type") == "vae":
        read.setdefault("latent_distribution", "normal")
    return Config(**read).to_dict()


NAMES = st.sampled_from(sorted(FIELDS))
VALUES = st.sampled_from(
    [
        "0",
        "1",
        "-1",
        "+2",
        "64",
        "007",
        "1_0",
        "0.5",
        ".5",
        "5.",
        "1e-8",
        "1e3",
        "nan",
        "inf",
        "true",
    ]
    + [
        "False",
        "t",
        "yes",
        "ring",
        "uniform",
        "adam",
        "a b",
        "a#b",
        "a # b",
        "a// b",
        "gs://a",
        '"a"',
    ]
    + ["", " ", " 1", "1 ", "a --seed=1", "a \\", "٣", "é", "\u00a0", "1\t", "9" * 20, "--"]
) | st.text(max_size=4)
GOOD_LINES = st.sampled_from(sorted(FIELDS)).flatmap(
    lambda name: _legal(FIELDS[name]).map(lambda value: f"--{name}={value}")
)
ODD_LINES = (
    st.tuples(st.sampled_from(["--", "--no", "-", " --", "# --", ""]), NAMES, VALUES).map(
        lambda parts: f"{parts[0]}{parts[1]}={parts[2]}"
    )
    | st.tuples(st.sampled_from(["--", "--no"]), NAMES).map("".join)
    | st.sampled_from(["", " ", "# note", "// note", "--", "--mirror", "--nomirror", "word"])
    | st.sampled_from(["--undefok=seed", "--flagfile=", "--flagfile=.", "--flagfile", "--help"])
    | st.text(max_size=8)
)
FILES = st.builds(
    lambda start, good, odd, end, tail: start + end.join(good + odd).encode() + tail,
    st.sampled_from([b""] * 8 + [b"\xef\xbb\xbf", b"\xff\xfe"]),
    st.lists(GOOD_LINES, max_size=3),
    st.lists(ODD_LINES, max_size=1),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([b""] * 8 + [b"\n", b"\0", b"\xe9"]),
) | st.binary(max_size=20)


@settings(max_examples=300, deadline=None)
@given(data=FILES)
def test_any_file_applies_fully_or_is_refused_with_its_line(path, data):
    path.write_bytes(data)
    answer, message = _attempt(flags.parse, [f"--flagfile={path}"])
    if message is None:
        assert answer[0].to_dict() == _independent(data)
    else:
        place = re.match(re.escape(str(path)) + r":(\d+): .", message)
        assert place, message
        assert 1 <= int(place[1]) <= 1 + data.count(b"\n") + data.count(b"\r")
        assert len(message.splitlines()) == 1


# Words.

WORDS = {
    "run_dir": flags.Flag(str, "runs", "Which runs.", takes_words=True),
    "out": EXTRA["step"],
}


@pytest.mark.parametrize(
    ("argv", "run_dir"),
    [
        ([], ("runs",)),
        (["a", "b c", ""], ("a", "b c", "")),
        (["--run_dir=a,b", "c"], ("a,b", "c")),
        (["--out", "3", "a", "--out=3", "b # x\n\udcff"], ("a", "b # x\n\udcff")),
    ],
)
def test_words_are_values_of_the_flag_that_takes_them(argv, run_dir):
    config, own = flags.parse(argv, WORDS, with_config=False)
    assert config is None
    assert own == {"run_dir": run_dir, "out": 3 if "--out=3" in argv else None}


def test_a_slip_is_no_word(tmp_path):
    (tmp_path / "x.flags").write_text("word\n")
    for slip in ("-out=3", "--", "-", f"--flagfile={tmp_path / 'x.flags'}"):
        _, message = _attempt(flags.parse, ["a", slip], WORDS, False)
        assert message is not None, slip
    assert "Words without --run_dir= are more of it." in flags.usage("", WORDS, False)
    assert "Words" not in flags.usage("", EXTRA, False)
