#include "said.h"

#include <math.h>
#include <stdlib.h>

int made_touched(Touched *touched, int64_t n) {
    size_t numbers = (size_t)(n + 1) * sizeof(float);
    *touched = (Touched){calloc((size_t)n + 1, 1), malloc(numbers), malloc(numbers), malloc(numbers)};
    return touched->before && touched->columns && touched->listed && touched->sums;
}

void leave_touched(Touched *touched) {
    free(touched->before);
    free(touched->columns);
    free(touched->listed);
    free(touched->sums);
}

/* Writes the columns touched in the order of touching; gives how many. */
static int64_t add(const Sparse *asked, int64_t row, const Sparse *between, float *sums, uint8_t *before, int32_t *touched) {
    const int32_t *columns = between->columns;
    const float *values = between->values;
    int64_t count = 0;
    for (int32_t i = asked->bounds[row]; i < asked->bounds[row + 1]; i++) {
        float weight = asked->values[i];
        int32_t item = asked->columns[i];
        for (int32_t j = between->bounds[item], end = between->bounds[item + 1]; j < end; j++) {
            int32_t column = columns[j];
            sums[column] += weight * values[j];
            touched[count] = column;
            count += !before[column];
            before[column] = 1;
        }
    }
    return count;
}

int64_t add_rows(const Sparse *asked, int64_t row, const Sparse *between, int64_t most, float *sums, Touched *touched, Room *room,
                 int32_t *items) {
    int64_t count = add(asked, row, between, sums, touched->before, touched->columns), kept = 0;
    for (int64_t i = count - 1; i >= 0; i--) {
        int32_t column = touched->columns[i];
        touched->before[column] = 0;
        touched->sums[kept] = sums[column];
        touched->listed[kept] = column;
        kept += sums[column] != 0;
    }
    int64_t found = highest(touched->sums, kept, most, room, items);
    for (int64_t i = 0; i < found; i++) items[i] = touched->listed[items[i]];
    return found;
}

/* Scores less their mean, over their deviation; zeros where they are equal. */
static void standardise(const float *scores, int64_t n, float *z) {
    double sum = 0, square = 0, count = n ? (double)n : 1;
    for (int64_t i = 0; i < n; i++) sum += scores[i];
    double mean = sum / count;
    for (int64_t i = 0; i < n; i++) square += (scores[i] - mean) * (scores[i] - mean);
    double spread = sqrt(square / count), scale = spread > 1e-9 ? 1 / spread : 0;
    for (int64_t i = 0; i < n; i++) z[i] = (float)((scores[i] - mean) * scale);
}

void blend(const Said *said, int64_t start, int64_t n, float *z, float *total, int64_t *loudest) {
    for (int64_t part = 0; part < said->parts; part++)
        standardise(said->scores + part * said->m + start, n, z + part * said->m + start);
    for (int64_t i = start; i < start + n; i++) {
        float most = z[i] * said->weights[0];
        total[i] = most;
        loudest[i] = 0;
        for (int64_t part = 1; part < said->parts; part++) {
            float weighed = z[part * said->m + i] * said->weights[part];
            total[i] += weighed;
            if (weighed > most) {
                most = weighed;
                loudest[i] = part;
            }
        }
    }
}
