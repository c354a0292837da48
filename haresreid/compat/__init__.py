"""What haresreid does only because of a released PyTorch, MMEngine or C library."""
