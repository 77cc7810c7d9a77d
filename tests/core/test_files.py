"""One module owns every operation on the files of a run or of an export."""

import ast
import os
from pathlib import Path

import pytest

from tfgan.core import files, paths
from tfgan.core.checks import InputError, StorageError

TFGAN = Path(files.__file__).parents[1]
MODULES = sorted(
    {
        *(TFGAN / "runs").rglob("*.py"),
        *(TFGAN / "serving").rglob("*.py"),
        *(TFGAN / f"{name}.py" for name in ("run", "training", "train", "sample", "export")),
    }
)
OPERATIONS = {
    *("open", "fdopen", "mkdir", "makedirs", "touch", "unlink", "rmdir", "rmtree", "rename"),
    *(
        "renames",
        "symlink",
        "symlink_to",
        "link",
        "hardlink_to",
        "truncate_file",
        "mknod",
        "mkfifo",
    ),
    *("copy", "copy2", "copyfile", "copytree", "move", "chmod", "chown", "utime", "lchmod"),
    *("read_bytes", "read_text", "write_bytes", "write_text", "iterdir", "glob", "rglob", "walk"),
    *("listdir", "scandir", "remove", "replace", "mkdtemp", "mkstemp", "fromfile", "tofile"),
}
HARMLESS = {
    "files.remove",
    "PIL.Image.open",  # of bytes in memory
    "copy.copy",
    "dataclasses.replace",
}


def operations(source):
    """Yields the line and the name of every call that may be an operation on a file."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        last = name.rpartition(".")[2]
        if last == "replace" and len(node.args) == 2 and not name.startswith("os."):
            continue  # a text's
        if last in OPERATIONS and name not in HARMLESS:
            yield node.lineno, name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(TFGAN)))
def test_nobody_else_touches_a_file(module):
    assert list(operations(module.read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "open(path)",
        "path.unlink()",
        "os.rename(a, b)",
        "os.replace(a, b)",
        "path.replace(other)",
        "shutil.rmtree(path)",
        "(path / 'x').write_text(text)",
        "Path(name).read_bytes()",
        "path.mkdir()",
    ],
)
def test_each_of_these_would_be_seen(line):
    assert len(list(operations(line))) == 1
    assert list(operations("text.replace('a', 'b')")) == []


def test_a_temporary_name_that_is_taken_is_named_and_kept(tmp_path):
    (tmp_path / "grid.png").write_bytes(b"old")
    (tmp_path / "grid.png.tmp").write_bytes(b"somebody's")
    with pytest.raises(InputError, match="grid.png.tmp is in the way: move or remove it"):
        files.write(tmp_path / "grid.png", b"new")
    assert (tmp_path / "grid.png").read_bytes() == b"old"
    assert (tmp_path / "grid.png.tmp").read_bytes() == b"somebody's"


def test_a_directory_that_has_to_be_new_is_named_and_kept(tmp_path):
    (tmp_path / "7.tmp").mkdir()
    (tmp_path / "7.tmp" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="7.tmp is in the way: move or remove it"):
        files.make_folder(tmp_path / "7.tmp", is_new=True)
    assert (tmp_path / "7.tmp" / "mine.txt").read_text() == "mine"


def test_what_is_removed_during_a_look_is_no_fault(tmp_path, monkeypatch):
    """As a run that trains removes its older checkpoints."""
    (tmp_path / "checkpoints" / "1").mkdir(parents=True)
    scandir = files.os.scandir

    def slow(folder):
        entries = list(scandir(folder))
        if folder.name == "checkpoints":
            (folder / "1").rmdir()
        return entries

    monkeypatch.setattr(files.os, "scandir", slow)
    files.check_plain(tmp_path, {"checkpoints": {"[0-9]+": {".*": None}}})


def test_a_link_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "thesis").write_bytes(b"years")
    (tmp_path / "grid.png").symlink_to("thesis")
    files.write(tmp_path / "grid.png", b"new")
    assert (tmp_path / "thesis").read_bytes() == b"years"
    assert not (tmp_path / "grid.png").is_symlink()


@pytest.mark.parametrize("mode", ["rb", "ab"])
def test_only_a_regular_file_is_opened(mode, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (tmp_path / "link").symlink_to("secret")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "loop", "pipe"):
        with pytest.raises(InputError, match=f"{name} is (a link|no regular file)"):
            files.open_plain(tmp_path / name, mode)
    with pytest.raises(InputError, match="/dev/null is no regular file"):
        files.open_plain(Path("/dev/null"), mode)
    with pytest.raises(IsADirectoryError):
        files.open_plain(tmp_path, mode)


def test_a_manifest_holds_files_alone(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.manifest(tmp_path) == {"a/b/c": {"size": 3, "sha256": digest}}
    (tmp_path / "a" / "up").symlink_to("..")
    with pytest.raises(InputError, match="up is a link"):
        files.manifest(tmp_path)


def test_names_of_nothing_are_none(tmp_path):
    assert files.names(tmp_path / "nowhere") == []
    (tmp_path / "file").touch()
    assert files.names(tmp_path / "file") == []
    assert files.names(tmp_path) == ["file"]


def test_a_path_that_tensorflow_cannot_open_is_named(tmp_path):
    assert paths.for_tensorflow(Path("mö")) == "mö"
    with pytest.raises(InputError, match="is not UTF-8, which TensorFlow cannot open"):
        paths.for_tensorflow(Path(os.fsdecode(b"m\xff")))


def test_an_error_of_the_disk_names_the_file(tmp_path):
    with pytest.raises(StorageError, match="nowhere/x.tmp: No such file or directory; nothing"):
        files.write(tmp_path / "nowhere" / "x", b"")
