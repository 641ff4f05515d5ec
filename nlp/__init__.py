"""Words in, safe words out: scrubbing, understanding and the articles."""
