/* The order of scores: the highest first, ties in an order that does not follow position. */
#ifndef ASSORTMENT_ORDER_H
#define ASSORTMENT_ORDER_H

#include <stdint.h>

/* Scores less than this apart are equal: `TIE` of arrays.py. */
#define TIE 1e-6

/* A row and what it is sorted by. */
typedef struct {
    uint32_t key;
    int32_t row;
} Entry;

/* Room for what n scores need on the way. */
typedef struct {
    Entry *entries, *others;
    float *numbers, *picked;
    int32_t *rows;
    int64_t *best;
} Room;

/* 0 where there is no memory. */
int made_room(Room *room, int64_t n);
void leave_room(Room *room);

/* Writes the rows of the `most` highest of n scores, at most n, best first, as `best_first` of arrays.py says, counted from `start`. */
void best_first(const float *scores, int64_t n, int64_t most, Room *room, int64_t start, int64_t *rows);

/* Writes where the `most` highest scores above 0 are, in any order, ties at the border as in `best_first`; gives how many. */
int64_t highest(const float *scores, int64_t n, int64_t most, Room *room, int32_t *rows);

#endif
