"""Files that only the type checker reads."""
