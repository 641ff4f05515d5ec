"""Orders and returns from Amazon's Selling Partner API. Payloads become our values here.

The one place that knows python-amazon-sp-api. Where that library has a trap it is met here:

- replies without an error list (a 429 in HTML, an empty 503) pass for "no orders": `transport`
- access tokens live in a cache of ten entries that threads share without a lock: `login`
- a restricted token sticks to its client after an error: restricted calls have a client of theirs
- credentials and the marketplace are taken from the environment in place of arguments: `client`
- a report is held in memory whole, its encoding guessed, its download not checked: `documents`
"""
