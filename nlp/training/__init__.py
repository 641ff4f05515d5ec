"""The training text of the model, made here of templates and invented people."""
