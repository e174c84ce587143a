#include "screen.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <math.h>
#include <stdlib.h>

#include "screen_means.h"

/* The widest that this machine has, NULL for none. */
static const Means *means_here(void) {
    if (bytes_of_512.here()) return &bytes_of_512;
    return bytes_of_256.here() ? &bytes_of_256 : NULL;
}

int screens_here(void) { return means_here() != NULL; }

static void rows_at(const Task *task, int block, const float **rows) {
    for (int side = 0; side < SIDE; side++) {
        int i = block * SIDE + side;
        rows[side] = row_of(task, i < task->n ? i : task->n - 1);
    }
}

/* Each number is read once: its step is that of the largest so far, and only a block that holds a larger one is copied again. */
static Outcome copy(Screen *screen, const Task *task) {
    const Means *means = means_here();
    const float *rows[2][SIDE];
    float highest = 0, step = 0, inverse = 0;
    rows_at(task, 0, rows[0]);
    for (int block = 0; block < screen->blocks_count; block++) {
        const float **these = rows[block % 2], **next = rows[1 - block % 2];
        uint8_t *into = screen->blocks + (size_t)block * (size_t)block_bytes(task->d);
        rows_at(task, block + 1, next);
        float most = means->copy_block(these, next, task->d, inverse, into);
        if (isinf(most)) return NOT_A_NUMBER;
        if (most > highest) {
            highest = most;
            step = most / 127;
            inverse = step > SMALL ? 1 / step : 0;
            means->copy_block(these, next, task->d, inverse, into);
        }
        screen->steps[block] = step;
    }
    screen->error = step * 0.5001f * sqrtf((float)task->d);
    return DONE;
}

Outcome make_screen(Screen *screen, const Task *task) {
    int blocks = (task->n + SIDE - 1) / SIDE, d = task->d;
    size_t bytes = (size_t)blocks * (size_t)block_bytes(d), wide = (size_t)chunks_of(d) * SIDE;
    *screen = (Screen){.n = task->n, .d = d, .blocks_count = blocks};
    void *memory = aligned_alloc(64, (bytes + sizeof(float) * (size_t)blocks + wide + 63) & ~(size_t)63);
    if (!memory) return NO_MEMORY;
    screen->blocks = memory;
    screen->steps = (float *)(void *)(screen->blocks + bytes);
    screen->coarse = (int8_t *)(screen->steps + blocks);
    Outcome outcome = copy(screen, task);
    if (outcome != DONE) drop_screen(screen);
    return outcome;
}

/* Forwards and backwards by turns, so that what was looked at last, and is still near, comes first. */
float look(Screen *screen, const float *x, float *products) {
    int sum;
    float length, off;
    const Means *means = means_here();
    float step = means->coarsen(screen, x, &sum, &length, &off);
    int runs = (screen->blocks_count + 3) / 4;
    for (int run = 0; run < runs; run++) {
        int block = 4 * (screen->turn ? runs - 1 - run : run), left = screen->blocks_count - block;
        means->look_at(screen, block, left < 4 ? left : 4, step, sum, products);
    }
    screen->turn = !screen->turn;
    return screen->error * length + (1.01f + screen->error) * off + 1e-5f * (1 + length);
}

void drop_screen(Screen *screen) { free(screen->blocks); }

#else

int screens_here(void) { return 0; }

Outcome make_screen(Screen *screen, const Task *task) {
    (void)screen, (void)task;
    return NO_MEMORY;
}

float look(Screen *screen, const float *x, float *products) {
    (void)screen, (void)x, (void)products;
    return 0;
}

void drop_screen(Screen *screen) { (void)screen; }

#endif
