"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "d6290eefcf5b47f230c94e8352ba2ebcbd23ee83d22dff35cfb07176b7876dd2"
