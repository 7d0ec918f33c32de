"""What `make study` shows in a pipe: a line a step, and failures in full."""

import study

RUN = """\
Using workflow specific profile workflow/profiles/default for setting default command line arguments.
Building DAG of jobs...
Job stats:
job      count
-----  -------
train        2
total        2

Select jobs to execute...
Execute 1 jobs...
[Sat Nov  1 17:35:44 2025]
rule train:
    input: a.parquet
    resources: tmpdir=/tmp
[Sat Nov 21 17:35:44 2025]
Finished jobid: 3 (Rule: train)
9 of 10 steps (90%) done
Error in rule train:
    log: train.log (check log file(s) for error details)
error: config.yaml: what is wrong

banknote, first_model: answer.html
  Of 16 seeds
"""


def test_a_step_is_a_line_and_a_failure_is_whole():
    assert "".join(study.told(RUN.splitlines(keepends=True))) == (
        " 9 of 10: train\n"
        "Error in rule train:\n    log: train.log (check log file(s) for error details)\n"
        "error: config.yaml: what is wrong\n"
        "banknote, first_model: answer.html\n  Of 16 seeds\n"
    )
