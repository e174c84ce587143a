/* A coarse copy of the candidates, a byte a number, that tells for all of them at once roughly how alike they are to a vector, and
   by how much it may err. It is there where the processor
   multiplies bytes by the register: AVX-512 VNNI, or else AVX2. */
#ifndef ASSORTMENT_SCREEN_H
#define ASSORTMENT_SCREEN_H

#include "task.h"

/* blocks: sixteen candidates side by side, four numbers of each at a time, as bytes from 0, 128 standing for 0; steps [blocks]:
   what a byte's unit is worth in each; error: the most by which a copied row may lie from its own, as a length; coarse: the
   vector as bytes. */
typedef struct {
    int n, d, blocks_count, turn;
    float error;
    uint8_t *blocks;
    float *steps;
    int8_t *coarse;
} Screen;

/* 1 where this machine has what a screen takes. */
int screens_here(void);

/* Copy all candidates, whose rows are at most 1 long. */
Outcome make_screen(Screen *screen, const Task *task);

/* The rough dot products of all candidates with x, `products` [n, rounded up to a multiple of 16]; the most by which any errs. */
float look(Screen *screen, const float *x, float *products);

void drop_screen(Screen *screen);

#endif
