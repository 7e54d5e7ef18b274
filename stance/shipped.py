"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "64ef7e4e7de6af08874781fa7567189ea192b83dc352881647cf498b5330c502"
