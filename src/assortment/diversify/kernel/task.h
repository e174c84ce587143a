/* What every method is asked, and the room that caps leave. */
#ifndef ASSORTMENT_TASK_H
#define ASSORTMENT_TASK_H

#include <stdint.h>

/* k of n candidates. items: the rows of `vectors` [.., d] that they are, NULL where candidate i is row i. codes [n, m]: capped
   labels, -1 for none; left [labels]; open [n]. given: candidates chosen before. chosen: room for k rows, `count` filled. */
typedef struct {
    int n, d, k, m, labels, given_count, count;
    const float *relevance, *vectors;
    const int32_t *items, *codes;
    const int64_t *given;
    int32_t *left;
    uint8_t *open;
    int64_t *chosen;
} Task;

/* Numbers in a line, which is what comes from memory at a time. */
#define LINE 16

/* How a method ended. */
typedef enum { DONE, NOT_A_NUMBER, NO_MEMORY } Outcome;

static inline const float *row_of(const Task *task, int candidate) {
    int64_t row = task->items ? task->items[candidate] : candidate;
    return task->vectors + row * task->d;
}

/* The order in which equal gains are served: the more relevant, then the earlier. */
static inline int before(const Task *task, int one, int other) {
    float mine = task->relevance[one], theirs = task->relevance[other];
    return mine > theirs || (mine == theirs && one < other);
}

/* Take a candidate, and close it and those whose label is now used up. */
void take(Task *task, int candidate);

/* Take the picks as if they were the first to be taken: open and left are what was there before any was. */
void take_all(Task *task, const uint8_t *open, const int32_t *left);

/* 1 where the caps allow a newcomer in the place of a pick. */
int fits(const Task *task, int newcomer, int pick);

/* Give back, or take up, the room of a candidate's labels. */
void move_labels(Task *task, int candidate, int by);

#endif
