"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "5746ef443c9e6ad4fe4a9ba56cabeb67751f031f70b3270c7083ded33fb7c58d"
