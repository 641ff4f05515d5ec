"""How questions meet articles; `nlp.questions` and `nlp.knowledge` are the doors."""
