"""Workarounds that released versions of PyTorch, MMEngine or the C library need."""
