"""Reading and writing files, and the names and numbers found in them."""
