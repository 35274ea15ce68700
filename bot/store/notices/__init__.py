"""Problems that admins are told of, and the notices that tell them.

`problems` compares what is so with what was told, so nothing is told twice. To tell of something that is not a state but happens,
note it in `problem_events`, in the transaction that does it.
"""
