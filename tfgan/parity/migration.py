"""From a TF1 session to here: weights and slots read from a `tf.compat.v1.train.Saver` checkpoint.

A name map says which variable of ours takes which name of the checkpoint. For the document's script
it is the identity but for the optimisers: version 1 keeps a slot below its weight's name, and
numbers the second optimiser's powers.
"""

from collections.abc import Mapping

import tensorflow as tf

from tfgan.core.checks import InputError
from tfgan.models.gan import GAN


def document_name_map(model: GAN) -> dict[str, tf.Variable]:
    """Returns the variables of a GAN trained by Adam, by their names in the document's script.

    The script makes `optimizer_d` before `optimizer_g`, so the discriminator's powers are
    `beta1_power` and `beta2_power`, the generator's `beta1_power_1` and `beta2_power_1`.
    """
    names = {}
    for network in (model.generator, model.discriminator):
        names |= {_name(variable): variable for variable in network.variables}
    for optimizer, suffix in (
        (model.discriminator_optimizer, ""),
        (model.generator_optimizer, "_1"),
    ):
        for slot in optimizer.slots.values():
            names |= {_name(variable): variable for variable in slot}
        names["beta1_power" + suffix] = optimizer.beta1_power
        names["beta2_power" + suffix] = optimizer.beta2_power
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


def _name(variable: tf.Variable) -> str:
    return variable.name.split(":")[0]
