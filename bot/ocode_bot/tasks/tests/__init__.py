"""The task `tests`: functions that no test checks in, tests that notice their faults out."""
