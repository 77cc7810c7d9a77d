"""What may be around a command: a function of the child, and what is done to the world for it."""

import contextlib
import ctypes
import dataclasses
import errno
import fcntl
import functools
import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

FUTURE = time.mktime((2040, 1, 1, 0, 0, 0, 0, 0, 0))  # seconds; how a clock looks that is set back


@dataclasses.dataclass(frozen=True)
class Environment:
    """One column of the table."""

    inside: Callable[[], None] | None = None
    """Is called in the child, before the command."""

    around: Callable[[Path], AbstractContextManager] = lambda world: contextlib.nullcontext()
    """Holds while the command runs; the world is usable again afterwards."""

    must_finish: bool = False
    """Whether nothing here is a reason to end with an error."""

    is_silent: bool = False
    """Whether nobody can hear what the command says."""

    may_die: bool = False
    """Whether the C++ library may end the process: where it asks for memory that there is not."""


# In the child.


def few(limit: int, value: int) -> None:
    """Limits a resource of the process."""
    resource.setrlimit(limit, (value, resource.getrlimit(limit)[1]))


def little_memory(more: int) -> None:
    """Limits the address space to what is in use, and `more` bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    few(resource.RLIMIT_AS, pages * resource.getpagesize() + more)


def closed(*descriptors: int) -> None:
    """Closes standard streams, as a daemon's are."""
    for descriptor in descriptors:
        os.close(descriptor)


def full(*descriptors: int) -> None:
    """Puts a full disk behind standard streams."""
    for descriptor in descriptors:
        os.dup2(os.open("/dev/full", os.O_WRONLY), descriptor)


def abandoned(*descriptors: int) -> None:
    """Puts a pipe behind standard streams whose reader has left."""
    for descriptor in descriptors:
        read_end, write_end = os.pipe()
        os.dup2(write_end, descriptor)
        os.close(read_end)
        os.close(write_end)


def an_ordinary_user() -> None:
    """Gives up the right to read and write what permissions forbid, which root has."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")


def no_proc() -> None:
    """Mounts nothing over /proc, for this process alone."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(0x00020000):  # CLONE_NEWNS
        raise OSError(ctypes.get_errno(), "unshare")
    libc.mount(b"none", b"/", None, 0x4000 | 0x40000, None)  # MS_REC | MS_PRIVATE
    if libc.mount(b"tmpfs", b"/proc", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), "mount")


def no_locks() -> None:
    """Lets the file system have no locks."""

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    fcntl.flock = flock


def clock_set_back() -> None:
    """Lets the clock stand at the beginning of its time."""
    time.time = lambda: 1.0  # not 0, which a protocol buffer leaves out
    time.gmtime = functools.partial(lambda real, *_: real(1), time.gmtime)


def in_a_removed_folder(world_name: str = "gone") -> None:
    """Makes the working directory one that is not there any more."""
    path = f"/tmp/{world_name}-{os.getpid()}"
    os.mkdir(path)
    os.chdir(path)
    os.rmdir(path)


# Around the world.


@contextlib.contextmanager
def small_disk(world: Path, free: int) -> Iterator[None]:
    """Puts the world on a disk with so many bytes free."""
    if os.geteuid():
        pytest.skip("only root can mount a small disk")
    aside = world.with_suffix(".aside")
    world.rename(aside)
    world.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "tmpfs", world], capture_output=True)
    if mounted.returncode:
        world.rmdir()
        aside.rename(world)
        pytest.skip("mounting is not allowed here")
    try:
        shutil.copytree(aside, world, symlinks=True, dirs_exist_ok=True)
        disk = os.statvfs(world)
        used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
        remount(world, used + free)
        yield
        remount(world, 1 << 30)
        shutil.rmtree(aside)
        shutil.copytree(world, aside, symlinks=True)
    finally:
        subprocess.run(["umount", world], check=True)
        world.rmdir()
        aside.rename(world)


def remount(world: Path, size: int) -> None:
    """Gives a mounted disk another size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", world], check=True)


@contextlib.contextmanager
def modes(world: Path, folders: int, files: int, owner: int = -1, top: bool = True):
    """Gives all below a world other permissions, and another owner."""
    paths = [*world.rglob("*"), *([world] if top else [])]
    before = [(path, path.lstat()) for path in paths]
    for path in paths:
        os.lchown(path, owner, owner)
        path.chmod(folders if path.is_dir() else files)
    try:
        yield
    finally:
        for path, found in before:
            os.lchown(path, found.st_uid, found.st_gid)
            path.chmod(found.st_mode & 0o7777)
        for path in set(world.rglob("*")) - set(paths):
            path.chmod(0o755)


@contextlib.contextmanager
def from_the_future(world: Path) -> Iterator[None]:
    """Gives all below a world times that are to come."""
    for path in world.rglob("*"):
        os.utime(path, (FUTURE, FUTURE), follow_symlinks=False)
    yield


@contextlib.contextmanager
def replaced(world: Path, make: Callable[[Path, Path], None], name: str) -> Iterator[None]:
    """Puts something else where a file of a run's or of an export's belongs, if one is there."""
    path, aside = world / name, world / "aside"
    is_there = path.parent.is_dir()
    if path.exists():
        path.rename(aside)
    if is_there:
        make(path, world)
    yield
    if is_there:
        path.unlink(missing_ok=True)
    if aside.exists():
        aside.rename(path)


def link_to_users(path: Path, world: Path) -> None:
    path.symlink_to(world / "notes.txt")


def link_to_a_folder(path: Path, world: Path) -> None:
    path.symlink_to(world / "thesis.tmp")


def pipe(path: Path, world: Path) -> None:
    os.mkfifo(path)


@contextlib.contextmanager
def reached_by_a_link(world: Path) -> Iterator[None]:
    """Makes the whole world one that is reached by a link."""
    real = world.with_suffix(".real")
    world.rename(real)
    world.symlink_to(real)
    yield
    world.unlink()
    real.rename(world)


def losses(make) -> Callable[[Path], AbstractContextManager]:
    return functools.partial(replaced, make=make, name="run/losses.csv")


ENVIRONMENTS = {
    "nothing": Environment(must_finish=True),
    "small disk, 0 bytes": Environment(around=functools.partial(small_disk, free=0)),
    "small disk, 40 kB": Environment(around=functools.partial(small_disk, free=40_000)),
    "small disk, 150 kB": Environment(around=functools.partial(small_disk, free=150_000)),
    "files up to 1 kB": Environment(functools.partial(few, resource.RLIMIT_FSIZE, 1_000)),
    "files up to 10 kB": Environment(functools.partial(few, resource.RLIMIT_FSIZE, 10_000)),
    "30 descriptors": Environment(functools.partial(few, resource.RLIMIT_NOFILE, 30)),
    "10 descriptors": Environment(functools.partial(few, resource.RLIMIT_NOFILE, 10)),
    "20 MB of memory": Environment(functools.partial(little_memory, 20 << 20), may_die=True),
    "200 MB of memory": Environment(functools.partial(little_memory, 200 << 20), may_die=True),
    "closed streams": Environment(
        functools.partial(closed, 0, 1, 2), must_finish=True, is_silent=True
    ),
    "closed stderr": Environment(functools.partial(closed, 2), must_finish=True, is_silent=True),
    "full streams": Environment(functools.partial(full, 1, 2), is_silent=True),
    "full stdout": Environment(functools.partial(full, 1)),
    "readers that left": Environment(
        functools.partial(abandoned, 1, 2), must_finish=True, is_silent=True
    ),
    "read-only": Environment(
        an_ordinary_user, functools.partial(modes, folders=0o555, files=0o444)
    ),
    "somebody else's": Environment(
        an_ordinary_user,
        functools.partial(modes, folders=0o700, files=0o600, owner=65534, top=False),
    ),
    "somebody else's, readable": Environment(
        an_ordinary_user,
        functools.partial(modes, folders=0o755, files=0o644, owner=65534, top=False),
    ),
    "unreadable files": Environment(
        an_ordinary_user, functools.partial(modes, folders=0o755, files=0o000, top=False)
    ),
    "a mask of everything": Environment(functools.partial(os.umask, 0o777)),
    "a clock set back": Environment(clock_set_back, from_the_future, must_finish=True),
    "reached by a link": Environment(around=reached_by_a_link, must_finish=True),
    "a link for a log": Environment(around=losses(link_to_users)),
    "a pipe for a log": Environment(around=losses(pipe)),
    "a link for the samples": Environment(
        around=functools.partial(replaced, make=link_to_a_folder, name="run/samples")
    ),
    "a link for a graph": Environment(
        around=functools.partial(replaced, make=link_to_users, name="exports/run/4/saved_model.pb")
    ),
    "a pipe for the picture": Environment(
        around=functools.partial(replaced, make=pipe, name="grid.png.tmp")
    ),
    "no /proc": Environment(no_proc),
    "no locks": Environment(no_locks),
    "no working directory": Environment(in_a_removed_folder),
}
"""The columns of the table. A new environment is one more."""
