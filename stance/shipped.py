"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "10a097365584136571a8eade1f9c5ac0e6715f76e96a52b041f3548b4779bf8f"
