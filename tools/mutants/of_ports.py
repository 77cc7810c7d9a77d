"""Bugs of the proof of ports: a race that is not seen, a difference that is passed over."""

from tools.mutants.mutant import Mutant

FINDINGS = "tests/parity/test_findings.py"
PORTS = "tests/parity/test_ports.py::test_a_port_is_equal_and_a_bug_in_it_is_named"

MUTANTS = (
    Mutant(
        "a reference is read where it is passed on",
        "tfgan/parity/graphs.py",
        "if node.op in _SHARE_MEMORY:\n                        holds",
        "if node.op in ():\n                        holds",
        ("tests/parity/test_graphs.py::test_a_reference_is_read_by_whatever_holds_its_memory",),
    ),
    Mutant(
        "two that write are no race",
        "tfgan/parity/findings.py",
        "for other in [*writing[place + 1 :], *reading]:",
        "for other in reading:",
        (f"{FINDINGS}::test_a_clip_beside_the_solver_races[False]",),
    ),
    Mutant(
        "an order counts in one direction",
        "tfgan/parity/graphs.py",
        "return a == b or self.waits(a, b) or self.waits(b, a)",
        "return a == b or self.waits(a, b)",
        (
            f"{FINDINGS}::test_a_clip_after_the_solver_does_not[False]",
            f"{FINDINGS}::test_a_step_and_its_own_loss_do_not_race[False]",
        ),
    ),
    Mutant(
        "a digest is of bytes alone",
        "tfgan/parity/telling.py",
        'made.update(f"{value.dtype.str} {value.shape}".encode())',
        "pass",
        ("tests/parity/test_likeness.py::test_a_digest_is_of_type_shape_and_bytes",),
    ),
    Mutant(
        "a window begins where the free run is",
        "tfgan/parity/windows.py",
        "self.port.set(self._state or {})",
        "pass",
        (PORTS,),
    ),
    Mutant(
        "nearly equal is equal",
        "tfgan/parity/proof.py",
        "same &= after[name].tobytes() == ours.tobytes()",
        "same &= np.allclose(after[name], ours)",
        (PORTS,),
    ),
    Mutant(
        "a second run writes where the first one did",
        "tfgan/parity/recorder.py",
        "request, copy, is_quiet=True",
        "request, directory, is_quiet=True",
        (
            "tests/parity/test_record.py"
            "::test_a_scripts_files_go_where_they_go_and_with_scratch_nowhere",
        ),
    ),
)
