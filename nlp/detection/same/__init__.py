"""When two values are the same: the same person, street or number, written in two ways."""
