"""A trained model as a file for other programs: :mod:`.export`, :mod:`.fp16`, :mod:`.int8`.

:class:`haresreid.apis.OnnxBackend` runs such a file.
"""
