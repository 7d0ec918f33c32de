"""From a source to a verified table, to scaled and split rows; and the yardsticks for trainings."""
