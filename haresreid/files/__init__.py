"""What is read from and written to a disk, and the names and numbers found there."""
