"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "c8471ab5083e8fb0eddd59bf58beb8f9df146c8117c3a9568726c61c3480e02e"
