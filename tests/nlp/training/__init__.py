"""Tests of the training text."""
