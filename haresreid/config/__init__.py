"""Reading configs, checking them for unknown keys before anything is built, and comparing them."""
