"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "3b2928e8af03653fd7d76cfca1856d5cc51c6255340c33b66472d4fccc4d30a1"
