"""An article's words said in the way of the question, by a language model that is not trusted.

Optional and off by default. Whatever goes wrong, the curated words stand.
"""
