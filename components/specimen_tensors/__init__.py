"""Debugger's tensors on disk or in S3: read and written in the layout of smdebug 1.0.34, without smdebug.

A trial is a folder: `collections/` names groups of tensors, `index/` says step by step where in which file of `events/`
each tensor stands, `training_job_end.ts` marks the end. NumPy is all that this package needs.
"""
