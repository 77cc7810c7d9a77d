"""Optimizers over TensorFlow's fused kernels.

The kernels are the ones under `tf.compat.v1.train`, so a port takes the very steps its session
took. Each optimizer makes its slots at once and names them as version 1 does, which is what lets
`parity/` match them with a session's checkpoint.
"""

from collections.abc import Callable, Sequence

import tensorflow as tf


class Optimizer(tf.Module):
    """What the optimizers share: variables and slots.

    Args:
      variables: the weights to train, in an order that stays.
      slot_names: one name for each slot a weight has.
    """

    learning_rate: float

    def __init__(self, variables: Sequence[tf.Variable], slot_names: Sequence[str]):
        self.variables_to_train = list(variables)
        self.slots = {
            slot: [
                tf.Variable(
                    tf.zeros(v.shape, v.dtype), trainable=False, name=f"{_base_name(v)}/{slot}"
                )
                for v in self.variables_to_train
            ]
            for slot in slot_names
        }

    def apply(
        self,
        gradients: Sequence[tf.Tensor],
        *,
        rate_factor: tf.Tensor | None = None,
        clip_norm: float = 0.0,
    ) -> None:
        """Takes one step against `gradients`, which match the variables one by one.

        Args:
          gradients: of each variable.
          rate_factor: float32 scalar, by which the learning rate is multiplied in this step.
          clip_norm: where the Euclidean norm of all gradients together is larger, they are scaled
            down to it (Pascanu et al., "On the difficulty of training recurrent neural networks",
            2013, algorithm 1); 0: never.

        Raises:
          ValueError: their number differs, or one is None: that weight does not reach the loss.
        """
        if len(gradients) != len(self.variables_to_train):
            raise ValueError(
                f"got {len(gradients)} gradients for {len(self.variables_to_train)} variables."
            )
        for gradient, variable in zip(gradients, self.variables_to_train, strict=True):
            if gradient is None:
                raise ValueError(f"{variable.name} does not reach the loss: it has no gradient.")
        if clip_norm:
            gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
        rate = self._constant(self.learning_rate)
        self._apply(
            gradients, rate if rate_factor is None else rate * tf.cast(rate_factor, rate.dtype)
        )

    def _constant(self, value: float) -> tf.Tensor:
        """Returns a number in the weights' dtype, in which the kernels want it."""
        return tf.constant(value, self.variables_to_train[0].dtype)

    def state(self, names: Sequence[str]) -> dict[str, tf.Variable]:
        """Returns all that steps move beside the weights.

        Args:
          names: of the weights, one by one; a slot stands below its weight's name.
        """
        slots = {
            f"{name}/{slot}": variable
            for slot, variables in self.slots.items()
            for name, variable in zip(names, variables, strict=True)
        }
        return slots | self.powers()

    def powers(self) -> dict[str, tf.Variable]:
        """Returns what is kept once for all weights, by name."""
        return {}

    def settings(self) -> dict[str, float | str]:
        """Returns the name of the formula, its constants, and the variants that are on."""
        own = {name: v for name, v in vars(self).items() if not name.startswith("_")}
        told = {name: v for name, v in own.items() if isinstance(v, float) or v is True}
        return {"name": type(self).__name__, **told}

    def _apply(self, gradients: Sequence[tf.Tensor], rate: tf.Tensor) -> None:
        raise NotImplementedError

    def _rows(self, gradients):
        """Yields (handle, slot handles..., gradient) of each weight."""
        slots = ([s.handle for s in slot] for slot in self.slots.values())
        return zip((v.handle for v in self.variables_to_train), *slots, gradients, strict=True)


class Adam(Optimizer):
    """Adam in the "epsilon hat" form, with the powers of beta kept as running products.

    m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2
    w <- w - learning_rate sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + epsilon)

    This is `tf.compat.v1.train.AdamOptimizer`. Keras' Adam takes powers with `pow` and has another
    default epsilon: its numbers differ.

    Source: Kingma and Ba, "Adam", 2014, the remark at the end of section 2.
    """

    def __init__(self, variables, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8):
        super().__init__(variables, ("Adam", "Adam_1"))
        self.learning_rate, self.beta1, self.beta2, self.epsilon = (
            learning_rate,
            beta1,
            beta2,
            epsilon,
        )
        dtype = self.variables_to_train[0].dtype
        self.beta1_power, self.beta2_power = (
            tf.Variable(beta, trainable=False, dtype=dtype, name=name)
            for beta, name in ((beta1, "beta1_power"), (beta2, "beta2_power"))
        )

    def powers(self):
        """Returns the powers of beta."""
        return {"beta1_power": self.beta1_power, "beta2_power": self.beta2_power}

    def _apply(self, gradients, rate):
        beta1_power, beta2_power = self.beta1_power.read_value(), self.beta2_power.read_value()
        # One constant for all weights: inside a loop each one costs its scheduling at every step.
        shared = dict(
            beta1_power=beta1_power,
            beta2_power=beta2_power,
            lr=rate,
            beta1=self._constant(self.beta1),
            beta2=self._constant(self.beta2),
            epsilon=self._constant(self.epsilon),
        )
        for var, m, v, grad in self._rows(gradients):
            tf.raw_ops.ResourceApplyAdam(var=var, m=m, v=v, grad=grad, **shared)
        for variable, value in (
            (self.beta1_power, beta1_power * self.beta1),
            (self.beta2_power, beta2_power * self.beta2),
        ):
            # The raw op, because a replica may not call `assign` on its part of a mirrored
            # variable.
            tf.raw_ops.AssignVariableOp(resource=variable.handle, value=value)


class RMSProp(Optimizer):
    """RMSProp: `tf.compat.v1.train.RMSPropOptimizer`, whose mean square starts at one.

    ms <- rho ms + (1 - rho) g^2;  mom <- momentum mom + learning_rate g / sqrt(ms + epsilon)
    w <- w - mom

    With `centered`, the variance takes the place of the mean square, ms - mg^2 that of ms, by one
    slot more: mg <- rho mg + (1 - rho) g (Graves, "Generating Sequences With Recurrent Neural
    Networks", 2013, equations 38 to 45).

    Source: Tieleman and Hinton, "Lecture 6.5: RMSProp", 2012.
    """

    def __init__(
        self,
        variables,
        learning_rate=0.001,
        rho=0.9,
        momentum=0.0,
        epsilon=1e-10,
        centered=False,
    ):
        names = ("RMSProp", "RMSProp_1", "RMSProp_2")
        super().__init__(variables, names if centered else names[:2])
        for mean_square in self.slots["RMSProp"]:
            mean_square.assign(tf.ones_like(mean_square))
        self.learning_rate, self.rho, self.momentum, self.epsilon, self.centered = (
            learning_rate,
            rho,
            momentum,
            epsilon,
            centered,
        )

    def _apply(self, gradients, rate):
        shared = dict(
            lr=rate,
            rho=self._constant(self.rho),
            momentum=self._constant(self.momentum),
            epsilon=self._constant(self.epsilon),
        )
        if self.centered:
            for var, ms, mg, mom, grad in self._rows(gradients):
                tf.raw_ops.ResourceApplyCenteredRMSProp(
                    var=var, ms=ms, mg=mg, mom=mom, grad=grad, **shared
                )
            return
        for var, ms, mom, grad in self._rows(gradients):
            tf.raw_ops.ResourceApplyRMSProp(var=var, ms=ms, mom=mom, grad=grad, **shared)


class SGD(Optimizer):
    """Gradient descent with momentum: `tf.compat.v1.train.MomentumOptimizer`.

    a <- momentum a + g;  w <- w - learning_rate a. With momentum 0 there is no slot and no `a`:
    `tf.compat.v1.train.GradientDescentOptimizer`.

    With `nesterov`, w <- w - learning_rate (g + momentum a) (Sutskever et al., "On the importance
    of initialization and momentum in deep learning", 2013, where w is what the step looks ahead
    to).

    Source: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964.
    """

    def __init__(self, variables, learning_rate=0.01, momentum=0.0, nesterov=False):
        super().__init__(variables, ("Momentum",) if momentum else ())
        self.learning_rate, self.momentum, self.nesterov = learning_rate, momentum, nesterov

    def _apply(self, gradients, rate):
        if not self.momentum:
            for var, grad in self._rows(gradients):
                tf.raw_ops.ResourceApplyGradientDescent(var=var, alpha=rate, delta=grad)
            return
        shared = dict(lr=rate, momentum=self._constant(self.momentum), use_nesterov=self.nesterov)
        for var, accum, grad in self._rows(gradients):
            tf.raw_ops.ResourceApplyMomentum(var=var, accum=accum, grad=grad, **shared)


class Adagrad(Optimizer):
    """Adagrad: `tf.compat.v1.train.AdagradOptimizer`, whose sum of squares starts above zero.

    a <- a + g^2;  w <- w - learning_rate g / sqrt(a). There is no epsilon: `initial_accumulator`,
    with which `a` starts, keeps the first denominators from zero.

    Source: Duchi et al., "Adaptive Subgradient Methods for Online Learning and Stochastic
    Optimization", 2011, figure 1, with diagonal matrices.
    """

    def __init__(self, variables, learning_rate=0.001, initial_accumulator=0.1):
        super().__init__(variables, ("Adagrad",))
        for accumulator in self.slots["Adagrad"]:
            accumulator.assign(tf.fill(accumulator.shape, self._constant(initial_accumulator)))
        self.learning_rate, self.initial_accumulator = learning_rate, initial_accumulator

    def _apply(self, gradients, rate):
        for var, accum, grad in self._rows(gradients):
            tf.raw_ops.ResourceApplyAdagrad(var=var, accum=accum, lr=rate, grad=grad)


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "adam": Adam,
    "rmsprop": RMSProp,
    "sgd": SGD,
    "adagrad": Adagrad,
}


def _base_name(variable: tf.Variable) -> str:
    return variable.name.split(":")[0]
