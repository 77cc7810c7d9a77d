"""A session and its ports, fed the same arrays and compared by their bytes."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tfgan.core.checks import InputError
from tfgan.parity.port import Port
from tfgan.parity.report import Report
from tfgan.parity.session import Session


def compare(
    session: Session,
    ports: Sequence[Port],
    draw: Callable[[int], Mapping[str, Sequence[np.ndarray]]],
    num_steps: int,
) -> Report:
    """Compares every loss of every iteration, and every variable at the end of each window.

    Args:
      session: started.
      ports: each holds the weights that the session started with; their windows differ.
      draw: maps an iteration, from 0, to what the ports draw in it: arrays by name, in the order in
        which the session is to draw them.
      num_steps: iterations to run.

    Raises:
      InputError: the session's script fails or ends early; its losses or variables have other
        names, shapes or dtypes than a port's.
    """
    report = Report(num_steps, [port.window for port in ports])
    for step in range(1, num_steps + 1):
        pending = session.advance(draw(step - 1))  # the session runs beside the ports
        ported = [port.advance(step, num_steps) for port in ports]
        state = pending.result()
        for port, (losses, at_end) in zip(ports, ported, strict=True):
            _add(report, step, port.window, "losses", state.losses, losses)
            if at_end:
                values = {name: variable.numpy() for name, variable in port.variables.items()}
                _add(report, step, port.window, "variables", state.variables, values)
    return report


def _add(report: Report, step: int, window: int, what: str, session, port) -> None:
    if session.keys() != port.keys():
        raise InputError(
            f"the session's {what} are {', '.join(session) or 'none'}; the port's are "
            f"{', '.join(port) or 'none'}: the names must agree."
        )
    for name, value in port.items():
        report.add(step, window, name, session[name], np.asarray(value))
