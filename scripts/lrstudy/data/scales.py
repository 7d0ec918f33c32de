"""Each seed's own scale, where `scaling.fit_on` is `train`: that of its own training rows."""

import numpy as np

AT_ONCE = 2**20  # numbers that are looked at together; of a longer table it is one seed after the other


def of(table: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what each seed puts in place of a gap, subtracts and multiplies by, float32 of shape (3, features, seeds).

    `table` (rows, features + 1) may have gaps, NaN; `rows` (seeds, train) are each seed's training rows. A gap's
    value is the median, what is subtracted the mean and what is multiplied by 1 over the standard deviation of the
    feature, filled so, over the training rows: what scikit-learn's `SimpleImputer` and `StandardScaler` do. A feature
    that is the same in all training rows says nothing, and is multiplied by 0.
    """
    scale = np.zeros((3, table.shape[1] - 1, len(rows)))
    step = max(1, AT_ONCE // rows.shape[1])
    for feature, column in enumerate(table.T[:-1]):
        column = np.ascontiguousarray(column, float)
        gaps = np.isnan(column).any()
        for first in range(0, len(rows), step):
            part = slice(first, first + step)
            values = column[rows[part]]
            if gaps:
                scale[0, feature, part] = median = _median(values)
                np.copyto(values, median[:, None], where=np.isnan(values))
            origin = values[:, :1].copy()  # so that equal values have a variance of exactly 0
            values -= origin
            mean = values.mean(axis=1)
            values -= mean[:, None]
            deviation = np.sqrt(np.einsum("sr,sr->s", values, values) / values.shape[1])
            scale[1, feature, part] = mean + origin[:, 0]
            scale[2, feature, part] = np.divide(1, deviation, out=np.zeros_like(deviation), where=deviation > 0)
    return scale.astype(np.float32)


def _median(values: np.ndarray) -> np.ndarray:
    """Return the median of each line of `values`, without its NaN; 0 for a line of nothing else."""
    ascending = np.sort(values, axis=1)
    count = np.count_nonzero(~np.isnan(values), axis=1)
    lines = np.arange(len(values))
    middle = (ascending[lines, (count - 1) // 2] + ascending[lines, count // 2]) / 2
    return np.where(count > 0, middle, 0)
