"""From a TF1 session to here: weights and slots read from a `tf.compat.v1.train.Saver` checkpoint.

A name map says which variable of ours takes which name of the checkpoint. For the document's script
it is the identity but for the optimizers: version 1 keeps a slot below its weight's name, and
numbers the second optimizer's powers.
"""

from collections.abc import Mapping

import tensorflow as tf

from tfgan.core.checks import InputError

_PLAYERS = ("generator", "discriminator")
# The script makes `optimizer_d` before `optimizer_g`, so version 1 numbers the generator's powers.
_POWERS = {
    "discriminator_optimizer/beta1_power": "beta1_power",
    "discriminator_optimizer/beta2_power": "beta2_power",
    "generator_optimizer/beta1_power": "beta1_power_1",
    "generator_optimizer/beta2_power": "beta2_power_1",
}


def document_name_map(state: Mapping[str, tf.Variable]) -> dict[str, tf.Variable]:
    """Returns the variables of a GAN by their names in the document's script.

    Only names are changed, so this maps the state of any model whose names follow `GAN.state`:

        generator/dense_0/kernel                            generator/dense_0/kernel
        generator_optimizer/generator/dense_0/kernel/Adam   generator/dense_0/kernel/Adam
        generator_optimizer/beta1_power                     beta1_power_1
        average/generator/dense_0/kernel                    left out: the script keeps no average

    Args:
      state: what `GAN.state` returns.

    Raises:
      InputError: a name fits none of these.
    """
    names = {}
    for name, variable in state.items():
        part, _, rest = name.partition("/")
        if part in _PLAYERS:
            names[name] = variable
        elif name in _POWERS:
            names[_POWERS[name]] = variable
        elif part in ("generator_optimizer", "discriminator_optimizer") and "/" in rest:
            names[rest] = variable
        elif part != "average":
            raise InputError(f"{name} has no name in the document's script.")
    return names


def import_v1_checkpoint(prefix: str, name_map: Mapping[str, tf.Variable]) -> None:
    """Assigns the variables of `name_map` from a v1 checkpoint, all of them or none.

    Args:
      prefix: what `tf.compat.v1.train.Saver.save` returned.
      name_map: variables by their names in the checkpoint.

    Raises:
      InputError: there is no such checkpoint; a name is missing on either side; a shape or dtype
      differs.
    """
    try:
        reader = tf.train.load_checkpoint(prefix)
    except (ValueError, tf.errors.OpError) as error:
        raise InputError(
            f"{prefix}: not a v1 checkpoint ({str(error).splitlines()[0]})."
        ) from error
    shapes, dtypes = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    missing, unused = sorted(name_map.keys() - shapes), sorted(shapes.keys() - name_map)
    if missing or unused:
        raise InputError(
            f"{prefix}: the name map does not fit. Not in the checkpoint: {missing or 'none'}; "
            f"not in the name map: {unused or 'none'}."
        )
    for name, variable in name_map.items():
        if variable.shape != shapes[name] or variable.dtype != dtypes[name]:
            raise InputError(
                f"{prefix}: {name} is {dtypes[name].name} {shapes[name]} in the checkpoint, but "
                f"{variable.dtype.name} {variable.shape.as_list()} in the model."
            )
    for name, variable in name_map.items():
        variable.assign(reader.get_tensor(name))
