"""Help desks that tell us that a ticket is resolved: one file each, of the same shape."""
