"""What makes a run this run: what has to be the same, or the difference is named, when it resumes.

A checkpoint records it. What an older record lacks was not known when it was written, and is not
compared.
"""

import dataclasses
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import tensorflow as tf

from tfgan.config import FIELDS, Config
from tfgan.core import runtime
from tfgan.core.checks import InputError, cut
from tfgan.core.interfaces import Kind, LabelSpec, Model, Source, Specs, takes_labels
from tfgan.data import fingerprints, kinds

FROM_CONFIG, FROM_CODE = "config", "code"
"""Who made the model: the config's names; or a program that called `tfgan.Run`. Else it is the
module:factory that `--model` named."""

RETRIED = {"from", "reached"}
"""The steps that a checkpoint after a rollback records."""

CLASSES = "classes"
"""Under this, the record of the data of a run with labels says what the classes are."""

ONE_REPLICA: Mapping[str, Any] = {"replicas": 1}
"""In the fingerprint of a run that says nothing of replicas: an older one."""

WARM_START = {"path": str, "step": int, "sha256": str}
"""What the record of a run says of the parent whose weights it began with."""


def identify(
    config: Config,
    model: Model,
    source: Source,
    made_by: str,
    recorded: Mapping[str, Any] | None = None,
    began_with: Mapping[str, Any] | None = None,
    computed_by: Mapping[str, Any] = ONE_REPLICA,
) -> dict[str, Any]:
    """Returns the identity of a run, as JSON.

    Args:
      config, model, source: of the run.
      made_by: who made the model.
      recorded: of the checkpoint that the run resumes from, if there is one.
      began_with: the record of a new run's `warm_start.Began`; an old one keeps its own.
      computed_by: how many replicas, and on what other machines.
    """
    warm_start = began_with or (recorded or {}).get("warm_start")
    return {
        "config": config.to_dict(),
        "model": {"made_by": made_by, "settings": model.settings()},
        "data": {
            "shape": [int(size) for size in source.specs["real"].shape],
            "specs": {
                name: [spec.dtype.name, [int(size) for size in spec.shape]]
                for name, spec in source.specs.items()
            },
            "kind": source.kind.name,
            "num_examples": source.num_examples,
            "fingerprint": _data_fingerprint(source, recorded),
        }
        | _classes(source, recorded),
        "fingerprint": runtime.fingerprint() | dict(computed_by),
    } | ({"warm_start": dict(warm_start)} if warm_start else {})


def _classes(source: Source, recorded: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns what a record says of classes; {} where there are none, or an older one says none."""
    spec = source.specs.get("labels")
    is_older = recorded is not None and CLASSES not in recorded["data"]
    if not isinstance(spec, LabelSpec) or is_older:
        return {}
    return {CLASSES: {"names": list(spec.class_names), "frequencies": list(spec.frequencies)}}


def has_classes(identity: Mapping[str, Any], model: Model) -> bool:
    """Says whether a run records the classes of its data, and its model is told of them."""
    return takes_labels(model) and CLASSES in identity["data"]


def hyper_parameters(identity: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what the numbers of a run depend on, by name, as TensorBoard lists it beside others.

    Args:
      identity: of the run, as `identify` returns it.

    Returns:
      The fields of the config that change numbers; of a model that a program has made, which the
      config does not describe, its settings. Values are bool, numbers, texts or lists.
    """
    config = identity["config"]
    names = [name for name, field in FIELDS.items() if field.metadata["changes_numbers"]]
    settings: dict[str, Any] = {}
    if identity["model"]["made_by"] == FROM_CODE:
        names = ["batch_size", "seed"]
        for name, value in identity["model"]["settings"].items():
            inside = value if isinstance(value, dict) else {}
            settings |= {f"{name}/{key}": each for key, each in inside.items()} or {name: value}
    # A directory of images stands in place of the named data, and changes no field but its own.
    data = {"data": config["image_dir"] or config["data"]}
    return {name: config[name] for name in names} | data | settings


def _data_fingerprint(source: Source, recorded: Mapping[str, Any] | None) -> str:
    """Returns the fingerprint of the data; as an older version made it where a record has that.

    So the run keeps the record that it began with. A source whose fingerprint was made in another
    way once has a method `former_fingerprint() -> str`; it reads the data, so it is asked last.
    """
    now, before = source.fingerprint, recorded["data"].get("fingerprint") if recorded else None
    former = getattr(source, "former_fingerprint", None)
    if before in (None, now) or before.startswith(fingerprints.CONTENT) or former is None:
        return now
    return before if former() == before else now


class Recorded(NamedTuple):
    """What a checkpoint or a card records of the run that made it."""

    config: Config
    specs: Specs
    """Of one example."""

    kind: Kind
    """Of the examples."""

    made_by: str
    """Who made the model."""


def read(record: Mapping[str, Any], path: Path) -> Recorded:
    """Returns what a record says, whichever version of this code wrote it.

    Args:
      record: of a checkpoint, or a card.
      path: where it was read, for messages.

    Raises:
      InputError: it is of a later version, or no record.
    """
    try:
        data = record["data"]
        named = data.get("specs") or {"real": ["float32", data["shape"]]}
        specs = {
            name: tf.TensorSpec([int(size) for size in shape], dtype, name)
            for name, (dtype, shape) in named.items()
        }
        if CLASSES in data:
            specs["labels"] = _label_spec(data[CLASSES])
        usual = kinds.of_shape(specs["real"].shape)
        kind = kinds.KINDS.get(data.get("kind")) or usual
        if kind not in (usual, kinds.KINDS["examples"]):  # which takes any shape
            raise ValueError(f"its {kind.name} have the shape {specs['real'].shape}")
        made_by = record.get("model", {}).get("made_by", FROM_CONFIG)
        return Recorded(Config.from_record(record["config"]), specs, kind, made_by)
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError) as error:
        text = " ".join(str(error).split())
        raise InputError(f"{path} is of another version: {text}") from None


def _label_spec(recorded: Mapping[str, Any]) -> LabelSpec:
    """Returns what a record says of classes.

    Raises:
      ValueError: it is none.
    """
    spec = LabelSpec(recorded["names"], recorded["frequencies"])
    shares = spec.frequencies
    is_whole = all(type(name) is str for name in recorded["names"]) and len(shares) > 0
    if not is_whole or len(shares) != spec.num_classes or not all(0 <= s <= 1 for s in shares):
        raise ValueError("its classes are none")
    if abs(sum(shares) - 1) > 1e-6:
        raise ValueError("the shares of its classes do not sum to 1")
    return spec


def check(record: Mapping[str, Any], path: Path) -> Recorded:
    """Returns what a checkpoint records, after a look at whether a run can be resumed from it.

    Raises:
      InputError: it is of a later version, or no record.
    """
    recorded = read(record, path)
    maps: list[Any] = [record.get(name) for name in ("data", "fingerprint", "logs")]
    # Older ones lack them.
    maps += [record.get(name, {}) for name in ("warm_start", "model", "retried")]
    is_whole = all(isinstance(each, dict) for each in maps)
    if is_whole:
        *_, logs, warm_start, model, retried = maps
        counts = [record.get("rollbacks"), *logs.values(), *retried.values()]
        is_whole = all(type(count) is int and 0 <= count < 2**63 for count in counts)
        is_whole &= isinstance(model.get("settings", {}), dict)
        is_whole &= set(retried) in (set(), RETRIED)
        is_whole &= {name: type(v) for name, v in warm_start.items()} in ({}, WARM_START)
    if not is_whole:
        raise InputError(f"{path} is of another version: it lacks what a run resumes from.")
    return recorded


def as_recorded(record: Mapping[str, Any], config: Config, path: Path) -> Config:
    """Returns a config with what an older run did without saying it.

    A field that is younger than a run has the value there that reproduces it. It keeps that where
    nobody asks for another than the default: a better default is no reason to refuse a run.

    Args:
      record: of a checkpoint.
      config: of today.
      path: of the run, for the line that says so.
    """
    was = Config.from_record(record["config"]).to_dict()
    kept = {
        name: was[name]
        for name, field in FIELDS.items()
        if was[name] == field.metadata["before"] != field.default == getattr(config, name)
    }
    if kept:
        fields = " ".join(f"--{name}={value}" for name, value in kept.items())
        print(f"{path} keeps {fields}, as it began", flush=True)
    return dataclasses.replace(config, **kept)


def compare_config(record: Mapping[str, Any], config: Config, path: Path, allowed: bool) -> None:
    """Compares a record with the config of today.

    Args:
      record: of a checkpoint.
      config: of today.
      path: of the run, for messages.
      allowed: whether fields may differ that never change numbers.

    Raises:
      InputError: it is another run; or a field differs that may only where `allowed`.
    """
    before, now = Config.from_record(record["config"]).to_dict(), config.to_dict()
    for name in now:
        if before[name] == now[name]:
            continue
        was, is_now = (value if value != "" else "''" for value in (before[name], now[name]))
        text = f"{path} has --{name}={was}, got {is_now}"
        if FIELDS[name].metadata["changes_numbers"]:
            raise InputError(
                f"{text}: this is another run; set it back, or choose another --run_dir."
            )
        is_longer = name == "num_steps" and now[name] > before[name]  # which needs no permission
        if not allowed and not is_longer:
            raise InputError(f"{text}: set it back, or add --allow_changed_flags to resume.")


def compare(
    record: Mapping[str, Any], identity: Mapping[str, Any], path: Path, allowed: bool
) -> None:
    """Compares a record with the identity of today, all but the config.

    Args:
      record: of a checkpoint.
      identity: what `identify` returns today.
      path: of the run, for messages.
      allowed: whether data and fingerprint may differ; each difference is printed then.

    Raises:
      InputError: it is another model; or the bits would differ and that is not `allowed`.
    """
    before, now = record.get("model", {}), identity["model"]
    made_by = before.get("made_by", FROM_CONFIG)
    if made_by != now["made_by"]:
        raise InputError(
            f"{path}: its model was made by {made_by}, got {now['made_by']}: make it as before, or "
            "choose another --run_dir."
        )
    for name, was, now_is in differences(before.get("settings", {}), now["settings"]):
        raise InputError(
            f"{path}: the model's {name} was {was} and is now {now_is}: this is another run; set "
            "it back, or choose another --run_dir."
        )
    earlier = {"data": record["data"], "fingerprint": ONE_REPLICA | record["fingerprint"]}
    for what, known in earlier.items():
        for name, was, now_is in differences(known, identity[what]):
            text = f"{what}: {name} was {cut(str(was), 200)} and is now {cut(str(now_is), 200)}"
            if not allowed:
                raise InputError(
                    f"{path}: {text}, so the bits would not be those of an uninterrupted run; to "
                    "give that up, add --allow_different_bits."
                )
            print(f"the bits may differ from here on: {text}", file=sys.stderr)


def differences(before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = ""):
    """Yields (name, value before, value now) of what differs, named as deep as it is known."""
    for name, was in before.items():
        now_is = now.get(name)
        if isinstance(was, Mapping) and isinstance(now_is, Mapping) and was.keys() == now_is.keys():
            yield from differences(was, now_is, f"{prefix}{name} ")
        elif was != now_is:
            yield f"{prefix}{name}", was, now_is
