"""Tests of `nlp`."""
