"""How the scrubber finds what is PII and what must survive; `nlp.scrubber` is the door."""
