"""What a maintainer runs from the checkout: labels, training, evaluation. It imports `stance`, never the reverse."""
