"""The trusted side: a process per core that holds the tests, asks the sandbox, and decides.

A process of its own, because even comparing an answer can cost more than the answer is worth
(a set of colliding numbers): whoever started it can then kill it.
"""
