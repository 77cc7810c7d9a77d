"""Prepares a set of TensorFlow Datasets on disk, once: downloaded, or from files that are here."""

import gzip
import hashlib
import shutil
import socket
import tempfile
import urllib.parse
import urllib.request
import zlib
from pathlib import Path

import tensorflow_datasets as tfds

from tfgan.core.checks import InputError
from tfgan.core.paths import user_path
from tfgan.data import catalog

MNIST_FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
FASHION_MNIST_FILES = {
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}
FILES = {"mnist": MNIST_FILES, "fashion_mnist": FASHION_MNIST_FILES}
"""The sets that local files can stand in for: each file, unpacked, and its SHA-256."""

CONNECT_TIMEOUT_SECONDS = 5


def prepare(
    data: str, data_dir: str = "", file_format: str = "", from_files: str = ""
) -> tfds.core.DatasetBuilder:
    """Prepares a set unless it is prepared already.

    Args:
      data: TFDS's name of the set, or digits.
      data_dir: where TFDS keeps prepared sets; empty: TFDS's own default.
      file_format: tfrecord, or array_record for sets to be read from disk while training; empty:
        tfrecord.
      from_files: folder with the set's original files, plain or .gz; empty: download them.

    Returns:
      The builder of the prepared set.

    Raises:
      InputError: the set is unknown, a file is missing or is not the official one, there is no
        network, or TFDS fails. Nothing half-written is left.
    """
    builder = catalog.find(data, data_dir)
    if catalog.is_prepared(builder):
        present = builder.info.file_format.value
        if file_format not in ("", present):
            raise InputError(
                f"{data} is already prepared as {present}: remove {builder.data_dir} first, "
                "or give another --data_dir."
            )
        return builder
    if Path(builder.data_dir).exists():
        raise InputError(f"{builder.data_dir} exists and is not a prepared set: remove it.")
    with tempfile.TemporaryDirectory() as scratch:
        if from_files:
            files = official_files(builder.name, user_path(from_files), Path(scratch))
            builder._make_download_manager = lambda **_: _LocalFiles(files)
        elif builder.name not in catalog.EMBEDDED:
            check_network(builder)
        try:
            builder.download_and_prepare(file_format=file_format or None)
        except Exception as error:  # TFDS and its builders raise anything
            cause = " ".join(str(error).split()).rstrip(".") or type(error).__name__
            raise InputError(f"{data} cannot be prepared: {cause}.") from error
    return catalog.find(data, data_dir)


def official_files(name: str, folder: Path, scratch: Path) -> dict[str, Path]:
    """Finds the files of a set in a folder and compares them with their checksums.

    Args:
      name: TFDS's name of the set.
      folder: holds each file plain or as .gz.
      scratch: takes the unpacked ones.

    Returns:
      The plain files by name.

    Raises:
      InputError: one is missing, cannot be unpacked or has other bytes; the message names it.
    """
    if name not in FILES:
        raise InputError(f"--from_files knows the files of {', '.join(FILES)}, not of {name}.")
    return {file: _official_file(folder, file, FILES[name][file], scratch) for file in FILES[name]}


def _official_file(folder: Path, file: str, sha256: str, scratch: Path) -> Path:
    plain, packed = folder / file, folder / f"{file}.gz"
    source = plain if plain.exists() else packed
    try:
        if source == packed:
            plain = scratch / file
            with gzip.open(packed) as reader, plain.open("wb") as writer:
                shutil.copyfileobj(reader, writer)
        found = hashlib.sha256(plain.read_bytes()).hexdigest()
    except FileNotFoundError as error:
        raise InputError(f"{folder} holds neither {file} nor {file}.gz.") from error
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{source} cannot be read ({error}).") from error
    if found != sha256:
        raise InputError(
            f"{source} is not the official file: its SHA-256 is {found}, not {sha256}."
        )
    return plain


class _LocalFiles:
    """Stands in for TFDS's download manager: returns a local file for each address."""

    def __init__(self, files: dict[str, Path]):
        self._files = files
        self.downloaded_size = sum(file.stat().st_size for file in files.values())

    def download_and_extract(self, urls: dict[str, str]) -> dict[str, str]:
        return {key: str(self._files[Path(url).stem]) for key, url in urls.items()}


def check_network(builder: tfds.core.DatasetBuilder) -> None:
    """Tries to reach one of the hosts of a set, because TFDS itself tries for minutes.

    Not where files of the set lie already, downloaded by TFDS or by hand: they may be all it needs.

    Raises:
      InputError: none can be reached within seconds.
    """
    downloads = Path(builder.data_dir_root, "downloads")
    if any(next((downloads / name).glob("*"), None) for name in (builder.name, "manual")):
        return
    hosts = {urllib.parse.urlsplit(url).hostname for url in builder.url_infos or ()} - {None}
    if not hosts or urllib.request.getproxies():
        return  # nothing to reach, or not directly: TFDS will find out
    for host in sorted(hosts)[:3]:
        try:
            socket.create_connection((host, 443), CONNECT_TIMEOUT_SECONDS).close()
            return
        except OSError as error:
            failure = f"{host}: {error}"
    raise InputError(
        f"no network to download {builder.name} ({failure}): give --from_files=DIR "
        f"({', '.join(FILES)}), or copy the prepared folder {builder.name} from another machine "
        f"to {builder.data_dir_root}."
    )
