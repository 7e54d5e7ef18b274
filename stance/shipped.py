"""The sum of the model that this version ships; written by `python -m training.train --ship`."""

SHA256 = "367e5c6aab11db647e74df8b9106cb727df53dd6ae8fb4b3e11d34dd60a4b542"
