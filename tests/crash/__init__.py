"""Kill -9 while deletions run, again and again, and look at what is left.

A run takes a copy of a small world (tickets with sealed values, orders that are due), lets a child
process work on it and kills the child: at the n-th commit boundary, or at some moment, or once
more while it recovers. A fresh child finishes the work, a third one checks. `python -m
tests.crash --kills 1000` prints how often a deletion was lost, done twice or could be undone.
"""
