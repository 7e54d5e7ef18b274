"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "a6a1d196d3bdde335b22ff190fcc2ebbf976868df97b570144d7dd82d8b1225d"
