/* What parts say of goods. */
#ifndef ASSORTMENT_SAID_H
#define ASSORTMENT_SAID_H

#include <stdint.h>

#include "order.h"

/* A sparse matrix: the numbers of row i are those from bounds[i] to bounds[i + 1]. */
typedef struct {
    const int32_t *bounds, *columns;
    const float *values;
} Sparse;

/* Which of n columns were touched before, in which order, and those whose sums are not 0. */
typedef struct {
    uint8_t *before;
    int32_t *columns, *listed;
    float *sums;
} Touched;

/* 0 where there is no memory. */
int made_touched(Touched *touched, int64_t n);
void leave_touched(Touched *touched);

/* Adds the rows of a matrix that one row of another asks for, by its weights, to sums of zeros, and writes the `most` highest, ties
   in the order of a list whose first was touched last; gives how many. */
int64_t add_rows(const Sparse *asked, int64_t row, const Sparse *between, int64_t most, float *sums, Touched *touched, Room *room,
                 int32_t *items);

/* What each of so many parts said of m candidates, and what it weighs. */
typedef struct {
    int64_t parts, m;
    const float *scores, *weights;
} Said;

/* Of the n candidates of one request, from `start`: each part's z-scores [parts, m], the weighted sum of these, and which part adds
   most to it. */
void blend(const Said *said, int64_t start, int64_t n, float *z, float *total, int64_t *loudest);

#endif
