"""The strict reader of flag files: what applies, and every way in which a file is refused."""

import os
import random
from collections import Counter

import pytest

from tfgan.cli.flag_files import expand, split
from tfgan.core.checks import InputError
from tools.sweep.flag_files import FlagFiles

KINDS = {"seed": int, "beta1": float, "data": str, "image_dir": str, "mirror": bool}


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def _write(name: str, content: str | bytes) -> str:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())
    return f"--flagfile={name}"


def _values(*argv: str) -> dict[str, str]:
    return {argument.name: argument.value for argument in expand(argv, KINDS)}


def _refusal(*argv: str) -> str:
    with pytest.raises(InputError) as error:
        expand(argv, KINDS)
    message = str(error.value)
    assert "\n" not in message
    assert "; " in message or "? " in message  # a cause, then a way out
    return message


# What applies.


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", {}),
        ("--seed=3", {"seed": "3"}),
        ("--seed=3\n\n \n\t\n--data=ring\n", {"seed": "3", "data": "ring"}),
        ("# note\n// note\n  # --seed=1\n--seed=3\n#--seed=4\n//--seed=5", {"seed": "3"}),
        ("  --seed=3 \t\n", {"seed": "3"}),
        ("--seed=3\r\n# note\r\n--data=ring\r\n", {"seed": "3", "data": "ring"}),
        # Read as one comment, an old Mac file would apply nothing.
        ("# note\r--seed=3\r", {"seed": "3"}),
        ("--mirror", {"mirror": "true"}),
        ("--nomirror", {"mirror": "false"}),
        ("--mirror=false", {"mirror": "false"}),
        ("--image_dir=", {"image_dir": ""}),
        ("--image_dir=my photos/a=b", {"image_dir": "my photos/a=b"}),
        ("--image_dir=gs://bucket/x#3", {"image_dir": "gs://bucket/x#3"}),
        ("--image_dir=bob's/größe/写真", {"image_dir": "bob's/größe/写真"}),
    ],
)
def test_a_file_applies(content, expected):
    assert _values(_write("x.flags", content)) == expected


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ([], {}),
        (["--seed=3", "--data", "ring"], {"seed": "3", "data": "ring"}),
        (
            ["--seed", "-3", "--mirror", "--data="],
            {"seed": "-3", "mirror": "true", "data": ""},
        ),
        (["--seed=1", "--seed=2"], {"seed": "2"}),  # a script may append to a command
    ],
)
def test_a_command_line_applies(argv, expected):
    assert _values(*argv) == expected


def test_a_file_may_be_named_in_two_words_and_from_home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    _write("x.flags", "--seed=3")
    assert _values("--flagfile", "x.flags") == {"seed": "3"}
    assert _values("--flagfile=~/x.flags") == {"seed": "3"}


def test_every_argument_knows_where_it_stands():
    _write("runs/inner.flags", "\n\n--data=ring\n")
    outer = _write("runs/outer.flags", "# note\n--flagfile=runs/inner.flags\n--seed=3\n")
    places = [(a.name, a.origin) for a in expand([outer, "--beta1=0"], KINDS)]
    assert places == [
        ("data", "runs/inner.flags:3"),
        ("seed", "runs/outer.flags:3"),
        ("beta1", "command line"),
    ]


def test_the_later_of_two_wins():
    base = _write("base.flags", "--seed=1\n--data=ring\n")
    variant = _write("variant.flags", "--seed=2\n")
    assert _values(base, variant) == {"seed": "2", "data": "ring"}
    assert _values(base, "--seed=5") == {"seed": "5", "data": "ring"}


def test_an_includer_overrides_what_it_included_before():
    _write("base.flags", "--seed=1\n--data=ring\n")
    assert _values(_write("x.flags", "--flagfile=base.flags\n--seed=2\n")) == {
        "seed": "2",
        "data": "ring",
    }


# What is refused in a file: the content, the line that is to blame, and a part of the message.

TRAPS = {
    "trailing note": ("--seed=3\n--data=ring # the note", 2, "on a line of its own"),
    "trailing note, tight": ("--data=ring# the note", 1, "on a line of its own"),
    "trailing note //": ("--data=ring // the note", 1, "on a line of its own"),
    "trailing note, tight on the other side": ("--data=ring #the", 1, "on a line of its own"),
    "trailing note after a boolean": ("--mirror # on", 1, "on a line of its own"),
    "stray word": ("--seed=3\n\nring\n", 3, "'ring' is not a flag"),
    "value in a second word": ("--seed 3", 1, "write --name=value"),
    "value on a second line": ("--seed\n3\n", 1, "--seed has no value"),
    "spaces about the equals sign": ("--seed = 3", 1, "write --name=value"),
    "space after the equals sign": ("--data= ring", 1, "space"),
    "two flags": ("--data=ring --seed=3", 1, "not one flag"),
    "pasted from a shell": ("--data=ring \\\n--seed=3", 1, "not one flag"),
    "one dash": ("-seed=3", 1, "write --name=value"),
    "flagfile with one dash": ("-flagfile=x", 1, "write --name=value"),
    "typographic dash": ("\u2013seed=3", 1, "write --name=value"),
    "no name": ("--=3", 1, "write --name=value"),
    "colon": ("--seed: 3", 1, "write --name=value"),
    "double quotes": ('--data="ring"', 1, "quotes"),
    "single quotes": ("--data='ring'", 1, "quotes"),
    "typographic quotes": ("--data=\u201cring\u201d", 1, "quotes"),
    "closing quote only": ("--data=ring'", 1, "quotes"),
    "opening quote only": ("--data='ring", 1, "quotes"),
    "quoted line": ("'--data=ring'", 1, "write --name=value"),
    "undefok": ("--undefok=sed\n--sed=3", 1, "delete it"),
    "double dash": ("--seed=3\n--\n--data=ring", 2, "would switch off"),
    "byte-order mark": (b"\xef\xbb\xbf--seed=3", 1, "byte-order mark"),
    "UTF-16": ("--seed=3".encode("utf-16"), 1, "UTF-8"),
    "UTF-16 without a mark": ("--seed=3".encode("utf-16-le"), 1, "NUL"),
    "Latin-1": ("--seed=3\n--data=größe".encode("latin-1"), 2, "not UTF-8"),
    "Latin-1 in a comment": ("# größe".encode("latin-1"), 1, "not UTF-8"),
    "NUL": (b"--seed=3\n# a\n--data=ri\0ng", 3, "NUL"),
    "no-break space": ("--data=ring\u00a0", 1, "U+00A0"),
    "tab": ("--data=ring\tx", 1, "U+0009"),
    "line separator": ("--data=ring\u2028--seed=3", 1, "U+2028"),
    "mark inside": ("--data=ring\n\ufeff--seed=3", 2, "U+FEFF"),
    "empty include": ("--seed=3\n--flagfile=", 2, "names no file"),
    "include of nothing": ("--seed=3\n--flagfile", 2, "no value"),
    "include of a missing file": ("--flagfile=gone.flags", 1, "No such file"),
    "include of a folder": ("--flagfile=.", 1, "Is a directory"),
    "include of itself": ("# a\n--flagfile=./x.flags", 2, "include itself"),
    "set twice": ("--seed=3\n--data=ring\n--seed=3", 3, "already set (x.flags:1)"),
    "boolean set twice": ("--mirror\n--nomirror", 2, "already set (x.flags:1)"),
    "unknown": ("--seed=3\n--sed=3", 2, "did you mean --seed?"),
    "hyphen for underscore": ("--image-dir=x", 1, "did you mean --image_dir?"),
    "three dashes": ("---seed=3", 1, "did you mean --seed?"),
    "name of another script": ("--größe=3", 1, "unknown flag --größe"),
    "unknown and alone": ("--miror", 1, "did you mean --mirror?"),
    "no of what is not boolean": ("--noseed", 1, "unknown flag --noseed"),
    "no with a value": ("--nomirror=true", 1, "--mirror=true"),
    "help": ("--help", 1, "unknown flag --help"),
}


@pytest.mark.parametrize(("content", "line", "part"), TRAPS.values(), ids=TRAPS)
def test_a_trap_is_refused_with_its_line(content, line, part):
    message = _refusal(_write("x.flags", content))
    assert message.startswith(f"x.flags:{line}: ")
    assert part in message


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["ring"], "'ring' is not a flag"),
        ([""], "'' is not a flag"),
        (["--mirror", "true"], "'true' is not a flag"),
        (["-seed=3"], "'-seed=3' is not a flag"),
        (["--", "--seed=3"], "would switch off"),
        (["--undefok=sed", "--sed=3"], "delete it"),
        (["--sed=3"], "did you mean --seed?"),
        (["--zzz"], "unknown flag --zzz; --help"),
        (["--seed"], "--seed has no value"),
        (["--data", "--seed=3"], "--data has no value"),
        (["--data", "ring # note"], "on a line of its own"),
        (["--image_dir=photos "], "space"),
        (["--image_dir=a\nb"], "U+000A"),
        (["--image_dir=\udcff"], "U+DCFF"),  # how Python holds a byte that is not UTF-8
        (["--flagfile="], "names no file"),
        (["--flagfile", ""], "names no file"),
        (["--flagfile"], "no value"),
        (["--flagfile=gone.flags"], "cannot read the flag file gone.flags"),
        (["--flagfile=."], "Is a directory"),
        (["--flagfile=" + "x" * 5000], "File name too long"),
    ],
)
def test_a_command_line_is_refused(argv, part):
    message = _refusal(*argv)
    assert message.startswith("command line: ")
    assert part in message


def test_a_file_does_not_override_the_command_line():
    message = _refusal("--seed=1", _write("x.flags", "--data=ring\n--seed=2"))
    assert message.startswith("x.flags:2: --seed would override an earlier one (command line)")
    assert "after --flagfile" in message


def test_an_included_file_does_not_override_its_includers():
    _write("inner.flags", "--seed=2")
    outer = _write("outer.flags", "--seed=1\n--flagfile=inner.flags")
    assert _refusal(outer).startswith(
        "inner.flags:1: --seed would override an earlier one (outer.fl"
    )
    middle = _write("middle.flags", "--flagfile=inner.flags")
    assert _refusal("--seed=1", middle).startswith("inner.flags:1: ")


def test_a_circle_is_refused_through_other_names(tmp_path):
    _write("b.flags", "--seed=3\n--flagfile=link.flags")
    os.symlink(tmp_path / "a.flags", "link.flags")
    message = _refusal(_write("a.flags", "\n--flagfile=b.flags"))
    assert message.startswith("b.flags:2: link.flags would include itself")


def test_a_file_is_not_read_twice():
    # b's second reading of base would undo what a overrides.
    _write("base.flags", "--seed=1")
    a = _write("a.flags", "--flagfile=base.flags\n--seed=2")
    b = _write("b.flags", "--data=ring\n--flagfile=base.flags")
    assert _refusal(a, b).startswith("b.flags:2: base.flags was already read (a.flags:1)")


def test_a_long_line_is_not_repeated_whole():
    assert len(_refusal(_write("x.flags", "word " * 10000))) < 200


@pytest.mark.parametrize(
    "number", [300, pytest.param(20_000, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_random_files_are_read_as_a_model_of_the_notation_has_it(number, tmp_path):
    sweep, outcomes = FlagFiles(tmp_path), Counter()
    for seed in range(number):
        sweep.trial(random.Random(seed), outcomes)
    assert outcomes.keys() == {
        *("valid, read", "malformed, refused", "damaged, read", "damaged, refused")
    }


def test_split():
    assert split("--seed=3", "here") == ("seed", "3")
    assert split("--seed=", "here") == ("seed", "")
    assert split("--seed", "here") == ("seed", None)


# Recipes.


def test_a_recipe_is_a_flag_file_by_its_name(tmp_path):
    _write("recipes/ring.flags", "--seed=1\n--data=ring\n")
    given = expand(["--recipe=ring", "--seed=2"], KINDS, tmp_path / "recipes")
    assert [(argument.name, argument.value) for argument in given] == [
        ("seed", "1"),
        ("data", "ring"),
        ("seed", "2"),
    ]
    assert given[0].origin == f"{tmp_path}/recipes/ring.flags:1"
    assert [a.value for a in expand(["--recipe", "ring"], KINDS, tmp_path / "recipes")] == [
        "1",
        "ring",
    ]


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["--recipe=rung"],
            "command line: unknown recipe 'rung'; did you mean 'ring'? Known: ring.",
        ),
        (["--recipe=../x"], "command line: unknown recipe '../x'. Known: ring."),
        (["--recipe="], "command line: unknown recipe ''. Known: ring."),
        (["--recipe"], "command line: --recipe has no value; write --recipe=VALUE."),
        (["--recipes=ring"], "command line: unknown flag --recipes; did you mean --recipe? "),
        (["--flagfile=x.flags"], "x.flags:2: unknown recipe 'rung'; did you mean 'ring'?"),
    ],
)
def test_a_recipe_that_is_not_there(argv, message, tmp_path):
    _write("recipes/ring.flags", "--seed=1\n")
    _write("x.flags", "\n--recipe=rung\n")
    with pytest.raises(InputError) as error:
        expand(argv, KINDS, tmp_path / "recipes")
    assert str(error.value).startswith(message)


def test_a_recipe_does_not_override_the_command_line(tmp_path):
    _write("recipes/ring.flags", "--seed=1\n")
    with pytest.raises(InputError, match="--seed would override an earlier one"):
        expand(["--seed=2", "--recipe=ring"], KINDS, tmp_path / "recipes")


def test_without_a_folder_there_is_no_recipe():
    assert "unknown flag --recipe" in _refusal("--recipe=ring")


def test_what_a_file_includes_is_a_regular_file(tmp_path):
    """A pipe would be waited for, and /dev/zero has no end."""
    os.mkfifo(tmp_path / "pipe.flags")
    reading, writing = os.pipe()  # as /dev/stdin may be
    for name in (tmp_path / "pipe.flags", "/dev/zero", f"/dev/fd/{reading}"):
        (tmp_path / "a.flags").write_text(f"--flagfile={name}\n")
        with pytest.raises(InputError, match=r"a.flags:1: .* is no regular file; delete this line"):
            expand([f"--flagfile={tmp_path / 'a.flags'}"], KINDS)


def test_an_unknown_flag_of_any_length_is_one_short_line():
    with pytest.raises(InputError, match=r"unknown flag --xxx.*\.\.\.;") as caught:
        expand(["--" + "x" * 100_000], KINDS)
    assert len(str(caught.value)) < 200
