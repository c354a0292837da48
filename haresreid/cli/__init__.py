"""What the commands share: their arguments, errors, processes and work directories."""
