"""What we keep, and until when. Silent: returns values and raises errors, never logs."""
