"""From histories to statistics, the answer, comparisons, and what learning-rate finders are worth."""
