"""A fuzzer of what others hand us: runs, exports, pictures, data sets, flag files.

`python -m tools.fuzz` is the command. `originals` makes what is valid; `mutations` damages a copy
of it, by the functions of `recorded` and `inputs`; `targets` does with it what a command does;
`worker` is the process in which that happens; and `watch` reads what strace has seen of it.
"""
