"""Configs: read, checked for unknown keys before anything is built, and compared."""
